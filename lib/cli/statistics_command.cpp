/// `pellucid statistics`: what a network's channels do over MNIST's training images, for neuron_statistics.
#include "commands.hpp"
#include "output.hpp"
#include "resource_options.hpp"
#include "training_images.hpp"

#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/nn/onnx.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>

namespace pellucid::cli {

namespace {

constexpr std::size_t statistics_batch = 50;

struct StatisticsOptions {
    TrainingImageOptions images;
    std::string out;
    std::size_t bins = 16;
};

void run_statistics(const StatisticsOptions& options) {
    const std::string& model = options.images.model;
    Network network = load_onnx(model);
    options.images.input.declare_range(network);
    const std::string out = options.out.empty() ? beside_model(model, Role::statistics) : options.out;
    const TrainingImages images(options.images);

    const auto begin = std::chrono::steady_clock::now();
    methods::StatisticsEstimator estimator(network, 10, options.bins);
    images.each_batch("statistics", network, statistics_batch,
                      [&](const Tensor& batch, std::span<const std::uint8_t> labels) { estimator.add(batch, labels); });
    const methods::NetworkStatistics statistics =
        estimator.statistics(fmt::format("MNIST, the first {} training images", images.count()));
    const Bytes bytes = methods::write_statistics(statistics);
    write_file(out, bytes);
    std::size_t channels = 0;
    for (const methods::LayerStatistics& layer : statistics.layers) channels += layer.channels.size();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print("{}: {} channels of {} layers over {} images, {} bytes, {:.0f} s\n", out, channels, statistics.layers.size(),
          images.count(), bytes.size(), seconds);
}

}  // namespace

void add_statistics_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "statistics", "What a network's channels do over MNIST's training images, for neuron_statistics");
    const auto options = std::make_shared<StatisticsOptions>();
    options->images.add_to(*command);
    command->add_option("--out", options->out,
                        "file to write; MODEL.statistics.bin, where it is found by itself, if not given");
    command->add_option("--bins", options->bins, "bins of the histograms")->check(CLI::Range(2, 256));
    command->callback([options] { run_statistics(*options); });
}

}  // namespace pellucid::cli
