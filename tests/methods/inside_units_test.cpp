/// Units of layers: what they put out, what they see, and what the network answers without them, against plain loops.
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/without.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/answers.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace pellucid;
using test::Array;
using test::explained;

namespace {

const Tensor& scores(const Result& result, std::string_view name) {
    const auto* found = result.find<Scores>(name);
    REQUIRE(found != nullptr);
    return found->values;
}

/// The logits where the units of `layer` for which `hit` holds are multiplied by `factor`, in double.
std::vector<double> logits_without(const Network& network, std::vector<Array> values, ValueId layer, double factor,
                                   const std::function<bool(std::size_t)>& hit) {
    for (std::size_t u = 0; u < values[layer].data.size(); ++u) {
        if (hit(u)) values[layer].data[u] *= factor;
    }
    for (ValueId value = layer + 1; value <= network.logits(); ++value) {
        const Node& node = network.nodes()[value - 1];
        std::vector<Array> inputs;
        for (const ValueId input : node.inputs) inputs.push_back(values[input]);
        const auto layer_copy = node.layer->clone();
        values[value] = test::reference_forward(*node.layer, inputs, test::parameters_of(*layer_copy));
    }
    return values[network.logits()].data;
}

}  // namespace

TEST_CASE("unit ablation: a channel or unit less changes the score as in a network evaluated by hand") {
    std::size_t compared = 0;
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 2, seed);
        for (ValueId layer = 0; layer <= network.logits(); ++layer) {
            if (sample_size(network.shape(layer)) > 300) continue;
            const std::string name(network.name(layer));
            CAPTURE(name);
            for (const bool by_unit : {false, true}) {
                const double factor = by_unit ? 0.25 : 0.0;
                const Result result = explained("unit_ablation", explainer, x, Target::of_class(1),
                                                {{"layer", name},
                                                 {"by", by_unit ? "unit" : "channel"},
                                                 {"how", by_unit ? "scale" : "zero"},
                                                 {"factor", "0.25"}});
                const Tensor& change = scores(result, "change");
                const std::size_t groups = change.shape()[3];
                CHECK(groups == (by_unit ? sample_size(network.shape(layer)) : network.shape(layer)[3]));
                for (std::size_t n = 0; n < 2; ++n) {
                    const std::vector<Array> values = test::reference_forward(network, Array(batch_slice(x, n, 1)));
                    const double before = values[network.logits()].data[1];
                    double size = std::abs(before);
                    for (const double logit : values[network.logits()].data) size = std::max(size, std::abs(logit));
                    for (std::size_t k = 0; k < groups; k += 1 + groups / 7) {
                        const double after = logits_without(network, values, layer, factor,
                                                            [&](std::size_t u) { return u % groups == k; })[1];
                        CHECK(std::abs(static_cast<double>(sample(change, n)[k]) - (before - after)) <=
                              2e-5 * size + 1e-5);
                        ++compared;
                    }
                }
            }
        }
    }
    CHECK(compared > 300);
}

TEST_CASE("unit ablation: what changes nothing changes no bit, whatever the layer and the batch") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 3U, 5U, 7U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 3, seed);
        for (ValueId layer = 0; layer <= network.logits(); ++layer) {
            const std::string name(network.name(layer));
            CAPTURE(name);
            CAPTURE(seed);
            for (const char* units : {"", "0", "all"}) {
                const Result result = explained("unit_ablation", explainer, x, Target::parse("predicted"),
                                                {{"layer", name}, {"how", "scale"}, {"factor", "1"}, {"units", units}});
                for (const float v : elements(scores(result, "change"))) CHECK(v == 0.0F);
                CHECK(result.scalar("after") == result.value);
                const Tensor& logits = explainer.plain().trace(x).values[network.logits()];
                for (std::size_t n = 0; n < 3; ++n) {
                    const std::vector<double> p = probabilities(network, sample(logits, n));
                    for (std::size_t c = 0; c < p.size(); ++c) {
                        CHECK(sample(scores(result, "answer"), n)[c] == static_cast<float>(p[c]));
                    }
                }
            }
            // Nothing chosen by hand: nothing is damaged by hand, however bad the damage.
            const Result none = explained("unit_ablation", explainer, x, Target::parse("predicted"), {{"layer", name}});
            CHECK(none.scalar("after") == none.value);
        }
    }
}

