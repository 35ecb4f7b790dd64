/// Networks with units that are off, scaled or disturbed, and what single units compute, against plain loops.
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/computed.hpp"
#include "pellucid/methods/inside/field_rect.hpp"
#include "pellucid/methods/inside/without.hpp"
#include "support/answers.hpp"
#include "support/random_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::explained;

TEST_CASE("without channels: every method can be asked about the network that unit ablation answers for") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 2, seed);
        for (ValueId layer = 0; layer <= network.output(); ++layer) {
            const std::string name(network.name(layer));
            CAPTURE(name);
            const std::string channels = network.shape(layer)[3] > 1 ? "0;1" : "0";
            Explainer broken(methods::without(network, name + "/" + channels));
            const Result answer =
                explained("unit_ablation", explainer, x, Target::of_class(1), {{"layer", name}, {"units", channels}});
            const Result gradient = explained("gradient", broken, x, Target::of_class(1), {});
            for (std::size_t n = 0; n < 2; ++n) {
                CHECK(std::abs(gradient.value[n] - answer.scalar("after")[n]) <=
                      1e-4 * (1 + std::abs(answer.scalar("after")[n])));
            }
            // Nothing passes the channels that are off; the others are as in any network.
            const Tensor& behind = broken.plain().trace(x).values[broken.network().find(name + "_without")];
            const Tensor& before = explainer.plain().trace(x).values[layer];
            for (std::size_t i = 0; i < behind.size(); ++i) {
                CHECK(behind.data()[i] == (i % behind.shape()[3] < 2 ? 0.0F : before.data()[i]));
            }
            const Result relevance = explained("lrp", broken, x, Target::of_class(1), {{"composite", "epsilon"}});
            for (const float r : elements(relevance.map())) CHECK(std::isfinite(r));
        }
        const std::string first(network.name(1));
        for (const std::string& text :
             {std::string("conv9/0"), first, first + "/", std::string("/0"), first + "/x", first + "/900",
              first + "/0,900,0", first + "/0*", first + "/0*x", first + "/0*-1", first + "/0*nan", first + "/0~",
              first + "/0~-1", first + "/0~1:x", first + "/*2", first + "/0~1~1"}) {
            CAPTURE(text);
            CHECK_THROWS_AS(methods::without(network, text), Error);
        }
        CHECK_THROWS_AS(methods::without(methods::without(network, first + "/0"), first + "/0"), Error);
        CHECK(methods::without(network, first + "/all").nodes().size() == network.nodes().size() + 1);
    }
}

TEST_CASE("without: units that are scaled and disturbed, and a change of nothing, bit for bit") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        const Network network = test::random_network(seed);
        const Tensor x = test::random_batch(network, 2, seed);
        Trace whole;
        network.forward(x, whole);
        for (ValueId layer = 0; layer <= network.output(); ++layer) {
            const std::string name(network.name(layer));
            CAPTURE(name);
            const std::size_t units = sample_size(network.shape(layer));
            const std::vector<std::string> nothing{name + "/all*1", name + "/0*1~0:3"};
            CHECK(methods::without(network, nothing).nodes().size() == network.nodes().size());

            const auto behind = [&](const std::vector<std::string>& changes) {
                const Network broken = methods::without(network, changes);
                Trace trace;
                broken.forward(x, trace);
                return trace.values[broken.find(name + "_without")];
            };
            const Tensor& a = whole.values[layer];
            const Tensor one = behind({name + "/0,0,0*0.5"});
            for (std::size_t i = 0; i < a.size(); ++i) {
                CHECK(one.data()[i] == (i % units == 0 ? 0.5F * a.data()[i] : a.data()[i]));
            }
            // Changes of one unit go one after the other, and its noise is the same whoever else is disturbed.
            const Tensor two = behind({name + "/0,0,0*0.5", name + "/all~0.25:7"});
            const Tensor alone = behind({name + "/0,0,0*0.5~0.25:7"});
            double deviation = 0;
            for (std::size_t i = 0; i < a.size(); ++i) {
                const double added = static_cast<double>(two.data()[i]) - static_cast<double>(one.data()[i]);
                deviation += added * added / static_cast<double>(a.size());
                CHECK(std::abs(added - (static_cast<double>(two.data()[i % units]) -
                                        static_cast<double>(one.data()[i % units]))) <= 1e-5);
            }
            if (units > 200) CHECK(std::sqrt(deviation) == doctest::Approx(0.25).epsilon(0.2));
            CHECK(alone.data()[0] == two.data()[0]);
        }
    }
}

