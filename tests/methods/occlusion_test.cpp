/// occlusion against a plain loop in double: every fill, windows that are cropped, several channels and inputs.
#include "pellucid/methods/method.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

/// What covers element (y, x, c) of an image.
double cover(const test::Array& image, std::string_view fill, double value, std::size_t y, std::size_t x,
             std::size_t c) {
    if (fill == "value") return value;
    double sum = 0, weights = 0;
    if (fill == "mean") {
        for (const double v : image.data) sum += v;
        return sum / static_cast<double>(image.data.size());
    }
    constexpr double deviation = 4;
    for (int dy = -12; dy <= 12; ++dy) {
        for (int dx = -12; dx <= 12; ++dx) {
            const double weight = std::exp(-0.5 * (dy * dy + dx * dx) / (deviation * deviation));
            const int row = static_cast<int>(y) + dy, column = static_cast<int>(x) + dx;
            weights += weight;
            if (row < 0 || column < 0 || row >= static_cast<int>(image.shape[1]) ||
                column >= static_cast<int>(image.shape[2]))
                continue;
            sum += weight * image.at(0, static_cast<std::size_t>(row), static_cast<std::size_t>(column), c);
        }
    }
    return sum / weights;
}

test::Array expected(const Network& network, const test::Array& image, std::size_t target, std::size_t window,
                     std::size_t stride, std::string_view fill, double value) {
    const auto answer = [&](const test::Array& at) {
        return test::reference_forward(network, at)[network.logits()].data[target];
    };
    const double whole = answer(image);
    const auto [one, height, width, channels] = image.shape;
    test::Array sum(image.shape), count(image.shape);
    const auto positions = [&](std::size_t extent) {
        return window >= extent ? 1 : (extent - window + stride - 1) / stride + 1;
    };
    for (std::size_t i = 0; i < positions(height); ++i) {
        for (std::size_t j = 0; j < positions(width); ++j) {
            test::Array covered = image;
            const auto each = [&](auto body) {
                for (std::size_t y = i * stride; y < std::min(i * stride + window, height); ++y) {
                    for (std::size_t x = j * stride; x < std::min(j * stride + window, width); ++x) {
                        for (std::size_t c = 0; c < channels; ++c) body(y, x, c);
                    }
                }
            };
            each([&](auto y, auto x, auto c) { covered.at(0, y, x, c) = cover(image, fill, value, y, x, c); });
            const double loss = whole - answer(covered);
            each([&](auto y, auto x, auto c) {
                sum.at(0, y, x, c) += loss;
                count.at(0, y, x, c) += 1;
            });
        }
    }
    for (std::size_t i = 0; i < sum.data.size(); ++i) sum.data[i] /= std::max(count.data[i], 1.0);
    return sum;
}

}  // namespace

TEST_CASE("occlusion: whatever covers, the map is what a plain loop over the windows gives") {
    const Method& method = find_method("occlusion");
    std::size_t seed = 0;
    for (const std::string_view fill : method.card.params[2].choices) {
        for (const auto& [window, stride] : {std::pair<std::size_t, std::size_t>{3, 2}, {4, 4}, {5, 3}}) {
            ++seed;
            Explainer explainer(test::random_network(static_cast<std::uint32_t>(seed)));
            const Network& network = explainer.network();
            const Tensor x = test::random_batch(network, 2, static_cast<std::uint32_t>(seed) + 40);
            CAPTURE(fill);
            CAPTURE(window);
            CAPTURE(seed);
            Params params(method.card);
            params.set("fill", std::string_view(fill));
            params.set("value", std::string_view("0.5"));
            params.set("window", ParamValue(static_cast<std::int64_t>(window)));
            params.set("stride", ParamValue(static_cast<std::int64_t>(stride)));
            const Tensor map = explain(method, {explainer, x, Target::of_class(1), params}).map();
            for (std::size_t n = 0; n < 2; ++n) {
                const test::Array wanted =
                    expected(network, test::Array(batch_slice(x, n, 1)), 1, window, stride, fill, 0.5);
                double largest = 0;
                for (const double v : wanted.data) largest = std::max(largest, std::abs(v));
                CHECK(largest > 0);
                for (std::size_t i = 0; i < wanted.data.size(); ++i) {
                    CHECK(std::abs(wanted.data[i] - static_cast<double>(sample(map, n)[i])) <= 1e-4 * largest);
                }
            }
        }
    }
    CHECK(seed == 9);
}
