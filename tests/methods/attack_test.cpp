/// What attacks promise, whatever the range, the head and ε: no value changes by more than ε, none leaves the range.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

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

namespace {

/// How an attack is set up for a change of at most ε, and what bounds it; ε without meaning for those that have none.
struct Bounded {
    std::string id;
    std::vector<std::pair<std::string, std::string>> params;
    bool bounded = true, l2 = false, targets = true;
    std::string epsilon = "epsilon";
};

const std::vector<Bounded>& bounded_attacks() {
    static const std::vector<Bounded> attacks{
        {.id = "fgsm", .params = {}},
        {.id = "linear_adversary", .params = {}},
        {.id = "pgd", .params = {{"steps", "4"}}},
        {.id = "pgd", .params = {{"steps", "3"}, {"random_start", "true"}, {"restarts", "2"}, {"loss", "margin"}}},
        {.id = "pgd", .params = {{"steps", "4"}, {"norm", "l2"}}, .l2 = true},
        {.id = "pgd",
         .params = {{"steps", "2"}, {"norm", "l2"}, {"random_start", "true"}, {"restarts", "3"}},
         .l2 = true},
        {.id = "bim", .params = {{"steps", "4"}}},
        {.id = "bim", .params = {{"steps", "4"}, {"norm", "l2"}}, .l2 = true},
        {.id = "mi_fgsm", .params = {{"steps", "4"}}},
        {.id = "mi_fgsm", .params = {{"steps", "4"}, {"norm", "l2"}}, .l2 = true},
        {.id = "universal", .params = {{"epochs", "2"}}, .targets = false},
        {.id = "universal", .params = {{"epochs", "2"}, {"norm", "l2"}}, .l2 = true, .targets = false},
        {.id = "minimal_epsilon", .params = {{"points", "3"}, {"bisections", "3"}, {"steps", "3"}}, .epsilon = "most"},
        {.id = "minimal_epsilon",
         .params = {{"points", "3"}, {"bisections", "3"}, {"attack", "fgsm"}, {"norm", "l2"}},
         .l2 = true,
         .epsilon = "most"},
        {.id = "class_gradient_step", .params = {}, .bounded = false},
        {.id = "class_gradient_step", .params = {{"unit", "true"}}, .bounded = false},
        {.id = "deepfool", .params = {{"steps", "4"}}, .bounded = false},
        {.id = "deepfool", .params = {{"steps", "4"}, {"norm", "linf"}}, .bounded = false},
        {.id = "carlini_wagner", .params = {{"steps", "20"}, {"searches", "3"}}, .bounded = false},
        {.id = "jsma", .params = {}, .bounded = false},
        {.id = "one_pixel", .params = {{"population", "8"}, {"generations", "3"}, {"pixels", "3"}}, .bounded = false}};
    return attacks;
}

Params params_for(const Method& method, const Bounded& attack, double epsilon) {
    Params params(method.card);
    for (const auto& [name, value] : attack.params) params.set(name, std::string_view(value));
    if (attack.bounded) params.set(attack.epsilon, ParamValue(epsilon));
    for (const ParamCard& p : method.card.params) {
        if (p.name == "step_size" && p.from_range == FromRange::share) params.set(p.name, ParamValue(epsilon / 2));
    }
    return params;
}

/// The class after the one that the network answers: one that a targeted attack can lead to.
Target another_class(const Network& network, const Tensor& x) {
    return Target::of_class((argmax(predict_logits(network, x))[0] + 1) % network.classes());
}

}  // namespace

TEST_CASE("attacks: every one is held to its bounds below") {
    for (const Method& method : all_methods()) {
        if (method.card.outputs.front().map != MapKind::image || method.card.family != "adversarial") continue;
        CAPTURE(method.card.id);
        CHECK(std::ranges::any_of(bounded_attacks(), [&](const Bounded& a) { return a.id == method.card.id; }));
    }
}

TEST_CASE("attacks: no value changes by more than epsilon or leaves the range, to the last bit") {
    const std::vector<Case> cases{{"0,1", 0.1},         {"0,1", 1e-9},      {"0,1", 0.3},         {"0,255", 8},
                                  {"0,255", 0.7},       {"-1,1", 0.1},      {"-0.42,2.82", 0.05}, {"0,1", 1},
                                  {"-1e-3,1e-3", 1e-4}, {"1000,1001", 0.1}, {"0,65535", 1e-3},    {"0,1", 0}};
    std::size_t answered = 0, dead = 0;
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
        for (const Bounded& attack : bounded_attacks()) {
            CAPTURE(attack.id);
            const Method& method = find_method(attack.id);
            if (attack.epsilon == "most" && chosen.epsilon < 1e-9) continue;
            Params params = params_for(method, attack, chosen.epsilon);
            const bool targeted = attack.targets && seed % 2 == 0;
            if (targeted) params.set("targeted", std::string_view("true"));
            const Target target = targeted ? another_class(explainer.network(), x) : Target::parse("predicted");
            try {
                const Result result = explain(method, {explainer, x, target, params});
                check_bounds(explainer.network(), x, result.map(),
                             attack.bounded ? chosen.epsilon : std::numeric_limits<double>::infinity(), attack.l2);
                ++answered;
            } catch (const Error& error) {
                // Inputs far from what the weights were drawn for may turn every ReLU off.
                CHECK(error.code() == ErrorCode::unsupported);
                ++dead;
            }
        }
    }
    CHECK(answered > 10 * dead);
}

TEST_CASE("attacks: the defaults are shares of the range, and an input outside it is refused") {
    Network network = test::random_network(3);
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
    for (const float v : elements(result.map("perturbation")))
        largest = std::max(largest, std::abs(static_cast<double>(v)));
    CHECK(largest == doctest::Approx(25.5));
    const Tensor outside = filled(explainer.network().input_shape(), 300.0F);
    for (const Method& other : all_methods()) {
        CAPTURE(other.card.id);
        CHECK_THROWS_WITH_AS(start(other, {explainer, outside, Target::of_class(0), Params(other.card)}),
                             doctest::Contains("outside the range 0 … 255"), Error);
    }
    // The library leaves an input where no range is declared; an attack takes it no further out.
    Explainer plain(test::random_network(3));
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
                for (std::size_t i = 0; i < 6; ++i) direction[i] += (p - y) * static_cast<double>(weight(0, 0, i, k));
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
