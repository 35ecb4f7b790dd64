/// `pellucid patterns`: estimates a network's patterns from the images that it was trained on.
#include "commands.hpp"
#include "output.hpp"
#include "resource_options.hpp"
#include "training_images.hpp"

#include "pellucid/nn/onnx.hpp"
#include "pellucid/train/pattern_estimator.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace pellucid::cli {

namespace {

constexpr std::size_t estimation_batch = 16;

struct PatternsOptions {
    TrainingImageOptions images;
    std::string out, estimator = "relu";
};

void run(const PatternsOptions& options) {
    const std::string& model = options.images.model;
    Network network = merge_batch_norm(load_onnx(model));
    options.images.input.declare_range(network);
    const std::string out = options.out.empty() ? beside_model(model, Role::patterns) : options.out;
    const auto kind = options.estimator == "relu" ? train::PatternKind::relu : train::PatternKind::linear;
    const TrainingImages images(options.images);

    const auto begin = std::chrono::steady_clock::now();
    train::PatternEstimator estimator(network, kind);
    images.each_batch("patterns", network, estimation_batch,
                      [&](const Tensor& batch, std::span<const std::uint8_t>) { estimator.add(batch); });
    Network patterns = estimator.patterns();
    patterns.metadata["data"] = fmt::format("MNIST, the first {} training images", images.count());
    save_onnx(patterns, out);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print("{}: {} patterns of {} images, {:.0f} s\n", out, options.estimator, images.count(), seconds);
}

}  // namespace

void add_patterns_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "patterns", "Estimates a network's patterns, which pattern_net and pattern_attribution need");
    const auto options = std::make_shared<PatternsOptions>();
    options->images.add_to(*command);
    command->add_option("--out", options->out,
                        "file to write; MODEL.patterns.onnx, where it is found by itself, if not given");
    command->add_option("--estimator", options->estimator, "relu: samples in which a unit is active; linear: all")
        ->check(CLI::IsMember({"relu", "linear"}));
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
