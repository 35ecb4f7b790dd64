#include "pellucid/optimise/optimiser.hpp"

#include "pellucid/optimise/average.hpp"
#include "pellucid/optimise/schedule.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;
using namespace pellucid::optimise;

namespace {

/// Two steps on one weight and one bias with the gradients 0.5 and then −0.25; returns (weight, bias).
std::pair<double, double> two_steps(Optimiser& optimiser) {
    Tensor weight = filled({1, 1, 1, 1}, 1.0F);
    Tensor bias = filled({1, 1, 1, 1}, 2.0F);
    for (const float g : {0.5F, -0.25F}) {
        const Tensor gradient = filled({1, 1, 1, 1}, g);
        const Slot slots[] = {{&weight, &gradient, true}, {&bias, &gradient, false}};
        optimiser.step(slots, 0.1F);
    }
    return {weight(0, 0, 0, 0), bias(0, 0, 0, 0)};
}

}  // namespace

TEST_CASE("Sgd: two steps against the formula in double") {
    for (const bool nesterov : {false, true}) {
        CAPTURE(nesterov);
        Sgd sgd({.momentum = 0.9F, .weight_decay = 0.1F, .nesterov = nesterov});
        const auto [weight, bias] = two_steps(sgd);
        const auto expected = [&](double w, double decay) {
            double v = 0.0;
            for (const double gradient : {0.5, -0.25}) {
                const double g = gradient + decay * w;
                v = 0.9 * v + g;
                w -= 0.1 * (nesterov ? g + 0.9 * v : v);
            }
            return w;
        };
        CHECK(weight == doctest::Approx(expected(1.0, 0.1)).epsilon(1e-6));
        CHECK(bias == doctest::Approx(expected(2.0, 0.0)).epsilon(1e-6));
    }
}

TEST_CASE("Adam: two steps against the formula in double, decay apart from the gradient") {
    Adam adam({.beta1 = 0.9F, .beta2 = 0.99F, .epsilon = 1e-3F, .weight_decay = 0.2F});
    const auto [weight, bias] = two_steps(adam);
    const auto expected = [](double w, double decay) {
        double m = 0.0;
        double v = 0.0;
        int t = 0;
        for (const double g : {0.5, -0.25}) {
            ++t;
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            const double m_hat = m / (1.0 - std::pow(0.9, t));
            const double v_hat = v / (1.0 - std::pow(0.99, t));
            w -= 0.1 * (m_hat / (std::sqrt(v_hat) + 1e-3) + decay * w);
        }
        return w;
    };
    CHECK(weight == doctest::Approx(expected(1.0, 0.2)).epsilon(1e-6));
    CHECK(bias == doctest::Approx(expected(2.0, 0.0)).epsilon(1e-6));
    CHECK(adam.steps() == 2);
    CHECK(adam.state().size() == 4);
}

TEST_CASE("learning_rate_at: warm-up rises in a line, the cosine falls to the last rate") {
    const Schedule schedule{.learning_rate = 1.0F, .final_learning_rate = 0.1F, .warm_up_epochs = 0.5F};
    CHECK(learning_rate_at(schedule, 0, 8, 4) == doctest::Approx(0.25));
    CHECK(learning_rate_at(schedule, 3, 8, 4) == doctest::Approx(1.0));
    CHECK(learning_rate_at(schedule, 4, 8, 4) == doctest::Approx(1.0));
    CHECK(learning_rate_at(schedule, 18, 8, 4) == doctest::Approx(0.55));
    CHECK(learning_rate_at(schedule, 32, 8, 4) == doctest::Approx(0.1));
    Schedule constant = schedule;
    constant.cosine = false;
    CHECK(learning_rate_at(constant, 30, 8, 4) == doctest::Approx(1.0));
    // Down over the last two epochs, in a line; what comes before is as without.
    constant.cool_down_epochs = 2.0F;
    CHECK(learning_rate_at(constant, 3, 8, 4) == doctest::Approx(1.0));
    CHECK(learning_rate_at(constant, 16, 8, 4) == 1.0F);
    CHECK(learning_rate_at(constant, 24, 8, 4) == doctest::Approx(0.55));
    CHECK(learning_rate_at(constant, 32, 8, 4) == doctest::Approx(0.1));
}

TEST_CASE("WeightAverage: starts fast, then decays; without decay it is the weights") {
    Tensor weight = zeros({1, 1, 1, 1});
    Tensor* const weights[] = {&weight};
    WeightAverage average(0.9F, weights);
    WeightAverage last(0.0F, weights);
    double expected = 0.0;
    for (std::uint64_t step = 0; step < 200; ++step) {
        weight(0, 0, 0, 0) = static_cast<float>(step) * 0.37F;
        average.update(weights, step);
        last.update(weights, step);
        const double t = static_cast<double>(step);
        expected += (1.0 - std::min(0.9, (1.0 + t) / (10.0 + t))) * (weight(0, 0, 0, 0) - expected);
    }
    CHECK(average.values()[0](0, 0, 0, 0) == doctest::Approx(expected).epsilon(1e-5));
    CHECK(last.values()[0](0, 0, 0, 0) == weight(0, 0, 0, 0));
}
