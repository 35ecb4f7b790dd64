/// Properties of relevance methods over random networks, contrastive excitation against an oracle, odd shapes.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "support/chain.hpp"
#include "support/check_walk.hpp"
#include "support/patterns.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace pellucid;
using test::Link;
using test::sum;
using test::Vector;

namespace {

/// p(a_j) = Σ_k a_j w⁺_jk / Σ_i a_i w⁺_ik · p_k, with terms of either sign of input; `sign` −1: the dual unit.
Vector excite(const Link& link, const Vector& a, const Vector& p, double sign) {
    Vector result(a.size(), 0.0);
    for (std::size_t k = 0; k < p.size(); ++k) {
        double z = 0;
        for (std::size_t i = 0; i < a.size(); ++i) z += std::max(sign * link.weight[k][i] * a[i], 0.0);
        for (std::size_t i = 0; i < a.size() && z > 0; ++i)
            result[i] += std::max(sign * link.weight[k][i] * a[i], 0.0) / (z + 1e-6) * p[k];
    }
    return result;
}

/// What is given to the inputs of every link and, last, to the output, if the top layer is crossed with that sign;
/// below it divided by its sum there.
std::vector<Vector> excitation_oracle(const std::vector<Link>& chain, const std::vector<Vector>& v, std::size_t target,
                                      double sign) {
    std::vector<Vector> p(v.size(), Vector(v.back().size(), 0.0));
    p.back()[target] = 1;
    for (std::size_t l = chain.size(); l-- > 0;) {
        const bool top = l + 1 == chain.size();
        if (chain[l].linear()) {
            p[l] = excite(chain[l], v[l], p[l + 1], top ? sign : 1);
        } else {
            p[l] = p[l + 1];
            for (std::size_t i = 0; i < p[l].size(); ++i) p[l][i] *= chain[l].slope(v[l][i]);
        }
        if (top) {
            const double total = std::accumulate(p[l].begin(), p[l].end(), 0.0);
            for (double& each : p[l]) each /= total;
        }
    }
    return p;
}

double total(const Vector& numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0.0); }

/// The products that are told of a message are the message; of layers with weights they are told.
void check_products(const Layerwise& walk) {
    std::size_t told = 0;
    for (const ValueId value : walk.values()) {
        for (std::size_t unit = 0; unit < walk.relevance(value).size(); ++unit) {
            for (const ReceivedThrough& through : walk.received(value, unit).through) {
                for (const Message& message : through.messages.list) {
                    if (message.terms.empty()) continue;
                    double product = 0;
                    for (const MessageTerm& term : message.terms) {
                        product += through.messages.forms.at(term.form).coefficient * term.input * term.weight /
                                   term.denominator * message.relevance;
                    }
                    CHECK(product == doctest::Approx(message.value));
                    ++told;
                }
            }
        }
    }
    CHECK(told > 0);
}

Network small_chain(std::uint32_t seed) {
    Random random(seed);
    const auto weights = [&](Shape shape, float deviation) { return test::random_tensor(shape, random, deviation); };
    Network network({1, 6, 5, 1});
    network.add("conv", std::make_unique<Conv2d>(weights({3, 3, 1, 6}, 0.4F), weights({1, 1, 1, 6}, 0.2F), Stride{1, 2},
                                                 Padding{1, 1, 0, 1}));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(weights({1, 1, sample_size(network.shape(network.output())), 9}, 0.3F),
                                                 weights({1, 1, 1, 9}, 0.2F)));
    network.add("relu2", std::make_unique<Activation>(Activation::Function::relu));
    network.add("top", std::make_unique<Dense>(weights({1, 1, 9, 4}, 0.4F), weights({1, 1, 1, 4}, 0.2F)));
    return network;
}

/// The defaults, and every choice and flag of a card by itself.
std::vector<std::pair<std::string_view, std::string_view>> variations(const Card& card) {
    std::vector<std::pair<std::string_view, std::string_view>> all{{}};
    for (const ParamCard& param : card.params) {
        for (const std::string_view choice : param.choices) {
            if (choice != "image") all.emplace_back(param.name, choice);  // of the baselines: needs one
        }
        if (param.type == ParamType::flag)
            all.emplace_back(param.name, std::get<bool>(param.fallback) ? "false" : "true");
    }
    return all;
}

