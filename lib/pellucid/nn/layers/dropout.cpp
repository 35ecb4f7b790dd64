/// Dropout: while training, each element is dropped with probability `rate`; the identity in use.
///
/// Formula   y = m ⊙ x, m = 0 with probability rate, else 1/(1 − rate), drawn from Random(record.seed)
/// Shapes    any, unchanged
/// Records   saved: the mask m, while training
/// Cost      one random number per element forward, one product per element backward
/// Paper     Srivastava et al. 2014, JMLR 15
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/random.hpp"

#include <algorithm>

namespace pellucid {

Dropout::Dropout(float rate) : rate_(rate) {
    if (!(rate >= 0.0F && rate < 1.0F)) {
        fail(ErrorCode::bad_argument, "Dropout cannot drop a share of {}: it must be at least 0 and below 1", rate);
    }
}

void Dropout::forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const {
    const Tensor& x = *inputs[0];
    if (!record.training) {
        std::copy_n(x.data(), x.size(), output.data());
        return;
    }
    reshape_to(record.saved, x.shape());
    Random random(record.seed);
    const float kept = 1.0F / (1.0F - rate_);
    for (float& factor : elements(record.saved)) factor = random.uniform() < rate_ ? 0.0F : kept;
    simd::kernels().multiply(x.size(), x.data(), record.saved.data(), output.data());
}

void Dropout::input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const {
    if (gradients[0] == nullptr) return;
    if (step.record.training) {
        simd::kernels().multiply(incoming.size(), incoming.data(), step.record.saved.data(), gradients[0]->data());
    } else {
        std::copy_n(incoming.data(), incoming.size(), gradients[0]->data());
    }
}

}  // namespace pellucid
