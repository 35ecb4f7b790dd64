/// MNIST's training images, for the commands that look at a network through all of them: patterns and statistics.
#pragma once

#include "input_options.hpp"

#include "pellucid/data/mnist.hpp"
#include "pellucid/function_ref.hpp"
#include "pellucid/nn/network.hpp"

#include <CLI/CLI.hpp>

#include <span>
#include <string>

namespace pellucid::cli {

/// The options --model, --data, --fetch, --range and --limit.
struct TrainingImageOptions {
    std::string model, data;
    InputOptions input;
    std::size_t limit = 0;
    bool fetch = false;

    void add_to(CLI::App& command);
};

class TrainingImages {
public:
    /// Reads the files. Throws Error as load_mnist() does.
    explicit TrainingImages(const TrainingImageOptions& options);

    std::size_t count() const { return count_; }
    const LabelledImages& data() const { return data_; }

    /// Hands the images on in order, scaled to the network's range, at most `most` at a time with their labels, and
    /// shows how far that is as `title`. Throws Error(cancelled) where a signal ends it.
    void each_batch(const char* title, const Network& network, std::size_t most,
                    FunctionRef<void(const Tensor&, std::span<const std::uint8_t>)> take) const;

private:
    LabelledImages data_;
    std::size_t count_;
};

}  // namespace pellucid::cli
