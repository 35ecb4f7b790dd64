#include "oracle.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace pellucid::test {

namespace {

using Index = std::ptrdiff_t;

Index index(std::size_t value) { return static_cast<Index>(value); }

bool inside(const Array& x, Index row, Index column) {
    return row >= 0 && column >= 0 && row < index(x.shape[1]) && column < index(x.shape[2]);
}

/// Calls body(n, y, x, c) for every element of a shape.
template <typename Body>
void each(const Shape& shape, Body body) {
    for (std::size_t n = 0; n < shape[0]; ++n) {
        for (std::size_t y = 0; y < shape[1]; ++y) {
            for (std::size_t x = 0; x < shape[2]; ++x) {
                for (std::size_t c = 0; c < shape[3]; ++c) body(n, y, x, c);
            }
        }
    }
}

Array convolution(const Conv2d& layer, const Array& in, const Array& w, const Array& b) {
    const Padding p = layer.padding();
    const auto size = [](std::size_t length, std::size_t before, std::size_t after, std::size_t kernel,
                         std::size_t stride) { return (length + before + after - kernel + stride) / stride; };
    Array out({in.shape[0], size(in.shape[1], p.top, p.bottom, w.shape[0], layer.stride().h),
               size(in.shape[2], p.left, p.right, w.shape[1], layer.stride().w), w.shape[3]});
    each(out.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t o) {
        double sum = b.at(0, 0, 0, o);
        each({1, w.shape[0], w.shape[1], w.shape[2]}, [&](std::size_t, std::size_t ky, std::size_t kx, std::size_t i) {
            const Index row = index(y * layer.stride().h + ky) - index(p.top);
            const Index column = index(x * layer.stride().w + kx) - index(p.left);
            if (inside(in, row, column)) {
                sum +=
                    in.at(n, static_cast<std::size_t>(row), static_cast<std::size_t>(column), i) * w.at(ky, kx, i, o);
            }
        });
        out.at(n, y, x, o) = sum;
    });
    return out;
}

Array transposed_convolution(const ConvTranspose2d& layer, const Array& in, const Array& w, const Array& b) {
    const Padding p = layer.padding();
    const Stride s = layer.stride();
    Array out({in.shape[0], (in.shape[1] - 1) * s.h + w.shape[0] + layer.output_padding().h - p.top - p.bottom,
               (in.shape[2] - 1) * s.w + w.shape[1] + layer.output_padding().w - p.left - p.right, w.shape[3]});
    each(out.shape,
         [&](std::size_t n, std::size_t y, std::size_t x, std::size_t o) { out.at(n, y, x, o) = b.at(0, 0, 0, o); });
    each(in.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t i) {
        for (std::size_t ky = 0; ky < w.shape[0]; ++ky) {
            for (std::size_t kx = 0; kx < w.shape[1]; ++kx) {
                const Index row = index(y * s.h + ky) - index(p.top);
                const Index column = index(x * s.w + kx) - index(p.left);
                if (!inside(out, row, column)) continue;
                for (std::size_t o = 0; o < w.shape[3]; ++o) {
                    out.at(n, static_cast<std::size_t>(row), static_cast<std::size_t>(column), o) +=
                        in.at(n, y, x, i) * w.at(ky, kx, i, o);
                }
            }
        }
    });
    return out;
}

Array dense(const Array& in, const Array& w, const Array& b) {
    Array out({in.shape[0], 1, 1, w.shape[3]});
    each(out.shape, [&](std::size_t n, std::size_t, std::size_t, std::size_t o) {
        double sum = b.at(0, 0, 0, o);
        for (std::size_t i = 0; i < in.shape[3]; ++i) sum += in.at(n, 0, 0, i) * w.at(0, 0, i, o);
        out.at(n, 0, 0, o) = sum;
    });
    return out;
}

/// First pixels (padding counts from −before) of the windows along one axis.
std::vector<Index> window_starts(std::size_t size, std::size_t kernel, std::size_t stride, std::size_t before,
                                 std::size_t after, bool ceil) {
    std::vector<Index> starts;
    const Index end = index(size + after);
    for (Index start = -index(before);; start += index(stride)) {
        const bool whole = start + index(kernel) <= end;
        // ceil mode: one more, partial window if the last whole one left pixels over and this one begins on a pixel.
        const bool partial = ceil && start < index(size) && (starts.empty() || starts.back() + index(kernel) < end);
        if (!whole && !partial) return starts;
        starts.push_back(start);
    }
}