/// One by one pixel, one channel, 17 channels, odd sizes, windows that do not fit.
std::vector<Network> odd_networks() {
    Random random(77);
    std::vector<Network> networks;
    const auto conv = [&](Network& network, std::size_t kernel_h, std::size_t kernel_w, std::size_t outputs,
                          Stride stride, Padding padding) {
        const std::size_t inputs = network.shape(network.output())[3];
        network.add("conv" + std::to_string(network.nodes().size()),
                    std::make_unique<Conv2d>(test::random_tensor({kernel_h, kernel_w, inputs, outputs}, random, 0.5F),
                                             test::random_tensor({1, 1, 1, outputs}, random, 0.3F), stride, padding));
        network.add("relu" + std::to_string(network.nodes().size()),
                    std::make_unique<Activation>(Activation::Function::relu));
    };
    const auto finish = [&](Network& network, std::size_t classes) {
        network.add("flatten", std::make_unique<Flatten>());
        const std::size_t inputs = sample_size(network.shape(network.output()));
        network.add("top", std::make_unique<Dense>(test::random_tensor({1, 1, inputs, classes}, random, 0.5F),
                                                   test::random_tensor({1, 1, 1, classes}, random, 0.3F)));
    };
    Network pixel({1, 1, 1, 1});
    conv(pixel, 1, 1, 1, {1, 1}, {});
    finish(pixel, 2);
    networks.push_back(std::move(pixel));
    Network padded({1, 1, 1, 3});
    conv(padded, 3, 3, 17, {2, 2}, {1, 1, 1, 1});
    conv(padded, 1, 1, 1, {1, 1}, {});
    finish(padded, 3);
    networks.push_back(std::move(padded));
    Network wide({1, 5, 13, 17});
    conv(wide, 2, 5, 17, {2, 3}, {0, 2, 1, 0});
    wide.add("pool", std::make_unique<MaxPool2d>(Window{3, 3, {2, 2}, {1, 1, 1, 1}, true}));
    conv(wide, 1, 1, 7, {1, 1}, {});
    wide.add("average", std::make_unique<AveragePool2d>(Window{2, 1, {1, 1}, {}, false}));
    finish(wide, 5);
    networks.push_back(std::move(wide));
    Network column({1, 11, 1, 2});
    conv(column, 4, 1, 3, {3, 1}, {2, 0, 1, 0});
    finish(column, 2);
    networks.push_back(std::move(column));
    // What files of other tools bring: constant maps that nothing takes in, paddings, groups, branches side by side.
    Network imported({1, 7, 6, 2});
    imported.add("normalise", std::make_unique<Affine>(std::vector{2.0, 0.5}, std::vector{-0.5, 0.25}));
    imported.add("mirror", std::make_unique<Pad>(Pad::Mode::reflect, Padding{1, 0, 0, 2}));
    conv(imported, 3, 2, 4, {1, 1}, {1, 1, 1, 1});
    const ValueId stem = imported.add(
        "shift", std::make_unique<Affine>(std::vector{1.0, -1.5, 0.5, 2.0}, std::vector{0.5, 0.25, -0.25, 1.0}));
    imported.add("clip", std::make_unique<Activation>(Activation::Function::clip, -1.0F, 1.5F));
    imported.add("groups", std::make_unique<Conv2d>(test::random_tensor({3, 3, 4, 6}, random, 0.4F),
                                                    test::random_tensor({1, 1, 1, 6}, random, 0.2F), Stride{},
                                                    Padding{1, 1, 1, 1}, Connections{2, {2, 2}}));
    const ValueId left = imported.add("silu", std::make_unique<Activation>(Activation::Function::swish));
    imported.add("both", std::make_unique<Concat>(), {left, stem});
    imported.add("edge", std::make_unique<Pad>(Pad::Mode::edge, Padding{0, 1, 1, 0}));
    imported.add("pool", std::make_unique<MaxPool2d>());
    finish(imported, 3);
    networks.push_back(std::move(imported));
    return networks;
}

}  // namespace

TEST_CASE("deep_taylor: a positive score is spread without negative relevance, and nothing is made") {
    const Method& method = find_method("deep_taylor");
    std::size_t checked = 0;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        // Sums of values of both signs (a residual's branch) share with both signs: left out here.
        Explainer explainer(test::random_network(seed, {.residual = false}));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 1, seed + 40);
        for (std::size_t c = 0; c < network.classes(); ++c) {
            Params params(method.card);
            params.set("seed", std::string_view("one"));
            const Result result = explain(method, {explainer, x, Target::of_class(c), params});
            CAPTURE(seed);
            const double total = sum(elements(result.map()));
            for (const float v : elements(result.map())) CHECK(v >= -1e-6F);
            CHECK(total <= 1 + 1e-4);
            double absorbed = 0;
            for (const LedgerRow& row : result.ledger) {
                CHECK(row.bias >= -1e-6);
                absorbed += row.bias + row.stabiliser;
            }
            CHECK(total + absorbed == doctest::Approx(1).epsilon(1e-4));
            checked += total > 0.01 ? 1 : 0;
        }
    }
    CHECK(checked > 60);
}

