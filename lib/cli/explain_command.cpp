/// `pellucid explain METHOD`: runs one method on one file of inputs.
#include "answer.hpp"
#include "commands.hpp"
#include "input_options.hpp"
#include "inputs.hpp"
#include "json_writer.hpp"
#include "layerwise_report.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/without.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/weighted_layer.hpp"
#include "pellucid/text.hpp"
#include "progress.hpp"
#include "read_as.hpp"
#include "resource_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>

namespace pellucid::cli {

namespace {

struct Options {
    std::string method, model, input, out, unit;
    std::vector<std::string> targets, params, without;
    ResourceOptions resources;
    InputOptions input_options;
    bool json = false, layers = false;

    bool layerwise() const { return layers || !unit.empty(); }
};

/// Most inputs at a time: recorded passes of thousands would fill the memory.
constexpr std::size_t most_at_a_time = 256;

/// Inputs at a time: fewer where the network is large, so that between two portions there are some hundredths of a
/// second, and being stopped is noticed.
std::size_t portion_of(const Network& network) {
    constexpr double most_products = 6e8;
    double products = 1;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Shape& shape = network.shape(i + 1);
        const auto* weighted = dynamic_cast<const WeightedLayer*>(network.nodes()[i].layer.get());
        products += static_cast<double>(shape[1] * shape[2]) *
                    static_cast<double>(weighted != nullptr ? weighted->weight().size() : shape[3]);
    }
    return static_cast<std::size_t>(std::clamp(most_products / products, 1.0, double{most_at_a_time}));
}

/// One target for all inputs, or one for each.
std::vector<Target> targets_of(const Options& options, std::size_t inputs) {
    if (options.targets.size() > 1 && options.targets.size() != inputs) {
        fail(ErrorCode::bad_argument,
             "there are {} targets for {} inputs: --target is given once for all, or once for each",
             options.targets.size(), inputs);
    }
    std::vector<Target> targets;
    for (const std::string& text : options.targets) targets.push_back(Target::parse(text));
    if (targets.empty()) targets.emplace_back();
    return targets;
}

/// Explains all inputs, or those before it was interrupted; returns how far that was.
double explain_in_portions(const Method& method, Request request, const Inputs& inputs, Answer& answer) {
    const Params params = request.params;
    const std::vector<Target> targets = request.targets;
    // A walk is of one pass; what is said of a set of data needs all of it.
    const bool at_once = request.layerwise || method.card.subject == SubjectKind::data;
    const std::size_t most = at_once ? inputs.count() : portion_of(request.explainer.network());
    double done = 0;
    ProgressBar bar{std::string(method.card.id)};
    for (std::size_t first = 0; first < inputs.count() && !interrupted(); first += most) {
        const std::size_t count = std::min(most, inputs.count() - first);
        request.input = inputs.portion(first, count);
        request.params = params.of_samples(inputs.count(), first, count);
        if (targets.size() > 1) request.targets.assign(targets.begin() + first, targets.begin() + first + count);
        const std::unique_ptr<Run> run = start(method, request);
        const auto progress = [&] {
            return (static_cast<double>(first) + static_cast<double>(count) * run->progress()) /
                   static_cast<double>(inputs.count());
        };
        while (!interrupted() && run->step()) bar.show(progress());
        if (run->done() == 0) break;
        answer.take(run->snapshot());
        done = progress();
    }
    if (done == 0) fail(ErrorCode::cancelled, "stopped before anything was computed");
    return done;
}

Json report(const Options& options, const Request& request, const Inputs& inputs, Answer& answer, double milliseconds,
            double progress) {
    const Result& result = answer.figures();
    Json json = built([&](JsonWriter& out) {
        out.begin_object();
        out.put("input", read_as(inputs.how(), inputs.inverted(), request.explainer.network()));
        write_fields(out, result, request.params.card(), request.targets, request.params);
        if (options.layers) {
            out.key("layers");
            write(out, *answer.layerwise());
        }
        if (!options.unit.empty()) {
            out.key("received");
            write_received(out, *answer.layerwise(), options.unit, std::numeric_limits<std::size_t>::max());
        }
        out.field("milliseconds", milliseconds);
        out.field("progress", progress);
        out.end();
    });
    // The maps themselves are in the files: the figures hold none of their samples.
    for (const auto& [name, item] : result.items) {
        if (std::holds_alternative<Map>(item)) json["outputs"][std::string(name)]["shape"][0] = result.value.size();
    }
    return json;
}

/// The numbers of the first inputs, so that a line stays one.
std::vector<std::string> shown_numbers(const Json& numbers) {
    constexpr std::size_t most = 8;
    std::vector<std::string> shown;
    for (std::size_t n = 0; n < std::min(numbers.size(), most); ++n) shown.push_back(numbers[n].dump());
    if (numbers.size() > most) shown.emplace_back("…");
    return shown;
}

/// The first input's scores with the names of their groups.
std::vector<std::string> shown_scores(const Json& scores) {
    constexpr std::size_t most = 16;
    const Json &groups = scores["groups"], &values = scores["values"];
    std::vector<std::string> shown;
    for (std::size_t i = 0; !values.empty() && i < std::min(groups.size(), most); ++i) {
        const Json& value = values[0][i];  // null where there is none
        shown.push_back(fmt::format("{} {}", escaped(groups[i].get<std::string>()),
                                    value.is_number() ? fmt::format("{:.4g}", value.get<double>()) : "–"));
    }
    if (groups.size() > most) shown.emplace_back("…");
    return shown;
}

void print_report(const Json& json) {
    print("{} of {}\n", json["method"].get<std::string>(), escaped(json["target"].get<std::string>()));
    print("  input: {}\n", json["input"]["read_as"].get<std::string>());
    for (std::size_t n = 0; n < json["values"].size(); ++n) {
        print("  input {}: value {}\n", n, json["values"][n].dump());
    }
    for (const auto& [name, item] : json["outputs"].items()) {
        if (item.is_array()) print("  {}: {}\n", name, fmt::to_string(fmt::join(shown_numbers(item), ", ")));
        if (item.contains("groups")) print("  {}: {}\n", name, fmt::to_string(fmt::join(shown_scores(item), ", ")));
    }
    for (const Json& row : json["ledger"]) {
        print("  {:12} in {:12.6g}  out {:12.6g}  bias {:12.6g}  stabiliser {:12.6g}\n",
              escaped(row["layer"].get<std::string>()), row["entering"].get<double>(), row["leaving"].get<double>(),
              row["bias"].get<double>(), row["stabiliser"].get<double>());
    }
    if (json.contains("received")) print_received(json["received"]);
    print("  {:.3f} ms\n", json["milliseconds"].get<double>());
}

/// What the method needs, and what the methods need that it is asked about.
std::vector<Role> needed_by(const Card& card, const Params& params) {
    std::vector<Role> needed = card.needs;
    for (const auto& [param, value] : params.all()) {
        if (param->role != ParamRole::method) continue;
        const std::vector<Role>& more = find_method(std::get<std::string>(value)).card.needs;
        needed.insert(needed.end(), more.begin(), more.end());
    }
    return needed;
}

void explain_file(const Options& options) {
    if (!options.unit.empty() && options.unit.find('/') == std::string::npos) {
        fail(ErrorCode::bad_argument, "'{}' is no unit; a unit is LAYER/c,y,x, as in conv2/3,4,4", options.unit);
    }
    const Method& method = find_method(options.method);
    Network network = load_onnx(options.model);
    options.input_options.declare_range(network);
    if (!options.without.empty()) network = methods::without(network, options.without);
    const InputForm form = options.input_options.form(network);
    Explainer explainer(std::move(network));
    const Params params = read_params(method.card, options.params, form);
    options.resources.attach_to(explainer, options.model, needed_by(method.card, params));
    const Inputs inputs(options.input, form);
    const Request request{explainer, {}, {}, params, options.layerwise(), targets_of(options, inputs.count())};
    if (request.layerwise && inputs.count() > most_at_a_time) {
        fail(ErrorCode::bad_argument,
             "--layers and --unit take at most {} inputs at a time, not {}: name one with #index", most_at_a_time,
             inputs.count());
    }

    inputs.check(explainer.network());
    if (!options.unit.empty()) check_unit(options.unit, explainer.network());
    watch_interrupt();
    const auto begin = std::chrono::steady_clock::now();
    Answer answer(method.card, options.out, inputs.count(), inputs.rank());
    const double progress = explain_in_portions(method, request, inputs, answer);
    const double milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();

    if (options.layerwise() && !answer.layerwise()) {
        fail(ErrorCode::bad_argument, "{} has no relevance of single layers; methods with a ledger have",
             options.method);
    }
    const Json json = report(options, request, inputs, answer, milliseconds, progress);
    answer.keep();
    const bool drawn = answer.draw_pictures();
    if (options.json) {
        print_json(json);
    } else {
        print_report(json);
    }
    flush_output();
    if (progress < 1) {
        fail(ErrorCode::cancelled, "stopped at {:.0f} %: the result is of what was done until then", 100 * progress);
    }
    if (!drawn)
        fail(ErrorCode::cancelled, "stopped while pictures were drawn: result.npy is whole, pictures are missing");
}

}  // namespace