/// Calls body(y, x, first row, first column) for each window.
template <typename Body>
Array pool(const Window& window, const Array& in, Body body) {
    const Padding& p = window.padding;
    const auto rows = window_starts(in.shape[1], window.h, window.stride.h, p.top, p.bottom, window.ceil);
    const auto columns = window_starts(in.shape[2], window.w, window.stride.w, p.left, p.right, window.ceil);
    Array out({in.shape[0], rows.size(), columns.size(), in.shape[3]});
    each(out.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        out.at(n, y, x, c) = body(n, rows[y], columns[x], c);
    });
    return out;
}

Array max_pool(const Window& window, const Array& in) {
    return pool(window, in, [&](std::size_t n, Index top, Index left, std::size_t c) {
        double best = -std::numeric_limits<double>::infinity();
        for (Index row = top; row < top + index(window.h); ++row) {
            for (Index column = left; column < left + index(window.w); ++column) {
                if (!inside(in, row, column)) continue;
                best = std::max(best, in.at(n, static_cast<std::size_t>(row), static_cast<std::size_t>(column), c));
            }
        }
        return best;
    });
}

Array average_pool(const AveragePool2d& layer, const Array& in) {
    const Window& window = layer.window();
    return pool(window, in, [&](std::size_t n, Index top, Index left, std::size_t c) {
        double sum = 0.0;
        int real = 0;
        int padded = 0;
        for (Index row = top; row < top + index(window.h); ++row) {
            for (Index column = left; column < left + index(window.w); ++column) {
                if (row >= index(in.shape[1] + window.padding.bottom)) continue;
                if (column >= index(in.shape[2] + window.padding.right)) continue;
                ++padded;
                if (!inside(in, row, column)) continue;
                ++real;
                sum += in.at(n, static_cast<std::size_t>(row), static_cast<std::size_t>(column), c);
            }
        }
        return sum / (layer.count_padding() ? padded : real);
    });
}

Array global_average(const Array& in) {
    Array out({in.shape[0], 1, 1, in.shape[3]});
    each(in.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        out.at(n, 0, 0, c) += in.at(n, y, x, c) / static_cast<double>(in.shape[1] * in.shape[2]);
    });
    return out;
}

Array batch_norm(const BatchNorm& layer, const Array& in, const Array& scale, const Array& shift) {
    Array out(in.shape);
    const Array mean(layer.mean());
    const Array variance(layer.variance());
    each(in.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        out.at(n, y, x, c) = scale.data[c] * (in.at(n, y, x, c) - mean.data[c]) /
                                 std::sqrt(variance.data[c] + static_cast<double>(layer.epsilon())) +
                             shift.data[c];
    });
    return out;
}

Array softmax_of(const Array& in) {
    Array out(in.shape);
    each(in.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        double sum = 0.0;
        for (std::size_t k = 0; k < in.shape[3]; ++k) sum += std::exp(in.at(n, y, x, k) - in.at(n, y, x, c));
        out.at(n, y, x, c) = 1.0 / sum;
    });
    return out;
}

