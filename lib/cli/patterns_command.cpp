/// `pellucid patterns`: estimates a network's patterns from the images that it was trained on.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "output.hpp"
#include "resource_options.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "input_options.hpp"
#include "pellucid/train/pattern_estimator.hpp"
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace pellucid::cli {

namespace {

constexpr std::size_t estimation_batch = 16;

struct PatternsOptions {
    std::string model, data, out, estimator = "relu";
    InputOptions input;
    std::size_t limit = 0;
    bool fetch = false;
};

void run(const PatternsOptions& options) {
    Network network = merge_batch_norm(load_onnx(options.model));
    options.input.declare_range(network);
    const std::string out = options.out.empty() ? beside_model(options.model, Role::patterns) : options.out;
    const auto kind = options.estimator == "relu" ? train::PatternKind::relu : train::PatternKind::linear;
    const std::string directory =
        ensure_mnist(options.data, options.fetch);
    const LabelledImages data = load_mnist(directory, MnistPart::train);
    const std::size_t total = options.limit == 0 ? data.size() : std::min(options.limit, data.size());

    const auto begin = std::chrono::steady_clock::now();
    train::PatternEstimator estimator(network, kind);
    watch_interrupt();
    {
        ProgressBar bar("patterns");
        for (std::size_t first = 0; first < total; first += estimation_batch) {
            if (interrupted()) fail(ErrorCode::cancelled, "stopped after {} images; nothing was written", first);
            Tensor batch = to_tensor(data.images, first, std::min(estimation_batch, total - first));
            scale_to_range(batch, input_range(network));
            estimator.add(batch);
            bar.show(static_cast<double>(first) / static_cast<double>(total));
        }
    }
    Network patterns = estimator.patterns();
    patterns.metadata["data"] = fmt::format("MNIST, the first {} training images", total);
    save_onnx(patterns, out);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print("{}: {} patterns of {} images, {:.0f} s\n", out, options.estimator, total, seconds);
}

}  // namespace

void add_patterns_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "patterns", "Estimates a network's patterns, which pattern_net and pattern_attribution need");
    const auto options = std::make_shared<PatternsOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--data", options->data,
                        "Directory of MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_range_to(*command);
    command->add_option("--out", options->out,
                        "file to write; MODEL.patterns.onnx, where it is found by itself, if not given");
    command->add_option("--estimator", options->estimator, "relu: samples in which a unit is active; linear: all")
        ->check(CLI::IsMember({"relu", "linear"}));
    command->add_option("--limit", options->limit, "only the first so many images; 0: all");
    command->callback([options] { run(*options); });
}

}  // namespace pellucid::cli
