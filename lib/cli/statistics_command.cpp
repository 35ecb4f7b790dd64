/// `pellucid statistics`: what a network's channels do over MNIST's training images, for neuron_statistics.
#include "commands.hpp"
#include "fetch_mnist.hpp"
#include "input_options.hpp"
#include "output.hpp"
#include "pellucid/data/mnist.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/nn/onnx.hpp"
#include "progress.hpp"

#include <chrono>
#include <filesystem>
#include <memory>

namespace pellucid::cli {

namespace {

constexpr std::size_t statistics_batch = 50;

struct StatisticsOptions {
    std::string model, data, out;
    InputOptions input;
    std::size_t limit = 0, bins = 16;
    bool fetch = false;
};

void run_statistics(const StatisticsOptions& options) {
    Network network = load_onnx(options.model);
    options.input.declare_range(network);
    const std::string out = options.out.empty()
                                ? std::filesystem::path(options.model).replace_extension(".statistics.bin").string()
                                : options.out;
    const std::string directory = ensure_mnist(options.data, options.fetch);
    const LabelledImages data = load_mnist(directory, MnistPart::train);
    const std::size_t total = options.limit == 0 ? data.size() : std::min(options.limit, data.size());

    const auto begin = std::chrono::steady_clock::now();
    methods::StatisticsEstimator estimator(network, 10, options.bins);
    watch_interrupt();
    {
        ProgressBar bar("statistics");
        for (std::size_t first = 0; first < total; first += statistics_batch) {
            if (interrupted()) fail(ErrorCode::cancelled, "stopped after {} images; nothing was written", first);
            const std::size_t count = std::min(statistics_batch, total - first);
            Tensor batch = to_tensor(data.images, first, count);
            scale_to_range(batch, input_range(network));
            estimator.add(batch, std::span(data.labels).subspan(first, count));
            bar.show(static_cast<double>(first) / static_cast<double>(total));
        }
    }
    const methods::NetworkStatistics statistics =
        estimator.statistics(fmt::format("MNIST, the first {} training images", total));
    const Bytes bytes = methods::write_statistics(statistics);
    write_file(out, bytes);
    std::size_t channels = 0;
    for (const methods::LayerStatistics& layer : statistics.layers) channels += layer.channels.size();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print("{}: {} channels of {} layers over {} images, {} bytes, {:.0f} s\n", out, channels, statistics.layers.size(),
          total, bytes.size(), seconds);
}

}  // namespace

void add_statistics_command(CLI::App& app) {
    CLI::App* command = app.add_subcommand(
        "statistics", "What a network's channels do over MNIST's training images, for neuron_statistics");
    const auto options = std::make_shared<StatisticsOptions>();
    command->add_option("--model", options->model, "the network, an ONNX file")->required();
    command->add_option("--data", options->data,
                        "Directory of MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command->add_flag("--fetch", options->fetch, fetch_help);
    options->input.add_range_to(*command);
    command->add_option("--out", options->out,
                        "file to write; MODEL.statistics.bin, where it is found by itself, if not given");
    command->add_option("--bins", options->bins, "bins of the histograms")->check(CLI::Range(2, 256));
    command->add_option("--limit", options->limit, "only the first so many images; 0: all");
    command->callback([options] { run_statistics(*options); });
}

}  // namespace pellucid::cli