TEST_CASE("unit ablation: by hand, by noise, beside the derivative") {
    Explainer explainer(test::random_network(1));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 2, 1);
    const std::string layer(network.name(1));
    const Result zero =
        explained("unit_ablation", explainer, x, Target::of_class(0), {{"layer", layer}, {"units", "1"}});
    for (std::size_t n = 0; n < 2; ++n) {
        const double change = static_cast<double>(sample(scores(zero, "change"), n)[1]);
        CHECK(zero.value[n] - zero.scalar("after")[n] == doctest::Approx(change).epsilon(1e-5));
    }
    const auto noisy = [&](const char* seed) {
        return explained("unit_ablation", explainer, x, Target::of_class(0),
                         {{"layer", layer}, {"units", "all"}, {"how", "disturb"}, {"seed", seed}});
    };
    CHECK(noisy("1").scalar("after") == noisy("1").scalar("after"));
    CHECK(noisy("1").scalar("after") != noisy("2").scalar("after"));
    CHECK(noisy("1").scalar("after") != zero.value);
    // A thousandth less of each channel changes the score by a thousandth of Σ a·∂f/∂a; units of one channel alone, so
    // that the sum of derivatives times the unit's activity is it.
    const Result little = explained("unit_ablation", explainer, x, Target::of_class(0),
                                    {{"layer", layer}, {"how", "scale"}, {"factor", "0.99"}, {"by", "unit"}});
    const Tensor& a = explainer.plain().trace(x).values[1];
    std::size_t near = 0, all = 0;
    for (std::size_t n = 0; n < 2; ++n) {
        for (std::size_t u = 0; u < sample_size(a); ++u) {
            const float linear = 0.01F * sample(a, n)[u] * sample(scores(little, "gradient"), n)[u];
            near +=
                std::abs(sample(scores(little, "change"), n)[u] - linear) <= 0.02F * std::abs(linear) + 1e-5F ? 1 : 0;
            ++all;
        }
    }
    CHECK(near > all * 95 / 100);
}

TEST_CASE("unit ablation: units that are not there, and data that are not there, are refused") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 1);
    for (const char* units :
         {"900", "0,900,0", "0,0,900", "0,1", "-1", "1;;2", "x", "1;", "1,2,3,4", "99999999999999999999999"}) {
        CAPTURE(units);
        if (std::string_view(units) == "1;") continue;  // as good as "1"
        CHECK_THROWS_WITH_AS(explained("unit_ablation", explainer, x, Target::of_class(0), {{"units", units}}),
                             doctest::Contains("names no unit of the layer"), Error);
    }
    CHECK_THROWS_WITH_AS(explained("unit_ablation", explainer, x, Target::of_class(0), {{"how", "mean"}}),
                         doctest::Contains("needs data"), Error);
    CHECK_THROWS_WITH_AS(explained("unit_ablation", explainer, x, Target::of_class(0), {{"drawings", "3"}}),
                         doctest::Contains("needs data"), Error);
}

TEST_CASE("activations: the recorded values, a picture of each channel; a vector in one") {
    Explainer explainer(test::random_network(1));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 2, 1);
    for (ValueId layer = 0; layer <= network.output(); ++layer) {
        const Result result =
            explained("activations", explainer, x, Target::of_class(0), {{"layer", std::string(network.name(layer))}});
        const Tensor& value = explainer.plain().trace(x).values[layer];
        const auto [n, h, w, k] = value.shape();
        const auto& frames = *result.find<Frames>("channels");
        CHECK(frames.images.size() == (h * w == 1 ? 1 : k));
        for (std::size_t s = 0; s < n; ++s) {
            std::size_t above = 0;
            for (std::size_t c = 0; c < k; ++c) {
                double sum = 0;
                for (std::size_t at = 0; at < h * w; ++at) {
                    const float unit = sample(value, s)[at * k + c];
                    CHECK(sample(frames.images[h * w == 1 ? 0 : c], s)[h * w == 1 ? c : at] == unit);
                    sum += static_cast<double>(unit);
                    above += unit > 0 ? 1 : 0;
                }
                CHECK(static_cast<double>(sample(scores(result, "activity"), s)[c]) ==
                      doctest::Approx(sum / static_cast<double>(h * w)).epsilon(1e-5));
            }
            CHECK(result.scalar("active")[s] == static_cast<double>(above) / static_cast<double>(h * w * k));
        }
    }
}

