/// DeepLIFT against an oracle in double that follows the paper connection by connection, and against its own promises.
#include "deeplift_checks.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/relevance/contributions.hpp"
#include "support/chain.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::check_messages;
using test::Link;
using test::params_with;
using test::sum;
using test::Vector;

namespace {

enum class Way { rescale, reveal_cancel, linear };

struct Parts {
    Vector up, down;
};

/// Δ⁺ and Δ⁻ of every value of the chain.
std::vector<Parts> parts_of(const std::vector<Link>& chain, const std::vector<Vector>& v,
                            const std::vector<Vector>& v0) {
    std::vector<Parts> parts(1);
    for (std::size_t i = 0; i < v[0].size(); ++i) {
        parts[0].up.push_back(std::max(v[0][i] - v0[0][i], 0.0));
        parts[0].down.push_back(std::min(v[0][i] - v0[0][i], 0.0));
    }
    for (std::size_t l = 0; l < chain.size(); ++l) {
        Parts next;
        for (std::size_t k = 0; k < v[l + 1].size(); ++k) {
            double up = 0, down = 0;
            if (chain[l].linear()) {
                for (std::size_t i = 0; i < v[l].size(); ++i) {
                    const double term = chain[l].weight[k][i] * (v[l][i] - v0[l][i]);
                    (term > 0 ? up : down) += term;
                }
            } else {
                const double x0 = v0[l][k], p = parts[l].up[k], n = parts[l].down[k];
                const auto& f = chain[l].f;
                up = 0.5 * (f(x0 + p) - f(x0)) + 0.5 * (f(x0 + n + p) - f(x0 + n));
                down = 0.5 * (f(x0 + n) - f(x0)) + 0.5 * (f(x0 + p + n) - f(x0 + p));
            }
            next.up.push_back(up);
            next.down.push_back(down);
        }
        parts.push_back(std::move(next));
    }
    return parts;
}

double ratio(double g, double out, double in, double gradient) {
    return std::abs(in) < 1e-10 ? gradient : g * out / in;
}

/// Contributions of every value of the chain.
std::vector<Vector> oracle(const std::vector<Link>& chain, const Vector& x, const Vector& x0, std::size_t target,
                           Way rule) {
    const auto v = test::run_chain(chain, x), v0 = test::run_chain(chain, x0);
    const std::vector<Parts> parts = parts_of(chain, v, v0);
    Vector up(v.back().size(), 0.0), down;
    up[target] = 1;
    down = up;
    std::vector<Vector> contributions(chain.size() + 1);
    const auto keep = [&](std::size_t l) {
        for (std::size_t i = 0; i < v[l].size(); ++i) {
            contributions[l].push_back(rule == Way::reveal_cancel ? up[i] * parts[l].up[i] + down[i] * parts[l].down[i]
                                                                  : up[i] * (v[l][i] - v0[l][i]));
        }
    };
    keep(chain.size());
    for (std::size_t l = chain.size(); l-- > 0;) {
        Vector next_up(v[l].size(), 0.0), next_down = next_up;
        for (std::size_t i = 0; i < v[l].size(); ++i) {
            const double change = v[l][i] - v0[l][i];
            if (chain[l].linear()) {
                for (std::size_t k = 0; k < v[l + 1].size(); ++k) {
                    const double w = chain[l].weight[k][i];
                    const double sign = w * change;
                    next_up[i] += w * (sign > 0 ? up[k] : sign < 0 ? down[k] : 0.5 * (up[k] + down[k]));
                }
                next_down[i] = next_up[i];
            } else if (rule == Way::reveal_cancel) {
                const double slope = chain[l].slope(v[l][i]);
                next_up[i] = ratio(up[i], parts[l + 1].up[i], parts[l].up[i], up[i] * slope);
                next_down[i] = ratio(down[i], parts[l + 1].down[i], parts[l].down[i], down[i] * slope);
            } else {
                const double gradient = up[i] * chain[l].slope(v[l][i]);
                next_up[i] =
                    rule == Way::linear ? gradient : ratio(up[i], v[l + 1][i] - v0[l + 1][i], change, gradient);
                next_down[i] = next_up[i];
            }
        }
        up = std::move(next_up);
        down = std::move(next_down);
        keep(l);
    }
    return contributions;
}

Network chain_network(std::uint32_t seed, Activation::Function function) {
    Random random(seed);
    const auto weights = [&](Shape shape, float deviation) { return test::random_tensor(shape, random, deviation); };
    const auto activation = [&] { return std::make_unique<Activation>(function, 0.2F); };
    Network network({1, 7, 6, 2});
    network.add("conv1", std::make_unique<Conv2d>(weights({3, 2, 2, 5}, 0.4F), weights({1, 1, 1, 5}, 0.3F),
                                                  Stride{2, 1}, Padding{1, 0, 1, 1}));
    network.add("act1", activation());
    network.add("conv2", std::make_unique<Conv2d>(weights({2, 2, 5, 3}, 0.4F), weights({1, 1, 1, 3}, 0.3F)));
    network.add("act2", activation());
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense1",
                std::make_unique<Dense>(weights({1, 1, sample_size(network.shape(network.output())), 8}, 0.3F),
                                        weights({1, 1, 1, 8}, 0.3F)));
    network.add("act3", activation());
    network.add("dense2", std::make_unique<Dense>(weights({1, 1, 8, 4}, 0.4F), weights({1, 1, 1, 4}, 0.3F)));
    return network;
}

}  // namespace

