/// What a method says of itself. Flags, menus, controls, types, docs and contract tests are all made from its card.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pellucid/tensor.hpp"

namespace pellucid {

enum class ParamType { real, integer, flag, choice, text, image };
const char* to_string(ParamType type) noexcept;

/// A parameter's value; the alternative follows the type: real, integer, flag, choice and text (string), image.
using ParamValue = std::variant<double, std::int64_t, bool, std::string, std::shared_ptr<const Tensor>>;

struct ParamCard {
    std::string name;
    ParamType type;
    ParamValue fallback;  ///< the default; for images a null pointer: the method's own default
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::vector<std::string> choices = {};
    std::string unit = {};
    std::string help = {};
};

/// Makers of parameter cards.
ParamCard real_param(std::string name, double fallback, double min, double max, std::string help, std::string unit = "");
ParamCard integer_param(std::string name, std::int64_t fallback, std::int64_t min, std::int64_t max, std::string help,
                        std::string unit = "");
ParamCard flag_param(std::string name, bool fallback, std::string help);
ParamCard choice_param(std::string name, std::string fallback, std::vector<std::string> choices, std::string help);
ParamCard text_param(std::string name, std::string fallback, std::string help);
/// A tensor of the caller's: of the input's shape unless `help` says otherwise.
ParamCard image_param(std::string name, std::string help);

/// Habits of another library: values of parameters that the caller did not give.
struct Preset {
    std::string name;
    std::vector<std::pair<std::string, ParamValue>> values;
};
/// The parameter `compat` that chooses one of them, "none" by default; its help says what each sets.
ParamCard compat_param(const std::vector<Preset>& presets);

struct Reference {
    std::string authors;
    std::string title;
    int year;
    std::string venue;
};

enum class ResultKind {
    signed_map,    ///< for (above 0) and against (below 0), shaped as the input
    positive_map,  ///< importance, at least 0
    image          ///< an input of the network
};
const char* to_string(ResultKind kind) noexcept;

enum class TargetKind : std::uint8_t { logit, probability, contrast, predicted, neuron, channel, norm };
/// The word before the colon in a target's text: "class", "prob", "contrast", "predicted", "neuron", "channel", "norm".
const char* to_string(TargetKind kind) noexcept;
/// All of them.
std::vector<TargetKind> any_target();

struct Card {
    std::string id;
    std::string family;
    std::string title;
    std::string question;
    std::string formula;  ///< LaTeX
    Reference reference;
    std::vector<TargetKind> targets;
    std::vector<ParamCard> params;
    ResultKind result;
    std::string caveat;        ///< what it cannot tell
    bool progressive = false;  ///< comes in parts that improve
    bool needs_patterns = false;  ///< hands down by patterns, which the explainer must have (methods/patterns.hpp)
    std::vector<Preset> presets = {};  ///< what the values of the parameter `compat` stand for
};

}  // namespace pellucid
