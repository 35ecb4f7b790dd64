/// The estimator against its definition over dense matrices, sample by sample in double.
#include "pellucid/train/pattern_estimator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/patterns.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using train::PatternEstimator;
using train::PatternKind;

namespace {

/// What output (y, x) of a convolution sees: (ky, kx, i), zeros beyond the border.
std::vector<double> seen_by(const Conv2d& layer, const Tensor& x, std::size_t n, std::size_t oy, std::size_t ox) {
    const auto [kernel_h, kernel_w, inputs, outputs] = layer.weight().shape();
    std::vector<double> patch;
    for (std::size_t ky = 0; ky < kernel_h; ++ky) {
        for (std::size_t kx = 0; kx < kernel_w; ++kx) {
            const std::size_t y = oy * layer.stride().h + ky, column = ox * layer.stride().w + kx;
            for (std::size_t i = 0; i < inputs; ++i) {
                const bool inside = y >= layer.padding().top && y - layer.padding().top < x.shape()[1] &&
                                    column >= layer.padding().left && column - layer.padding().left < x.shape()[2];
                patch.push_back(
                    inside ? static_cast<double>(x(n, y - layer.padding().top, column - layer.padding().left, i))
                           : 0.0);
            }
        }
    }
    return patch;
}

/// The pattern of output o from all samples (rows of `seen`).
std::vector<double> pattern_of(const std::vector<std::vector<double>>& seen, const WeightedLayer& layer, std::size_t o,
                               PatternKind kind) {
    const std::size_t weights = seen.front().size(), outputs = layer.weight().shape()[3];
    std::vector<double> xy(weights, 0.0), x(weights, 0.0);
    double mean_y = 0, taken = 0;
    for (const auto& sample_seen : seen) {
        double y = 0;
        for (std::size_t k = 0; k < weights; ++k)
            y += sample_seen[k] * static_cast<double>(layer.weight().data()[k * outputs + o]);
        mean_y += y / static_cast<double>(seen.size());
        if (kind == PatternKind::relu && y + static_cast<double>(layer.bias().data()[o]) <= 0) continue;
        taken += 1;
        for (std::size_t k = 0; k < weights; ++k) {
            xy[k] += sample_seen[k] * y;
            x[k] += sample_seen[k];
        }
    }
    double length = 0;
    for (std::size_t k = 0; k < weights && taken > 0; ++k) {
        xy[k] = xy[k] / taken - x[k] / taken * mean_y;
        length += xy[k] * static_cast<double>(layer.weight().data()[k * outputs + o]);
    }
    for (double& v : xy) v = length == 0 ? 0.0 : v / length;
    return xy;
}

void check_pattern(const std::vector<std::vector<double>>& seen, const WeightedLayer& layer, const Tensor& pattern,
                   PatternKind kind) {
    const std::size_t outputs = layer.weight().shape()[3];
    for (std::size_t o = 0; o < outputs; ++o) {
        const std::vector<double> wanted = pattern_of(seen, layer, o, kind);
        double largest = 0;
        for (const double v : wanted) largest = std::max(largest, std::abs(v));
        for (std::size_t k = 0; k < wanted.size(); ++k) {
            CHECK(std::abs(wanted[k] - static_cast<double>(pattern.data()[k * outputs + o])) <= 1e-4 * largest);
        }
    }
}

const WeightedLayer& weighted(const Network& network, std::size_t node) {
    return dynamic_cast<const WeightedLayer&>(*network.nodes()[node].layer);
}

}  // namespace

TEST_CASE("pattern estimator: convolutions with stride and padding, dense layers, both estimators") {
    Random random(31);
    Network network({1, 5, 6, 2});
    network.add("conv", std::make_unique<Conv2d>(test::random_tensor({3, 2, 2, 4}, random, 0.5F),
                                                 test::random_tensor({1, 1, 1, 4}, random, 0.3F), Stride{2, 1},
                                                 Padding{1, 1, 0, 0}));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense",
                std::make_unique<Dense>(test::random_tensor({1, 1, sample_size(network.shape(3)), 5}, random, 0.4F),
                                        test::random_tensor({1, 1, 1, 5}, random, 0.3F)));
    const Tensor data = test::random_tensor({40, 5, 6, 2}, random);
    Trace trace;
    network.forward(data, trace);
    for (const PatternKind kind : {PatternKind::relu, PatternKind::linear}) {
        PatternEstimator estimator(network, kind);
        for (std::size_t first = 0; first < 40; first += 8) estimator.add(batch_slice(data, first, 8));
        CHECK(estimator.samples() == 40);
        const Network patterns = estimator.patterns();
        CHECK(patterns.metadata.at(estimator_key) == to_string(kind));
        CHECK(patterns.metadata.at(patterns_of_key) == fingerprint(network));

        std::vector<std::vector<double>> seen;
        const auto& conv = dynamic_cast<const Conv2d&>(*network.nodes()[0].layer);
        for (std::size_t n = 0; n < 40; ++n) {
            for (std::size_t y = 0; y < network.shape(1)[1]; ++y) {
                for (std::size_t x = 0; x < network.shape(1)[2]; ++x) seen.push_back(seen_by(conv, data, n, y, x));
            }
        }
        check_pattern(seen, conv, weighted(patterns, 0).weight(), kind);
        seen.clear();
        for (std::size_t n = 0; n < 40; ++n) {
            const auto row = sample(trace.values[3], n);
            seen.emplace_back(row.begin(), row.end());
        }
        check_pattern(seen, weighted(network, 3), weighted(patterns, 3).weight(), kind);
    }
}

