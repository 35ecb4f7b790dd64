/// `pellucid explain METHOD`: runs one method on one file of inputs.
#include "card_json.hpp"
#include "commands.hpp"
#include "layerwise_report.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "patterns_file.hpp"
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

void write_images(const std::filesystem::path& folder, const std::string& name, const Tensor& images, ResultKind kind,
                  int rank) {
    write_npy((folder / (name + ".npy")).string(), {images, result_rank(images, rank)});
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        const std::string suffix = images.shape()[0] == 1 ? "" : fmt::format("-{:04}", n);
        write_picture((folder / (name + suffix + ".png")).string(), images, n, kind);
    }
}

void write_results(const std::string& out, const Result& result, ResultKind kind, int rank) {
    std::error_code error;
    std::filesystem::create_directories(out, error);
    if (error) fail(ErrorCode::bad_file, "the folder '{}' cannot be made: {}", out, error.message());
    write_images(out, "result", result.map, kind, rank);
    for (const auto& [name, image] : result.images) write_images(out, name, image, ResultKind::signed_map, rank);
    if (result.layerwise) write_layers(out, *result.layerwise);
}

/// Inputs at a time: recorded passes of thousands would fill the memory.
constexpr std::size_t portion = 256;

/// One portion's parameters: of one baseline per input, those of these inputs.
Params params_of(const Params& params, const Images& images, std::size_t first, std::size_t count) {
    constexpr std::string_view per_input = "baseline_image";
    Params part = params;
    for (const auto& [card, value] : params.all()) {
        if (card->name != per_input) continue;
        const Tensor* given = params.image(per_input);
        if (given == nullptr || given->shape()[0] != images.pixels.shape()[0]) continue;
        part.set(per_input, ParamValue(std::make_shared<const Tensor>(batch_slice(*given, first, count))));
    }
    return part;
}

/// Puts `more` behind; `had` and `has` inputs. Sums are added, other numbers are means over the inputs.
void append(Result& result, Result more, std::size_t had, std::size_t has) {
    if (had == 0) {
        result = std::move(more);
        return;
    }
    const auto behind = [](Tensor& images, const Tensor& others) {
        Tensor all(with_batch(images.shape(), images.shape()[0] + others.shape()[0]));
        std::copy_n(others.data(), others.size(), std::copy_n(images.data(), images.size(), all.data()));
        images = std::move(all);
    };
    behind(result.map, more.map);
    result.value.insert(result.value.end(), more.value.begin(), more.value.end());
    for (std::size_t i = 0; i < result.images.size(); ++i) behind(result.images[i].second, more.images[i].second);
    const double share = static_cast<double>(has) / static_cast<double>(had + has);
    for (std::size_t i = 0; i < result.numbers.size(); ++i) {
        double& number = result.numbers[i].second;
        number += share * (more.numbers[i].second - number);
    }
    for (std::size_t i = 0; i < result.ledger.size(); ++i) {
        LedgerRow& row = result.ledger[i];
        row.entering += more.ledger[i].entering;
        row.leaving += more.ledger[i].leaving;
        row.bias += more.ledger[i].bias;
        row.stabiliser += more.ledger[i].stabiliser;
    }
}

/// The answer, as far as it came before it was interrupted, and how far that was.
std::pair<Result, double> explain_in_portions(const Method& method, Request request, const Images& images) {
    const Params params = request.params;
    const std::size_t inputs = images.pixels.shape()[0];
    const std::size_t most = request.layerwise ? inputs : portion;  // a walk is of one pass
    std::pair<Result, double> answer{{}, 0.0};
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
        append(answer.first, run->snapshot(), first, count);
        answer.second = progress();
    }
    if (answer.second == 0) fail(ErrorCode::cancelled, "stopped before anything was computed");
    return answer;
}

/// JSON has no NaN or infinity.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json report(const Options& options, const Request& request, const Result& result, double milliseconds,
            double progress) {
    Json json{{"method", options.method}, {"target", request.target.text()}};
    json["value"] = result.value.empty() ? Json(nullptr) : number(result.value.front());
    json["values"] = Json::array();
    for (const double value : result.value) json["values"].push_back(number(value));
    json["numbers"] = Json::object();
    for (const auto& [name, value] : result.numbers) json["numbers"][name] = number(value);
    json["ledger"] = Json::array();
    for (const LedgerRow& row : result.ledger) {
        json["ledger"].push_back({{"layer", row.layer},
                                  {"entering", number(row.entering)},
                                  {"leaving", number(row.leaving)},
                                  {"bias", number(row.bias)},
                                  {"stabiliser", number(row.stabiliser)}});
    }
    if (options.layers) json["layers"] = to_json(*result.layerwise);
    if (!options.unit.empty()) json["received"] = received_json(*result.layerwise, options.unit);
    json["params"] = Json::object();
    for (const auto& [card, value] : request.params.all()) json["params"][card->name] = to_json(value);
    json["milliseconds"] = milliseconds;
    json["progress"] = progress;
    return json;
}

void print_report(const Json& json) {
    print("{} of {}\n", json["method"].get<std::string>(), escaped(json["target"].get<std::string>()));
    for (std::size_t n = 0; n < json["values"].size(); ++n) {
        print("  input {}: value {}\n", n, json["values"][n].dump());
    }
    for (const auto& [name, value] : json["numbers"].items()) print("  {}: {}\n", name, value.dump());
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
    if (method.card.needs_patterns || !options.patterns.empty())
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
    if (!options.out.empty()) write_results(options.out, result, method.card.result, images.rank);
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