TEST_CASE("deep_taylor: bounds decide what a pixel at its bound gets") {
    Explainer explainer(small_chain(3));
    const Tensor x = filled(explainer.network().input_shape(), 0.0F);
    const Method& method = find_method("deep_taylor");
    Params params(method.card);
    params.set("high", std::string_view("0"));
    params.set("low", std::string_view("0"));
    const Tensor nothing = explain(method, {explainer, x, Target::of_class(0), params}).map();
    CHECK(sum(elements(nothing)) == 0.0);  // at both bounds: no way to go
    params.set("high", std::string_view("1"));
    const Tensor something = explain(method, {explainer, x, Target::of_class(0), params}).map();
    CHECK(std::any_of(something.data(), something.data() + something.size(), [](float v) { return v != 0.0F; }));
}

TEST_CASE("excitation_backprop: a probability, handed down") {
    const Method& method = find_method("excitation_backprop");
    std::size_t whole = 0, seen = 0;
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        Explainer explainer(test::random_network(seed, {.residual = false}));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 1, seed + 70);
        for (std::size_t c = 0; c < network.classes(); ++c) {
            const Tensor map = explain(method, {explainer, x, Target::of_class(c), Params(method.card)}).map();
            for (const float v : elements(map)) CHECK(v >= 0.0F);
            const double total = sum(elements(map));
            CHECK(total <= 1 + 1e-4);
            whole += total > 0.999 ? 1 : 0;
            ++seen;
        }
    }
    CHECK(2 * whole > seen);  // elsewhere some unit is on by its bias alone
}

TEST_CASE("excitation_backprop: the contrastive map equals its oracle, and truncates on request") {
    const Method& method = find_method("excitation_backprop");
    for (std::uint32_t seed = 1; seed < 9; ++seed) {
        Explainer explainer(small_chain(seed));
        const auto chain = test::chain_of(explainer.network());
        Random random(seed);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        const auto values = test::run_chain(chain, test::as_vector(elements(x)));
        for (std::size_t c = 0; c < 4; ++c) {
            CAPTURE(seed);
            const auto plus = excitation_oracle(chain, values, c, 1), minus = excitation_oracle(chain, values, c, -1);
            if (!std::isfinite(plus[0][0]) || !std::isfinite(minus[0][0]))
                continue;  // nothing excites, or nothing inhibits
            Params params(method.card);
            params.set("contrastive", std::string_view("true"));
            const Tensor map = explain(method, {explainer, x, Target::of_class(c), params}).map();
            const Result whole = explain(method, {explainer, x, Target::of_class(c), params, true});
            REQUIRE(whole.layerwise != nullptr);
            const Layerwise& walk = *whole.layerwise;
            REQUIRE(walk.values().size() == 7);
            REQUIRE(values.size() == 6);
            CHECK(std::equal(map.data(), map.data() + map.size(), walk.relevance(0).data()));
            for (std::size_t value = 0; value < values.size(); ++value) {
                CAPTURE(value);
                const bool last = value + 1 == values.size();
                const ValueId place = value < 3 ? value : value + 1;  // the chain leaves the flattening out
                for (std::size_t i = 0; i < values[value].size(); ++i) {
                    const double wanted =
                        plus[value][i] - (last ? 0 : minus[value][i]);  // the pass starts with 1 at the unit
                    CHECK(std::abs(wanted - static_cast<double>(walk.relevance(place).data()[i])) <= 1e-5);
                }
                if (value == 0) continue;
                const LedgerRow& row = whole.ledger.at(6 - place);
                CHECK(std::abs(row.entering - (total(plus[value]) - (last ? 0 : total(minus[value])))) <= 1e-5);
                CHECK(std::abs(row.leaving - (total(plus[value - 1]) - total(minus[value - 1]))) <= 1e-5);
                CHECK(std::abs(row.entering - row.leaving - row.stabiliser) <= 1e-9);
            }
            test::check_walk(walk);
            check_products(walk);
            params.set("truncate", std::string_view("true"));
            const Tensor truncated = explain(method, {explainer, x, Target::of_class(c), params}).map();
            for (std::size_t i = 0; i < map.size(); ++i) {
                CHECK(truncated.data()[i] == std::max(map.data()[i], 0.0F));
            }
        }
    }
}

