/// Relevance messages: what a unit received, taken apart, against crossings of one output unit at a time.
#include "pellucid/backward/rules.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/check_walk.hpp"
#include "support/patterns.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

/// One layer, its recorded step, and relevances of its output.
struct Scene {
    const Layer& layer;
    std::vector<Tensor> inputs;
    Tensor output, incoming;
    Record record;
    std::vector<const Tensor*> pointers;
    Workspace workspace;

    Scene(const Layer& l, std::vector<Tensor> x, Random& random) : layer(l), inputs(std::move(x)) {
        std::vector<Shape> shapes;
        for (const Tensor& input : inputs) {
            pointers.push_back(&input);
            shapes.push_back(input.shape());
        }
        output = Tensor(layer.output_shape(shapes));
        layer.forward(pointers, output, record);
        incoming = test::random_tensor(output.shape(), random);
    }
    Crossing crossing(const Tensor& r, std::span<Tensor* const> out) {
        return {layer, {pointers, output, record}, r, out, workspace, nullptr};
    }
    /// What all inputs get when `r` crosses.
    std::vector<Tensor> cross(const Rule& rule, const Tensor& r) {
        std::vector<Tensor> results;
        for (const Tensor& input : inputs) results.emplace_back(input.shape());
        std::vector<Tensor*> out;
        for (Tensor& result : results) out.push_back(&result);
        rule.cross(crossing(r, out));
        return results;
    }
};

/// Every unit: its messages are what crosses from each output unit alone, and sum to what it gets from all of them.
void check_messages(const Rule& rule, Scene scene, bool products) {
    CAPTURE(rule.id());
    CAPTURE(scene.layer.op());
    const std::vector<Tensor> together = scene.cross(rule, scene.incoming);
    std::vector<std::vector<Tensor>> alone;  // [k][input]
    for (std::size_t k = 0; k < scene.output.size(); ++k) {
        Tensor one = zeros(scene.output.shape());
        one.data()[k] = scene.incoming.data()[k];
        alone.push_back(scene.cross(rule, one));
    }
    std::size_t told = 0;
    for (std::size_t input = 0; input < scene.inputs.size(); ++input) {
        for (std::size_t j = 0; j < scene.inputs[input].size(); ++j) {
            CAPTURE(j);
            const Messages messages = rule.messages(scene.crossing(scene.incoming, {}), input, j);
            std::vector<double> by_unit(scene.output.size(), 0.0);
            double sum = 0, size = 1e-30;
            for (const Message& message : messages.list) {
                by_unit[message.unit] = message.value;
                sum += message.value;
                size += std::abs(message.value);
                CHECK(message.relevance == doctest::Approx(scene.incoming.data()[message.unit]));
                CHECK(message.terms.empty() != products);
                double product = 0, largest = 0;
                for (const MessageTerm& term : message.terms) {
                    const double value = messages.forms[term.form].coefficient * term.input * term.weight /
                                         term.denominator * message.relevance;
                    product += value;
                    largest = std::max(largest, std::abs(value));
                }
                if (products) CHECK(std::abs(product - message.value) <= 1e-9 * largest);
            }
            CHECK(std::abs(sum - static_cast<double>(together[input].data()[j])) <= 1e-5 * size);
            for (std::size_t k = 0; k < by_unit.size(); ++k) {
                CHECK(std::abs(by_unit[k] - static_cast<double>(alone[k][input].data()[j])) <= 1e-5 * size);
            }
            told += messages.list.size();
        }
    }
    CHECK(told > 0);
}

}  // namespace

TEST_CASE("messages: rules of layers with weights tell every product") {
    Random random(31);
    const auto weights = [&](Shape shape) { return test::random_tensor(shape, random); };
    std::vector<std::unique_ptr<WeightedLayer>> layers;
    layers.push_back(std::make_unique<Dense>(weights({1, 1, 24, 5}), weights({1, 1, 1, 5})));
    layers.push_back(
        std::make_unique<Conv2d>(weights({3, 3, 2, 4}), weights({1, 1, 1, 4}), Stride{1, 1}, Padding{1, 1, 1, 1}));
    layers.push_back(
        std::make_unique<Conv2d>(weights({2, 3, 2, 3}), weights({1, 1, 1, 3}), Stride{2, 1}, Padding{0, 2, 1, 0}));
    layers.push_back(std::make_unique<ConvTranspose2d>(weights({2, 2, 2, 3}), weights({1, 1, 1, 3}), Stride{2, 2}));
    rules::RuleOptions options;
    options.low = -1.5F;
    options.high = 2.0F;
    for (const auto& layer : layers) {
        for (const bool positive : {false, true}) {
            Tensor a =
                test::random_tensor(layer->kind() == Kind::dense ? Shape{1, 1, 1, 24} : Shape{1, 4, 3, 2}, random);
            for (float& v : elements(a)) v = positive ? std::max(v, 0.0F) : v;
            for (const std::string& id : rules::linear_rule_ids()) {
                check_messages(*rules::linear_rule(id, options), Scene(*layer, {a}, random), true);
            }
            check_messages(*rules::epsilon(0.25F, true), Scene(*layer, {a}, random), true);
            check_messages(*rules::gradient(), Scene(*layer, {a}, random), false);
        }
    }
}

