/// What judges maps: closed forms on a linear network, and what is refused.
#include "pellucid/error.hpp"
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/order.hpp"
#include "pellucid/methods/judging/similarity.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pellucid;

namespace {

constexpr std::size_t side = 4, pixels = side * side;

/// z₀ = 0, z₁ = Σ w·x + 0.3: of class 1 everything is known.
Network linear_network() {
    Network network(Shape{1, side, side, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weight = zeros({1, 1, pixels, 2}), bias = zeros({1, 1, 1, 2});
    for (std::size_t i = 0; i < pixels; ++i) weight(0, 0, i, 1) = 0.1F * static_cast<float>((i * 7) % pixels) - 0.6F;
    bias(0, 0, 0, 1) = 0.3F;
    network.add("dense", std::make_unique<Dense>(weight, bias));
    return network;
}

Tensor linear_input() {
    Tensor x(Shape{1, side, side, 1});
    for (std::size_t i = 0; i < pixels; ++i) x.data()[i] = 0.2F + 0.05F * static_cast<float>((i * 5) % pixels);
    return x;
}

double weight_of(std::size_t i) { return static_cast<double>(0.1F * static_cast<float>((i * 7) % pixels) - 0.6F); }

double probability(double z) { return 1.0 / (1.0 + std::exp(-z)); }

/// Σ w·x over the pixels that `kept` says, and the bias.
double score(const Tensor& x, const std::vector<bool>& kept) {
    double z = static_cast<double>(0.3F);
    for (std::size_t i = 0; i < pixels; ++i) z += kept[i] ? weight_of(i) * static_cast<double>(x.data()[i]) : 0.0;
    return z;
}

Result judged(Explainer& explainer, std::string_view metric, const Tensor& x, const Target& target,
              std::initializer_list<std::pair<std::string_view, std::string_view>> settings) {
    const Method& method = find_method(metric);
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, value);
    return explain(method, {explainer, x, target, params});
}

}  // namespace

TEST_CASE("judging: curves of a linear network are as its definition says, and no order falls faster") {
    Explainer explainer(linear_network());
    const Tensor x = linear_input();
    std::vector<std::size_t> order(pixels);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
        return static_cast<float>(weight_of(a)) * x.data()[a] > static_cast<float>(weight_of(b)) * x.data()[b];
    });
    const Target target = Target::of_class(1);
    for (const bool insert : {false, true}) {
        const Result result = judged(explainer, insert ? "insertion" : "deletion", x, target,
                                     {{"method", "input_x_gradient"}, {"steps", "8"}});
        const auto& curve = *result.find<Series>("curve");
        REQUIRE(curve.values.shape()[3] == 9);
        std::vector<bool> kept(pixels, !insert);
        double area = 0, before = 0;
        for (std::size_t k = 0; k <= 8; ++k) {
            for (std::size_t i = k == 0 ? 0 : 2 * (k - 1); i < 2 * k; ++i) kept[order[i]] = insert;
            const double wanted = probability(score(x, kept));
            CHECK(curve.values.data()[k] == doctest::Approx(wanted).epsilon(1e-5));
            CHECK(curve.at[k] == doctest::Approx(static_cast<double>(k) / 8));
            area += k == 0 ? 0.0 : (before + wanted) / 16;
            before = wanted;
        }
        CHECK(result.scalar("area")[0] == doctest::Approx(area).epsilon(1e-5));
        // Any other order of the same map's pixels: it must not be better than the true one.
        Random random(4);
        const Tensor other = test::random_tensor({1, side, side, 1}, random);
        const Method& method = find_method(insert ? "insertion" : "deletion");
        Params params(method.card);
        params.set("steps", std::string_view("8"));
        params.set("attribution", ParamValue(std::make_shared<const Tensor>(other)));
        const double elsewhere = explain(method, {explainer, x, target, params}).scalar("area")[0];
        CHECK((insert ? elsewhere < result.scalar("area")[0] : elsewhere > result.scalar("area")[0]));
    }
    const Result flipped = judged(explainer, "pixel_flipping", x, target, {{"method", "input_x_gradient"}});
    CHECK(flipped.find<Series>("curve")->values.shape()[3] == pixels + 1);
    CHECK(flipped.find<Series>("curve")->values.data()[pixels] ==
          doctest::Approx(probability(static_cast<double>(0.3F))).epsilon(1e-5));
}