TEST_CASE("excitation_backprop: contrast needs weights under the target, and finds them through a sum") {
    const Method& method = find_method("excitation_backprop");
    Params params(method.card);
    params.set("contrastive", std::string_view("true"));
    Network weightless({1, 4, 4, 1});
    weightless.add("pool", std::make_unique<MaxPool2d>());
    Explainer explainer(std::move(weightless));
    CHECK_THROWS_WITH_AS(
        explain(method, {explainer, filled({1, 4, 4, 1}, 1.0F), Target::parse("neuron:pool/0,0,0"), params}),
        doctest::Contains("negates the weights"), Error);
    for (std::uint32_t seed = 0; seed < 30; ++seed) {
        Explainer other(test::random_network(seed));
        for (const Node& node : other.network().nodes()) {
            if (node.layer->kind() != Kind::add) continue;
            const Tensor x = test::random_batch(other.network(), 1, seed);
            const Result result =
                explain(method, {other, x, Target::parse("neuron:" + node.name + "/0,0,0"), params, true});
            const Tensor& map = result.map();
            CHECK(std::all_of(map.data(), map.data() + map.size(), [](float v) { return std::isfinite(v); }));
            REQUIRE(result.layerwise != nullptr);
            test::check_walk(*result.layerwise);
        }
    }
}

TEST_CASE("relevance: odd shapes are no exception, whatever the parameters") {
    for (Network& network : odd_networks()) {
        Explainer explainer(std::move(network));
        test::give_patterns(explainer);
        Random random(5);
        const Tensor x = test::random_tensor(with_batch(explainer.network().input_shape(), 2), random);
        for (const Method& method : all_methods()) {
            if (method.card.family != "relevance") continue;
            for (const auto& [name, text] : variations(method.card)) {
                CAPTURE(method.card.id);
                CAPTURE(name);
                CAPTURE(text);
                CAPTURE(to_string(explainer.network().input_shape()));
                Params params(method.card);
                if (!name.empty()) params.set(name, text);
                const Result result = explain(method, {explainer, x, Target::of_class(1), params});
                CHECK(Shape(result.map().shape()) == Shape(x.shape()));
                CHECK(std::all_of(result.map().data(), result.map().data() + result.map().size(),
                                  [](float v) { return std::isfinite(v); }));
                REQUIRE(!result.ledger.empty());
                const Result one =
                    explain(method, {explainer, batch_slice(x, 0, 1), Target::of_class(1), params, true});
                REQUIRE(one.layerwise != nullptr);
                test::check_walk(*one.layerwise);
                // What enters at the top is the value, or its difference to the baseline's; the ledger misses nothing
                // of it.
                const bool from_one = method.card.id == "excitation_backprop" || text == "one" || text == "zennit";
                double total = 0, absorbed = 0, value = from_one ? 2 : 0;
                for (const float v : elements(result.map())) total += static_cast<double>(v);
                for (const double v : result.value) value += from_one ? 0 : v;
                double size = std::abs(value);
                for (const LedgerRow& row : result.ledger) {
                    absorbed += row.bias + row.stabiliser;
                    size = std::max({size, std::abs(row.entering), std::abs(row.leaving)});
                }
                if (const Scalar* at_baseline = result.find<Scalar>("baseline_value")) {
                    for (const double v : at_baseline->per_sample) value -= v;
                }
                if (name != "truncate") CHECK(std::abs(total + absorbed - value) <= 1e-4 * size);
            }
        }
    }
}

TEST_CASE("compat: a preset sets what is not given, an explicit parameter beats it, and what is in force is said") {
    for (const Method& method : all_methods()) {
        for (const Preset& preset : method.card.presets) {
            CAPTURE(method.card.id);
            CAPTURE(preset.name);
            Params params(method.card);
            params.set("compat", std::string_view(preset.name));
            for (const auto& [name, value] : preset.values) {
                Params checked(method.card);
                CHECK_NOTHROW(checked.set(name, value));  // of the right type and in range
                for (const auto& [card, now] : params.all()) {
                    if (card->name == name) CHECK(now == value);
                }
                Params beaten = params;
                const ParamCard& card = *std::find_if(method.card.params.begin(), method.card.params.end(),
                                                      [&n = name](const ParamCard& p) { return p.name == n; });
                beaten.set(name, card.fallback);
                for (const auto& [other, now] : beaten.all()) {
                    if (other->name == name) CHECK(now == card.fallback);
                }
            }
        }
    }
    Explainer explainer(small_chain(2));
    Random random(3);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Method& lrp = find_method("lrp");
    Params compat(lrp.card), by_hand(lrp.card);
    compat.set("compat", std::string_view("captum"));
    by_hand.set("composite", std::string_view("epsilon"));
    by_hand.set("epsilon", std::string_view("1e-9"));
    const Tensor a = explain(lrp, {explainer, x, Target::of_class(0), compat}).map(),
                 b = explain(lrp, {explainer, x, Target::of_class(0), by_hand}).map();
    CHECK(std::equal(a.data(), a.data() + a.size(), b.data()));
}
