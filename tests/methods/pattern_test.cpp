/// Patterns: whose they are is checked, and the two methods that use them equal their definition in double.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/methods/patterns.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/chain.hpp"
#include "support/patterns.hpp"
#include "support/random_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pellucid;
using test::Link;
using test::Vector;

namespace {

Network chain_network() {
    Random random(21);
    const auto weights = [&](Shape shape, float deviation) { return test::random_tensor(shape, random, deviation); };
    Network network({1, 6, 7, 2});
    network.add("conv", std::make_unique<Conv2d>(weights({3, 2, 2, 5}, 0.5F), weights({1, 1, 1, 5}, 0.3F), Stride{2, 1},
                                                 Padding{1, 0, 1, 1}));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(weights({1, 1, sample_size(network.shape(3)), 8}, 0.3F),
                                                 weights({1, 1, 1, 8}, 0.3F)));
    network.add("relu2", std::make_unique<Activation>(Activation::Function::relu));
    network.add("top", std::make_unique<Dense>(weights({1, 1, 8, 3}, 0.5F), weights({1, 1, 1, 3}, 0.3F)));
    return network;
}

/// f_t(x) handed down by `weights` in place of the chain's own, through the ReLUs that are on.
Vector walk(const std::vector<Link>& chain, const std::vector<std::vector<Vector>>& weights,
            const std::vector<Vector>& values, std::size_t target) {
    Vector s(values.back().size(), 0.0);
    s[target] = values.back()[target];
    for (std::size_t l = chain.size(); l-- > 0;) {
        Vector next(values[l].size(), 0.0);
        for (std::size_t i = 0; i < next.size(); ++i) {
            if (!chain[l].linear()) {
                next[i] = s[i] * chain[l].slope(values[l][i]);
            } else {
                for (std::size_t k = 0; k < s.size(); ++k) next[i] += weights[l][k][i] * s[k];
            }
        }
        s = std::move(next);
    }
    return s;
}

void check_near(const Tensor& map, const Vector& wanted) {
    double largest = 0;
    for (const double v : wanted) largest = std::max(largest, std::abs(v));
    REQUIRE(largest > 0);
    for (std::size_t i = 0; i < wanted.size(); ++i)
        CHECK(std::abs(wanted[i] - static_cast<double>(map.data()[i])) <= 1e-5 * largest);
}

}  // namespace

TEST_CASE("patterns: a layer that is asked for before its BatchNorm has patterns of its own scale") {
    Random random(23);
    const auto tensor = [&](Shape shape, float low, float high) {
        return test::uniform_tensor(shape, random, low, high);
    };
    Network network({1, 1, 1, 6});
    network.add("dense", std::make_unique<Dense>(tensor({1, 1, 6, 4}, -1, 1), tensor({1, 1, 1, 4}, -0.2F, 0.2F)));
    network.add("norm", std::make_unique<BatchNorm>(tensor({1, 1, 1, 4}, 2, 3), tensor({1, 1, 1, 4}, -0.2F, 0.2F),
                                                    tensor({1, 1, 1, 4}, -0.2F, 0.2F), tensor({1, 1, 1, 4}, 0.5F, 2)));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("top", std::make_unique<Dense>(tensor({1, 1, 4, 3}, -1, 1), tensor({1, 1, 1, 3}, -0.2F, 0.2F)));
    Explainer explainer(std::move(network));
    test::give_patterns(explainer);
    const auto product = [](const Network& with, ValueId value, const Tensor& map, std::size_t unit) {
        const Tensor& w = dynamic_cast<const Dense&>(*with.nodes()[value - 1].layer).weight();
        double sum = 0;
        for (std::size_t i = 0; i < map.size(); ++i)
            sum += static_cast<double>(w.data()[i * w.shape()[3] + unit]) * static_cast<double>(map.data()[i]);
        return sum;
    };
    const Tensor x = tensor({1, 1, 1, 6}, 0, 1);
    const Method& method = find_method("pattern_net");
    Params params(method.card);
    params.set("seed", std::string_view("one"));
    std::size_t active = 0;
    for (std::size_t unit = 0; unit < 4; ++unit) {
        const auto map = [&](const char* layer) {
            return explain(method, {explainer, x, Target::parse(fmt::format("neuron:{}/{}", layer, unit)), params})
                .map();
        };
        const double own = product(explainer.network(), 1, map("dense"), unit);
        const double merged = product(explainer.merged().network(), 1, map("norm"), unit);
        if (own == 0.0 && merged == 0.0) continue;  // no sample made it active: no pattern
        ++active;
        // wᵀa = 1 for the layer's own weights, and for the merged ones behind the norm.
        CHECK(own == doctest::Approx(1).epsilon(1e-4));
        CHECK(merged == doctest::Approx(1).epsilon(1e-4));
    }
    CHECK(active >= 2);
}