TEST_CASE("deeplift: every rule equals its oracle in double, at every activation") {
    const Method& method = find_method("deeplift");
    using Function = Activation::Function;
    std::uint32_t seed = 0;
    for (const Function function : {Function::relu, Function::leaky_relu, Function::sigmoid, Function::tanh}) {
        for (int round = 0; round < 3; ++round) {
            Explainer explainer(chain_network(++seed, function));
            const auto chain = test::chain_of(explainer.network());
            Random random(seed + 50);
            Tensor x = test::random_tensor(explainer.network().input_shape(), random);
            Tensor reference = test::random_tensor(explainer.network().input_shape(), random);
            for (std::size_t i = 0; i < x.size(); i += 3)
                reference.data()[i] = x.data()[i];  // some do not change at all
            for (const auto& [name, rule] :
                 {std::pair{"rescale", Way::rescale}, std::pair{"reveal_cancel", Way::reveal_cancel},
                  std::pair{"linear", Way::linear}}) {
                CAPTURE(name);
                CAPTURE(seed);
                const Result result =
                    explain(method, {explainer, x, Target::of_class(1), params_with(method, reference, name), true});
                const auto wanted =
                    oracle(chain, test::as_vector(elements(x)), test::as_vector(elements(reference)), 1, rule);
                // Rounding is relative to what is handed down, which is more than what is left of it where it cancels.
                double largest = 0;
                for (const Vector& layer : wanted) {
                    for (const double v : layer) largest = std::max(largest, std::abs(v));
                }
                REQUIRE(largest > 0);
                const auto equal = [&](const Vector& contributions, const Tensor& ours) {
                    for (std::size_t i = 0; i < contributions.size(); ++i) {
                        CHECK(std::abs(contributions[i] - static_cast<double>(ours.data()[i])) <= 1e-5 * largest);
                    }
                };
                equal(wanted[0], result.map());
                REQUIRE(result.layerwise != nullptr);
                std::size_t link = 0;
                for (ValueId value = 0; value <= explainer.network().output(); ++value) {
                    CAPTURE(value);
                    equal(wanted[link], result.layerwise->relevance(value));
                    const bool next = value < explainer.network().output() &&
                                      explainer.network().nodes()[value].layer->kind() != Kind::pass_through;
                    if (next) ++link;
                }
                check_messages(*result.layerwise, true);
            }
        }
    }
}

TEST_CASE("deeplift: reveal_cancel shares the minimum of two inputs equally, rescale does not") {
    // min(a, b) = a − relu(a − b), the paper's own example.
    Network network({1, 1, 1, 2});
    Tensor first(Shape{1, 1, 2, 2}), second(Shape{1, 1, 2, 1});
    const float into_hidden[] = {1, 1, 0, -1}, into_output[] = {1, -1};  // hidden: a, a − b
    std::copy_n(into_hidden, 4, first.data());
    std::copy_n(into_output, 2, second.data());
    network.add("hidden", std::make_unique<Dense>(first, zeros({1, 1, 1, 2})));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("min", std::make_unique<Dense>(second, zeros({1, 1, 1, 1})));
    Explainer explainer(std::move(network));
    Tensor x(Shape{1, 1, 1, 2});
    x.data()[0] = 5;
    x.data()[1] = 3;
    const Method& method = find_method("deeplift");
    const Tensor revealed =
        explain(method, {explainer, x, Target::of_class(0), params_with(method, zeros(x.shape()), "reveal_cancel")})
            .map();
    CHECK(revealed.data()[0] == doctest::Approx(1.5));
    CHECK(revealed.data()[1] == doctest::Approx(1.5));
    const Tensor rescaled =
        explain(method, {explainer, x, Target::of_class(0), params_with(method, zeros(x.shape()), "rescale")}).map();
    CHECK(rescaled.data()[0] == doctest::Approx(0));
    CHECK(rescaled.data()[1] == doctest::Approx(3));
}