TEST_CASE("pattern estimator: w·a = 1, whatever the network; units that are never on get nothing") {
    for (std::uint32_t seed = 0; seed < 10; ++seed) {
        const Network network = merge_batch_norm(test::random_network(seed));
        PatternEstimator estimator(network, PatternKind::relu);
        CHECK_THROWS_WITH_AS(estimator.patterns(), doctest::Contains("none were given"), Error);
        estimator.add(test::random_batch(network, 30, seed));
        const Network patterns = estimator.patterns();
        for (std::size_t i = 0; i < network.nodes().size(); ++i) {
            if (dynamic_cast<const WeightedLayer*>(network.nodes()[i].layer.get()) == nullptr) continue;
            const Tensor& w = weighted(network, i).weight();
            const Tensor& a = weighted(patterns, i).weight();
            const std::size_t outputs = w.shape()[3];
            for (std::size_t o = 0; o < outputs; ++o) {
                double along = 0, size = 0, terms = 0;
                for (std::size_t at = o; at < w.size(); at += outputs) {
                    along += static_cast<double>(w.data()[at]) * static_cast<double>(a.data()[at]);
                    terms += std::abs(static_cast<double>(w.data()[at]) * static_cast<double>(a.data()[at]));
                    size += std::abs(static_cast<double>(a.data()[at]));
                }
                if (size == 0) continue;
                CHECK(std::abs(along - 1) <= 1e-5 * (1 + terms));
            }
            for (const float b : elements(weighted(patterns, i).bias())) CHECK(b == 0.0F);
        }
    }
    Network dead({1, 2, 2, 1});
    dead.add("conv", std::make_unique<Conv2d>(filled({1, 1, 1, 1}, 1.0F), filled({1, 1, 1, 1}, -9.0F)));
    PatternEstimator estimator(dead, PatternKind::relu);
    estimator.add(filled({3, 2, 2, 1}, 1.0F));
    CHECK(weighted(estimator.patterns(), 0).weight().data()[0] == 0.0F);
}

TEST_CASE("pattern estimator: a transposed convolution; BatchNorm is refused") {
    Random random(4);
    Network network({1, 3, 3, 2});
    network.add("up", std::make_unique<ConvTranspose2d>(test::random_tensor({2, 2, 2, 3}, random),
                                                        test::random_tensor({1, 1, 1, 3}, random), Stride{2, 2}));
    const Tensor data = test::random_tensor({25, 3, 3, 2}, random);
    PatternEstimator estimator(network, PatternKind::linear);
    estimator.add(data);
    // Stride = kernel: output (y, x) sees input (y/2, x/2) through the tap (y%2, x%2), nothing through the others.
    std::vector<std::vector<double>> seen;
    for (std::size_t n = 0; n < 25; ++n) {
        for (std::size_t y = 0; y < 6; ++y) {
            for (std::size_t x = 0; x < 6; ++x) {
                std::vector<double> row(8, 0.0);
                for (std::size_t i = 0; i < 2; ++i) row[((y % 2) * 2 + x % 2) * 2 + i] = data(n, y / 2, x / 2, i);
                seen.push_back(row);
            }
        }
    }
    check_pattern(seen, weighted(network, 0), weighted(estimator.patterns(), 0).weight(), PatternKind::linear);

    Network normed({1, 2, 2, 1});
    const Tensor one = filled({1, 1, 1, 1}, 1.0F);
    normed.add("norm", std::make_unique<BatchNorm>(one, one, one, one));
    CHECK_THROWS_WITH_AS(PatternEstimator(normed, PatternKind::relu), doctest::Contains("must be merged"), Error);
}
