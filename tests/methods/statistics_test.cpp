/// Statistics of channels against counting by hand; the file both ways; rankings of drawings.
#include "pellucid/error.hpp"
#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/answers.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::explained;
using namespace pellucid::methods;

namespace {

struct Labelled {
    Tensor images;
    std::vector<std::uint8_t> labels;
};

Labelled labelled(const Network& network, std::size_t count, std::size_t classes) {
    Random random(31);
    Labelled set{test::uniform_tensor(with_batch(network.input_shape(), count), random, 0.0F, 1.0F), {}};
    for (std::size_t n = 0; n < count; ++n) set.labels.push_back(static_cast<std::uint8_t>(random.below(classes)));
    return set;
}

NetworkStatistics counted(const Network& network, const Labelled& set, std::size_t classes) {
    StatisticsEstimator estimator(network, classes, 8);
    const std::size_t half = set.labels.size() / 2;
    estimator.add(batch_slice(set.images, 0, half), std::span(set.labels).first(half));
    estimator.add(batch_slice(set.images, half, set.labels.size() - half), std::span(set.labels).subspan(half));
    return estimator.statistics("numbers drawn at random");
}

}  // namespace

TEST_CASE("statistics: what is counted is what loops over the images count") {
    for (const std::uint32_t seed : {1U, 2U}) {
        const Network network = test::random_network(seed);
        const Labelled set = labelled(network, 41, 3);
        const NetworkStatistics statistics = counted(network, set, 3);
        CHECK(statistics.images == 41);
        CHECK(statistics.layers.size() == network.nodes().size());
        Trace trace;
        network.forward(set.images, trace);
        for (ValueId value = 1; value <= network.output(); ++value) {
            const LayerStatistics* layer = statistics.find(network.name(value));
            REQUIRE(layer != nullptr);
            REQUIRE(layer->channels.size() == network.shape(value)[3]);
            for (std::size_t k = 0; k < layer->channels.size(); ++k) {
                const ChannelStatistics& channel = layer->channels[k];
                std::vector<double> a;
                for (std::size_t n = 0; n < 41; ++n) {
                    double strongest = -1e30;
                    const auto units = sample(trace.values[value], n);
                    for (std::size_t u = k; u < units.size(); u += layer->channels.size())
                        strongest = std::max(strongest, static_cast<double>(units[u]));
                    a.push_back(strongest);
                }
                double sum = 0, size = 0, square = 0, silent = 0;
                for (const double v : a) {
                    sum += v;
                    size += std::abs(v);
                    square += v * v;
                    silent += v <= 0 ? 1 : 0;
                }
                const double low = *std::min_element(a.begin(), a.end()), high = *std::max_element(a.begin(), a.end());
                CHECK(channel.low == doctest::Approx(low).epsilon(1e-5));
                CHECK(channel.high == doctest::Approx(high).epsilon(1e-5));
                CHECK(std::abs(static_cast<double>(channel.mean) - sum / 41) <= 1e-5 * (1 + std::abs(high)));
                CHECK(channel.silent == doctest::Approx(silent / 41));
                if (square > 0) {
                    const double sparsity = (1 - size / 41 * size / 41 / (square / 41)) / (1 - 1.0 / 41);
                    CHECK(std::abs(static_cast<double>(channel.sparsity) - sparsity) <= 1e-4);
                }
                std::vector<std::size_t> of_class(3, 0);
                for (std::size_t c = 0; c < 3; ++c) {
                    double won = 0, pairs = 0;
                    for (std::size_t i = 0; i < 41; ++i) {
                        for (std::size_t j = 0; j < 41; ++j) {
                            if (set.labels[i] != c || set.labels[j] == c) continue;
                            won += a[i] > a[j] ? 1 : a[i] == a[j] ? 0.5 : 0;
                            pairs += 1;
                        }
                    }
                    CHECK(std::abs(static_cast<double>(channel.auc[c]) - won / pairs) <= 2.0 / pairs);
                    for (std::size_t b = 0; b < 8; ++b) of_class[c] += channel.counts[c * 8 + b];
                    CHECK(of_class[c] == statistics.class_images[c]);
                }
            }
        }
    }
}