TEST_CASE("messages: layers without weights, with one input and with two") {
    Random random(32);
    const auto image = [&] { return test::random_tensor({1, 5, 4, 2}, random); };
    const Window overlapping{3, 3, {2, 2}, {1, 1, 1, 1}, false};
    check_messages(*rules::gradient(), Scene(MaxPool2d(), {image()}, random), false);
    check_messages(*rules::gradient(), Scene(MaxPool2d(overlapping), {image()}, random), false);
    check_messages(*rules::norm(), Scene(AveragePool2d(overlapping), {image()}, random), false);
    check_messages(*rules::norm(), Scene(GlobalAveragePool(), {image()}, random), false);
    check_messages(*rules::norm(), Scene(Add(), {image(), image()}, random), false);
    check_messages(*rules::norm(), Scene(Resize(Resize::Mode::linear, 2.0F, 2.0F), {image()}, random), false);
    check_messages(*rules::pass(), Scene(Activation(Activation::Function::relu), {image()}, random), false);
    check_messages(*rules::pass(), Scene(Activation(Activation::Function::sigmoid), {image()}, random), false);
    check_messages(*rules::pass(), Scene(Flatten(), {image()}, random), false);
}

TEST_CASE("layerwise: in every layer of a network, what a unit received adds up to its relevance") {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
        Explainer explainer(test::random_network(seed));
        test::give_patterns(explainer);
        Random random(seed + 300);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        for (const Method& method : all_methods()) {
            Request request{explainer, x, Target::of_class(0), Params(method.card), true};
            if (method.card.family != "relevance") {
                if (seed != 0 || method.card.progressive) continue;
                try {
                    CHECK(explain(method, request).layerwise == nullptr);
                } catch (const Error& error) {
                    CHECK(error.code() == ErrorCode::unsupported);  // cam: these networks do not average at the end
                }
                continue;
            }
            CAPTURE(seed);
            CAPTURE(method.card.id);
            Result result;
            try {
                result = explain(method, request);
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::unsupported);  // needs something that these networks lack
            }
            REQUIRE(result.layerwise != nullptr);
            const Layerwise& pass = *result.layerwise;
            const std::vector<ValueId> values = pass.values();
            CHECK(values.back() == 0);
            CHECK(values.size() == result.ledger.size() + 1);
            CHECK(std::equal(result.map().data(), result.map().data() + result.map().size(), pass.relevance(0).data()));
            test::check_walk(pass);
        }
    }
}

TEST_CASE("layerwise: what was not crossed, and batches, are refused") {
    Explainer explainer(test::random_network(1));
    const Network& network = explainer.network();
    Random random(2);
    const Method& lrp = find_method("lrp");
    const Tensor x = test::random_tensor(network.input_shape(), random);
    const std::string first(network.name(1));
    const Result result =
        explain(lrp, {explainer, x, Target::parse("channel:" + first + "/0"), Params(lrp.card), true});
    REQUIRE(result.layerwise != nullptr);
    CHECK(result.layerwise->received(1, 0).through.empty());
    CHECK_THROWS_WITH_AS(result.layerwise->received(2, 0), doctest::Contains("did not cross"), Error);
    CHECK_THROWS_WITH_AS(result.layerwise->received(0, x.size()), doctest::Contains("no unit"), Error);
    const Result batch =
        explain(lrp, {explainer, test::random_batch(network, 2, 3), Target::of_class(0), Params(lrp.card), true});
    REQUIRE(batch.layerwise != nullptr);
    CHECK(batch.layerwise->relevance(0).shape()[0] == 2);
    CHECK_THROWS_WITH_AS(batch.layerwise->received(0, 0), doctest::Contains("batch"), Error);
    // Not asked for, not kept.
    CHECK(explain(lrp, {explainer, x, Target::of_class(0), Params(lrp.card)}).layerwise == nullptr);
}
