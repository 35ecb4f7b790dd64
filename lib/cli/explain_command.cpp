/// `pellucid explain METHOD`: runs one method on one file of inputs.
#include "commands.hpp"
#include "json_writer.hpp"
#include "layerwise_report.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "patterns_file.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/data/input.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/finite.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/text.hpp"
#include "progress.hpp"
#include "render.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>

namespace pellucid::cli {

namespace {

struct Options {
    std::string method, model, input, target = "predicted", out, unit, patterns;
    std::vector<std::string> params;
    bool json = false, layers = false;

    bool layerwise() const { return layers || !unit.empty(); }
};

/// The rank that results of that shape can be written with, like the input's where possible.
int result_rank(const Tensor& map, int input_rank) { return map.shape()[3] == 1 ? input_rank : 4; }

/// A map as .npy and as one picture a sample.
void write_map(const std::filesystem::path& folder, const std::string& name, const Tensor& images, MapKind kind,
               int rank) {
    write_npy((folder / (name + ".npy")).string(), {images, result_rank(images, rank)});
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        const std::string suffix = images.shape()[0] == 1 ? "" : fmt::format("-{:04}", n);
        write_picture((folder / (name + suffix + ".png")).string(), images, n, kind);
    }
}

/// What of an item belongs into files: maps and frames as pictures, curves and scores as numbers.
void write_item(const std::filesystem::path& folder, const std::string& name, const Output& output, const Item& item,
                int rank) {
    if (const auto* map = std::get_if<Map>(&item)) return write_map(folder, name, map->data, output.map, rank);
    if (const auto* series = std::get_if<Series>(&item)) {
        return write_npy((folder / (name + ".npy")).string(), {series->values, 4});
    }
    if (const auto* scores = std::get_if<Scores>(&item)) {
        return write_npy((folder / (name + ".npy")).string(), {scores->values, 4});
    }
    if (const auto* frames = std::get_if<Frames>(&item)) {
        for (std::size_t i = 0; i < frames->images.size(); ++i) {
            write_map(folder, fmt::format("{}-step{:06}", name, frames->steps[i]), frames->images[i], output.map, rank);
        }
    }
}

void write_results(const std::string& out, const Result& result, const Card& card, int rank) {
    std::error_code error;
    std::filesystem::create_directories(out, error);
    if (error) fail(ErrorCode::bad_file, "the folder '{}' cannot be made: {}", out, error.message());
    for (const auto& [name, item] : result.items) {
        // What the method was asked for has the same name whatever the method.
        const bool first = name == card.outputs.front().name;
        write_item(out, first ? "result" : std::string(name), *find_output(card, name), item, rank);
    }
    if (result.layerwise) write_layers(out, *result.layerwise);
}

/// Inputs at a time: recorded passes of thousands would fill the memory.
constexpr std::size_t portion = 256;

/// One portion's parameters: of one baseline per input, those of these inputs.
Params params_of(const Params& params, const Images& images, std::size_t first, std::size_t count) {
    Params part = params;
    for (const auto& [card, value] : params.all()) {
        if (card->role != ParamRole::per_input) continue;
        const auto& given = std::get<std::shared_ptr<const Tensor>>(value);
        if (given == nullptr || given->shape()[0] != images.pixels.shape()[0]) continue;
        part.set(card->name, ParamValue(std::make_shared<const Tensor>(batch_slice(*given, first, count))));
    }
    return part;
}

/// The answer, as far as it came before it was interrupted, and how far that was.
std::pair<Result, double> explain_in_portions(const Method& method, Request request, const Images& images) {
    const Params params = request.params;
    const std::size_t inputs = images.pixels.shape()[0];
    const std::size_t most = request.layerwise ? inputs : portion;  // a walk is of one pass
    std::vector<Result> portions;
    double reached = 0;
    watch_interrupt();
    ProgressBar bar{std::string(method.card.id)};
    for (std::size_t first = 0; first < inputs && !interrupted(); first += most) {
        const std::size_t count = std::min(most, inputs - first);
        request.input = batch_slice(images.pixels, first, count);
        request.params = params_of(params, images, first, count);
        const std::unique_ptr<Run> run = start(method, request);
        const auto progress = [&] {
            return (static_cast<double>(first) + static_cast<double>(count) * run->progress()) /
                   static_cast<double>(inputs);
        };
        while (!interrupted() && run->step()) bar.show(progress());
        if (run->done() == 0) break;
        portions.push_back(run->snapshot());
        reached = progress();
    }
    if (portions.empty()) fail(ErrorCode::cancelled, "stopped before anything was computed");
    return {joined(std::move(portions)), reached};
}


Json report(const Options& options, const Request& request, const Result& result, double milliseconds,
            double progress) {
    return built([&](JsonWriter& out) {
        out.begin_object();
        write_fields(out, result, request.params.card(), request.target, request.params);
        if (options.layers) {
            out.key("layers");
            write(out, *result.layerwise);
        }
        if (!options.unit.empty()) {
            out.key("received");
            write_received(out, *result.layerwise, options.unit, std::numeric_limits<std::size_t>::max());
        }
        out.field("milliseconds", milliseconds);
        out.field("progress", progress);
        out.end();
    });
}

/// The numbers of the first inputs, so that a line stays one.
std::vector<std::string> shown_numbers(const Json& numbers) {
    constexpr std::size_t most = 8;
    std::vector<std::string> shown;
    for (std::size_t n = 0; n < std::min(numbers.size(), most); ++n) shown.push_back(numbers[n].dump());
    if (numbers.size() > most) shown.emplace_back("…");
    return shown;
}

void print_report(const Json& json) {
    print("{} of {}\n", json["method"].get<std::string>(), escaped(json["target"].get<std::string>()));
    for (std::size_t n = 0; n < json["values"].size(); ++n) {
        print("  input {}: value {}\n", n, json["values"][n].dump());
    }
    for (const auto& [name, item] : json["outputs"].items()) {
        if (item.is_array()) print("  {}: {}\n", name, fmt::join(shown_numbers(item), ", "));
    }
    for (const Json& row : json["ledger"]) {
        print("  {:12} in {:12.6g}  out {:12.6g}  bias {:12.6g}  stabiliser {:12.6g}\n",
                   escaped(row["layer"].get<std::string>()), row["entering"].get<double>(), row["leaving"].get<double>(),
                   row["bias"].get<double>(), row["stabiliser"].get<double>());
    }
    if (json.contains("received")) print_received(json["received"]);
    print("  {:.3f} ms\n", json["milliseconds"].get<double>());
}

void explain_file(const Options& options) {
    if (!options.unit.empty() && options.unit.find('/') == std::string::npos) {
        fail(ErrorCode::bad_argument, "'{}' is no unit; a unit is LAYER/c,y,x, as in conv2/3,4,4", options.unit);
    }
    const Method& method = find_method(options.method);
    Explainer explainer(load_onnx(options.model));
    if (needs(method.card, Role::patterns) || !options.patterns.empty())
        load_patterns(explainer, options.model, options.patterns);
    const Images images = load_input(options.input);
    const Request request{
        explainer, {}, Target::parse(options.target), read_params(method.card, options.params), options.layerwise()};

    check_input(images.pixels, explainer.network());
    const auto begin = std::chrono::steady_clock::now();
    const auto [result, progress] = explain_in_portions(method, request, images);
    const double milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();

    if (options.layerwise() && !result.layerwise) {
        fail(ErrorCode::bad_argument, "{} has no relevance of single layers; methods with a ledger have",
             options.method);
    }
    check_finite(result, options.method);
    if (!options.out.empty()) write_results(options.out, result, method.card, images.rank);
    const Json json = report(options, request, result, milliseconds, progress);
    if (options.json) {
        print_json(json);
    } else {
        print_report(json);
    }
    if (progress < 1) {
        fail(ErrorCode::cancelled, "stopped at {:.0f} %: the result is of what was done until then", 100 * progress);
    }
}

}  // namespace