TEST_CASE("deeplift: contributions sum to the difference, over random networks and targets") {
    const Method& method = find_method("deeplift");
    for (std::uint32_t seed = 0; seed < 24; ++seed) {
        Explainer explainer(test::random_network(seed, {.softmax = seed % 3 == 0}));
        const Network& network = explainer.network();
        Random random(seed + 300);
        const Tensor x = test::random_tensor(network.input_shape(), random),
                     reference = test::random_tensor(network.input_shape(), random);
        Trace trace, other;
        network.forward(x, trace);
        network.forward(reference, other);
        const std::string layer(explainer.merged().network().name(2));  // names that merging has not taken away
        for (const std::string& text : {std::string("class:1"), std::string("prob:0"), std::string("contrast:1-0"),
                                        "channel:" + layer + "/0", "norm:" + layer, "neuron:" + layer + "/1,0,0"}) {
            for (const char* rule : {"rescale", "reveal_cancel"}) {
                CAPTURE(seed);
                CAPTURE(text);
                CAPTURE(rule);
                const Target target = Target::parse(text);
                const Result result = explain(method, {explainer, x, target, params_with(method, reference, rule)});
                const double here = target_values(target, network, trace)[0],
                             there = target_values(target, network, other)[0];
                double size = std::abs(here) + std::abs(there);
                for (const float v : elements(result.map())) size += std::abs(static_cast<double>(v));
                CHECK(std::abs(sum(result.map()) - (here - there)) <= 1e-5 * size);
            }
        }
    }
}

TEST_CASE("deeplift: every layer hands on the difference, and tells from where, over random networks") {
    const Method& method = find_method("deeplift");
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        Explainer explainer(test::random_network(seed, {.softmax = seed % 3 == 0}));
        Random random(seed + 900);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        const Tensor reference = test::random_tensor(explainer.network().input_shape(), random);
        for (const char* rule : {"rescale", "reveal_cancel", "linear"}) {
            CAPTURE(seed);
            CAPTURE(rule);
            const Result result =
                explain(method, {explainer, x, Target::of_class(1), params_with(method, reference, rule), true});
            REQUIRE(result.layerwise != nullptr);
            const Layerwise& walk = *result.layerwise;
            CHECK(std::equal(result.map().data(), result.map().data() + result.map().size(), walk.relevance(0).data()));
            REQUIRE(result.ledger.size() + 1 == walk.values().size());
            const double difference = result.value[0] - test::number(result, "baseline_value");
            CHECK(sum(walk.relevance(walk.values().front())) == doctest::Approx(difference).epsilon(1e-4));
            for (std::size_t i = 0; i < result.ledger.size(); ++i) {
                const LedgerRow& row = result.ledger[i];
                const Tensor& relevance = walk.relevance(walk.values()[i]);
                double size = std::abs(difference);
                for (const float r : elements(relevance)) size += std::abs(static_cast<double>(r));
                CHECK(row.layer == walk.network().name(walk.values()[i]));
                CHECK(row.bias == 0.0);
                CHECK(std::abs(row.entering - sum(relevance)) <= 1e-5 * size);
                // What is linear conserves by any rule, what bends by these two.
                const Kind kind = walk.network().nodes()[walk.values()[i] - 1].layer->kind();
                const bool bends = kind == Kind::activation || kind == Kind::max_pool || kind == Kind::softmax;
                if (!bends || std::string_view(rule) != "linear") CHECK(std::abs(row.stabiliser) <= 2e-5 * size);
            }
            check_messages(walk, true);
        }
    }
}

TEST_CASE("deeplift: a probability is rescaled at its class; centred multipliers sum to 0") {
    Network network({1, 1, 1, 4});
    network.add("softmax", std::make_unique<Softmax>());
    Tensor z(Shape{1, 1, 1, 4}), z0 = zeros({1, 1, 1, 4});
    const float logits[] = {1.0F, -2.0F, 0.5F, 0.0F};
    std::copy_n(logits, 4, z.data());
    Trace trace, reference;
    network.forward(z, trace);
    network.forward(z0, reference);
    const Target target = Target::parse("prob:0");
    const Tensor m = methods::multiplier_seed(target, network, trace, reference, false);
    const double p = std::exp(1.0) / (std::exp(1.0) + std::exp(-2.0) + std::exp(0.5) + 1.0);
    CHECK(m.data()[0] == doctest::Approx((p - 0.25) / 1.0));
    CHECK(m.data()[1] == 0.0F);
    CHECK(m.data()[3] ==
          doctest::Approx(-p / (std::exp(1.0) + std::exp(-2.0) + std::exp(0.5) + 1.0)));  // its logit does not change
    const Tensor centred = methods::multiplier_seed(target, network, trace, reference, true);
    CHECK(std::abs(sum(centred)) < 1e-6);
    CHECK(centred.data()[1] - centred.data()[0] == doctest::Approx(-m.data()[0]));
}