TEST_CASE("judging: pixels that are paper already change nothing in a curve") {
    Explainer explainer(linear_network());
    Tensor x = linear_input();
    for (std::size_t i = 0; i < pixels; i += 2) x.data()[i] = 0.0F;
    const Result result = judged(explainer, "pixel_flipping", x, Target::of_class(1), {{"method", "gradient"}});
    const auto& curve = *result.find<Series>("curve");
    std::vector<std::size_t> order(pixels);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) { return weight_of(a) > weight_of(b); });
    std::vector<bool> kept(pixels, true);
    for (std::size_t k = 1; k <= pixels; ++k) {
        kept[order[k - 1]] = false;
        CHECK(curve.values.data()[k] == doctest::Approx(probability(score(x, kept))).epsilon(1e-5));
    }
}

TEST_CASE("judging: a linear network's gradient has no infidelity, no sensitivity and no shift; its product sums up") {
    Explainer explainer(linear_network());
    const Tensor x = linear_input();
    const Target target = Target::of_class(1);
    for (const char* disturbance : {"noise", "square", "blocks"}) {
        const Result right = judged(explainer, "infidelity", x, target,
                                    {{"method", "gradient"}, {"disturbance", disturbance}, {"side", "2"}});
        const Result wrong = judged(
            explainer, "infidelity", x, target,
            {{"method", "gradient"}, {"method_params", "absolute=true"}, {"disturbance", disturbance}, {"side", "2"}});
        CHECK(right.scalar("infidelity")[0] < 1e-10);
        CHECK(wrong.scalar("infidelity")[0] > 1e-3);
    }
    CHECK(judged(explainer, "max_sensitivity", x, target, {{"method", "gradient"}}).scalar("max_sensitivity")[0] <
          1e-6);
    CHECK(
        judged(explainer, "max_sensitivity", x, target, {{"method", "input_x_gradient"}}).scalar("max_sensitivity")[0] >
        1e-3);
    CHECK(judged(explainer, "completeness", x, target, {{"method", "input_x_gradient"}}).scalar("gap")[0] < 1e-5);
    CHECK(judged(explainer, "completeness", x, target, {{"method", "gradient"}}).scalar("gap")[0] > 1e-2);
    CHECK(judged(explainer, "shift_invariance", x, target, {{"method", "gradient"}}).scalar("difference")[0] < 1e-6);
    double moved = 0, length = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
        moved += 0.25 * weight_of(i) * weight_of(i);
        length += std::pow(weight_of(i) * static_cast<double>(x.data()[i]), 2);
    }
    const Result shifted = judged(explainer, "shift_invariance", x, target, {{"method", "input_x_gradient"}});
    CHECK(shifted.scalar("difference")[0] == doctest::Approx(std::sqrt(moved / length)).epsilon(1e-4));
}

TEST_CASE("judging: a shifted network answers the shifted input as the old one did, whatever it begins with") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 3U, 4U, 5U, 6U, 7U}) {
        const Network network = test::random_network(seed);
        Random random(seed);
        const Tensor x = test::random_tensor(with_batch(network.input_shape(), 2), random);
        Tensor there = x;
        for (float& v : elements(there)) v += 0.75F;
        CAPTURE(seed);
        const Network changed = methods::shifted(network, 0.75F);
        const Tensor wanted = predict_logits(network, x), got = predict_logits(changed, there);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            CHECK(got.data()[i] == doctest::Approx(wanted.data()[i]).epsilon(1e-3));
        const Tensor elsewhere = predict_logits(network, there);
        CHECK(!std::equal(elsewhere.data(), elsewhere.data() + elsewhere.size(), wanted.data()));
    }
}

TEST_CASE("judging: randomising layers changes these alone, the same for the same seed") {
    const Network network = test::random_network(1);
    const std::vector<std::size_t> nodes = methods::trained_nodes(network);
    REQUIRE(nodes.size() >= 2);
    CHECK(nodes.front() > nodes.back());
    const Network once = methods::randomised(network, {nodes.front()}, 5),
                  again = methods::randomised(network, nodes, 5);
    for (const std::size_t node : nodes) {
        const auto* old = dynamic_cast<const WeightedLayer*>(network.nodes()[node].layer.get());
        if (old == nullptr) continue;
        const auto weights = [&](const Network& of) {
            return dynamic_cast<const WeightedLayer&>(*of.nodes()[node].layer).weight();
        };
        CHECK((weights(once) == old->weight()) == (node != nodes.front()));
        CHECK(weights(again) != old->weight());
        if (node == nodes.front()) CHECK(weights(again) == weights(once));
    }
}

TEST_CASE("judging: guided backprop and deconvnet survive random weights better than gradients, which lose their map") {
    Explainer explainer(test::random_network(0));
    Random random(2);
    Tensor x = test::random_tensor(with_batch(explainer.network().input_shape(), 1), random);
    const Result result = judged(explainer, "model_randomisation", x, Target::of_class(0), {{"method", "gradient"}});
    const auto& ranks = result.find<Series>("spearman")->values;
    CHECK(ranks.data()[0] == doctest::Approx(1.0));
    CHECK(result.find<Series>("ssim")->values.data()[0] == doctest::Approx(1.0));
    CHECK(std::abs(result.scalar("mean_spearman")[0]) < 0.9);
    CHECK(result.find<Frames>("maps")->images.size() == ranks.size());
}

