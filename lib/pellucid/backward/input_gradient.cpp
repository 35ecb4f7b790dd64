#include "pellucid/backward/input_gradient.hpp"

#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/weighted_layer.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <array>
#include <cstring>

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

void InputGradient::prepare(std::size_t batch, ValueId until) {
    if (!stages_ || until != stages_->until()) {
        stages_.emplace(network_, until, Stages::Forms::fast, apart_);
        entrance_.reset();
        if (const WeightedLayer* const layer = stages_->entrance()) {
            entrance_.reset(new Entrance{*layer, {}, {}, {}, {}});
        }
    }
    current_ = &memory_for(batch);
}

const Trace& InputGradient::forward(const Tensor& input, ValueId until) {
    prepare(input.shape()[0], until);
    stages_->forward(input, current_->trace);
    return current_->trace;
}

void InputGradient::begin(const Tensor& seed) {
    Tensor& top = stages_->begin(current_->signals);
    reshape_to(top, seed.shape());
    std::copy_n(seed.data(), seed.size(), top.data());
}

const Tensor& InputGradient::backward(const Tensor& seed) {
    begin(seed);
    return finish();
}

const Tensor& InputGradient::signal(const Tensor& seed) {
    begin(seed);
    Stages::Signals& signals = current_->signals;
    stages_->backward_to_apart(current_->trace, signals);
    if (!signals.known[apart_]) {
        reshape_to(signals.values[apart_], current_->trace.values[apart_].shape());
        std::fill_n(signals.values[apart_].data(), signals.values[apart_].size(), 0.0F);
    }
    return signals.values[apart_];
}

const Tensor& InputGradient::pullback(const Tensor& input, ValueId value,
                                      FunctionRef<void(const Trace&, Tensor& seed)> seed_of) {
    const Trace& trace = forward(input, value);
    Tensor& top = stages_->begin(current_->signals);
    reshape_to(top, trace.values[value].shape());
    std::fill_n(top.data(), top.size(), 0.0F);
    seed_of(trace, top);
    return finish();
}

const Tensor& InputGradient::finish() {
    Stages::Signals& signals = current_->signals;
    stages_->backward(current_->trace, signals);
    if (!signals.known[0]) {
        reshape_to(signals.values[0], current_->trace.values[0].shape());
        std::fill_n(signals.values[0].data(), signals.values[0].size(), 0.0F);
    }
    return signals.values[0];
}

void InputGradient::meet(const Tensor& from, const Tensor& to) {
    detail::check_input(network_, from);
    detail::check_input(network_, to);
    auto& [layer, ends, start, slope, sum] = *entrance_;
    const std::size_t size = from.size();
    const auto known = [&kept = ends, size](const Tensor& end, std::size_t n) {
        return std::memcmp(sample(kept, n).data(), end.data(), size * sizeof(float)) == 0;
    };
    if (ends.size() == 2 * size && known(from, 0) && known(to, 1)) return;
    reshape_to(ends, with_batch(from.shape(), 2));
    std::copy_n(from.data(), size, sample(ends, 0).data());
    std::copy_n(to.data(), size, sample(ends, 1).data());
    const std::array<Shape, 1> shapes{from.shape()};
    const Shape shape = layer.output_shape(shapes);
    reshape_to(start, shape);
    reshape_to(slope, shape);
    layer.apply(from, layer.prepared(), start);
    layer.apply(to, layer.prepared(), slope);
    simd::kernels().multiply_add(start.size(), start.data(), nullptr, -1.0F, slope.data());
}

const Trace& InputGradient::forward(const Line& line, ValueId until) {
    prepare(line.alphas.size(), until);
    if (entrance_ != nullptr) {
        meet(line.from, line.to);
        stages_->forward(entrance_->start, entrance_->slope, line.alphas, current_->trace);
        return current_->trace;
    }
    reshape_to(points_, with_batch(line.from.shape(), line.alphas.size()));
    for (std::size_t k = 0; k < line.alphas.size(); ++k) {
        const auto point = sample(points_, k);
        for (std::size_t i = 0; i < point.size(); ++i) {
            const float from = line.from.data()[i];
            point[i] = from + line.alphas[k] * (line.to.data()[i] - from);
        }
    }
    stages_->forward(points_, current_->trace);
    return current_->trace;
}

const Tensor& InputGradient::backward(const Tensor& seed, std::span<const float> weights) {
    reshape_to(answer_, with_batch(network_.input_shape(), 1));
    std::fill_n(answer_.data(), answer_.size(), 0.0F);
    if (entrance_ != nullptr) {
        begin(seed);
        auto& [layer, ends, start, slope, sum] = *entrance_;
        reshape_to(sum, start.shape());
        if (stages_->backward(current_->trace, current_->signals, weights, sum)) {
            layer.adjoint(sum, layer.prepared(), answer_);
        }
        return answer_;
    }
    const Tensor& gradients = backward(seed);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        simd::kernels().multiply_add(answer_.size(), sample(gradients, k).data(), nullptr, weights[k], answer_.data());
    }
    return answer_;
}

}  // namespace pellucid
