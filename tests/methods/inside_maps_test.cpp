/// Class activation maps, channels and concepts: what must hold of them whatever the network; goldens are in
/// tests/parity.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/answers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;
using test::explained;

namespace {

/// conv → relu → global average → flatten → dense.
Network averaging() {
    Random random(3);
    Network network({1, 9, 8, 2});
    network.add("conv", std::make_unique<Conv2d>(test::random_tensor({3, 3, 2, 6}, random, 0.4F),
                                                 test::random_tensor({1, 1, 1, 6}, random, 0.3F)));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("average", std::make_unique<GlobalAveragePool>());
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 6, 4}, random),
                                                 test::random_tensor({1, 1, 1, 4}, random)));
    return network;
}

}  // namespace

TEST_CASE("cam: the weights of the class times the maps; its mean and the bias are the score") {
    const Network network = averaging();
    Explainer explainer(network);
    Random random(4);
    const Tensor x = test::random_tensor(with_batch(network.input_shape(), 3), random);
    const std::vector<test::Array> values = test::reference_forward(network, test::Array(x));
    const test::Array& maps = values[network.find("relu")];
    const auto& dense = dynamic_cast<const Dense&>(*network.nodes().back().layer);
    const auto w = [&](std::size_t k, std::size_t c) { return static_cast<double>(dense.weight()(0, 0, k, c)); };
    for (const char* text : {"class:2", "contrast:2-1"}) {
        const Target target = Target::parse(text);
        const bool contrast = target.kind == TargetKind::contrast;
        const Result result = explained("cam", explainer, x, target, {});
        const Tensor& coarse = result.map("coarse");
        REQUIRE(Shape(coarse.shape()) == Shape{3, 7, 6, 1});
        for (std::size_t n = 0; n < 3; ++n) {
            double mean = 0;
            for (std::size_t at = 0; at < 42; ++at) {
                double expected = 0;
                for (std::size_t k = 0; k < 6; ++k) {
                    expected += (w(k, 2) - (contrast ? w(k, 1) : 0.0)) * maps.at(n, at / 6, at % 6, k);
                }
                CHECK(sample(coarse, n)[at] == doctest::Approx(expected).epsilon(1e-5));
                mean += expected / 42;
            }
            CHECK(result.scalar("bias")[n] + mean == doctest::Approx(result.value[n]).epsilon(1e-5));
            const double bias = static_cast<double>(dense.bias().data()[2]) -
                                (contrast ? static_cast<double>(dense.bias().data()[1]) : 0.0);
            CHECK(result.scalar("bias")[n] == doctest::Approx(bias).epsilon(1e-4));
        }
    }
}

TEST_CASE("cam: a network without a global average says what would be right") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 1);
    Random random(5);
    Network squashed = averaging();
    squashed.add("relu2", std::make_unique<Activation>(Activation::Function::relu));
    squashed.add("dense2", std::make_unique<Dense>(test::random_tensor({1, 1, 4, 3}, random), zeros({1, 1, 1, 3})));
    Explainer bent(std::move(squashed));
    CHECK_THROWS_WITH_AS(explained("cam", bent, zeros(bent.network().input_shape()), Target::of_class(0), {}),
                         doctest::Contains("as models/gap.onnx has"), Error);
    CHECK_THROWS_WITH_AS(explained("cam", bent, zeros(bent.network().input_shape()), Target::parse("prob:0"), {}),
                         doctest::Contains("cam does not answer the target 'prob:0'"), Error);
}

TEST_CASE("class activation maps: a layer without rows and columns, one above the target and one that is not there") {
    Explainer explainer(averaging());
    const Tensor x = zeros(explainer.network().input_shape());
    for (const char* id : {"grad_cam", "grad_cam_pp", "layer_cam", "score_cam"}) {
        CAPTURE(id);
        CHECK_THROWS_WITH_AS(explained(id, explainer, x, Target::of_class(0), {{"layer", "dense"}}),
                             doctest::Contains("the layer 'dense' has no rows and columns"), Error);
        CHECK_THROWS_WITH_AS(explained(id, explainer, x, Target::parse("norm:conv"), {{"layer", "relu"}}),
                             doctest::Contains("'relu' does not lie below the target"), Error);
        CHECK_THROWS_WITH_AS(explained(id, explainer, x, Target::of_class(0), {{"layer", "conv9"}}),
                             doctest::Contains("conv9"), Error);
        CHECK_THROWS_WITH_AS(explained(id, explainer, x, Target::parse("norm:input"), {}),
                             doctest::Contains("needs a convolution"), Error);
    }
}

