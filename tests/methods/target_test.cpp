#include "pellucid/error.hpp"
#include "pellucid/methods/evaluator.hpp"
#include "pellucid/methods/target.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

TEST_CASE("targets: texts are read and written back") {
    for (const char* text :
         {"class:3", "prob:0", "contrast:4-9", "predicted", "neuron:conv1/2,3,4", "channel:conv-2/7", "norm:a:b/c"}) {
        CHECK(Target::parse(text).text() == text);
    }
    CHECK(Target::parse("neuron:dense1/5").text() == "neuron:dense1/5,0,0");
    for (const char* text :
         {"", "3", "class:", "class:x", "class:-1", "contrast:4", "contrast:4-4", "neuron:conv1", "neuron:/1,2,3",
          "neuron:conv1/1,2", "channel:conv1/", "norm:", "nonsense:1", "class:99999999999999999999"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(Target::parse(text), Error);
    }
}

TEST_CASE("targets: a neuron of a layer with several places needs its place") {
    const Network network = test::random_network(4);
    const ValueId last = network.logits();
    REQUIRE(sample_size(network.shape(1)) > network.shape(1)[3]);
    CHECK_THROWS_WITH_AS(check_target(Target::parse(fmt::format("neuron:{}/0", network.name(1))), network),
                         doctest::Contains("ROW,COLUMN"), Error);
    check_target(Target::parse(fmt::format("neuron:{}/0,0,0", network.name(1))), network);
    check_target(Target::parse(fmt::format("neuron:{}/1", network.name(last))), network);
}

TEST_CASE("targets: seeds of relevance sum to the value, seeds of gradients are its derivative") {
    Explainer explainer(test::random_network(4));
    const Network& network = explainer.network();
    Random random(3);
    const Tensor x = test::random_tensor(network.input_shape(), random);
    const Trace& trace = explainer.plain().trace(x);
    const std::string layer(network.name(1));
    for (const std::string& text :
         {std::string("class:1"), std::string("prob:1"), std::string("contrast:1-0"), std::string("predicted"),
          "neuron:" + layer + "/0,1,1", "channel:" + layer + "/0", "norm:" + layer}) {
        CAPTURE(text);
        const Target target = Target::parse(text);
        const double value = target_values(target, network, trace)[0];
        const Tensor relevance = target_seed(target, network, trace, SeedMode::relevance);
        double sum = 0;
        for (const float v : elements(relevance)) sum += static_cast<double>(v);
        CHECK(sum == doctest::Approx(value).epsilon(1e-5));

        const Tensor seed = target_seed(target, network, trace, SeedMode::gradient);
        const ValueId at = target_value(target, network);
        Trace nudged = trace;
        for (std::size_t i = 0; i < seed.size(); i += 3) {
            const float h = 1e-2F, kept = nudged.values[at].data()[i];
            nudged.values[at].data()[i] = kept + h;
            const double up = target_values(target, network, nudged)[0];
            nudged.values[at].data()[i] = kept - h;
            const double down = target_values(target, network, nudged)[0];
            nudged.values[at].data()[i] = kept;
            CHECK(seed.data()[i] == doctest::Approx((up - down) / (2 * static_cast<double>(h))).epsilon(5e-3));
        }
    }
}
