/// Every method answers every kind of target of every layer, and BatchNorm never changes what a target means.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/answers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/resources.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

std::unique_ptr<Layer> conv(std::size_t kernel, std::size_t inputs, std::size_t outputs, Random& random,
                            Padding padding = {}) {
    Tensor weight = test::random_tensor({kernel, kernel, inputs, outputs}, random, 0.4F);
    Tensor bias = test::random_tensor({1, 1, 1, outputs}, random, 0.3F);
    return std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{}, padding);
}

std::unique_ptr<Layer> dense(std::size_t inputs, std::size_t outputs, Random& random) {
    Tensor weight = test::random_tensor({1, 1, inputs, outputs}, random, 0.4F);
    Tensor bias = test::random_tensor({1, 1, 1, outputs}, random, 0.3F);
    return std::make_unique<Dense>(std::move(weight), std::move(bias));
}

std::unique_ptr<Layer> norm(std::size_t channels, Random& random) {
    const Shape shape{1, 1, 1, channels};
    Tensor scale = test::uniform_tensor(shape, random, 0.5F, 1.5F), shift = test::random_tensor(shape, random, 0.3F);
    Tensor mean = test::random_tensor(shape, random, 0.3F), variance = test::uniform_tensor(shape, random, 0.5F, 2.0F);
    return std::make_unique<BatchNorm>(std::move(scale), std::move(shift), std::move(mean), std::move(variance));
}

std::unique_ptr<Layer> relu() { return std::make_unique<Activation>(Activation::Function::relu); }

/// Layers of every kind: norms that are merged backwards (norm1, twice: norm2) and forwards (norm3, norm4), both kinds
/// of pools, a sum, a flatten, a softmax.
Network every_layer() {
    Random random(51);
    Network network({1, 9, 8, 2});
    network.add("conv1", conv(3, 2, 4, random, {1, 1, 1, 1}));
    network.add("norm1", norm(4, random));
    network.add("norm2", norm(4, random));
    const ValueId start = network.add("relu1", relu());
    network.add("norm3", norm(4, random));
    network.add("conv2", conv(1, 4, 4, random));
    network.add("norm5", norm(4, random));
    network.add("sum", std::make_unique<Add>(), {start, network.output()});
    network.add("relu2", relu());
    network.add("max", std::make_unique<MaxPool2d>(Window{2, 2, {2, 2}, {}, false}));
    network.add("mean", std::make_unique<AveragePool2d>(Window{2, 2, {2, 2}, {}, false}));
    network.add("norm4", norm(4, random));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("drop", std::make_unique<Dropout>(0.3F));
    network.add("dense1", dense(16, 7, random));
    network.add("norm6", norm(7, random));
    network.add("relu3", relu());
    network.add("dense2", dense(7, 4, random));
    network.add("softmax", std::make_unique<Softmax>());
    return network;
}

std::vector<Network> subjects() {
    std::vector<Network> networks;
    networks.push_back(every_layer());
#ifndef __EMSCRIPTEN__
    for (const char* name : {"residual", "pooling", "strided"}) {
        networks.push_back(load_onnx(std::string(PELLUCID_SOURCE_DIR "/tests/parity/networks/") + name + ".onnx"));
    }
#endif
    for (const std::uint32_t seed : {1U, 7U}) networks.push_back(test::random_network(seed));
    return networks;
}

std::vector<std::string> targets_of(const Network& network) {
    std::vector<std::string> texts{"class:1", "prob:1", "contrast:1-0", "predicted"};
    for (const Node& node : network.nodes()) {
        const Shape& shape = network.shape(network.find(node.name));
        const std::size_t channel = shape[3] / 2;
        texts.push_back(fmt::format("neuron:{}/{},{},{}", node.name, channel, shape[1] / 2, shape[2] / 2));
        texts.push_back(fmt::format("channel:{}/{}", node.name, channel));
        texts.push_back("norm:" + node.name);
    }
    return texts;
}

Params quick(const Card& card) {
    Params params(card);
    for (const ParamCard& p : card.params) {
        if (p.name == "samples" || p.name == "points" || p.name == "steps") params.set(p.name, std::string_view("3"));
        if (p.name == "stride") params.set(p.name, std::string_view("4"));
    }
    return params;
}

bool takes(const Method& method, const Target& target) {
    const auto& kinds = method.card.targets;
    return std::find(kinds.begin(), kinds.end(), target.kind) != kinds.end();
}

bool relevance(const Method& method) { return method.card.family == "relevance"; }

void check_same(const Tensor& a, const Tensor& b) {
    double largest = 1e-6, difference = 0;
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(b.data()[i])));
        difference = std::max(difference, std::abs(static_cast<double>(a.data()[i] - b.data()[i])));
    }
    CHECK(difference <= 1e-4 * largest);
}

