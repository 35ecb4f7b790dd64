#include "pellucid/backward/input_gradient.hpp"

#include <algorithm>

namespace pellucid {

/// A method's batches are of one size but for its last; a page asks for single inputs in between.
InputGradient::Memory& InputGradient::memory_for(std::size_t batch) {
    constexpr std::size_t most = 4;
    const auto found = std::ranges::find(memories_, batch, [](const auto& memory) { return memory->batch; });
    if (found != memories_.end()) return **found;
    if (memories_.size() < most) {
        memories_.push_back(std::make_unique<Memory>());
    } else {
        std::rotate(memories_.begin(), memories_.begin() + 1, memories_.end());
    }
    memories_.back()->batch = batch;
    return *memories_.back();
}

const Trace& InputGradient::forward(const Tensor& input, ValueId until) {
    if (!stages_ || until != stages_->until()) stages_.emplace(network_, until);
    current_ = &memory_for(input.shape()[0]);
    stages_->forward(input, current_->trace);
    return current_->trace;
}

const Tensor& InputGradient::backward(const Tensor& seed) {
    Stages::Signals& signals = current_->signals;
    Tensor& top = stages_->begin(signals);
    reshape_to(top, seed.shape());
    std::copy_n(seed.data(), seed.size(), top.data());
    stages_->backward(current_->trace, signals, {}, [](const auto&...) {});
    if (!signals.known[0]) {
        reshape_to(signals.values[0], current_->trace.values[0].shape());
        std::fill_n(signals.values[0].data(), signals.values[0].size(), 0.0F);
    }
    return signals.values[0];
}

}  // namespace pellucid
