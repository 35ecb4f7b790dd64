#include "pellucid/optimise/loss.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace pellucid::optimise {

LossSum sum_over_rows(const Tensor& logits, std::span<const std::uint8_t> labels, Tensor& gradient, RowLoss row_loss) {
    const std::size_t samples = logits.shape()[0];
    const std::size_t classes = sample_size(logits);
    if (labels.size() != samples) {
        fail(ErrorCode::bad_shape, "{} labels were given for {} rows of logits", labels.size(), samples);
    }
    reshape_to(gradient, logits.shape());
    LossSum sum;
    for (std::size_t n = 0; n < samples; ++n) {
        const std::size_t label = labels[n];
        if (label >= classes) {
            fail(ErrorCode::bad_argument, "label {} of sample {} is not one of the {} classes 0 to {}", label, n,
                 classes, classes - 1);
        }
        const std::span<const float> z = sample(logits, n);
        row_loss(z, label, sum.loss, sample(gradient, n));
        const auto largest = std::max_element(z.begin(), z.end());
        sum.correct += static_cast<std::size_t>(largest - z.begin()) == label ? 1 : 0;
    }
    return sum;
}

LossSum cross_entropy(const Tensor& logits, std::span<const std::uint8_t> labels, float smoothing, float scale,
                      Tensor& gradient) {
    const std::size_t classes = sample_size(logits);
    std::vector<double> log_p(classes);
    const double rest = static_cast<double>(smoothing) / static_cast<double>(classes);
    const auto row_loss = [&](std::span<const float> z, std::size_t label, double& loss, std::span<float> g) {
        log_softmax(z, std::span<double>(log_p));
        for (std::size_t c = 0; c < classes; ++c) {
            const double target = rest + (c == label ? 1.0 - smoothing : 0.0);
            loss -= target * log_p[c];
            g[c] = scale * static_cast<float>(std::exp(log_p[c]) - target);
        }
    };
    return sum_over_rows(logits, labels, gradient, row_loss);
}

}  // namespace pellucid::optimise