TEST_CASE("concept relevance: the maps of all channels, and of all units, of a layer sum to the plain map") {
    std::size_t compared = 0;
    for (const std::uint32_t seed : {0U, 2U, 5U, 7U}) {
        Explainer explainer(test::random_network(seed, {.residual = false}));
        const Network& network = explainer.merged().network();
        const Tensor x = test::random_batch(network, 2, seed);
        for (const char* composite : {"epsilon_plus", "epsilon_alpha2_beta1_flat"}) {
            const Result plain = explained("lrp", explainer, x, Target::of_class(1), {{"composite", composite}});
            for (ValueId layer = 0; layer < network.logits(); ++layer) {
                if (network.shape(layer)[3] > 12) continue;
                const std::string name(network.name(layer));
                CAPTURE(name);
                test::Array sum(Shape(plain.map().shape()));
                std::vector<double> relevances(2, 0.0);
                for (std::size_t channel = 0; channel < network.shape(layer)[3]; ++channel) {
                    const Result one =
                        explained("concept_relevance", explainer, x, Target::of_class(1),
                                  {{"composite", composite}, {"layer", name}, {"channel", std::to_string(channel)}});
                    for (std::size_t i = 0; i < sum.data.size(); ++i)
                        sum.data[i] += static_cast<double>(one.map().data()[i]);
                    for (std::size_t n = 0; n < 2; ++n) relevances[n] += one.scalar("relevance")[n];
                }
                CHECK(test::relative_error(plain.map(), sum) <= 1e-4);
                const Result strongest = explained("concept_relevance", explainer, x, Target::of_class(1),
                                                   {{"composite", composite}, {"layer", name}});
                const Tensor& channels = strongest.find<Scores>("channels")->values;
                for (std::size_t n = 0; n < 2; ++n) {
                    const auto all = sample(channels, n);
                    CHECK(test::sum(all) == doctest::Approx(relevances[n]).epsilon(1e-4));
                    const auto largest = static_cast<std::size_t>(strongest.scalar("channel")[n]);
                    for (const float r : all) CHECK(r <= all[largest]);
                }
                ++compared;
            }
        }
    }
    CHECK(compared > 30);
}

TEST_CASE("concept relevance: places outside the layer are refused") {
    Explainer explainer(averaging());
    const Tensor x = zeros(explainer.network().input_shape());
    for (const char* param : {"channel", "row", "column"}) {
        CHECK_THROWS_WITH_AS(
            explained("concept_relevance", explainer, x, Target::of_class(0), {{"layer", "relu"}, {param, "7"}}),
            doctest::Contains("which has 6 channels of 7 rows and 6 columns"), Error);
    }
}

TEST_CASE("channel attribution: conductances of a layer sum to the difference from the baseline") {
    Explainer explainer(averaging());
    const Network& network = explainer.network();
    Random random(6);
    const Tensor x = test::random_tensor(with_batch(network.input_shape(), 2), random);
    for (const char* layer : {"conv", "relu", "average", "input"}) {
        for (const char* by : {"channel", "unit"}) {
            CAPTURE(layer);
            const Result result = explained("channel_attribution", explainer, x, Target::of_class(2),
                                            {{"layer", layer},
                                             {"measure", "conductance"},
                                             {"by", by},
                                             {"points", "4000"},
                                             {"quadrature", "trapezoid"}});
            for (std::size_t n = 0; n < 2; ++n) {
                const double wanted = result.value[n] - result.scalar("baseline_value")[n];
                CHECK(test::sum(sample(result.find<Scores>("scores")->values, n)) ==
                      doctest::Approx(wanted).epsilon(2e-3));
                CHECK(result.scalar("completeness_gap")[n] < 2e-3);
            }
        }
    }
}