TEST_CASE("statistics: the file both ways; damaged and foreign ones are refused") {
    const Network network = test::random_network(1);
    const NetworkStatistics statistics = counted(network, labelled(network, 20, 3), 3);
    const Bytes bytes = write_statistics(statistics);
    const NetworkStatistics again = parse_statistics(bytes);
    CHECK(write_statistics(again) == bytes);
    CHECK(again.find(network.name(1))->channels[0].auc == statistics.find(network.name(1))->channels[0].auc);
    CHECK(again.find("nowhere") == nullptr);
    CHECK_NOTHROW(check_statistics(again, network));
    CHECK_THROWS_WITH_AS(check_statistics(again, test::random_network(2)),
                         doctest::Contains("those of another network"), Error);
    // One weight off by a rounding is another network.
    Network other = network;
    for (std::size_t i = 0; i < other.nodes().size(); ++i) {
        auto parameters = other.layer(i).parameters();
        if (parameters.empty()) continue;
        parameters.front().value->data()[0] = std::nextafter(parameters.front().value->data()[0], 1e9F);
        break;
    }
    CHECK(fingerprint_of(other) != fingerprint_of(network));
    for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 3) {
        CHECK_THROWS_AS(parse_statistics(std::span(bytes).first(length)), Error);
    }
    Bytes longer = bytes;
    longer.push_back(0);
    CHECK_THROWS_WITH_AS(parse_statistics(longer), doctest::Contains("1 bytes follow"), Error);
    for (const std::size_t at : {std::size_t{0}, std::size_t{20}, std::size_t{24}, std::size_t{28}, std::size_t{32}}) {
        Bytes damaged = bytes;
        damaged[at + 3 * (at > 0)] = 0xFF;
        CAPTURE(at);
        CHECK_THROWS_WITH_AS(parse_statistics(damaged), doctest::Contains("no statistics of a network"), Error);
    }
}

TEST_CASE("neuron statistics: the channel that the target names, and the input's place among the images") {
    const Network network = test::random_network(1);
    Explainer explainer(network);
    const Labelled set = labelled(network, 60, 3);
    const NetworkStatistics statistics = counted(network, set, 3);
    const std::string first(network.name(1));
    const Tensor x = batch_slice(set.images, 0, 2);
    CHECK_THROWS_WITH_AS(explained("neuron_statistics", explainer, x, Target::of_class(0), {}),
                         doctest::Contains("statistics"), Error);
    explainer.attach(std::make_shared<const Statistics>(write_statistics(statistics)));
    for (const std::string& text :
         {"channel:" + first + "/1", "neuron:" + first + "/1,0,0", std::string("class:1"), std::string("predicted")}) {
        CAPTURE(text);
        const Target target = Target::parse(text);
        const Result result = explained("neuron_statistics", explainer, x, target, {});
        for (std::size_t n = 0; n < 2; ++n) {
            const ValueId value = target_value(target, explainer.network());
            const std::size_t k =
                text == "predicted" ? argmax(explainer.plain().trace(x).values[network.logits()])[n] : 1;
            const ChannelStatistics& channel = statistics.find(network.name(value))->channels[k];
            for (std::size_t c = 0; c < 3; ++c) {
                CHECK(sample(result.find<Scores>("auc")->values, n)[c] == channel.auc[c]);
                CHECK(sample(result.map("histogram"), n)[c * 8] ==
                      static_cast<float>(channel.counts[c * 8]) / static_cast<float>(statistics.class_images[c]));
            }
            CHECK(channel.auc[static_cast<std::size_t>(result.scalar("best")[n])] ==
                  *std::max_element(channel.auc.begin(), channel.auc.end()));
            CHECK(result.scalar("here")[n] >= static_cast<double>(channel.low));
            CHECK(result.scalar("here")[n] <= static_cast<double>(channel.high));
            CHECK(result.scalar("place")[n] >= 0);
            CHECK(result.scalar("place")[n] <= 1);
        }
    }
    // A paper that drives nothing, and a flood that drives more than all images: both ends.
    const Tensor flood = filled(with_batch(network.input_shape(), 1), 50.0F);
    const Result far = explained("neuron_statistics", explainer, flood, Target::parse("channel:" + first + "/1"), {});
    CHECK((far.scalar("place")[0] == 1.0 || far.scalar("place")[0] == 0.0));
    Explainer other(test::random_network(2));
    other.attach(std::make_shared<const Statistics>(write_statistics(statistics)));
    CHECK_THROWS_WITH_AS(
        explained("neuron_statistics", other, test::random_batch(other.network(), 1, 1), Target::of_class(0), {}),
        doctest::Contains("those of another network"), Error);
}