TEST_CASE("patterns: both methods equal their definitions in double") {
    Explainer explainer(chain_network());
    test::give_patterns(explainer);
    const auto own = test::chain_of(explainer.network()), patterns = test::chain_of(explainer.patterns());
    std::vector<std::vector<Vector>> signal, attribution;
    for (std::size_t l = 0; l < own.size(); ++l) {
        signal.push_back(patterns[l].weight);
        attribution.push_back(own[l].weight);
        for (std::size_t k = 0; k < own[l].weight.size(); ++k) {
            for (std::size_t i = 0; i < own[l].weight[k].size(); ++i) attribution[l][k][i] *= patterns[l].weight[k][i];
        }
    }
    Random random(8);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const auto values = test::run_chain(own, test::as_vector(elements(x)));
    for (std::size_t c = 0; c < 3; ++c) {
        for (const auto& [id, weights] :
             {std::pair{"pattern_net", &signal}, std::pair{"pattern_attribution", &attribution}}) {
            const Method& method = find_method(id);
            check_near(explain(method, {explainer, x, Target::of_class(c), Params(method.card)}).map(),
                       walk(own, *weights, values, c));
        }
    }
}

TEST_CASE("patterns: missing, foreign and false ones are refused with how to make the right ones") {
    Explainer explainer(chain_network());
    const Tensor x = filled(explainer.network().input_shape(), 0.5F);
    for (const char* id : {"pattern_net", "pattern_attribution"}) {
        const Method& method = find_method(id);
        CHECK(needs(method.card, Role::patterns));
        CHECK_THROWS_WITH_AS(start(method, {explainer, x, Target::of_class(0), Params(method.card)}),
                             doctest::Contains("pellucid patterns --model"), Error);
    }
    CHECK_THROWS_WITH_AS(explainer.attach(Role::patterns, chain_network()), doctest::Contains("holds no patterns"),
                         Error);
    Explainer other(test::random_network(3));
    test::give_patterns(other);
    CHECK_THROWS_WITH_AS(explainer.attach(Role::patterns, other.patterns()), doctest::Contains("another model"), Error);
    Network relabelled = other.patterns();
    relabelled.metadata[patterns_of_key] = fingerprint(explainer.network());
    CHECK_THROWS_WITH_AS(explainer.attach(Role::patterns, relabelled), doctest::Contains("do not have the layers"),
                         Error);
    CHECK(!explainer.resources()->has(Role::patterns));
}

TEST_CASE("patterns: survive their file, also those of networks with BatchNorm") {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
        CAPTURE(seed);
        const Network network = test::random_network(seed);
        Explainer first(network), second(network);
        test::give_patterns(first);
        const std::string file = write_onnx(first.patterns());
        second.attach(Role::patterns, read_onnx(std::as_bytes(std::span(file))));
        const Tensor x = test::random_batch(network, 1, seed);
        const Method& method = find_method("pattern_attribution");
        const Tensor a = explain(method, {first, x, Target::of_class(0), Params(method.card)}).map();
        const Tensor b = explain(method, {second, x, Target::of_class(0), Params(method.card)}).map();
        CHECK(std::equal(a.data(), a.data() + a.size(), b.data()));
    }
}

TEST_CASE("patterns: the fingerprint is that of what is computed") {
    const Network network = chain_network();
    const std::string before = fingerprint(network);
    Network renamed = network;
    renamed.metadata["title"] = "the same";
    CHECK(fingerprint(renamed) == before);
    Network changed = network;
    auto& layer = dynamic_cast<Dense&>(changed.layer(5));
    Tensor bias = layer.bias();
    bias.data()[0] += 1e-3F;
    layer.set_weights(layer.weight(), bias);
    CHECK(fingerprint(changed) != before);
}
