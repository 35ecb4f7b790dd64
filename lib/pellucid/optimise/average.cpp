#include "pellucid/optimise/average.hpp"

#include "pellucid/parallel.hpp"

#include <algorithm>

namespace pellucid::optimise {

WeightAverage::WeightAverage(float decay, std::span<Tensor* const> weights) : decay_(decay) {
    for (const Tensor* tensor : weights) values_.push_back(*tensor);
}

void WeightAverage::update(std::span<Tensor* const> weights, std::uint64_t step) {
    const auto t = static_cast<double>(step);
    const auto share = static_cast<float>(1.0 - std::min(static_cast<double>(decay_), (1.0 + t) / (10.0 + t)));
    for (std::size_t i = 0; i < values_.size(); ++i) {
        float* average = values_[i].data();
        const float* now = weights[i]->data();
        // Spelled as a copy so that decay 0 gives the weights to the last bit.
        if (decay_ == 0.0F) {
            std::copy_n(now, values_[i].size(), average);
            continue;
        }
        parallel_for(values_[i].size(), 16384, [&](std::size_t first, std::size_t last) {
            for (std::size_t k = first; k < last; ++k) average[k] += share * (now[k] - average[k]);
        });
    }
}

}  // namespace pellucid::optimise
