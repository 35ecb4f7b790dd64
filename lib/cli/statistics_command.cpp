/// `pellucid statistics`: what a network's channels do over MNIST's training images, for neuron_statistics.
#include "commands.hpp"
#include "output.hpp"
#include "resource_options.hpp"
#include "training_images.hpp"

#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/nn/onnx.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>

namespace pellucid::cli {

namespace {

constexpr std::size_t statistics_batch = 50;

struct StatisticsOptions {
    TrainingImageOptions images;
    std::string out, means;
    std::size_t bins = 16;
};

/// The mean picture of each of ten classes, as an IDX file: what syntheses may begin with or stay near.
Bytes class_means(const LabelledImages& data, std::size_t count) {
    const std::size_t pixels = data.images.rows * data.images.columns;
    std::vector<double> sums(10 * pixels, 0.0);
    std::array<double, 10> counts{};
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t label = data.labels[n];
        ++counts.at(label);
        for (std::size_t i = 0; i < pixels; ++i)
            sums[label * pixels + i] += static_cast<double>(data.images.pixels[n * pixels + i]);
    }
    Bytes bytes{0, 0, 8, 3};
    for (const std::size_t size : {std::size_t{10}, data.images.rows, data.images.columns}) {
        for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
    }
    for (std::size_t i = 0; i < sums.size(); ++i)
        bytes.push_back(static_cast<std::uint8_t>(std::lround(sums[i] / std::max(counts[i / pixels], 1.0))));
    return bytes;
}

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
    if (!options.means.empty()) write_file(options.means, class_means(images.data(), images.count()));
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
    command->add_option(
        "--means", options->means,
        "file to write with the mean picture of every digit (IDX), for activation_maximisation's `mean`");
    command->add_option("--bins", options->bins, "bins of the histograms")->check(CLI::Range(2, 256));
    command->callback([options] { run_statistics(*options); });
}

}  // namespace pellucid::cli
