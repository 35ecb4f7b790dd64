/// expected_gradients and the standard errors of sampled methods. Agreement with captum: tests/parity.
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;
using test::image;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Params settings(const Method& method, const Settings& values) {
    Params params(method.card);
    for (const auto& [name, value] : values) params.set(name, std::string_view(value));
    return params;
}

/// What the sum misses of f(x) − mean f(b), as a share of all that is added up.
double missing(const Result& result) {
    double sum = 0, size = 0;
    for (const float v : elements(result.map())) {
        sum += static_cast<double>(v);
        size += std::abs(static_cast<double>(v));
    }
    const double wanted = result.value[0] - result.scalar("baseline_value")[0];
    CHECK(result.scalar("completeness_gap")[0] ==
          doctest::Approx(std::abs(sum - wanted) / std::abs(wanted)).epsilon(1e-3));
    return std::abs(sum - wanted) / size;
}

Network small_digit_network() {
    Random random(8);
    Network network({1, 28, 28, 1});
    Tensor weight = test::random_tensor({5, 5, 1, 4}, random, 0.3F),
           bias = test::random_tensor({1, 1, 1, 4}, random, 0.1F);
    network.add("conv", std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{3, 3}));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    Tensor dense = test::random_tensor({1, 1, 256, 10}, random, 0.1F),
           shift = test::random_tensor({1, 1, 1, 10}, random, 0.1F);
    network.add("dense", std::make_unique<Dense>(std::move(dense), std::move(shift)));
    return network;
}

}  // namespace

TEST_CASE("expected_gradients: what is missing of the sum shrinks as samples grow") {
    const Method& method = find_method("expected_gradients");
    double few = 0, many = 0;
    for (std::uint32_t seed = 0; seed < test::rounds(6); ++seed) {
        Explainer explainer(test::random_network(seed));
        Random random(seed + 70);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        Params params = settings(method, {{"samples", "20"}});
        params.set("baselines",
                   ParamValue(std::make_shared<const Tensor>(test::random_tensor(with_batch(x.shape(), 5), random))));
        few += missing(explain(method, {explainer, x, Target::of_class(0), params}));
        params.set("samples", std::string_view("2000"));
        const double left = missing(explain(method, {explainer, x, Target::of_class(0), params}));
        CAPTURE(seed);
        CHECK(left < 0.05);
        many += left;
    }
    CHECK(many < few / 3);
}

TEST_CASE("expected_gradients: one baseline and evenly spread alphas are the middle Riemann sum") {
    Explainer explainer(test::random_network(3));
    Random random(9);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Tensor baseline = test::random_tensor(explainer.network().input_shape(), random);
    constexpr std::size_t n = 13;
    Tensor alphas(Shape{1, n, 1, 1});
    for (std::size_t s = 0; s < n; ++s) alphas.data()[s] = (static_cast<float>(s) + 0.5F) / static_cast<float>(n);
    const Method& method = find_method("expected_gradients");
    Params params(method.card);
    params.set("baselines", ParamValue(std::make_shared<const Tensor>(baseline)));
    params.set("alphas", ParamValue(std::make_shared<const Tensor>(alphas)));
    const Method& path = find_method("integrated_gradients");
    Params same = settings(path, {{"points", "13"}, {"quadrature", "riemann_middle"}, {"baseline", "image"}});
    same.set("baseline_image", ParamValue(std::make_shared<const Tensor>(baseline)));
    const Result ours = explain(method, {explainer, x, Target::of_class(0), params});
    const Result theirs = explain(path, {explainer, x, Target::of_class(0), same});
    double largest = 0;
    for (const float v : elements(theirs.map())) largest = std::max(largest, std::abs(static_cast<double>(v)));
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::abs(static_cast<double>(ours.map().data()[i] - theirs.map().data()[i])) <= 1e-5 * largest);
    }
    CHECK(ours.scalar("baseline_value")[0] ==
          doctest::Approx(theirs.scalar("baseline_value")[0]));  // both: f at the baseline

    alphas.data()[4] = 1.5F;
    params.set("alphas", ParamValue(std::make_shared<const Tensor>(alphas)));
    CHECK_THROWS_WITH_AS(explain(method, {explainer, x, Target::of_class(0), params}),
                         doctest::Contains("number 4 is 1.5"), Error);
    params.set("baselines", ParamValue(std::make_shared<const Tensor>(zeros({1, 3, 3, 7}))));
    CHECK_THROWS_WITH_AS(explain(method, {explainer, x, Target::of_class(0), params}),
                         doctest::Contains("(1, 3, 3, 7)"), Error);
}

TEST_CASE("expected_gradients: without baselines, digits are compared with the built-in ones, all else with paper") {
    const Method& method = find_method("expected_gradients");
    const auto same_as_with = [&](Explainer& explainer, const Tensor& x, const Tensor& baselines) {
        Params params = settings(method, {{"samples", "30"}, {"seed", "7"}});
        const Tensor without = explain(method, {explainer, x, Target::of_class(1), params}).map();
        params.set("baselines", ParamValue(std::make_shared<const Tensor>(baselines)));
        const Tensor with = explain(method, {explainer, x, Target::of_class(1), params}).map();
        CHECK(std::equal(with.data(), with.data() + with.size(), without.data()));
    };
    Explainer digits(small_digit_network());
    Tensor all(Shape{pen_digit_count(), 28, 28, 1});
    for (std::size_t i = 0; i < pen_digit_count(); ++i) {
        const Tensor one = normalise(pen_digit(i).drawing).image;
        std::copy_n(one.data(), one.size(), sample(all, i).data());
    }
    same_as_with(digits, batch_slice(all, 3, 1), all);
    Explainer other(test::random_network(2));
    const Shape& shape = other.network().input_shape();
    same_as_with(other, test::random_batch(other.network(), 1, 1), zeros(shape));
}

TEST_CASE("sampled methods: the standard error is how far means of other seeds stray") {
    Explainer explainer(test::random_network(4));
    Random random(10);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Tensor baselines = test::random_tensor(with_batch(x.shape(), 6), random);
    for (const std::string id : {"smoothgrad", "smoothgrad squared", "smoothgrad variance", "expected_gradients"}) {
        CAPTURE(id);
        const Method& method = find_method(id.substr(0, id.find(' ')));
        Params params = settings(method, {{"samples", "40"}});
        if (id.find(' ') != std::string::npos) params.set("variant", std::string_view(id).substr(id.find(' ') + 1));
        if (id == "expected_gradients")
            params.set("baselines", ParamValue(std::make_shared<const Tensor>(baselines)));
        else
            params.set("sigma", std::string_view("0.5"));
        constexpr int runs = 60;
        std::vector<double> mean(x.size(), 0), square(x.size(), 0), reported(x.size(), 0);
        for (std::int64_t seed = 0; seed < runs; ++seed) {
            params.set("seed", ParamValue(seed));
            const Result result = explain(method, {explainer, x, Target::of_class(0), params});
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double v = result.map().data()[i], e = image(result, "standard_error").data()[i];
                mean[i] += v / runs;
                square[i] += v * v / runs;
                reported[i] += e * e / runs;
            }
        }
        double spread = 0, claimed = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            spread += square[i] - mean[i] * mean[i];
            claimed += reported[i];
        }
        CHECK(claimed == doctest::Approx(spread * runs / (runs - 1)).epsilon(0.25));
        params.set("samples", std::string_view("1"));
        CHECK(explain(method, {explainer, x, Target::of_class(0), params}).find<Map>("standard_error") == nullptr);
    }
}