double activated(const Activation& layer, double x) {
    const double a = layer.a(), b = layer.b();
    switch (layer.function()) {
        case Activation::Function::relu: return x > 0.0 ? x : 0.0;
        case Activation::Function::leaky_relu: return x > 0.0 ? x : static_cast<double>(layer.slope()) * x;
        case Activation::Function::sigmoid: return 1.0 / (1.0 + std::exp(-x));
        case Activation::Function::tanh: return std::tanh(x);
        case Activation::Function::clip: return x < a ? a : x > b ? b : x;
        case Activation::Function::elu: return x < 0.0 ? a * (std::exp(x) - 1.0) : x;
        case Activation::Function::celu: return std::max(0.0, x) + std::min(0.0, a * (std::exp(x / a) - 1.0));
        case Activation::Function::selu: return b * (std::max(0.0, x) + std::min(0.0, a * (std::exp(x) - 1.0)));
        case Activation::Function::softplus: return std::log(1.0 + std::exp(x));
        case Activation::Function::softsign: return x / (1.0 + std::abs(x));
        case Activation::Function::hard_sigmoid: return std::clamp(a * x + b, 0.0, 1.0);
        case Activation::Function::hard_swish: return x * std::clamp(x + 3.0, 0.0, 6.0) / 6.0;
        case Activation::Function::swish: return x / (1.0 + std::exp(-x));
        case Activation::Function::gelu: return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
        case Activation::Function::gelu_tanh:
            return x / (1.0 + std::exp(-2.0 * std::sqrt(2.0 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
        case Activation::Function::mish: return x * std::tanh(std::log(1.0 + std::exp(x)));
        case Activation::Function::erf: return std::erf(x);
    }
    throw std::logic_error("unknown activation");
}

Array resize(const Resize& layer, const Array& in) {
    const auto length = [](std::size_t size, float scale) {
        return static_cast<std::size_t>(std::floor(static_cast<double>(static_cast<float>(size) * scale)));
    };
    Array out({in.shape[0], length(in.shape[1], layer.scale_h()), length(in.shape[2], layer.scale_w()), in.shape[3]});
    // Weight of input pixel `from` in output pixel `to`: a hat function, held constant beyond the border.
    const auto weight = [&](std::size_t from, std::size_t to, double scale, std::size_t size) {
        const auto last = static_cast<double>(size - 1);
        const auto pixel = static_cast<double>(from);
        const auto place = static_cast<double>(to);
        if (layer.mode() == Resize::Mode::nearest)
            return std::min(std::floor(place / scale), last) == pixel ? 1.0 : 0.0;
        const double at = std::clamp((place + 0.5) / scale - 0.5, 0.0, last);
        return std::max(0.0, 1.0 - std::abs(at - pixel));
    };
    each(out.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        for (std::size_t row = 0; row < in.shape[1]; ++row) {
            for (std::size_t column = 0; column < in.shape[2]; ++column) {
                out.at(n, y, x, c) += weight(row, y, static_cast<double>(layer.scale_h()), in.shape[1]) *
                                      weight(column, x, static_cast<double>(layer.scale_w()), in.shape[2]) *
                                      in.at(n, row, column, c);
            }
        }
    });
    return out;
}

Array padded(const Pad& layer, const Array& in) {
    const Padding p = layer.padding();
    Array out({in.shape[0], p.top + in.shape[1] + p.bottom, p.left + in.shape[2] + p.right, in.shape[3]});
    // The place that a pixel outside of the image shows: walked inwards until it is inside.
    const auto place = [&](std::size_t at, std::size_t before, std::size_t size) {
        Index i = index(at) - index(before);
        if (layer.mode() == Pad::Mode::edge) return std::max<Index>(0, std::min(i, index(size) - 1));
        if (layer.mode() == Pad::Mode::reflect) i = i < 0 ? -i : i >= index(size) ? 2 * (index(size) - 1) - i : i;
        return i;
    };
    each(out.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        const Index row = place(y, p.top, in.shape[1]), column = place(x, p.left, in.shape[2]);
        if (inside(in, row, column))
            out.at(n, y, x, c) = in.at(n, static_cast<std::size_t>(row), static_cast<std::size_t>(column), c);
    });
    return out;
}

Array side_by_side(const Array& a, const Array& b) {
    Array out({a.shape[0], a.shape[1], a.shape[2], a.shape[3] + b.shape[3]});
    each(out.shape, [&](std::size_t n, std::size_t y, std::size_t x, std::size_t c) {
        out.at(n, y, x, c) = c < a.shape[3] ? a.at(n, y, x, c) : b.at(n, y, x, c - a.shape[3]);
    });
    return out;
}

Array mapped(const Affine& layer, const Array& in) {
    const auto [factor, offset] = layer.affine();
    Array out = in;
    for (std::size_t i = 0; i < out.data.size(); ++i)
        out.data[i] = factor[i % factor.size()] * in.data[i] + offset[i % factor.size()];
    return out;
}

Array dropped(const Array& in, const Record& record) {
    Array out = in;
    if (record.training) {
        for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] *= static_cast<double>(record.saved.data()[i]);
    }
    return out;
}

double error_of(const Tensor& a, const std::function<double(std::size_t)>& b) {
    double scale = 1e-3;
    double worst = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double difference = std::abs(static_cast<double>(a.data()[i]) - b(i));
        if (!(difference <= std::numeric_limits<double>::max())) return std::numeric_limits<double>::infinity();
        worst = std::max(worst, difference);
        scale = std::max(scale, std::abs(b(i)));
    }
    return worst / scale;
}

}  // namespace