void add_explain_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("explain", "Explains what a network answers for an input");
    auto options = std::make_shared<Options>();
    command->add_option("method", options->method, "id of the method (see `pellucid methods`)")->required();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--input", options->input, "inputs: .npy, .png, or an IDX file with #index; ink 1, paper 0")
        ->required();
    options->input_options.add_to(*command);
    command
        ->add_option("--target", options->targets,
                     "class:3, prob:3, contrast:4-9, predicted, neuron:LAYER/c,y,x, channel:LAYER/c, norm:LAYER; given "
                     "once for each input in turn, or once for all; else predicted")
        ->take_all();
    command->add_option("--param", options->params, "a parameter of the method, key=value")->take_all();
    options->resources.add_to(*command);
    command->add_option("--out", options->out, "folder for result.npy and pictures")
        ->check([](const std::string& folder) { return std::string(folder.empty() ? "a folder needs a name" : ""); });
    command->add_flag("--layers", options->layers,
                      "relevance of every layer as well: layer_NAME.npy in the folder, sums in the JSON");
    command->add_option(
        "--unit", options->unit,
        "what one unit received, LAYER/c,y,x: the messages a·w/z·R (DeepLIFT: Δa·w·m) from every unit above it");
    command
        ->add_option(
            "--without", options->without,
            "explains the network with units of a layer switched off: channels (conv2/3;7), units "
            "(conv2/3,4,4: channel, row, column) or conv2/all; conv2/3*0.5 halves them, conv2/3~0.2 adds noise "
            "of that deviation, conv2/3~0.2:7 that of seed 7; given once for each change")
        ->take_all();
    command->add_flag("--json", options->json, "value, ledger, parameters and timing as JSON");
    command->callback([options] { explain_file(*options); });
}

}  // namespace pellucid::cli
