#include "pellucid/optimise/optimiser.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/simd/kernels.hpp"

#include <cmath>

namespace pellucid::optimise {

namespace {
constexpr std::size_t grain = 16384;  // elements per task: some ten microseconds
}

void Optimiser::step(std::span<const Slot> slots, float learning_rate) {
    if (state_.empty()) {
        for (const Slot& slot : slots) {
            for (std::size_t i = 0; i < states_per_slot_; ++i) state_.push_back(zeros(slot.value->shape()));
        }
    }
    if (state_.size() != slots.size() * states_per_slot_) {
        fail(ErrorCode::bad_argument, "the optimiser's state is for {} parameters, not {}",
             state_.size() / states_per_slot_, slots.size());
    }
    ++steps_;
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Tensor* state = state_.data() + i * states_per_slot_;
        if (state->shape() != slots[i].value->shape() || slots[i].gradient->shape() != slots[i].value->shape()) {
            fail(ErrorCode::bad_shape, "gradient {} or state {} does not fit parameter {} of shape {}",
                 to_string(slots[i].gradient->shape()), to_string(state->shape()), i,
                 to_string(slots[i].value->shape()));
        }
        parallel_for(slots[i].value->size(), grain,
                     [&](std::size_t first, std::size_t last) { update(slots[i], state, first, last, learning_rate); });
    }
}

void Optimiser::restore(std::uint64_t steps, std::vector<Tensor> state) {
    steps_ = steps;
    state_ = std::move(state);
}

void Sgd::update(const Slot& slot, Tensor* state, std::size_t first, std::size_t last, float rate) const {
    float* w = slot.value->data();
    const float* gradient = slot.gradient->data();
    float* v = state[0].data();
    const float momentum = options_.momentum;
    const float decay = slot.decays ? options_.weight_decay : 0.0F;
    // v = momentum·v + g, so that w −= rate·(a·g + b·v) covers both kinds of momentum.
    const float a = options_.nesterov ? 1.0F : 0.0F;
    const float b = options_.nesterov ? momentum : 1.0F;
    for (std::size_t i = first; i < last; ++i) {
        const float g = gradient[i] + decay * w[i];
        v[i] = momentum * v[i] + g;
        w[i] -= rate * (a * g + b * v[i]);
    }
}

void Adam::update(const Slot& slot, Tensor* state, std::size_t first, std::size_t last, float rate) const {
    const auto t = static_cast<double>(steps_);
    const auto scale = [t](float beta) {
        return static_cast<float>(1.0 / (1.0 - std::pow(static_cast<double>(beta), t)));
    };
    const simd::AdamStep step{.beta1 = options_.beta1,
                              .beta2 = options_.beta2,
                              .epsilon = options_.epsilon,
                              .rate = rate,
                              .decay = slot.decays ? options_.weight_decay : 0.0F,
                              .scale_m = scale(options_.beta1),
                              .scale_v = scale(options_.beta2)};
    simd::kernels().adam(step, last - first, slot.gradient->data() + first, state[0].data() + first,
                         state[1].data() + first, slot.value->data() + first);
}

}  // namespace pellucid::optimise