TEST_CASE("without: gradients and relevance of a network with changed units") {
    Explainer whole(test::random_network(1));
    const Network& network = whole.network();
    const Tensor x = test::random_batch(network, 1, 1);
    const std::string name(network.name(1));
    Explainer broken(methods::without(network, std::vector<std::string>{name + "/0,0,0", name + "/1,1,1*0.5~0.1"}));
    const Result gradient = explained("gradient", broken, x, Target::of_class(1), {});
    const Network& changed = broken.network();
    for (std::size_t i = 0; i < x.size(); i += 7) {
        Tensor more = x, less = x;
        constexpr float step = 1e-2F;
        more.data()[i] += step;
        less.data()[i] -= step;
        const double slope =
            static_cast<double>(predict_logits(changed, more).data()[1] - predict_logits(changed, less).data()[1]) /
            (2.0 * static_cast<double>(step));
        CHECK(std::abs(static_cast<double>(gradient.map().data()[i]) - slope) <= 0.05 * (1 + std::abs(slope)));
    }
    const Result relevance = explained("lrp", broken, x, Target::of_class(1), {{"composite", "epsilon"}});
    for (const float r : elements(relevance.map())) CHECK(std::isfinite(r));
}

TEST_CASE("computed: what a unit reads, times its weights, is what it puts out, in every kind of layer") {
    std::size_t sums = 0, maxima = 0, others = 0;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        const Network network = test::random_network(seed);
        Trace trace;
        network.forward(test::random_batch(network, 1, seed), trace);
        for (ValueId value = 0; value <= network.output(); ++value) {
            const auto [one, height, width, channels] = network.shape(value);
            CAPTURE(network.name(value));
            double largest = 0;
            for (const float a : elements(trace.values[value])) largest = std::max(largest, std::abs(double{a}));
            const std::size_t units = height * width * channels;
            for (std::size_t u = 0; u < units; u += 1 + units / 23) {
                Target unit = Target::parse("neuron:" + std::string(network.name(value)) + "/0,0,0");
                unit.index = u % channels;
                unit.y = u / channels / width;
                unit.x = u / channels % width;
                const methods::Computed result = methods::computed(network, trace, unit);
                CHECK(result.activity == static_cast<double>(trace.values[value].data()[u]));
                CHECK(result.field == methods::receptive_rect(network, unit));
                if (value == 0) continue;
                for (const methods::ReadWindow& read : result.reads) {
                    CHECK(read.input.shape()[1] == static_cast<std::size_t>(read.rect.height()));
                    CHECK(read.input.shape()[2] == static_cast<std::size_t>(read.rect.width()));
                    if (read.rect.empty()) continue;
                    CHECK(read.input.data()[0] == trace.values[read.value](0, static_cast<std::size_t>(read.rect.top),
                                                                           static_cast<std::size_t>(read.rect.left),
                                                                           read.first_channel));
                }
                const double off = std::abs(result.sum - result.activity);
                if (result.computation == methods::Computation::sum) {
                    CHECK(off <= 1e-5 * (1 + largest));
                    ++sums;
                } else if (result.computation == methods::Computation::largest) {
                    CHECK(result.sum == result.activity);
                    for (const float a : elements(result.reads[0].input)) CHECK(double{a} <= result.activity);
                    ++maxima;
                } else {
                    if (result.computation == methods::Computation::same) CHECK(off == 0);
                    ++others;
                }
            }
        }
    }
    CHECK(sums > 300);
    CHECK(maxima > 20);
    CHECK(others > 100);
    const Network network = test::random_network(0);
    Trace trace;
    network.forward(test::random_batch(network, 1, 0), trace);
    CHECK_THROWS_AS(methods::computed(network, trace, Target::parse("neuron:nowhere/0,0,0")), Error);
    CHECK_THROWS_AS(
        methods::computed(network, trace, Target::parse("neuron:" + std::string(network.name(1)) + "/999,0,0")), Error);
}
