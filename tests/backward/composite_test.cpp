/// What composites do at layers that are no layers with weights: other activations than ReLUs, Resize, averages.
#include "pellucid/backward/composite.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

using namespace pellucid;

namespace {

Tensor weights(const Shape& shape, Random& random) { return test::random_tensor(shape, random); }

void add_dense(Network& network, std::string name, std::size_t in, std::size_t out, Random& random) {
    network.add(std::move(name), std::make_unique<Dense>(weights({1, 1, in, out}, random), zeros({1, 1, 1, out})));
}

Network with_activation(Activation::Function function) {
    Random random(11);
    Network network({1, 1, 1, 4});
    add_dense(network, "first", 4, 6, random);
    network.add("act", std::make_unique<Activation>(function));
    add_dense(network, "second", 6, 3, random);
    return network;
}

Tensor map_of(std::string_view id, Network network, const Tensor& input, const Target& target,
              std::string_view compat = {}) {
    const Method& method = find_method(id);
    Explainer explainer(std::move(network));
    Params params(method.card);
    if (!compat.empty()) params.set("compat", compat);
    return explain(method, {explainer, input, target, params}).map();
}

}  // namespace

TEST_CASE("guided_backprop and deconvnet rectify at ReLUs alone: elsewhere they are the gradient") {
    Random random(2);
    const Tensor x = test::random_tensor({2, 1, 1, 4}, random);
    const Target target = Target::of_class(1);
    using Function = Activation::Function;
    for (const Function function : {Function::tanh, Function::sigmoid, Function::leaky_relu}) {
        const Tensor gradient = map_of("gradient", with_activation(function), x, target);
        CHECK(map_of("guided_backprop", with_activation(function), x, target) == gradient);
        CHECK(map_of("deconvnet", with_activation(function), x, target) == gradient);
    }
    const Tensor gradient = map_of("gradient", with_activation(Function::relu), x, target);
    CHECK(map_of("guided_backprop", with_activation(Function::relu), x, target) != gradient);
    CHECK(map_of("deconvnet", with_activation(Function::relu), x, target) != gradient);
}

TEST_CASE("flat and w_square lose nothing at a Resize whose inputs are 0") {
    for (const Resize::Mode mode : {Resize::Mode::nearest, Resize::Mode::linear}) {
        Random random(4);
        Network network({1, 4, 4, 1});
        network.add("up", std::make_unique<Resize>(mode, 2.0F, 1.5F));
        network.add("flatten", std::make_unique<Flatten>());
        add_dense(network, "dense", 48, 3, random);
        Explainer explainer(std::move(network));
        Evaluator& evaluator = explainer.plain();
        Tensor x = zeros({1, 4, 4, 1});
        x(0, 1, 2, 0) = 0.8F;  // all else is paper
        const Trace& trace = evaluator.trace(x);
        Tensor seed = zeros({1, 1, 1, 3});
        seed.data()[1] = 1.0F;
        const std::vector<Composite> composites{composites::single_rule("flat"), composites::single_rule("w_square"),
                                                composites::relevance("epsilon_plus_flat"),
                                                composites::relevance("epsilon_alpha2_beta1_flat")};
        for (const Composite& composite : composites) {
            CAPTURE(composite.id());
            const Tensor& map = evaluator.carry(trace, composite, explainer.network().logits(), seed);
            CHECK(test::sum(map) == doctest::Approx(1.0).epsilon(1e-5));
            CHECK(map(0, 0, 0, 0) != 0.0F);
        }
    }
}

TEST_CASE("deep_taylor compat=innvestigate passes the gradient at average pools") {
    const auto pooled = [] {
        Network network({1, 2, 2, 1});
        network.add("pool", std::make_unique<AveragePool2d>());
        network.add("flatten", std::make_unique<Flatten>());
        network.add("dense", std::make_unique<Dense>(filled({1, 1, 1, 2}, 2.0F), zeros({1, 1, 1, 2})));
        return network;
    };
    Tensor x = zeros({1, 2, 2, 1});
    x.data()[0] = 0.9F;
    x.data()[3] = 0.3F;
    // f = 2·0.3 = 0.6 lies on the pooled value alone; z_box is (x − 0)·2 / (x − 0)·2 = 1 of it.
    const Tensor shares = map_of("deep_taylor", pooled(), x, Target::of_class(0));
    CHECK(shares.data()[0] == doctest::Approx(0.45).epsilon(1e-4));
    CHECK(shares.data()[1] == 0.0F);
    const Tensor gradient = map_of("deep_taylor", pooled(), x, Target::of_class(0), "innvestigate");
    for (std::size_t i = 0; i < 4; ++i) CHECK(gradient.data()[i] == doctest::Approx(0.15).epsilon(1e-4));
}
