/// What attacks promise, whatever the range, the head and ε: no value changes by more than ε, none leaves the range.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

struct Case {
    std::string range;
    double epsilon;
};

void check_bounds(const Network& network, const Tensor& x, const Tensor& adversarial, double epsilon, bool l2) {
    const InputRange range = input_range(network);
    double square = 0, square_of_floats = 0;
    std::size_t too_far = 0, outside = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const float a = adversarial.data()[i], b = x.data()[i];
        const double exact = std::abs(static_cast<double>(a) - static_cast<double>(b));
        const double rounded = std::abs(static_cast<double>(a - b));
        too_far += exact > epsilon || rounded > epsilon ? 1 : 0;
        const std::size_t c = i % x.shape()[3];
        outside += a < range.low_of(c) || a > range.high_of(c) ? 1 : 0;
        square += exact * exact;
        square_of_floats += rounded * rounded;
    }
    CHECK(outside == 0);
    CHECK(too_far == 0);
    if (l2) CHECK(std::sqrt(std::max(square, square_of_floats)) <= epsilon);
}

}  // namespace

TEST_CASE("attacks: no value changes by more than epsilon or leaves the range, to the last bit") {
    const std::vector<Case> cases{{"0,1", 0.1},          {"0,1", 1e-9},         {"0,1", 0.3},      {"0,255", 8},
                                  {"0,255", 0.7},        {"-1,1", 0.1},         {"-0.42,2.82", 0.05}, {"0,1", 5},
                                  {"-1e-3,1e-3", 1e-4},  {"1000,1001", 0.1},    {"0,65535", 1e-3}, {"0,1", 0}};
    for (std::uint32_t seed = 0; seed < 36; ++seed) {
        const Case& chosen = cases[seed % cases.size()];
        Network network = test::random_network(seed);
        set_input_range(network, chosen.range);
        const InputRange range = input_range(network);
        Explainer explainer(std::move(network));
        Random random(seed);
        Tensor x = test::uniform_tensor(with_batch(explainer.network().input_shape(), 1), random, 0.0F, 1.0F);
        for (float& v : elements(x)) v = random.uniform() < 0.2F ? std::round(v) : v;  // some at the ends
        scale_to_range(x, range);
        CAPTURE(seed);
        CAPTURE(chosen.range);
        for (const char* id : {"fgsm", "pgd"}) {
            for (const std::string norm : {"linf", "l2"}) {
                const Method& method = find_method(id);
                Params params(method.card);
                params.set("epsilon", ParamValue(chosen.epsilon));
                params.set("targeted", ParamValue(seed % 2 == 0));
                if (std::string_view(id) == "pgd") {
                    params.set("norm", std::string_view(norm));
                    params.set("steps", std::string_view("4"));
                    params.set("step_size", ParamValue(chosen.epsilon / 2));
                    params.set("random_start", ParamValue(seed % 3 == 0));
                } else if (norm == "l2") {
                    continue;
                }
                const Result result = explain(method, {explainer, x, Target::parse("predicted"), params});
                check_bounds(explainer.network(), x, result.map(), chosen.epsilon, norm == "l2");
            }
        }
    }
}

TEST_CASE("attacks: the defaults are shares of the range, and an input outside it is refused") {
    Network network = test::random_network(1);
    set_input_range(network, "0,255");
    Explainer explainer(std::move(network));
    const Method& method = find_method("fgsm");
    Params params(method.card);
    params.follow(input_range(explainer.network()));
    CHECK(std::get<double>(params.value("epsilon")) == doctest::Approx(25.5));
    Random random(5);
    const Tensor x = test::uniform_tensor(explainer.network().input_shape(), random, 50.0F, 200.0F);
    const Result result = explain(method, {explainer, x, Target::parse("predicted"), Params(method.card)});
    double largest = 0;
    for (const float v : elements(result.map("perturbation"))) largest = std::max(largest, std::abs(static_cast<double>(v)));
    CHECK(largest == doctest::Approx(25.5));
    const Tensor outside = filled(explainer.network().input_shape(), 300.0F);
    for (const Method& other : all_methods()) {
        CAPTURE(other.card.id);
        CHECK_THROWS_WITH_AS(start(other, {explainer, outside, Target::of_class(0), Params(other.card)}),
                             doctest::Contains("outside the range 0 … 255"), Error);
    }
    // The library leaves an input where no range is declared; an attack takes it no further out.
    Explainer plain(test::random_network(1));
    const Tensor far = test::uniform_tensor(plain.network().input_shape(), random, 1.5F, 1.6F);
    const Result moved = explain(method, {plain, far, Target::parse("predicted"), Params(method.card)});
    for (std::size_t i = 0; i < far.size(); ++i) CHECK(moved.map().data()[i] <= far.data()[i]);
}

