/// `pellucid spray`: relevance maps of many images of one class, clustered.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "input_options.hpp"
#include "inputs.hpp"
#include "json_writer.hpp"
#include "output.hpp"
#include "parameters.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/data/cues.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"
#include "render.hpp"

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>

namespace pellucid::cli {

namespace {

struct SprayCommand {
    std::string model, data, out;
    std::vector<std::string> params;
    InputOptions input;
    std::size_t of_class = 0, count = 500;
    double mark = 0;
    bool fetch = false, json = false;
};

struct SprayInputs {
    Tensor images;
    std::vector<std::size_t> places;  ///< in the data
    std::vector<bool> marked;
};

/// Puts the square that recipes with a mark put (data/cues.hpp) on that share of the images, evenly.
void put_marks(SprayInputs& inputs, double share, const InputRange& range) {
    const Mark mark;
    const Tensor ink = filled_within(inputs.images.shape(), range, 1.0F);
    const Shape shape = inputs.images.shape();
    if (share > 0 && (mark.margin + mark.size > shape[1] || mark.margin + mark.size > shape[2]))
        fail(ErrorCode::bad_argument, "--mark needs images of {} pixels and more a side", mark.margin + mark.size);
    for (std::size_t n = 0; n < inputs.places.size(); ++n) {
        const bool marked = std::floor(static_cast<double>(n + 1) * share) > std::floor(static_cast<double>(n) * share);
        inputs.marked.push_back(marked);
        for (std::size_t y = mark.margin; marked && y < mark.margin + mark.size; ++y) {
            for (std::size_t x = mark.margin; x < mark.margin + mark.size; ++x) {
                for (std::size_t c = 0; c < shape[3]; ++c) inputs.images(n, y, x, c) = ink(n, y, x, c);
            }
        }
    }
}

SprayInputs spray_inputs(const SprayCommand& options, const Network& network) {
    SprayInputs chosen;
    std::error_code unknown;
    if (!options.data.empty() && std::filesystem::is_regular_file(options.data, unknown)) {
        const Inputs inputs(options.data, options.input.form(network));
        inputs.check(network);
        const std::size_t count = options.count == 0 ? inputs.count() : std::min(options.count, inputs.count());
        chosen.images = inputs.portion(0, count);
        for (std::size_t i = 0; i < count; ++i) chosen.places.push_back(i);
        return chosen;
    }
    const LabelledImages data = load_mnist(ensure_mnist(options.data, options.fetch), MnistPart::test);
    for (std::size_t i = 0; i < data.size() && (options.count == 0 || chosen.places.size() < options.count); ++i) {
        if (data.labels[i] == options.of_class) chosen.places.push_back(i);
    }
    if (chosen.places.empty()) fail(ErrorCode::bad_argument, "there are no images of the class {}", options.of_class);
    chosen.images = to_tensor(data.images, chosen.places);
    scale_to_range(chosen.images, input_range(network));
    return chosen;
}

Json spray_report(const SprayCommand& options, const SprayInputs& inputs, const Result& result, const Params& params) {
    Json json{{"model", options.model}, {"class", options.of_class}, {"images", inputs.places.size()}};
    json["params"] = built([&](JsonWriter& out) { write(out, params); });
    json["eigenvalues"] = Json::array();
    for (const auto& row : result.find<Table>("eigenvalues")->rows) json["eigenvalues"].push_back(row[1]);
    json["clusters"] = Json::array();
    const std::vector<double>& cluster = result.scalar("cluster");
    for (const auto& row : result.find<Table>("clusters")->rows) {
        Json members = Json::array();
        std::size_t marked = 0;
        for (std::size_t n = 0; n < cluster.size(); ++n) {
            if (cluster[n] != row[0]) continue;
            members.push_back(inputs.places[n]);
            marked += inputs.marked[n] ? 1 : 0;
        }
        json["clusters"].push_back({{"images", members.size()}, {"marked", marked}, {"members", members}});
    }
    return json;
}

/// clusters.npy, and a picture each: the mean map of each cluster.
void write_mean_maps(const std::string& folder, const Result& result) {
    const Tensor& shown = result.map("cluster_map");
    const std::vector<double>& cluster = result.scalar("cluster");
    const std::size_t count = result.find<Table>("clusters")->rows.size();
    Tensor means(with_batch(shown.shape(), count));
    for (std::size_t n = 0; n < cluster.size(); ++n)
        std::ranges::copy(sample(shown, n), sample(means, static_cast<std::size_t>(cluster[n])).begin());
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    write_npy((std::filesystem::path(folder) / "clusters.npy").string(), {means, 4});
    for (std::size_t k = 0; k < count; ++k) {
        write_picture((std::filesystem::path(folder) / fmt::format("cluster_{}.png", k)).string(), means, k,
                      MapKind::signed_values);
    }
}

void run_spray_command(const SprayCommand& options) {
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    const InputForm form = options.input.form(network);
    Explainer explainer(std::move(network));
    const Method& method = find_method("spray");
    const Params params = read_params(method.card, options.params, form);
    const Target target = Target::of_class(options.of_class);
    check_target(target, explainer.network());
    SprayInputs inputs = spray_inputs(options, explainer.network());
    put_marks(inputs, options.mark, input_range(explainer.network()));
    const Result result = explain(method, {explainer, inputs.images, target, params});
    if (!options.out.empty()) write_mean_maps(options.out, result);
    const Json json = spray_report(options, inputs, result, params);
    if (options.json) return print_json(json);
    print("{} images of the class {}: {} groups\n", inputs.places.size(), options.of_class, json["clusters"].size());
    print("  eigenvalues: {}\n", json["eigenvalues"].dump());
    for (std::size_t k = 0; k < json["clusters"].size(); ++k)
        print("  group {}: {} images, {} with a mark\n", k, json["clusters"][k]["images"].get<std::size_t>(),
              json["clusters"][k]["marked"].get<std::size_t>());
}

}  // namespace

void add_spray_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand("spray", "Groups a class's images by how the network answers them");
    auto options = std::make_shared<SprayCommand>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option(
        "--data", options->data,
        "folder with MNIST's four files (its test images), or a file of inputs; else PELLUCID_MNIST_DIR, else "
        "the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_to(*command);
    command->add_option("--class", options->of_class, "whose images, and what is explained")->required();
    command->add_option("--count", options->count, "at most so many images; 0: all");
    command->add_option("--mark", options->mark, "puts a mark on that share of the images, to see whether it is found")
        ->check(CLI::Range(0.0, 1.0));
    command->add_option("--param", options->params, "a parameter of the method spray, key=value")->take_all();
    command->add_option("--out", options->out, "folder for clusters.npy, the groups' mean maps");
    command->add_flag("--json", options->json, "the groups as JSON");
    command->callback([options] { run_spray_command(*options); });
}

}  // namespace pellucid::cli
