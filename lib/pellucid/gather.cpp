#include "pellucid/gather.hpp"

#include <algorithm>

namespace pellucid {

Tensor gather(const Tensor& batch, std::span<const std::size_t> samples) {
    Tensor some(with_batch(batch.shape(), samples.size()));
    for (std::size_t i = 0; i < samples.size(); ++i)
        std::ranges::copy(sample(batch, samples[i]), sample(some, i).begin());
    return some;
}

void scatter(const Tensor& some, std::span<const std::size_t> samples, Tensor& batch) {
    for (std::size_t i = 0; i < samples.size(); ++i)
        std::ranges::copy(sample(some, i), sample(batch, samples[i]).begin());
}

}  // namespace pellucid
