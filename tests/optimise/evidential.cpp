// The evidential loss against its definition by distributions, and the special functions against known values.
#include "pellucid/optimise/evidential.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/gamma.hpp"
#include "pellucid/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

using namespace pellucid;
using namespace pellucid::optimise;

TEST_CASE("gamma functions: known values, and each the derivative of the one before") {
    constexpr double euler = 0.57721566490153286;
    const auto near = [](double value, double wanted) {
        return std::abs(value - wanted) <= 1e-13 * (1 + std::abs(wanted));
    };
    CHECK(near(log_gamma(1), 0));
    CHECK(near(log_gamma(2), 0));
    CHECK(near(log_gamma(0.5), 0.5 * std::log(std::numbers::pi)));
    CHECK(near(digamma(1), -euler));
    CHECK(near(digamma(0.5), -euler - 2 * std::numbers::ln2));
    CHECK(near(trigamma(1), std::numbers::pi * std::numbers::pi / 6));
    CHECK(near(trigamma(0.5), std::numbers::pi * std::numbers::pi / 2));
    double factorial = 1;
    for (int n = 1; n <= 100; ++n) {
        CHECK(near(log_gamma(n), std::log(factorial)));
        factorial *= n;
    }
    for (double x = 1e-3; x < 1e6; x *= 1.3) {
        CAPTURE(x);
        CHECK(near(log_gamma(x), std::lgamma(x)));
        const double h = 1e-5 * x;
        CHECK(digamma(x) == doctest::Approx((std::lgamma(x + h) - std::lgamma(x - h)) / (2 * h)).epsilon(1e-5));
        CHECK(trigamma(x) == doctest::Approx((digamma(x + h) - digamma(x - h)) / (2 * h)).epsilon(1e-5));
        // ψ(x + 1) = ψ(x) + 1/x, across the place where the series takes over, too.
        CHECK(near(digamma(x + 1) - digamma(x), 1 / x));
        CHECK(near(trigamma(x) - trigamma(x + 1), 1 / (x * x)));
    }
}

TEST_CASE("evidential loss: the gradient is its derivative, and the loss the mean over drawn probabilities") {
    Random random(5);
    for (const Evidence function : {Evidence::relu, Evidence::softplus}) {
        for (const double weight : {0.0, 0.3, 1.0}) {
            CAPTURE(static_cast<int>(function));
            CAPTURE(weight);
            std::vector<double> z(6), slope(6), unused(6);
            for (double& value : z) value = 3.0 * static_cast<double>(random.normal());
            (void)evidential_loss(z, 2, function, weight, slope);
            constexpr double h = 1e-5;
            for (std::size_t k = 0; k < z.size(); ++k) {
                std::vector<double> up = z, down = z;
                up[k] += h;
                down[k] -= h;
                const double wanted = (evidential_loss(up, 2, function, weight, unused) -
                                       evidential_loss(down, 2, function, weight, unused)) /
                                      (2 * h);
                CHECK(slope[k] == doctest::Approx(wanted).epsilon(1e-6).scale(1e-3));
            }
        }
    }
    // Two classes with α = 2 and 3: p₀ is Beta(2, 3), of density 12·p(1 − p)².
    const std::vector<double> z{1, 2};
    std::vector<double> slope(2);
    double error = 0, divergence = 0;
    constexpr int steps = 20000;
    for (int i = 0; i < steps; ++i) {
        const double p = (i + 0.5) / steps;
        error += 12 * p * (1 - p) * (1 - p) * 2 * (1 - p) * (1 - p) / steps;
        // Without the evidence of the label 0: Beta(1, 3), of density 3(1 − p)², against the uniform one.
        const double density = 3 * (1 - p) * (1 - p);
        divergence += density * std::log(density) / steps;
    }
    CHECK(evidential_loss(z, 0, Evidence::relu, 0, slope) == doctest::Approx(error).epsilon(1e-6));
    CHECK(evidential_loss(z, 0, Evidence::relu, 0.5, slope) == doctest::Approx(error + 0.5 * divergence).epsilon(1e-6));
}

TEST_CASE("evidential loss: what is right falls, extremes stay finite, labels that are no class are refused") {
    Tensor logits = zeros({3, 1, 1, 3}), gradient;
    logits(0, 0, 0, 1) = 3e38F;
    logits(1, 0, 0, 0) = -3e38F;
    const LossSum sum =
        evidential_loss(logits, std::vector<std::uint8_t>{1, 0, 2}, Evidence::softplus, 1.0F, 0.5F, gradient);
    CHECK(sum.correct == 1);
    CHECK(std::isfinite(sum.loss));
    for (const float value : elements(gradient)) CHECK(std::isfinite(value));
    CHECK(gradient(2, 0, 0, 2) < 0.0F);
    CHECK(gradient(2, 0, 0, 0) > 0.0F);
    // The same in double, scaled.
    std::vector<double> slope(3);
    (void)evidential_loss(std::vector<double>{0, 0, 0}, 2, Evidence::softplus, 1.0, slope);
    for (std::size_t k = 0; k < 3; ++k) CHECK(gradient(2, 0, 0, k) == doctest::Approx(0.5 * slope[k]).epsilon(1e-6));
    CHECK_THROWS_WITH_AS(
        evidential_loss(logits, std::vector<std::uint8_t>{1, 0, 3}, Evidence::relu, 1.0F, 1.0F, gradient),
        "label 3 of sample 2 is not one of the 3 classes 0 to 2", Error);
    CHECK_THROWS_AS(evidential_loss(logits, std::vector<std::uint8_t>{1}, Evidence::relu, 1.0F, 1.0F, gradient), Error);
}