TEST_CASE("judging: the Gini index of known maps") {
    Explainer explainer(linear_network());
    const auto gini = [&](const Tensor& map) {
        const Method& method = find_method("sparseness");
        Params params(method.card);
        params.set("attribution", ParamValue(std::make_shared<const Tensor>(map)));
        return explain(method, {explainer, linear_input(), Target::of_class(1), params}).scalar("gini")[0];
    };
    CHECK(gini(filled({1, side, side, 1}, 3.0F)) == doctest::Approx(0.0));
    Tensor peak = zeros({1, side, side, 1});
    peak.data()[3] = -2.0F;
    CHECK(gini(peak) == doctest::Approx(1.0 - 1.0 / pixels).epsilon(1e-4));
    CHECK(std::isnan(gini(zeros({1, side, side, 1}))));
}

TEST_CASE("judging: the pointing game on maps whose answer is known") {
    Explainer explainer(linear_network());
    Tensor x = zeros({1, side, side, 1});
    x(0, 1, 1, 0) = x(0, 1, 2, 0) = 1.0F;
    const Method& method = find_method("pointing_game");
    const auto verdict = [&](const Tensor& map, std::string_view tolerance) {
        Params params(method.card);
        params.set("attribution", ParamValue(std::make_shared<const Tensor>(map)));
        params.set("tolerance", tolerance);
        return explain(method, {explainer, x, Target::of_class(1), params});
    };
    Tensor map = zeros({1, side, side, 1});
    map(0, 0, 1, 0) = 2.0F;
    map(0, 1, 1, 0) = 1.0F;
    map(0, 3, 3, 0) = -5.0F;
    const Result beside = verdict(map, "0");
    CHECK(beside.scalar("hit")[0] == 0.0);
    CHECK(beside.scalar("mass")[0] == doctest::Approx(1.0 / 3));
    CHECK(beside.scalar("iou")[0] == doctest::Approx(1.0 / 3));
    CHECK(beside.scalar("area")[0] == doctest::Approx(2.0 / pixels));
    CHECK(verdict(map, "1").scalar("hit")[0] == 1.0);
    CHECK(std::isnan(verdict(zeros({1, side, side, 1}), "1").scalar("hit")[0]));
    // A scene: the companion's half holds none of the truth.
    Params params(method.card);
    params.set("method", std::string_view("input_x_gradient"));
    params.set("companion", ParamValue(std::make_shared<const Tensor>(linear_input())));
    params.set("stride", std::string_view("2"));
    const Result scene = explain(method, {explainer, x, Target::of_class(1), params});
    CHECK(scene.map("scene").shape()[2] == 2 * side);
    CHECK(scene.scalar("area")[0] == doctest::Approx(1.0 / pixels));
    // Where only the first crop reaches, the mean over three crops is a third of that crop's map.
    CHECK(scene.map("scene")(0, 1, 1, 0) == doctest::Approx(weight_of(5) / 3).epsilon(1e-4));
}

TEST_CASE("judging: dropout's masks give a mean and a spread; without dropout it is refused") {
    Network network(Shape{1, side, side, 1});
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dropout", std::make_unique<Dropout>(0.5F));
    Tensor weight = zeros({1, 1, pixels, 2});
    for (std::size_t i = 0; i < pixels; ++i) weight(0, 0, i, 1) = 1.0F;
    network.add("dense", std::make_unique<Dense>(weight, zeros({1, 1, 1, 2})));
    Explainer explainer(network);
    const Result result = judged(explainer, "uncertainty", linear_input(), Target::of_class(1),
                                 {{"method", "gradient"}, {"samples", "400"}});
    // Each pixel's gradient is 0 or 2, one as often as the other.
    for (std::size_t i = 0; i < pixels; ++i) {
        CHECK(result.map("map").data()[i] == doctest::Approx(1.0).epsilon(0.25));
        CHECK(result.map("deviation").data()[i] == doctest::Approx(1.0).epsilon(0.1));
    }
    Explainer without(linear_network());
    CHECK_THROWS_WITH_AS(judged(without, "uncertainty", linear_input(), Target::of_class(1), {}),
                         doctest::Contains("Dropout"), Error);
}