/// y = f·x + o per channel as a convolution (image) or a dense layer (vector): what a norm is.
void scale(Tensor& weight, Tensor& bias, const BatchNorm& norm) {
    const auto [factor, offset] = norm.affine();
    for (std::size_t i = 0; i < weight.size(); ++i) {
        weight.data()[i] = static_cast<float>(static_cast<double>(weight.data()[i]) * factor[i % factor.size()]);
    }
    for (std::size_t o = 0; o < factor.size(); ++o) {
        bias.data()[o] = static_cast<float>(static_cast<double>(bias.data()[o]) * factor[o] + offset[o]);
    }
}

}  // namespace

TEST_CASE("targets: every method answers every kind of target of every layer with the network's own value") {
    std::size_t answered = 0, turn = 0;
    for (Network& network_of : subjects()) {
        Explainer explainer(std::move(network_of));
        const Network& network = explainer.network();
        Random random(61);
        const Tensor x = test::random_tensor(with_batch(network.input_shape(), 2), random, 0.7F);
        test::give_resources(explainer);
        Trace trace;
        network.forward(x, trace);
        for (const std::string& text : targets_of(network)) {
            const Target target = Target::parse(text);
            const std::vector<double> values = target_values(target, network, trace);
            for (const Method& method : all_methods()) {
                if (!takes(method, target) || (!test::all_rounds() && turn++ % 8 != 0)) continue;
                CAPTURE(method.card.id);
                CAPTURE(text);
                const Request request{explainer, x, target, quick(method.card)};
                std::optional<Result> answer;
                REQUIRE_NOTHROW(answer = test::answer(method, request));
                if (!answer) {
                    CHECK_THROWS_WITH_AS(explain(method, request), doctest::Contains("needs a"), Error);
                    continue;
                }
                const Result& result = *answer;
                if (const auto* map = std::get_if<Map>(&result.items.front().second)) {
                    CHECK(map->data.shape()[0] == 2);
                    CHECK(map->data.shape()[1] == x.shape()[1]);
                    CHECK(map->data.shape()[2] == x.shape()[2]);
                }
                for (std::size_t n = 0; n < 2; ++n) {
                    const std::vector<double> numbers = test::answer_of(result, n);
                    CHECK(std::all_of(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); }));
                }
                if (method.card.outputs.front().map == MapKind::image) continue;  // attacks: the value after it
                REQUIRE(result.value.size() == 2);
                for (std::size_t n = 0; n < 2; ++n) {
                    CHECK(std::abs(result.value[n] - values[n]) <= 1e-4 * std::max(1.0, std::abs(values[n])));
                }
                ++answered;
            }
        }
    }
    CHECK(answered > (test::all_rounds() ? 2000U : 200U));
}

TEST_CASE("targets: the gradient of every layer's units, channels and norms is their derivative in double") {
    const Method& method = find_method("gradient");
    std::size_t compared = 0;
    for (Network& network_of : subjects()) {
        Explainer explainer(std::move(network_of));
        const Network& network = explainer.network();
        Random random(62);
        const Tensor x = test::random_tensor(network.input_shape(), random, 0.7F);
        const Tensor direction = test::random_tensor(network.input_shape(), random);
        for (const std::string& text : targets_of(network)) {
            if (text == "predicted" || text.starts_with("prob")) continue;  // their values are rounded: see target_test
            CAPTURE(text);
            const Target target = Target::parse(text);
            const Tensor gradient = explain(method, {explainer, x, target, Params(method.card)}).map();
            const auto value = [&](double step) {
                test::Array at(x);
                for (std::size_t i = 0; i < x.size(); ++i)
                    at.data[i] += step * static_cast<double>(direction.data()[i]);
                const test::Array reached = test::reference_forward(network, at)[target_value(target, network)];
                if (target.kind == TargetKind::contrast) return reached.data[1] - reached.data[0];
                if (target.kind == TargetKind::logit) return reached.data[1];
                double sum = 0;
                const auto& [n, h, w, c] = reached.shape;
                for (std::size_t i = 0; i < reached.data.size(); ++i) {
                    const bool unit = i == (target.y * w + target.x) * c + target.index,
                               channel = i % c == target.index;
                    if (target.kind == TargetKind::norm)
                        sum += reached.data[i] * reached.data[i];
                    else if (target.kind == TargetKind::channel ? channel : unit)
                        sum += reached.data[i];
                }
                return sum;
            };
            double ours = 0, size = 0;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const double term = static_cast<double>(gradient.data()[i]) * static_cast<double>(direction.data()[i]);
                ours += term;
                size += std::abs(term);
            }
            CHECK(std::abs(ours - (value(1e-7) - value(-1e-7)) / 2e-7) <= 1e-4 * size + 1e-6);
            ++compared;
        }
    }
    CHECK(compared > 120);
}

