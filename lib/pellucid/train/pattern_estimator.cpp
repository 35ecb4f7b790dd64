#include "pellucid/train/pattern_estimator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/patterns.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>

namespace pellucid::train {

namespace {

/// Positions of a layer's input and output that one tap of its kernel connects.
struct Pair {
    std::size_t in, out;
};

/// Rows (or columns) that tap `tap` connects: place = step·stride + tap − before, for steps of the coarse side.
std::vector<Pair> along(std::size_t tap, std::size_t stride, std::size_t before, std::size_t coarse, std::size_t fine,
                        bool down) {
    std::vector<Pair> pairs;
    for (std::size_t step = 0; step < coarse; ++step) {
        const std::size_t place = step * stride + tap;
        if (place < before || place - before >= fine) continue;
        pairs.push_back(down ? Pair{place - before, step} : Pair{step, place - before});
    }
    return pairs;
}

struct Geometry {
    Stride stride{1, 1};
    Padding padding{};
    bool down = true;  ///< the output is the coarse side (Conv, Gemm), not the input (ConvTranspose)
};

Geometry geometry_of(const Layer& layer) {
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) return {conv->stride(), conv->padding(), true};
    if (const auto* conv = dynamic_cast<const ConvTranspose2d*>(&layer))
        return {conv->stride(), conv->padding(), false};
    return {};
}

/// Every pair of positions (row·width + column) of tap (ky, kx).
std::vector<Pair> pairs_of(const Geometry& g, std::size_t ky, std::size_t kx, const Shape& in, const Shape& out) {
    const Shape& coarse = g.down ? out : in;
    const Shape& fine = g.down ? in : out;
    const std::vector<Pair> columns = along(kx, g.stride.w, g.padding.left, coarse[2], fine[2], g.down);
    std::vector<Pair> pairs;
    for (const Pair& row : along(ky, g.stride.h, g.padding.top, coarse[1], fine[1], g.down)) {
        for (const Pair& column : columns) pairs.push_back({row.in * in[2] + column.in, row.out * out[2] + column.out});
    }
    return pairs;
}

}  // namespace

const char* to_string(PatternKind kind) noexcept { return kind == PatternKind::relu ? "relu" : "linear"; }

PatternEstimator::PatternEstimator(const Network& network, PatternKind kind) : network_(network), kind_(kind) {
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        if (dynamic_cast<const BatchNorm*>(node.layer.get()) != nullptr) {
            fail(ErrorCode::unsupported, "patterns are those of weights: the BatchNorm '{}' must be merged first",
                 node.name);
        }
        const auto* layer = dynamic_cast<const WeightedLayer*>(node.layer.get());
        if (layer == nullptr) continue;
        const std::size_t outputs = layer->weight().shape()[3];
        const std::vector<double> per_weight(layer->weight().size(), 0.0), per_output(outputs, 0.0);
        sums_.push_back({i, per_weight, per_weight, per_output, per_output, 0});
    }
}

void PatternEstimator::add(const Tensor& batch) {
    network_.forward(batch, trace_);
    for (Sums& sums : sums_) add_layer(sums);
    samples_ += batch.shape()[0];
}

void PatternEstimator::add_layer(Sums& sums) {
    const Node& node = network_.nodes()[sums.node];
    const auto& layer = dynamic_cast<const WeightedLayer&>(*node.layer);
    const Tensor& x = trace_.values[node.inputs.front()];
    const Tensor& z = trace_.values[sums.node + 1];
    const auto [kernel_h, kernel_w, inputs, outputs] = layer.weight().shape();

    // What E₊ takes of every output: 1 and y, or 0 and 0.
    std::vector<double> mask(z.size()), masked(z.size());
    for (std::size_t i = 0; i < z.size(); ++i) {
        const std::size_t o = i % outputs;
        const double y = static_cast<double>(z.data()[i]) - static_cast<double>(layer.bias().data()[o]);
        const bool taken = kind_ == PatternKind::linear || z.data()[i] > 0.0F;
        mask[i] = taken ? 1.0 : 0.0;
        masked[i] = taken ? y : 0.0;
        sums.taken[o] += mask[i];
        sums.y[o] += y;
    }
    sums.seen += static_cast<double>(z.size() / outputs);

    const Geometry geometry = geometry_of(layer);
    const std::size_t positions_in = x.shape()[1] * x.shape()[2], positions_out = z.shape()[1] * z.shape()[2];
    // Each task has weights of its own to sum for, in a fixed order: the same sums for any number of threads.
    parallel_for(kernel_h * kernel_w * inputs, 1, [&](std::size_t first, std::size_t last) {
        std::size_t tap = kernel_h * kernel_w;
        std::vector<Pair> pairs;
        for (std::size_t k = first; k < last; ++k) {
            if (k / inputs != tap) {
                tap = k / inputs;
                pairs = pairs_of(geometry, tap / kernel_w, tap % kernel_w, x.shape(), z.shape());
            }
            double* to_xy = sums.xy.data() + k * outputs;
            double* to_x = sums.x.data() + k * outputs;
            for (std::size_t n = 0; n < x.shape()[0]; ++n) {
                for (const Pair& pair : pairs) {
                    const double value = x.data()[(n * positions_in + pair.in) * inputs + k % inputs];
                    if (value == 0.0) continue;
                    const double* y = masked.data() + (n * positions_out + pair.out) * outputs;
                    const double* m = mask.data() + (n * positions_out + pair.out) * outputs;
                    for (std::size_t o = 0; o < outputs; ++o) {
                        to_xy[o] += value * y[o];
                        to_x[o] += value * m[o];
                    }
                }
            }
        }
    });
}

Network PatternEstimator::patterns() const {
    if (samples_ == 0) fail(ErrorCode::bad_argument, "patterns are estimated from data, and none were given");
    Network result = network_;
    for (const Sums& sums : sums_) {
        auto& layer = dynamic_cast<WeightedLayer&>(result.layer(sums.node));
        const std::size_t outputs = sums.taken.size(), weights = sums.xy.size() / outputs;
        std::vector<double> covariance(sums.xy.size(), 0.0), along_weights(outputs, 0.0);
        for (std::size_t k = 0; k < weights; ++k) {
            for (std::size_t o = 0; o < outputs; ++o) {
                if (sums.taken[o] == 0) continue;
                const std::size_t at = k * outputs + o;
                covariance[at] = sums.xy[at] / sums.taken[o] - sums.x[at] / sums.taken[o] * sums.y[o] / sums.seen;
                along_weights[o] += covariance[at] * static_cast<double>(layer.weight().data()[at]);
            }
        }
        Tensor pattern(layer.weight().shape());
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            const double length = along_weights[at % outputs];
            pattern.data()[at] = length == 0 ? 0.0F : static_cast<float>(covariance[at] / length);
        }
        layer.keep_connected(pattern);
        layer.set_weights(std::move(pattern), zeros(layer.bias().shape()));
    }
    result.metadata = {{"title", "patterns"},
                       {estimator_key, to_string(kind_)},
                       {patterns_of_key, fingerprint(network_)},
                       {"samples", std::to_string(samples_)}};
    return result;
}

}  // namespace pellucid::train