void add_explain_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("explain", "Explains what a network answers for an input");
    auto options = std::make_shared<Options>();
    command->add_option("method", options->method, "id of the method (see `pellucid methods`)")->required();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--input", options->input, "inputs: .npy, .png, or an IDX file with #index; ink 1, paper 0")
        ->required();
    command->add_option("--target", options->target,
                        "class:3, prob:3, contrast:4-9, predicted, neuron:LAYER/c,y,x, channel:LAYER/c, norm:LAYER");
    command->add_option("--param", options->params, "a parameter of the method, key=value")->take_all();
    command->add_option("--patterns", options->patterns,
                        "patterns of the network, where they are not in MODEL.patterns.onnx");
    command->add_option("--out", options->out, "folder for result.npy and pictures")
        ->check([](const std::string& folder) { return std::string(folder.empty() ? "a folder needs a name" : ""); });
    command->add_flag("--layers", options->layers,
                      "relevance of every layer as well: layer_NAME.npy in the folder, sums in the JSON");
    command->add_option(
        "--unit", options->unit,
        "what one unit received, LAYER/c,y,x: the messages a·w/z·R (DeepLIFT: Δa·w·m) from every unit above it");
    command->add_flag("--json", options->json, "value, ledger, parameters and timing as JSON");
    command->callback([options] { explain_file(*options); });
}

}  // namespace pellucid::cli
