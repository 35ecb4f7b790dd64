/// A method's description of itself. Menus, controls, command-line flags, types of the page, docs and contract tests
/// are all made from its card.
#pragma once

#include "pellucid/methods/words.hpp"
#include "pellucid/tensor.hpp"

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace pellucid {

/// What stands in for a parameter that is not given where the network's input has another range than 0 … 1.
enum class FromRange : std::uint8_t {
    no,    ///< the fallback
    low,   ///< the low end, of each channel its own
    high,  ///< the high end
    share  ///< the fallback times the range's extent (the smallest of the channels')
};

enum class ParamType : std::uint8_t { real, integer, flag, choice, text, image };
const char* to_string(ParamType type) noexcept;

/// What a parameter stands for, beyond its type: who shows or fills it goes by this, never by its name.
enum class ParamRole : std::uint8_t {
    plain,
    random_seed,  ///< integer: the seed of a random generator
    layer,        ///< text: a layer's name
    rules,        ///< text: rules of single layers, "conv1=z_box,dense1=epsilon"
    replay,       ///< image: plain numbers to replay, in place of a generator's; no input of the network
    drawings,     ///< image: a set of drawings in the input's shape
    per_input,    ///< image: a drawing for every input, or one for all of them
    maps,         ///< image: plain numbers pixel by pixel, such as a map, for every input or one for all of them
    method        ///< text: another method's id
};
const char* to_string(ParamRole role) noexcept;

/// A parameter's value; the alternative follows the type: real, integer, flag, choice and text (string), image.
using ParamValue = std::variant<double, std::int64_t, bool, std::string, std::shared_ptr<const Tensor>>;

/// A parameter counts only while another one has one of these values ("true" and "false" for flags).
struct When {
    std::string_view param;
    std::vector<std::string_view> values;
};

/// Words of cards are views of literals: as strings, the code that made them was a tenth of the page's download.
struct ParamCard {
    std::string_view name;
    ParamType type = ParamType::real;
    ParamValue fallback = 0.0;  ///< the default; for images a null pointer: the method's own default
    double min = -std::numeric_limits<double>::infinity();
    double max = std::numeric_limits<double>::infinity();
    std::vector<std::string_view> choices = {};
    std::string_view unit = {};
    Words help = {};
    ParamRole role = ParamRole::plain;
    FromRange from_range = FromRange::no;
    bool advanced = false;               ///< rarely changed: pages put it after the others, folded away
    double most_while_drawing = 0;       ///< integers: above this a preview is answered with this; 0: no limit
    double least_while_drawing = 0;      ///< integers: below this a preview is answered with this; 0: no limit
    std::vector<When> counts_when = {};  ///< it acts while any of these holds; empty: always
    std::string_view formerly = {};      ///< an earlier name, still understood
};

/// Habits of another library: values of parameters that the caller did not give.
struct Preset {
    std::string_view name;
    std::vector<std::pair<std::string_view, ParamValue>> values;
};

struct Reference {
    Words authors;
    Words title;
    int year;
    Words venue;
};

/// The kinds of things that results are made of (methods/result.hpp).
enum class ItemKind : std::uint8_t { map, series, frames, scalar, table, scores };
const char* to_string(ItemKind kind) noexcept;

/// What the numbers of a map mean, and so how it is painted.
enum class MapKind : std::uint8_t {
    signed_values,  ///< for (above 0) and against (below 0)
    positive,       ///< importance, at least 0
    image,          ///< an input of the network
    change          ///< what was added to an input
};
const char* to_string(MapKind kind) noexcept;

/// Of the numbers that a league of methods goes by: which way is good.
enum class Better : std::uint8_t { unsaid, more, less };
const char* to_string(Better better) noexcept;

/// One named thing that a method gives.
struct Output {
    std::string_view name;
    ItemKind kind;
    MapKind map = MapKind::signed_values;  ///< of maps and frames
    std::string_view unit =
        {};  ///< of scalars; the y axis of series. "class", "yes", "share" and "place" (from 0) are said in words
    Words help = {};
    std::string_view along = {};  ///< of series: the x axis
    bool optional = false;        ///< only under some parameters or targets
    Better better = Better::unsaid;
};
/// Makers of outputs, for cards; names and units are literals.
Output map_output(MapKind kind, Words help = {}, const char* name = "map");
Output series_output(const char* name, const char* unit, Words help, const char* along);
Output frames_output(const char* name, MapKind kind, Words help);
Output scalar_output(const char* name, const char* unit, Words help);
Output table_output(const char* name, const char* unit, Words help);
Output scores_output(const char* name, const char* unit, Words help);
Output optional_output(const Output& output);
/// A number that a league goes by.
Output judging_output(const char* name, const char* unit, Better better, Words help);
/// The mean's error of sampled maps: "standard_error".
Output standard_error_output();

/// What a method works on.
enum class SubjectKind : std::uint8_t { input, model, data, attribution };
const char* to_string(SubjectKind subject) noexcept;

/// When a page may compute it: with every frame of drawing, when the drawing rests, or when somebody asks.
enum class Pace : std::uint8_t { frame, rest, asked };
const char* to_string(Pace pace) noexcept;

/// What a method needs beside the network (methods/resources.hpp).
enum class Role : std::uint8_t { patterns, generator, expert, statistics, data, strokes, second };
const char* to_string(Role role) noexcept;
/// The roles there are, for messages and parsers.
const std::vector<Role>& all_roles();

/// The WebAssembly module that holds a method: what draws, or what is loaded when first asked for.
enum class Module : std::uint8_t { live, studio };
const char* to_string(Module module) noexcept;

enum class TargetKind : std::uint8_t { logit, probability, contrast, predicted, neuron, channel, norm };
/// The word before the colon in a target's text: "class", "prob", "contrast", "predicted", "neuron", "channel", "norm".
const char* to_string(TargetKind kind) noexcept;
/// All of them.
std::vector<TargetKind> any_target();

struct Card {
    std::string_view id;
    std::string_view family;
    Words title;
    Words question;
    Words formula;  ///< LaTeX
    Reference reference;
    std::vector<TargetKind> targets;
    std::vector<Output> outputs;  ///< the first one is what the method is asked for
    Words caveat;                 ///< what it cannot tell
    bool progressive = false;     ///< comes in parts that improve
    std::vector<Role> needs = {};
    SubjectKind subject = SubjectKind::input;
    Pace pace = Pace::frame;
    Module module = Module::live;
    std::vector<ParamCard> params = {};  ///< from describe() alone (methods/fields.hpp)
    std::vector<Preset> presets = {};    ///< what the values of the parameter `compat` stand for; from describe()
};

/// Whether the method cannot do without that.
bool needs(const Card& card, Role role);

/// Whether it answers with a changed input, as attacks do: its first output is an image, and another the change.
bool changes_input(const Card& card);

/// The output of that name; null where the card declares none.
const Output* find_output(const Card& card, std::string_view name);

}  // namespace pellucid