std::vector<Array> parameters_of(Layer& layer) {
    std::vector<Array> arrays;
    for (const Parameter& parameter : layer.parameters()) arrays.emplace_back(*parameter.value);
    return arrays;
}

Array reference_forward(const Layer& layer, const std::vector<Array>& inputs, const std::vector<Array>& parameters,
                        const Record& record) {
    const Array& in = inputs.at(0);
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer))
        return convolution(*conv, in, parameters[0], parameters[1]);
    if (const auto* conv = dynamic_cast<const ConvTranspose2d*>(&layer)) {
        return transposed_convolution(*conv, in, parameters[0], parameters[1]);
    }
    if (dynamic_cast<const Dense*>(&layer) != nullptr) return dense(in, parameters[0], parameters[1]);
    if (const auto* pooling = dynamic_cast<const MaxPool2d*>(&layer)) return max_pool(pooling->window(), in);
    if (const auto* pooling = dynamic_cast<const AveragePool2d*>(&layer)) return average_pool(*pooling, in);
    if (dynamic_cast<const GlobalAveragePool*>(&layer) != nullptr) return global_average(in);
    if (const auto* norm = dynamic_cast<const BatchNorm*>(&layer))
        return batch_norm(*norm, in, parameters[0], parameters[1]);
    if (dynamic_cast<const Softmax*>(&layer) != nullptr) return softmax_of(in);
    if (dynamic_cast<const LogSoftmax*>(&layer) != nullptr) {
        Array out = softmax_of(in);
        for (double& value : out.data) value = std::log(value);
        return out;
    }
    if (dynamic_cast<const Dropout*>(&layer) != nullptr) return dropped(in, record);
    if (const auto* resizing = dynamic_cast<const Resize*>(&layer)) return resize(*resizing, in);
    if (const auto* pad = dynamic_cast<const Pad*>(&layer)) return padded(*pad, in);
    if (const auto* map = dynamic_cast<const Affine*>(&layer)) return mapped(*map, in);
    if (dynamic_cast<const Concat*>(&layer) != nullptr) return side_by_side(in, inputs.at(1));
    Array out = in;
    if (const auto* activation = dynamic_cast<const Activation*>(&layer)) {
        for (double& value : out.data) value = activated(*activation, value);
    } else if (dynamic_cast<const Add*>(&layer) != nullptr) {
        for (std::size_t i = 0; i < out.data.size(); ++i) out.data[i] += inputs.at(1).data[i];
    } else if (dynamic_cast<const Flatten*>(&layer) != nullptr) {
        out.shape = {in.shape[0], 1, 1, sample_size(in.shape)};
    } else {
        throw std::logic_error("the reference does not know " + std::string(layer.op()));
    }
    return out;
}

std::vector<Array> reference_forward(const Network& network, const Array& input) {
    std::vector<Array> values{input};
    for (const Node& node : network.nodes()) {
        std::vector<Array> inputs;
        for (const ValueId value : node.inputs) inputs.push_back(values[value]);
        values.push_back(reference_forward(*node.layer, inputs, parameters_of(*node.layer)));
    }
    return values;
}

double dot(const Array& a, const Array& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.data.size(); ++i) sum += a.data[i] * b.data[i];
    return sum;
}

double dot(const Tensor& a, const Tensor& b) { return dot(Array(a), Array(b)); }

Array numeric_gradient(const std::function<double()>& function, Array& variable, double step) {
    Array gradient(variable.shape);
    for (std::size_t i = 0; i < variable.data.size(); ++i) {
        const double value = variable.data[i];
        variable.data[i] = value + step;
        const double above = function();
        variable.data[i] = value - step;
        const double below = function();
        variable.data[i] = value;
        gradient.data[i] = (above - below) / (2.0 * step);
    }
    return gradient;
}

double relative_error(const Tensor& a, const Array& b) {
    if (a.shape() != b.shape) return std::numeric_limits<double>::infinity();
    return error_of(a, [&](std::size_t i) { return b.data[i]; });
}

double relative_error(const Tensor& a, const Tensor& b) { return relative_error(a, Array(b)); }

}  // namespace pellucid::test
