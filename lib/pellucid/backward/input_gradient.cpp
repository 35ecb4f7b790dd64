#include "pellucid/backward/input_gradient.hpp"

#include "pellucid/simd/kernels.hpp"

#include <algorithm>

namespace pellucid {

/// A method's batches are of one size but for its last; a page asks for single inputs in between.
InputGradient::Memory& InputGradient::memory_for(std::size_t batch) {
    constexpr std::size_t most = 4;
    const auto found = std::find_if(memories_.begin(), memories_.end(), [batch](const auto& m) { return m->batch == batch; });
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
    Trace& trace = current_->trace;
    std::vector<Tensor>& signals = current_->signals;
    signals.resize(trace.values.size());
    known_.assign(trace.values.size(), 0);
    reshape_to(signals[stages_->until()], seed.shape());
    std::copy_n(seed.data(), seed.size(), signals[stages_->until()].data());
    known_[stages_->until()] = 1;
    for (auto stage = stages_->list().rbegin(); stage != stages_->list().rend(); ++stage) {
        if (!known_[stage->value]) continue;
        const std::vector<ValueId>& inputs = network_.nodes()[stage->node].inputs;
        LayerInputs storage;
        const Step step = stages_->step(*stage, trace, storage);
        stages_->gate(*stage, step, signals[stage->value]);
        // One input at a time, so that a value with several readers (or one reader twice) sums them.
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            Tensor& total = signals[inputs[i]];
            Tensor& target = known_[inputs[i]] ? current_->aside : total;
            reshape_to(target, trace.values[inputs[i]].shape());
            std::array<Tensor*, 2> gradients{};
            gradients[i] = &target;
            stages_->input_gradient(*stage, step, signals[stage->value], {gradients.data(), inputs.size()});
            if (known_[inputs[i]]) simd::kernels().add(total.size(), total.data(), target.data(), total.data());
            known_[inputs[i]] = 1;
        }
    }
    if (!known_[0]) {
        reshape_to(signals[0], trace.values[0].shape());
        std::fill_n(signals[0].data(), signals[0].size(), 0.0F);
    }
    return signals[0];
}

}  // namespace pellucid
