/// What a method says of itself. Flags, menus, controls, types, docs and contract tests are all made from its card.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pellucid/tensor.hpp"

namespace pellucid {

/// What stands in for a parameter that is not given where the network's input has another range than 0 … 1.
enum class FromRange : std::uint8_t {
    no,    ///< the fallback
    low,   ///< the low end, of each channel its own
    high,  ///< the high end
    share  ///< the fallback times the range's extent (the smallest of the channels')
};

enum class ParamType { real, integer, flag, choice, text, image };
const char* to_string(ParamType type) noexcept;

/// A parameter's value; the alternative follows the type: real, integer, flag, choice and text (string), image.
using ParamValue = std::variant<double, std::int64_t, bool, std::string, std::shared_ptr<const Tensor>>;

/// Words of cards are views of literals: as strings, the code that made them was a tenth of the page's download.
struct ParamCard {
    std::string_view name;
    ParamType type;
    ParamValue fallback;  ///< the default; for images a null pointer: the method's own default
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::vector<std::string> choices = {};
    std::string_view unit = {};
    std::string help = {};
    bool advanced = false;  ///< rarely changed: pages put it after the others, folded away
    FromRange from_range = FromRange::no;
    bool numbers = false;  ///< image: plain numbers, such as noise to replay, rather than inputs of the network
};

/// Makers of parameter cards. Names and units must outlive the card; they are literals.
ParamCard real_param(std::string_view name, double fallback, double min, double max, std::string_view help,
                     std::string_view unit = "");
ParamCard integer_param(std::string_view name, std::int64_t fallback, std::int64_t min, std::int64_t max,
                        std::string_view help, std::string_view unit = "");
ParamCard flag_param(std::string_view name, bool fallback, std::string_view help);
ParamCard choice_param(std::string_view name, std::string_view fallback,
                       std::initializer_list<std::string_view> choices, std::string_view help);
ParamCard choice_param(std::string_view name, std::string_view fallback, std::vector<std::string> choices,
                       std::string_view help);
ParamCard text_param(std::string_view name, std::string_view fallback, std::string_view help);
/// A tensor of the caller's: of the input's shape unless `help` says otherwise.
ParamCard image_param(std::string_view name, std::string_view help);

/// The same, of plain numbers.
ParamCard numbers_param(std::string_view name, std::string_view help);

/// The same, marked as rarely changed.
ParamCard advanced(ParamCard card);
/// The same, with a default that follows the network's input.
ParamCard from_range(FromRange which, ParamCard card);

/// Habits of another library: values of parameters that the caller did not give.
struct Preset {
    std::string_view name;
    std::vector<std::pair<std::string_view, ParamValue>> values;
};
/// The parameter `compat` that chooses one of them, "none" by default; its help says what each sets.
ParamCard compat_param(const std::vector<Preset>& presets);

struct Reference {
    std::string_view authors;
    std::string_view title;
    int year;
    std::string_view venue;
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
    std::string_view id;
    std::string_view family;
    std::string_view title;
    std::string_view question;
    std::string_view formula;  ///< LaTeX
    Reference reference;
    std::vector<TargetKind> targets;
    std::vector<ParamCard> params;
    ResultKind result;
    std::string_view caveat;           ///< what it cannot tell
    bool progressive = false;          ///< comes in parts that improve
    bool needs_patterns = false;       ///< hands down by patterns, which the explainer must have (methods/patterns.hpp)
    std::vector<Preset> presets = {};  ///< what the values of the parameter `compat` stand for
};

}  // namespace pellucid
