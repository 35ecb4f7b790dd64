#include "training_images.hpp"

#include "fetch_mnist.hpp"
#include "progress.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid::cli {

void TrainingImageOptions::add_to(CLI::App& command) {
    command.add_option("--model", model, "the network, an ONNX file")->required();
    command.add_option("--data", data,
                       "Directory of MNIST's four files; else PELLUCID_MNIST_DIR, else the cache that --fetch fills");
    command.add_flag("--fetch", fetch, fetch_help);
    input.add_range_to(command);
    command.add_option("--limit", limit, "only the first so many images; 0: all");
}

TrainingImages::TrainingImages(const TrainingImageOptions& options)
    : data_(load_mnist(ensure_mnist(options.data, options.fetch), MnistPart::train)),
      count_(options.limit == 0 ? data_.size() : std::min(options.limit, data_.size())) {}

void TrainingImages::each_batch(const char* title, const Network& network, std::size_t most,
                                FunctionRef<void(const Tensor&, std::span<const std::uint8_t>)> take) const {
    watch_interrupt();
    ProgressBar bar(title);
    for (std::size_t first = 0; first < count_; first += most) {
        if (interrupted()) fail(ErrorCode::cancelled, "stopped after {} images; nothing was written", first);
        const std::size_t count = std::min(most, count_ - first);
        Tensor batch = to_tensor(data_.images, first, count);
        scale_to_range(batch, input_range(network));
        take(batch, std::span(data_.labels).subspan(first, count));
        bar.show(static_cast<double>(first) / static_cast<double>(count_));
    }
}

}  // namespace pellucid::cli
