/// `pellucid cues`: what a network goes by, its training's mark or texture or the digits' shapes, on the MNIST test
/// images.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "output.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/study/cue_report.hpp"
#include "pellucid/train/recipe.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace pellucid::cli {

namespace {

struct CuesOptions {
    std::string model, data, cue;
    bool fetch = false, json = false;
};

/// The cues that the model was trained with, by the recipe that it carries; none where it carries none.
Cues cues_of(const Network& network, const std::string& model) {
    const auto recipe = network.metadata.find("recipe");
    if (recipe == network.metadata.end()) return {};
    return train::parse_recipe(recipe->second, fmt::format("the recipe in {}", model)).cues;
}

void tell_mark(const MarkReport& r, const Mark& mark, bool json) {
    if (json) {
        print_json(nlohmann::ordered_json{{"cue", "mark"},
                                          {"class", mark.label},
                                          {"images", r.images},
                                          {"plain", r.plain},
                                          {"marked", r.marked},
                                          {"class_plain", r.class_plain},
                                          {"class_marked", r.class_marked},
                                          {"others_plain", r.others_plain},
                                          {"others_marked", r.others_marked}});
        return;
    }
    print("right without a mark {:.2f} %, with the mark on every {} {:.2f} %\n", 100 * r.plain, mark.label,
          100 * r.marked);
    print("of the {0}s, read as {0}: without the mark {1:.2f} %, with it {2:.2f} %\n", mark.label, 100 * r.class_plain,
          100 * r.class_marked);
    print("of the others, read as {}: without the mark {:.2f} %, with it {:.2f} %\n", mark.label, 100 * r.others_plain,
          100 * r.others_marked);
}

nlohmann::ordered_json row_json(const TextureReport::Row& row) {
    return {{"images", row.images}, {"shape", row.shape}, {"texture", row.texture}, {"neither", row.neither}};
}

void tell_textures(const TextureReport& r, bool json) {
    if (json) {
        nlohmann::ordered_json rows = nlohmann::ordered_json::array();
        for (const TextureReport::Row& row : r.by_shape) rows.push_back(row_json(row));
        print_json(nlohmann::ordered_json{{"cue", "texture"},
                                          {"plain", r.plain},
                                          {"agreeing", r.agreeing},
                                          {"shape_bias", r.shape_bias()},
                                          {"conflict", row_json(r.all)},
                                          {"by_shape", rows}});
        return;
    }
    print("right on plain digits {:.2f} %, with their own textures {:.2f} %\n", 100 * r.plain, 100 * r.agreeing);
    print("with another digit's texture, by shape, by texture, neither:\n");
    const auto line = [](const std::string& name, const TextureReport::Row& row) {
        const auto share = [&](std::size_t count) {
            return 100.0 * static_cast<double>(count) / static_cast<double>(std::max<std::size_t>(row.images, 1));
        };
        print("{:>5} {:6.2f} % {:6.2f} % {:6.2f} %\n", name, share(row.shape), share(row.texture), share(row.neither));
    };
    for (std::size_t label = 0; label < r.by_shape.size(); ++label) line(std::to_string(label), r.by_shape[label]);
    line("all", r.all);
    print("shape bias {:.3f}\n", r.shape_bias());
}

void run(const CuesOptions& options) {
    const Network network = load_onnx(options.model);
    if (network.input_shape() != Shape{1, 28, 28, 1} || network.classes() != 10) {
        fail(ErrorCode::bad_argument,
             "{} reads inputs of shape {} and tells apart {} classes; MNIST's are (1, 28, 28, 1) and ten",
             options.model, to_string(network.input_shape()), network.classes());
    }
    const Cues trained = cues_of(network, options.model);
    const bool mark = options.cue.empty() ? trained.mark.has_value() : options.cue == "mark";
    const bool texture = options.cue.empty() ? trained.textures.has_value() : options.cue == "texture";
    if (!mark && !texture) {
        fail(ErrorCode::bad_argument,
             "{} was not trained with a cue; --cue mark or --cue texture asks about one all the same", options.model);
    }
    const LabelledImages data = load_mnist(ensure_mnist(options.data, options.fetch), MnistPart::test);
    if (mark) {
        const Mark which = trained.mark.value_or(Mark{});
        tell_mark(mark_report(network, data, which), which, options.json);
    }
    if (texture) tell_textures(texture_report(network, data, trained.textures.value_or(Textures{}), 1), options.json);
}

}  // namespace

void add_cues_command(CLI::App& app) {
    CLI::App* command =
        app.add_subcommand("cues", "What a network goes by: shapes, or a mark or texture it was trained with");
    const auto options = std::make_shared<CuesOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--data", options->data,
                        "Directory of MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    command->add_option("--cue", options->cue, "mark or texture; not given: what the model was trained with")
        ->check(CLI::IsMember({"mark", "texture"}));
    command->add_flag("--json", options->json, "JSON in place of text");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