TEST_CASE("attacks: the steps climb the loss of the network's head") {
    for (const std::size_t classes : {1U, 3U}) {
        for (const bool sigmoid : {true, false}) {
            if (classes == 1 && !sigmoid) continue;
            Random random(3);
            Network network(Shape{1, 2, 3, 1});
            network.add("flat", std::make_unique<Flatten>());
            const Tensor weight = test::random_tensor({1, 1, 6, classes}, random);
            network.add("dense", std::make_unique<Dense>(weight, zeros({1, 1, 1, classes})));
            if (sigmoid) network.add("end", std::make_unique<Activation>(Activation::Function::sigmoid));
            Explainer explainer(std::move(network));
            const Tensor x = filled({1, 2, 3, 1}, 0.5F);
            const Tensor z = predict_logits(explainer.network(), x);
            const std::size_t label = decisions(explainer.network(), z)[0];
            // ∂L/∂x in double: of a sum of independent losses, or of one whole.
            std::vector<double> direction(6, 0.0);
            double sum = 0;
            for (std::size_t k = 0; k < classes; ++k) sum += std::exp(static_cast<double>(z.data()[k]));
            for (std::size_t k = 0; k < classes; ++k) {
                const auto logit = static_cast<double>(z.data()[k]);
                const double p = sigmoid ? 1 / (1 + std::exp(-logit)) : std::exp(logit) / sum;
                const double y = classes == 1 ? static_cast<double>(label) : k == label ? 1 : 0;
                for (std::size_t i = 0; i < 6; ++i)
                    direction[i] += (p - y) * static_cast<double>(weight(0, 0, i, k));
            }
            const Method& method = find_method("fgsm");
            Params params(method.card);
            params.set("epsilon", ParamValue(0.25));
            const Result result = explain(method, {explainer, x, Target::parse("predicted"), params});
            for (std::size_t i = 0; i < 6; ++i) {
                CAPTURE(i);
                const float wanted = 0.5F + (direction[i] > 0 ? 0.25F : -0.25F);
                CHECK(result.map().data()[i] == wanted);
            }
        }
    }
}

TEST_CASE("attacks: one output is attacked as what it decides; success is another decision") {
    for (const float sign : {1.0F, -1.0F}) {
        Network network(Shape{1, 2, 2, 1});
        network.add("flat", std::make_unique<Flatten>());
        network.add("dense", std::make_unique<Dense>(filled({1, 1, 4, 1}, sign), filled({1, 1, 1, 1}, -1.5F * sign)));
        network.add("end", std::make_unique<Activation>(Activation::Function::sigmoid));
        Explainer explainer(std::move(network));
        const Method& method = find_method("fgsm");
        Params params(method.card);
        params.set("epsilon", ParamValue(0.25));
        const Result result =
            explain(method, {explainer, filled({1, 2, 2, 1}, 0.5F), Target::parse("predicted"), params});
        const auto number = [&](std::string_view name) { return result.scalar(name)[0]; };
        // z = ±(4·0.5 − 1.5) = ±0.5; towards the other side: ±(4·0.25 − 1.5) = ∓0.5.
        CHECK(number("success") == 1.0);
        CHECK(number("predicted") == (sign > 0 ? 0.0 : 1.0));
        CHECK(number("probability") == doctest::Approx(1 / (1 + std::exp(-0.5))));
        CHECK(result.value[0] == doctest::Approx(-0.5 * static_cast<double>(sign)));
    }
}
