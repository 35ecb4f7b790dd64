#include "pellucid/optimise/loss.hpp"

#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace pellucid;
using namespace pellucid::optimise;

namespace {

/// The same loss in double, straight from its definition.
double reference_loss(const std::vector<double>& z, std::size_t label, double smoothing) {
    double total = 0.0;
    for (const double value : z) total += std::exp(value);
    double loss = 0.0;
    for (std::size_t c = 0; c < z.size(); ++c) {
        const double target = (c == label ? 1.0 - smoothing : 0.0) + smoothing / static_cast<double>(z.size());
        loss -= target * (z[c] - std::log(total));
    }
    return loss;
}

}  // namespace

TEST_CASE("cross_entropy: loss and gradient against finite differences in double") {
    Random random(3);
    Tensor logits(Shape{4, 1, 1, 7});
    for (float& value : elements(logits)) value = 2.0F * random.normal();
    const std::vector<std::uint8_t> labels = {0, 6, 3, 3};
    for (const float smoothing : {0.0F, 0.1F}) {
        CAPTURE(smoothing);
        Tensor gradient;
        const LossSum sum = cross_entropy(logits, labels, smoothing, 0.5F, gradient);
        double expected = 0.0;
        constexpr double h = 1e-5;
        for (std::size_t n = 0; n < 4; ++n) {
            std::vector<double> z(sample(logits, n).begin(), sample(logits, n).end());
            expected += reference_loss(z, labels[n], static_cast<double>(smoothing));
            for (std::size_t c = 0; c < z.size(); ++c) {
                std::vector<double> up = z;
                std::vector<double> down = z;
                up[c] += h;
                down[c] -= h;
                const double slope = (reference_loss(up, labels[n], static_cast<double>(smoothing)) -
                                      reference_loss(down, labels[n], static_cast<double>(smoothing))) /
                                     (2.0 * h);
                CHECK(sample(gradient, n)[c] == doctest::Approx(0.5 * slope).epsilon(1e-5));
            }
        }
        CHECK(sum.loss == doctest::Approx(expected).epsilon(1e-6));
    }
}

TEST_CASE("cross_entropy: huge logits stay finite, and right answers are counted") {
    Tensor logits(Shape{2, 1, 1, 3});
    logits = xt::zeros<float>(Shape{2, 1, 1, 3});
    logits(0, 0, 0, 1) = 3e38F;
    logits(1, 0, 0, 0) = -3e38F;
    Tensor gradient;
    const LossSum sum = cross_entropy(logits, std::vector<std::uint8_t>{1, 0}, 0.0F, 1.0F, gradient);
    CHECK(sum.correct == 1);
    CHECK(std::isfinite(sum.loss));
    for (const float value : elements(gradient)) CHECK(std::isfinite(value));
    CHECK(gradient(0, 0, 0, 1) == doctest::Approx(0.0));
    CHECK(gradient(1, 0, 0, 0) == doctest::Approx(-1.0));
}

TEST_CASE("cross_entropy refuses labels that are no class and counts that do not fit") {
    const Tensor logits = zeros({1, 1, 1, 3});
    Tensor gradient;
    CHECK_THROWS_WITH_AS(cross_entropy(logits, std::vector<std::uint8_t>{3}, 0.0F, 1.0F, gradient),
                         "label 3 of sample 0 is not one of the 3 classes 0 to 2", Error);
    CHECK_THROWS_AS(cross_entropy(logits, std::vector<std::uint8_t>{1, 2}, 0.0F, 1.0F, gradient), Error);
}