TEST_CASE("filters: kernels side by side, a dense layer's as what was flattened; layers without kernels are refused") {
    Random random(9);
    Network network({1, 5, 4, 2});
    network.add("conv", std::make_unique<Conv2d>(test::random_tensor({3, 2, 2, 5}, random),
                                                 test::random_tensor({1, 1, 1, 5}, random)));
    network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    network.add("flatten", std::make_unique<Flatten>());
    network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 45, 3}, random), zeros({1, 1, 1, 3})));
    Explainer explainer(network);
    const Tensor x = zeros(network.input_shape());
    const auto& conv = dynamic_cast<const Conv2d&>(*network.nodes()[0].layer);
    const Result first = explained("filters", explainer, x, Target::of_class(0), {});
    const auto& kernels = *first.find<Frames>("kernels");
    REQUIRE(kernels.images.size() == 5);
    REQUIRE(Shape(kernels.images[3].shape()) == Shape{1, 3, 5, 1});
    for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t column = 0; column < 5; ++column) {
            const float wanted = column == 2 ? 0.0F : conv.weight()(y, column % 3, column / 3, 3);
            CHECK(kernels.images[3](0, y, column, 0) == wanted);
        }
    }
    CHECK(scores(first, "bias")(0, 0, 0, 4) == conv.bias().data()[4]);
    const auto& dense = dynamic_cast<const Dense&>(*network.nodes()[3].layer);
    const Result one = explained("filters", explainer, x, Target::of_class(0),
                                 {{"layer", "dense"}, {"input", "2"}, {"first", "1"}, {"most", "1"}});
    const auto& unit = *one.find<Frames>("kernels");
    REQUIRE(unit.images.size() == 1);
    CHECK(unit.steps.front() == 1);
    REQUIRE(Shape(unit.images[0].shape()) == Shape{1, 3, 3, 1});
    double square = 0;
    for (std::size_t i = 0; i < 45; ++i) square += std::pow(static_cast<double>(dense.weight()(0, 0, i, 1)), 2);
    for (std::size_t at = 0; at < 9; ++at) CHECK(unit.images[0].data()[at] == dense.weight()(0, 0, at * 5 + 2, 1));
    CHECK(scores(one, "norm")(0, 0, 0, 0) == doctest::Approx(std::sqrt(square)).epsilon(1e-5));
    const auto refused = [&](const std::vector<std::pair<std::string_view, std::string>>& values, const char* words) {
        CHECK_THROWS_WITH_AS(explained("filters", explainer, x, Target::of_class(0), values), doctest::Contains(words),
                             Error);
    };
    refused({{"layer", "relu"}}, "layers with kernels are conv, dense");
    refused({{"layer", "conv"}, {"input", "2"}}, "input channels 0 to 1");
    refused({{"layer", "conv"}, {"first", "5"}}, "kernels 0 to 4");
}

TEST_CASE("unit ablation: the mean is that over the data, and so is the second ranking") {
    Explainer explainer(test::random_network(5));
    const Network& network = explainer.network();
    const Tensor data = test::random_batch(network, 8, 8);
    explainer.attach(DataSet(data));
    const Tensor x = test::random_batch(network, 1, 9);
    const std::string layer(network.name(1));
    const Tensor values = explainer.plain().forward(data).values[1];
    // One unit at its mean over the data: scaled by mean/a, which another way of damaging it can say.
    const Tensor own = explainer.plain().trace(x).values[1];
    double mean = 0;
    for (std::size_t n = 0; n < 8; ++n) mean += static_cast<double>(sample(values, n)[0]) / 8;
    const double factor = mean / static_cast<double>(own.data()[0]);
    REQUIRE(std::abs(factor) < 100);
    const Result by_mean = explained("unit_ablation", explainer, x, Target::of_class(1),
                                     {{"layer", layer}, {"how", "mean"}, {"units", "0,0,0"}, {"drawings", "6"}});
    const Result by_factor =
        explained("unit_ablation", explainer, x, Target::of_class(1),
                  {{"layer", layer}, {"how", "scale"}, {"units", "0,0,0"}, {"factor", fmt::format("{}", factor)}});
    CHECK(by_mean.scalar("after")[0] == doctest::Approx(by_factor.scalar("after")[0]).epsilon(1e-5));
    const Tensor& over = scores(by_mean, "over_data");
    for (std::size_t k = 0; k < over.size(); ++k) {
        double size = 0;
        for (std::size_t n = 0; n < 6; ++n) {
            const Result one = explained("unit_ablation", explainer, batch_slice(data, n, 1), Target::of_class(1),
                                         {{"layer", layer}, {"how", "mean"}});
            size += std::abs(static_cast<double>(scores(one, "change").data()[k])) / 6;
        }
        CHECK(over.data()[k] == doctest::Approx(size).epsilon(1e-4));
    }
}
