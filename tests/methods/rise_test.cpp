/// rise against its definition in double over masks that are replayed, and what its own masks must be like.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

/// Σ p(x ⊙ M)·M / (N·p₁) for a class's probability, in double.
std::vector<double> defined(const Network& network, const Tensor& x, const Tensor& masks, std::size_t target,
                            double shown) {
    const auto [samples, height, width, one] = masks.shape();
    std::vector<double> map(height * width, 0.0);
    for (std::size_t i = 0; i < samples; ++i) {
        test::Array masked(x);
        for (std::size_t j = 0; j < masked.data.size(); ++j) {
            masked.data[j] *= static_cast<double>(sample(masks, i)[j / x.shape()[3]]);
        }
        const std::vector<double> logits = test::reference_forward(network, masked)[network.logits()].data;
        const double largest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (const double z : logits) sum += std::exp(z - largest);
        const double probability = std::exp(logits[target] - largest) / sum;
        for (std::size_t p = 0; p < map.size(); ++p) map[p] += probability * static_cast<double>(sample(masks, i)[p]);
    }
    for (double& v : map) v /= static_cast<double>(samples) * shown;
    return map;
}

Tensor random_masks(const Network& network, std::size_t count) {
    Random random(5);
    Tensor masks(Shape{count, network.input_shape()[1], network.input_shape()[2], 1});
    for (float& v : elements(masks)) v = random.uniform();
    return masks;
}

Tensor map_of(Explainer& explainer, const Tensor& x, const Target& target,
              const std::vector<std::pair<std::string_view, ParamValue>>& values) {
    const Method& method = find_method("rise");
    Params params(method.card);
    for (const auto& [name, value] : values) params.set(name, value);
    return explain(method, {explainer, x, target, params}).map();
}

}  // namespace

TEST_CASE("rise: masks that are replayed give what the definition gives, channel by channel, input by input") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 2, seed);
        const Tensor masks = random_masks(network, 37);
        const ParamValue replayed = std::make_shared<const Tensor>(masks);
        const Tensor map = map_of(explainer, x, Target::of_class(1), {{"masks", replayed}, {"shown", 0.25}});
        for (std::size_t n = 0; n < 2; ++n) {
            const std::vector<double> expected = defined(network, batch_slice(x, n, 1), masks, 1, 0.25);
            for (std::size_t i = 0; i < expected.size(); ++i) {
                CHECK(static_cast<double>(sample(map, n)[i]) == doctest::Approx(expected[i]).epsilon(1e-5));
            }
        }
    }
}

TEST_CASE("rise: its masks show the share that is asked for, and belong to seed and number alone") {
    // A network whose answer is the ink that is left tells what the masks show: with one pixel of ink, the mask there.
    Network network({1, 12, 12, 1});
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(filled({1, 1, 144, 2}, 1.0F), zeros({1, 1, 1, 2})));
    Explainer explainer(std::move(network));
    Tensor dot = zeros({1, 12, 12, 1});
    dot(0, 4, 7, 0) = 1.0F;
    const Target sum = Target::parse("neuron:dense/0");
    const auto mean_shown = [&](double shown, std::int64_t seed) {
        const Tensor map =
            map_of(explainer, dot, sum,
                   {{"samples", std::int64_t{4000}}, {"shown", shown}, {"seed", seed}, {"cells", std::int64_t{4}}});
        CHECK(*std::max_element(map.data(), map.data() + map.size()) == map(0, 4, 7, 0));
        return map;
    };
    // At the dot the map is E[M²]/p₁; for cells of 0 and 1 that lies between p₁ and 1, and grows with p₁.
    const Tensor few = mean_shown(0.2, 0), many = mean_shown(0.8, 0);
    CHECK(few(0, 4, 7, 0) > 0.2F);
    CHECK(few(0, 4, 7, 0) < 1.0F);
    CHECK(many(0, 4, 7, 0) > few(0, 4, 7, 0));
    // Far from the dot, masks are independent of it: E[M]·E[M]/p₁ = p₁.
    CHECK(few(0, 11, 0, 0) == doctest::Approx(0.2).epsilon(0.08));
    CHECK(many(0, 11, 0, 0) == doctest::Approx(0.8).epsilon(0.03));
    const Tensor again = mean_shown(0.2, 0), other = mean_shown(0.2, 1);
    CHECK(std::equal(few.data(), few.data() + few.size(), again.data()));
    CHECK_FALSE(std::equal(few.data(), few.data() + few.size(), other.data()));
}

TEST_CASE("rise: masks of another size are refused") {
    Explainer explainer(test::random_network(0));
    const Tensor x = test::random_batch(explainer.network(), 1, 0);
    const ParamValue wrong = std::make_shared<const Tensor>(zeros({3, 2, 2, 1}));
    CHECK_THROWS_WITH_AS(map_of(explainer, x, Target::of_class(0), {{"masks", wrong}}),
                         doctest::Contains("masks of shape (3, 2, 2, 1) do not fit"), Error);
}