TEST_CASE("judging: spurious_cue measures the mark that it draws") {
    Explainer explainer(linear_network());
    const Tensor x = linear_input();
    const Result result = judged(explainer, "spurious_cue", x, Target::of_class(1),
                                 {{"method", "input_x_gradient"}, {"mark", "0,1,1,2"}});
    double on = 0, all = 0, effect = 0;
    for (std::size_t i = 0; i < pixels; ++i) {
        const bool marked = i == 1 || i == 2;
        const double value = marked ? 1.0 : static_cast<double>(x.data()[i]);
        all += std::abs(weight_of(i) * value);
        on += marked ? std::abs(weight_of(i)) : 0.0;
        effect += weight_of(i) * (value - static_cast<double>(x.data()[i]));
    }
    CHECK(result.scalar("share")[0] == doctest::Approx(on / all).epsilon(1e-5));
    CHECK(result.scalar("effect")[0] == doctest::Approx(effect).epsilon(1e-4));
    const Result there = judged(explainer, "spurious_cue", x, Target::of_class(1),
                                {{"method", "input_x_gradient"}, {"mark", "0,1,1,2"}, {"draw", "false"}});
    CHECK(there.scalar("effect")[0] == doctest::Approx(0.0).scale(1));
    CHECK(there.scalar("share")[0] < result.scalar("share")[0]);
    for (const char* wrong : {"", "1,2,3", "0,0,5,1", "0,0,0,1", "a,b,c,d", "0,0,1,1,1", "-1,0,1,1"}) {
        CHECK_THROWS_WITH_AS(judged(explainer, "spurious_cue", x, Target::of_class(1), {{"mark", wrong}}),
                             doctest::Contains("rectangle"), Error);
    }
}

TEST_CASE("judging: what does not fit is refused in a sentence") {
    Explainer explainer(linear_network());
    const Tensor x = linear_input();
    const auto refused = [&](std::string_view metric,
                             std::initializer_list<std::pair<std::string_view, std::string_view>> settings,
                             const char* says) {
        CHECK_THROWS_WITH_AS(judged(explainer, metric, x, Target::of_class(1), settings), doctest::Contains(says),
                             Error);
    };
    refused("deletion", {{"method", "fgsm"}}, "gives none");
    refused("deletion", {{"method", "deletion"}}, "gives none");
    refused("deletion", {{"method", "nonsense"}}, "there is no method");
    refused("deletion", {{"method_params", "rule"}}, "key=value");
    refused("deletion", {{"method_params", "nonsense=1"}}, "has no parameter");
    refused("deletion", {{"method", "gradient"}, {"method_params", "absolute=perhaps"}}, "absolute");
    refused("channel_specificity", {{"layer", "input"}}, "hidden layer");
    const Method& method = find_method("sparseness");
    Params params(method.card);
    params.set("attribution", ParamValue(std::make_shared<const Tensor>(zeros({1, 3, 3, 1}))));
    CHECK_THROWS_WITH_AS(explain(method, {explainer, x, Target::of_class(1), params}),
                         doctest::Contains("(1, 4, 4, 1)"), Error);
}

TEST_CASE("judging: numbers are put in the order in which a stable sort puts them") {
    Random random(9);
    for (const std::size_t count : {0, 1, 2, 255, 784}) {
        std::vector<float> values(count);
        for (float& v : values) v = std::round(random.normal() * 50) * (random.uniform() < 0.5F ? 1e-3F : -1e3F);
        if (count > 2) values[0] = -0.0F;
        if (count > 2) values[2] = 0.0F;
        std::vector<std::uint32_t> up(count), down(count);
        std::iota(up.begin(), up.end(), std::uint32_t{0});
        down = up;
        std::ranges::stable_sort(up, [&](std::uint32_t a, std::uint32_t b) { return values[a] < values[b]; });
        std::ranges::stable_sort(down, [&](std::uint32_t a, std::uint32_t b) { return values[a] > values[b]; });
        CHECK(methods::ascending(values) == up);
        CHECK(methods::descending(std::vector<double>(values.begin(), values.end())) == down);
    }
}

TEST_CASE("judging: similarities of known pictures") {
    const std::vector<float> a{1, 2, 3, 4}, b{10, 20, 30, 40}, c{4, 3, 2, 1}, tied{1, 1, 2, 2};
    CHECK(methods::spearman(a, b) == doctest::Approx(1.0));
    CHECK(methods::spearman(a, c) == doctest::Approx(-1.0));
    CHECK(methods::spearman(a, tied) == doctest::Approx(0.894427).epsilon(1e-5));
    CHECK(std::isnan(methods::spearman(a, std::vector<float>(4, 1.0F))));
    CHECK(methods::cosine(a, b) == doctest::Approx(1.0));
    CHECK(methods::relative_distance(a, std::vector<float>(4, 0.0F)) == doctest::Approx(1.0));
    CHECK(methods::structural_similarity(a, a, 2, 2) == doctest::Approx(1.0));
}