TEST_CASE("top activating: the drawings with the largest scores, in order, by activation and by relevance") {
    const Network network = test::random_network(5);
    Explainer explainer(network);
    const Labelled set = labelled(network, 30, 3);
    explainer.attach(DataSet(set.images, std::vector<std::size_t>(set.labels.begin(), set.labels.end())));
    const Tensor x = batch_slice(set.images, 4, 2);
    ValueId layer = 1;
    while (network.nodes()[layer - 1].layer->kind() != Kind::activation) ++layer;
    const std::string name(network.name(layer));
    const Target channel = Target::parse("channel:" + name + "/1");
    const auto check = [&](const Target& target, const std::vector<std::pair<std::string_view, std::string>>& values,
                           const std::function<double(std::size_t)>& score) {
        const Result result = explained("top_activating", explainer, x, target, values);
        std::vector<double> all;
        for (std::size_t i = 0; i < 30; ++i) all.push_back(score(i));
        std::vector<double> sorted = all;
        std::sort(sorted.rbegin(), sorted.rend());
        const auto& found = result.find<Scores>("scores")->values;
        for (std::size_t n = 0; n < 2; ++n) {
            for (std::size_t r = 0; r < 5; ++r) {
                const auto index = static_cast<std::size_t>(sample(result.find<Scores>("index")->values, n)[r]);
                CHECK(std::abs(static_cast<double>(sample(found, n)[r]) - sorted[r]) <=
                      1e-5 * (1 + std::abs(sorted[0])));
                CHECK(std::abs(all[index] - sorted[r]) <= 1e-5 * (1 + std::abs(sorted[0])));
                CHECK(sample(result.find<Scores>("label")->values, n)[r] == static_cast<float>(set.labels[index]));
                const auto shown = sample(result.find<Frames>("drawings")->images[r], n),
                           real = sample(set.images, index);
                CHECK(std::equal(shown.begin(), shown.end(), real.begin()));
            }
            CHECK(std::abs(result.scalar("here")[n] - all[4 + n]) <= 1e-5 * (1 + std::abs(sorted[0])));
        }
    };
    const auto trace_of = [&](std::size_t i) -> const Trace& {
        return explainer.plain().forward(batch_slice(set.images, i, 1));
    };
    check(channel, {{"count", "5"}}, [&](std::size_t i) {
        const Tensor value = trace_of(i).values[layer];
        return static_cast<double>(strongest_units(elements(value), value.shape()[3])[1]);
    });
    check(channel, {{"count", "5"}, {"pool", "mean"}}, [&](std::size_t i) {
        return target_values(channel, network, trace_of(i))[0] /
               static_cast<double>(network.shape(layer)[1] * network.shape(layer)[2]);
    });
    check(Target::of_class(2), {{"count", "5"}},
          [&](std::size_t i) { return target_values(Target::of_class(2), network, trace_of(i))[0]; });
    check(channel, {{"count", "5"}, {"by", "relevance"}}, [&](std::size_t i) {
        return explained("concept_relevance", explainer, batch_slice(set.images, i, 1), Target{},
                         {{"layer", name}, {"channel", "1"}})
            .scalar("relevance")[0];
    });
    CHECK_THROWS_WITH_AS(explained("top_activating", explainer, x, Target::of_class(1), {{"by", "relevance"}}),
                         doctest::Contains("such as channel:conv2/3"), Error);
    Explainer bare(network);
    CHECK_THROWS_WITH_AS(explained("top_activating", bare, x, channel, {}),
                         doctest::Contains("needs a set of drawings"), Error);
}
