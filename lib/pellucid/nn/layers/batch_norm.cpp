/// Batch normalisation by stored statistics: an affine map per channel, in training as in use.
///
/// Formula   y = scale·(x − mean)/√(variance + epsilon) + shift
/// Shapes    x, y (N, h, w, C); scale, shift, mean, variance (1, 1, 1, C)
/// Cost      one multiply-add per element, forward and backward
/// Paper     Ioffe and Szegedy 2015, arXiv 1502.03167
/// Deviates  batch statistics are never estimated, nor used while training
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/work.hpp"

#include <cmath>

namespace pellucid {

namespace {

double inverse_deviation(float variance, float epsilon) {
    return 1.0 / std::sqrt(static_cast<double>(variance) + static_cast<double>(epsilon));
}

}  // namespace

BatchNorm::BatchNorm(Tensor scale, Tensor shift, Tensor mean, Tensor variance, float epsilon)
    : scale_(std::move(scale)),
      shift_(std::move(shift)),
      mean_(std::move(mean)),
      variance_(std::move(variance)),
      epsilon_(epsilon) {
    const Shape shape{1, 1, 1, scale_.shape()[3]};
    for (const Tensor* array : {&scale_, &shift_, &mean_, &variance_}) {
        if (array->shape() != shape || array->size() == 0) {
            fail(ErrorCode::bad_shape, "an array of shape {} does not fit a BatchNorm of {} channels: {} would",
                 to_string(array->shape()), shape[3], to_string(shape));
        }
    }
    for (const float variance_of_channel : elements(variance_)) {
        if (!(variance_of_channel + epsilon_ > 0.0F)) {
            fail(ErrorCode::bad_argument, "BatchNorm cannot divide by √({} + {}): variance + epsilon must be above 0",
                 variance_of_channel, epsilon_);
        }
    }
    BatchNorm::refresh();
}

void BatchNorm::refresh() { refresh_map(); }

Shape BatchNorm::output_shape(std::span<const Shape> inputs) const { return same_channels("a BatchNorm", inputs[0]); }

std::pair<std::vector<double>, std::vector<double>> BatchNorm::affine() const {
    const std::size_t channels = scale_.size();
    std::pair map{std::vector<double>(channels), std::vector<double>(channels)};
    for (std::size_t c = 0; c < channels; ++c) {
        const double factor = scale_.data()[c] * inverse_deviation(variance_.data()[c], epsilon_);
        map.first[c] = factor;
        map.second[c] = shift_.data()[c] - factor * mean_.data()[c];
    }
    return map;
}

void BatchNorm::parameter_gradients(const Step& step, const Tensor& incoming, std::span<Tensor> gradients) const {
    const std::size_t channels = scale_.size();
    const float* x = step.input().data();
    const float* g = incoming.data();
    std::vector<double> shift_sum(channels, 0.0);
    std::vector<double> product_sum(channels, 0.0);
    for (std::size_t i = 0; i < incoming.size(); i += channels) {
        for (std::size_t c = 0; c < channels; ++c) {
            shift_sum[c] += g[i + c];
            product_sum[c] += static_cast<double>(g[i + c]) * (x[i + c] - mean_.data()[c]);
        }
    }
    for (std::size_t c = 0; c < channels; ++c) {
        gradients[0].data()[c] += static_cast<float>(product_sum[c] * inverse_deviation(variance_.data()[c], epsilon_));
        gradients[1].data()[c] += static_cast<float>(shift_sum[c]);
    }
}

}  // namespace pellucid