TEST_CASE("targets: for relevance, a layer before its BatchNorm is itself, and the BatchNorm is the two merged") {
    Random random(71);
    Network network({1, 7, 6, 2});
    network.add("conv1", conv(3, 2, 5, random, {1, 1, 1, 1}));
    network.add("norm1", norm(5, random));
    network.add("relu1", relu());
    network.add("conv2", conv(3, 5, 4, random));
    network.add("norm2", norm(4, random));
    network.add("relu2", relu());
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", dense(80, 3, random));
    Explainer explainer(network);

    // By hand: norm1 merged, conv2 as it is or merged with norm2, nothing above.
    const auto by_hand = [&](bool second) {
        Network hand(network.input_shape());
        for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {
            const auto& layer = dynamic_cast<const Conv2d&>(*network.nodes()[i].layer);
            Tensor weight = layer.weight(), bias = layer.bias();
            if (i == 0 || second) scale(weight, bias, dynamic_cast<const BatchNorm&>(*network.nodes()[i + 1].layer));
            hand.add(network.nodes()[i].name,
                     std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{}, layer.padding()));
            if (i == 0) hand.add("relu1", relu());
        }
        return hand;
    };
    Explainer before(by_hand(false)), merged(by_hand(true));
    const Tensor x = test::random_tensor(network.input_shape(), random);
    std::size_t compared = 0;
    for (const Method& method : all_methods()) {
        // Patterns are estimated for one network, and these are three.
        if (!relevance(method) || needs(method.card, Role::patterns) || !takes(method, Target::parse("norm:conv2")))
            continue;
        CAPTURE(method.card.id);
        for (const char* form : {"neuron:{}/2,1,1", "channel:{}/3", "norm:{}"}) {
            const auto asked = [&](const char* layer) { return Target::parse(fmt::format(fmt::runtime(form), layer)); };
            const auto map = [&](Explainer& of, const char* layer) {
                return explain(method, {of, x, asked(layer), quick(method.card)}).map();
            };
            check_same(map(explainer, "conv2"), map(before, "conv2"));
            check_same(map(explainer, "norm2"), map(merged, "conv2"));
            // Excitation backprop knows neither biases nor the scale of a channel's weights.
            if (method.card.id == "excitation_backprop") continue;
            CHECK(test::relative_error(map(explainer, "conv2"), map(explainer, "norm2")) > 1e-3);
            ++compared;
        }
    }
    CHECK(compared >= 3);
}

TEST_CASE(
    "targets: a BatchNorm with nothing beside it to be merged into is a linear layer, whose offset keeps its part") {
    Explainer explainer(every_layer());
    const Network& network = explainer.network();
    Random random(72);
    const Tensor x = test::random_tensor(network.input_shape(), random);
    const Method& lrp = find_method("lrp");
    const Result result = explain(lrp, {explainer, x, Target::parse("neuron:norm3/1,2,2"), Params(lrp.card)});
    CHECK(result.ledger.front().layer == "norm3");
    CHECK(result.ledger.front().entering == doctest::Approx(result.value[0]).epsilon(1e-5));
    const auto& norm = dynamic_cast<const BatchNorm&>(*network.nodes()[network.find("norm3") - 1].layer);
    const double offset = norm.affine().second[1];
    CHECK(std::abs(offset) > 0.01);
    CHECK(result.ledger.front().bias == doctest::Approx(offset).epsilon(1e-4));
    CHECK(result.ledger.front().leaving == doctest::Approx(result.value[0] - offset).epsilon(1e-4));
    // Below it, norm1 and norm2 are merged into conv1: no layer of theirs is crossed.
    for (const LedgerRow& row : result.ledger)
        CHECK((row.layer == "norm3" || row.layer == "relu1" || row.layer == "conv1"));
}

TEST_CASE("merging: a BatchNorm's name stays a name of the layer that took it in") {
    const Network network = every_layer();
    const Network merged = merge_batch_norm(network);
    const Tensor x = test::random_batch(network, 1, 5);
    Trace plain, folded;
    network.forward(x, plain);
    merged.forward(x, folded);
    // norm1 is read by norm2 alone: what it put out is nowhere in the merged network.
    for (const char* name : {"norm2", "norm5", "norm6"}) {
        CAPTURE(name);
        CHECK(test::relative_error(folded.values[merged.find(name)], plain.values[network.find(name)]) <= 1e-5);
    }
    for (const char* gone : {"norm1", "norm3", "norm4"})
        CHECK_THROWS_WITH_AS(merged.find(gone), doctest::Contains(gone), Error);
    const Network copy = merged;
    CHECK(copy.find("norm2") == merged.find("norm2"));
}

TEST_CASE("targets: places outside a layer are refused by name") {
    Explainer explainer(every_layer());
    const Tensor x = zeros(explainer.network().input_shape());
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        for (const char* text : {"neuron:conv1/4,0,0", "neuron:conv1/0,9,0", "neuron:conv1/0,0,8", "neuron:dense1/7",
                                 "neuron:dense1/0,1,0", "channel:max/4", "class:4", "prob:4", "contrast:0-4",
                                 "norm:conv9", "channel:norm1/4"}) {
            CAPTURE(text);
            const Target target = Target::parse(text);
            if (!takes(method, target)) continue;
            CHECK_THROWS_WITH_AS(start(method, {explainer, x, target, Params(method.card)}),
                                 doctest::Contains(target.layer.empty() ? text : target.layer.c_str()), Error);
        }
    }
}
