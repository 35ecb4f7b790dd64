#include "support/oracle_gradient.hpp"

#include <cmath>
#include <stdexcept>

namespace pellucid::test {

namespace {

/// Calls body(n, input pixel (y, x), output pixel (y, x), kernel (y, x)) for every pair of pixels that a convolution of
/// a large image to a small one connects.
template <typename Body>
void each_connection(const Shape& large, const Shape& small, const Shape& weight, Stride stride, Padding padding,
                     Body body) {
    for (std::size_t n = 0; n < large[0]; ++n) {
        for (std::size_t y = 0; y < small[1]; ++y) {
            for (std::size_t x = 0; x < small[2]; ++x) {
                for (std::size_t ky = 0; ky < weight[0]; ++ky) {
                    for (std::size_t kx = 0; kx < weight[1]; ++kx) {
                        // Before the image these are huge.
                        const std::size_t row = y * stride.h + ky - padding.top;
                        const std::size_t column = x * stride.w + kx - padding.left;
                        if (row < large[1] && column < large[2]) body(n, row, column, y, x, ky, kx);
                    }
                }
            }
        }
    }
}

Array sum_of_rows(const Array& incoming) {
    Array sum({1, 1, 1, incoming.shape[3]});
    for (std::size_t i = 0; i < incoming.data.size(); ++i) sum.data[i % incoming.shape[3]] += incoming.data[i];
    return sum;
}

/// z += x·w for one connection, taken back: `from`·w to `to`, and both to w's gradient.
LayerGradients weighted(const WeightedLayer& layer, const Array& in, const Array& incoming) {
    const Array w(layer.weight());
    LayerGradients result{{Array(in.shape)}, {Array(w.shape), sum_of_rows(incoming)}};
    const auto connect = [&](std::size_t n, std::size_t iy, std::size_t ix, std::size_t oy, std::size_t ox,
                             std::size_t ky, std::size_t kx) {
        for (std::size_t i = 0; i < in.shape[3]; ++i) {
            for (std::size_t o = 0; o < incoming.shape[3]; ++o) {
                const double g = incoming.at(n, oy, ox, o);
                result.inputs[0].at(n, iy, ix, i) += g * w.at(ky, kx, i, o);
                result.parameters[0].at(ky, kx, i, o) += g * in.at(n, iy, ix, i);
            }
        }
    };
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        each_connection(in.shape, incoming.shape, w.shape, conv->stride(), conv->padding(), connect);
    } else if (const auto* deconv = dynamic_cast<const ConvTranspose2d*>(&layer)) {
        each_connection(incoming.shape, in.shape, w.shape, deconv->stride(), deconv->padding(),
                        [&](std::size_t n, std::size_t oy, std::size_t ox, std::size_t iy, std::size_t ix,
                            std::size_t ky, std::size_t kx) { connect(n, iy, ix, oy, ox, ky, kx); });
    } else {
        for (std::size_t n = 0; n < in.shape[0]; ++n) connect(n, 0, 0, 0, 0, 0, 0);
    }
    return result;
}

/// Every output goes to the first of its window's largest.
Array max_pool(const Window& window, const Array& in, const Array& incoming) {
    Array result(in.shape);
    for (std::size_t n = 0; n < in.shape[0]; ++n) {
        for (std::size_t y = 0; y < incoming.shape[1]; ++y) {
            for (std::size_t x = 0; x < incoming.shape[2]; ++x) {
                for (std::size_t c = 0; c < in.shape[3]; ++c) {
                    double* winner = nullptr;
                    double best = 0;
                    for (std::size_t ky = 0; ky < window.h; ++ky) {
                        for (std::size_t kx = 0; kx < window.w; ++kx) {
                            const std::size_t row = y * window.stride.h + ky - window.padding.top;
                            const std::size_t column = x * window.stride.w + kx - window.padding.left;
                            if (row >= in.shape[1] || column >= in.shape[2]) continue;
                            if (winner != nullptr && in.at(n, row, column, c) <= best) continue;
                            winner = &result.at(n, row, column, c);
                            best = in.at(n, row, column, c);
                        }
                    }
                    *winner += incoming.at(n, y, x, c);
                }
            }
        }
    }
    return result;
}

/// A linear layer that does the same to every channel of every sample: by what it makes of unit images.
Array by_unit_images(const Layer& layer, const Array& in, const Array& incoming) {
    Array result(in.shape);
    Array unit({1, in.shape[1], in.shape[2], 1});
    for (std::size_t y = 0; y < in.shape[1]; ++y) {
        for (std::size_t x = 0; x < in.shape[2]; ++x) {
            unit.at(0, y, x, 0) = 1;
            const Array column = reference_forward(layer, {unit}, {});
            unit.at(0, y, x, 0) = 0;
            for (std::size_t k = 0; k < column.data.size(); ++k) {
                if (column.data[k] == 0) continue;
                for (std::size_t n = 0; n < in.shape[0]; ++n) {
                    for (std::size_t c = 0; c < in.shape[3]; ++c) {
                        result.at(n, y, x, c) +=
                            column.data[k] * incoming.data[(n * column.data.size() + k) * in.shape[3] + c];
                    }
                }
            }
        }
    }
    return result;
}

LayerGradients batch_norm(const BatchNorm& layer, const Array& in, const Array& incoming) {
    const Shape channels{1, 1, 1, in.shape[3]};
    LayerGradients result{{Array(in.shape)}, {Array(channels), sum_of_rows(incoming)}};
    const Array scale(layer.scale()), mean(layer.mean()), variance(layer.variance());
    for (std::size_t i = 0; i < in.data.size(); ++i) {
        const std::size_t c = i % in.shape[3];
        const double deviation = std::sqrt(variance.data[c] + static_cast<double>(layer.epsilon()));
        result.inputs[0].data[i] = incoming.data[i] * scale.data[c] / deviation;
        result.parameters[0].data[c] += incoming.data[i] * (in.data[i] - mean.data[c]) / deviation;
    }
    return result;
}

double slope(const Activation& layer, double x) {
    switch (layer.function()) {
        case Activation::Function::relu: return x > 0 ? 1 : 0;
        case Activation::Function::leaky_relu: return x > 0 ? 1 : static_cast<double>(layer.slope());
        case Activation::Function::sigmoid: return 1 / (2 + std::exp(x) + std::exp(-x));
        case Activation::Function::tanh: return 1 - std::tanh(x) * std::tanh(x);
        default: throw std::logic_error("the reference does not know the gradient of " + std::string(layer.op()));
    }
}

Array softmax_gradient(const Array& out, const Array& incoming) {
    Array result(out.shape);
    const std::size_t channels = out.shape[3];
    for (std::size_t first = 0; first < out.data.size(); first += channels) {
        double mean = 0;
        for (std::size_t c = 0; c < channels; ++c) mean += out.data[first + c] * incoming.data[first + c];
        for (std::size_t c = 0; c < channels; ++c) {
            result.data[first + c] = out.data[first + c] * (incoming.data[first + c] - mean);
        }
    }
    return result;
}

}  // namespace

LayerGradients reference_gradients(Layer& layer, const std::vector<Array>& inputs, const Array& incoming) {
    const Array& in = inputs[0];
    if (const auto* one = dynamic_cast<const WeightedLayer*>(&layer)) return weighted(*one, in, incoming);
    if (const auto* norm = dynamic_cast<const BatchNorm*>(&layer)) return batch_norm(*norm, in, incoming);
    if (const auto* pool = dynamic_cast<const MaxPool2d*>(&layer)) {
        return {{max_pool(pool->window(), in, incoming)}, {}};
    }
    switch (layer.kind()) {
        case Kind::average_pool:
        case Kind::resample: return {{by_unit_images(layer, in, incoming)}, {}};
        case Kind::softmax: return {{softmax_gradient(reference_forward(layer, {in}, {}), incoming)}, {}};
        case Kind::add: return {{incoming, incoming}, {}};
        default: break;
    }
    Array result = incoming;
    result.shape = in.shape;
    if (const auto* activation = dynamic_cast<const Activation*>(&layer)) {
        for (std::size_t i = 0; i < in.data.size(); ++i) result.data[i] *= slope(*activation, in.data[i]);
    }
    return {{result}, {}};
}

}  // namespace pellucid::test
