/// What every method in the list owes its users, whatever it computes.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/answers.hpp"
#include "support/resources.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace pellucid;

namespace {

/// Parameters that keep the slow ones quick.
Params quick(const Card& card) {
    Params params(card);
    for (const ParamCard& p : card.params) {
        if (p.name == "samples" || p.name == "points" || p.name == "steps") params.set(p.name, std::string_view("5"));
        if (p.name == "stride") params.set(p.name, std::string_view("2"));
        if (p.name == "random_start") params.set(p.name, std::string_view("true"));
        if (p.name == "mark") params.set(p.name, std::string_view("0,0,1,1"));
    }
    return params;
}

Tensor input_for(const Network& network, std::size_t samples = 1) {
    Random random(11);
    Tensor x = test::random_tensor(with_batch(network.input_shape(), samples), random);
    for (float& v : elements(x)) v = std::clamp(0.5F + 0.3F * v, 0.0F, 1.0F);
    return x;
}

Target a_target(TargetKind kind, const Network& network) {
    // The first layer's output: every network has one, and it depends on the input.
    const std::string layer(network.name(1));
    switch (kind) {
        case TargetKind::logit: return Target::of_class(1);
        case TargetKind::probability: return Target::parse("prob:1");
        case TargetKind::contrast: return Target::parse("contrast:1-0");
        case TargetKind::predicted: return Target::parse("predicted");
        case TargetKind::neuron: return Target::parse("neuron:" + layer + "/0,1,1");
        case TargetKind::channel: return Target::parse("channel:" + layer + "/0");
        case TargetKind::norm: return Target::parse("norm:" + layer);
    }
    return {};
}

/// Checks what the method was asked for: finite, and maps as large as the input.
void check_first(const Result& result, const Tensor& x) {
    CHECK(result.value.size() == x.shape()[0]);
    if (const auto* map = std::get_if<Map>(&result.items.front().second)) {
        CHECK(map->data.shape()[0] == x.shape()[0]);
        CHECK(map->data.shape()[1] == x.shape()[1]);
        CHECK(map->data.shape()[2] == x.shape()[2]);
    }
    for (std::size_t n = 0; n < x.shape()[0]; ++n) {
        const std::vector<double> numbers = test::answer_of(result, n);
        CHECK(!numbers.empty());
        CHECK(std::all_of(numbers.begin(), numbers.end(), [](double v) { return std::isfinite(v); }));
    }
}

}  // namespace

TEST_CASE("methods: cards are complete and their ids unique") {
    std::set<std::string_view> ids;
    CHECK(all_methods().size() >= 11);
    for (const Method& method : all_methods()) {
        const Card& card = method.card;
        CAPTURE(card.id);
        CHECK(ids.insert(card.id).second);
#ifndef PELLUCID_WITHOUT_WORDS
        for (const std::string_view text :
             {card.family, std::string_view(card.title), std::string_view(card.question),
              std::string_view(card.formula), std::string_view(card.caveat), std::string_view(card.reference.authors),
              std::string_view(card.reference.title), std::string_view(card.reference.venue)}) {
            CHECK(!text.empty());
        }
        CHECK(std::string_view(card.question).back() == '?');
#endif
        CHECK(card.reference.year > 1980);
        CHECK(!card.targets.empty());
        std::set<std::string_view> names;
        for (const ParamCard& param : card.params) {
            CHECK(names.insert(param.name).second);
#ifndef PELLUCID_WITHOUT_WORDS
            CHECK(!param.help.empty());
#endif
            CHECK_NOTHROW(Params(card).set(param.name, param.fallback));
        }
    }
}

TEST_CASE("methods: every target gives finite numbers, maps of the input's height and width, twice the same") {
    std::set<std::string_view> answered;
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U, 3U}) {
        if (!test::all_rounds() && (seed == 0 || seed == 5)) continue;
        Network drawn = test::random_network(seed, {.dense = seed != 3});  // the last ends in a global average
        if (seed == 2) drawn.add("dropout", std::make_unique<Dropout>(0.3F));
        Explainer explainer(std::move(drawn));
        test::give_resources(explainer);
        const Network& network = explainer.network();
        const Tensor x = input_for(network, 2);
        for (const Method& method : all_methods()) {
            for (const TargetKind kind : method.card.targets) {
                Request request{explainer, x, a_target(kind, network), quick(method.card)};
                CAPTURE(method.card.id);
                CAPTURE(request.target.text());
                CAPTURE(seed);
                std::optional<Result> first = test::answer(method, request);
                if (!first && test::has_param(method, "layer")) {
                    // Its own choice is above the target, which is in the first layer.
                    request.params.set("layer", std::string_view(network.name(1)));
                    first = test::answer(method, request);
                }
                if (!first) continue;
                answered.insert(method.card.id);
                check_first(*first, x);
                const Result second = explain(method, request);
                for (std::size_t n = 0; n < 2; ++n) CHECK(test::answer_of(*first, n) == test::answer_of(second, n));
            }
        }
    }
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        CHECK(answered.contains(method.card.id));
    }
}

namespace {

/// Exactly what the card declares, in its order; only optional outputs may be missing.
void check_outputs(const Network& network, const Card& card, const Result& result, std::size_t samples) {
    std::size_t next = 0;
    for (const Output& output : card.outputs) {
        CAPTURE(output.name);
        const bool given = next < result.items.size() && result.items[next].first == output.name;
        CHECK((given || output.optional));
        if (!given) continue;
        const Item& item = result.items[next++].second;
        CHECK(static_cast<std::size_t>(output.kind) == item.index());
        if (output.kind != ItemKind::table) CHECK(test::samples_of(item) == samples);
        if (const auto* scores = std::get_if<Scores>(&item); scores && !scores->layer.empty()) {
            // Named as units of a layer they are no more than it has.
            const Shape& shape = network.shape(network.find(scores->layer));
            CHECK(scores->groups.size() <= shape[1] * shape[2] * shape[3]);
            CHECK(!scores->groups.empty());
        }
        if (output.kind == ItemKind::map && output.map == MapKind::positive) {
            for (const float v : elements(std::get<Map>(item).data)) CHECK(v >= 0.0F);
        }
    }
    CHECK(next == result.items.size());
}

}  // namespace

TEST_CASE("methods: a result is what the card declares, and portions join to the whole") {
    static_assert(std::is_same_v<std::variant_alternative_t<static_cast<std::size_t>(ItemKind::scalar), Item>, Scalar>);
    Explainer explainer(test::random_network(1));
    test::give_resources(explainer);
    const Tensor x = input_for(explainer.network(), 3);
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        REQUIRE(!method.card.outputs.empty());
        const Params params = quick(method.card);
        const auto asked = [&](std::size_t first, std::size_t count) {
            return explain(method, {explainer, batch_slice(x, first, count), Target::of_class(0), params});
        };
        if (!test::answer(method, {explainer, x, Target::of_class(0), params})) continue;
        const Result whole = asked(0, 3);
        check_outputs(explainer.network(), method.card, whole, 3);
        std::vector<Result> portions;
        portions.push_back(asked(0, 1));
        portions.push_back(asked(1, 2));
        const Result together = joined(std::move(portions));
        check_outputs(explainer.network(), method.card, together, 3);
        CHECK(together.value.size() == 3);
        for (const auto& [name, item] : whole.items) {
            const auto* numbers = std::get_if<Scalar>(&item);
            // What is said of a set of data is said of all of it.
            if (numbers == nullptr || method.card.subject == SubjectKind::data) continue;
            CAPTURE(name);
            for (std::size_t n = 0; n < 3; ++n) {
                if (std::isnan(numbers->per_sample[n]) && std::isnan(together.scalar(name)[n])) continue;
                CHECK(together.scalar(name)[n] == doctest::Approx(numbers->per_sample[n]).epsilon(1e-3));
            }
        }
    }
}

TEST_CASE("methods: a batch is explained sample by sample") {
    Explainer explainer(test::random_network(1));
    test::give_resources(explainer);
    const Tensor x = input_for(explainer.network(), 3);
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        const Params params = quick(method.card);
        if (method.card.subject == SubjectKind::data) continue;
        const std::optional<Result> together = test::answer(method, {explainer, x, Target::of_class(0), params});
        if (!together) continue;
        for (std::size_t n = 0; n < 3; ++n) {
            const Result alone = explain(method, {explainer, batch_slice(x, n, 1), Target::of_class(0), params});
            const std::vector<double> wanted = test::answer_of(*together, n), found = test::answer_of(alone, 0);
            REQUIRE(wanted.size() == found.size());
            double largest = 1e-6, difference = 0;
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                largest = std::max(largest, std::abs(wanted[i]));
                difference = std::max(difference, std::abs(wanted[i] - found[i]));
            }
            CHECK(difference <= 1e-4 * largest);
            CHECK(together->value[n] == doctest::Approx(alone.value[0]).epsilon(1e-5));
        }
    }
}

TEST_CASE("methods: parts computed apart and absorbed in order give the same bits") {
    const Network network = test::random_network(2);
    Explainer here(network), there(network);
    test::give_resources(here);
    test::give_resources(there);
    const Tensor x = input_for(network);
    std::size_t independent = 0;
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        const Params params = quick(method.card);
        if (!test::answer(method, {here, x, Target::of_class(0), params})) continue;
        const auto serial = start(method, {here, x, Target::of_class(0), params});
        if (!serial->independent()) {
            if (serial->most() > 0) CHECK_THROWS_AS(serial->compute(0), Error);
            continue;
        }
        ++independent;
        while (serial->step()) {
        }
        const auto pooled = start(method, {here, x, Target::of_class(0), params});
        const auto worker = start(method, {there, x, Target::of_class(0), params});
        std::vector<std::vector<Tensor>> computed(pooled->most());
        for (std::size_t p = pooled->most(); p-- > 0;)
            computed[p] = worker->compute(p);  // backwards: any order will do
        CHECK_THROWS_AS(pooled->absorb(pooled->most(), {}), Error);
        for (std::size_t p = 0; p < pooled->most(); ++p) pooled->absorb(p, computed[p]);
        CHECK(pooled->progress() == 1.0);
        CHECK(test::answer_of(serial->snapshot(), 0) == test::answer_of(pooled->snapshot(), 0));
    }
    CHECK(independent >= 3);
}

TEST_CASE("methods: limits of parameters work, beyond them is refused by name") {
    Explainer explainer(test::random_network(0));
    for (const Method& method : all_methods()) {
        for (const ParamCard& param : method.card.params) {
            CAPTURE(method.card.id);
            CAPTURE(param.name);
            Params params(method.card);
            if (param.type == ParamType::real || param.type == ParamType::integer) {
                CHECK_NOTHROW(params.set(param.name, ParamValue(param.min)));
                CHECK_NOTHROW(params.set(param.name, ParamValue(param.max)));
                for (const double outside : {param.min - 1, param.max + 1, std::nan("")}) {
                    CHECK_THROWS_WITH_AS(params.set(param.name, ParamValue(outside)),
                                         doctest::Contains(std::string(param.name).c_str()), Error);
                }
                CHECK_THROWS_AS(params.set(param.name, std::string_view("many")), Error);
            } else if (param.type == ParamType::choice) {
                for (const std::string_view choice : param.choices) CHECK_NOTHROW(params.set(param.name, choice));
                CHECK_THROWS_WITH_AS(params.set(param.name, std::string_view("nonsense")), doctest::Contains("one of"),
                                     Error);
            } else if (param.type == ParamType::flag) {
                CHECK_THROWS_AS(params.set(param.name, std::string_view("perhaps")), Error);
            }
        }
        CHECK_THROWS_WITH_AS(Params(method.card).set("nonsense", std::string_view("1")), doctest::Contains("nonsense"),
                             Error);
    }
}

TEST_CASE("methods: inputs and targets that do not fit are refused") {
    Explainer explainer(test::random_network(0));
    test::give_resources(explainer);
    const Network& network = explainer.network();
    const Tensor x = input_for(network);
    for (const Method& method : all_methods()) {
        CAPTURE(method.card.id);
        const Params params(method.card);
        const auto refused = [&](const Tensor& input, const Target& target) {
            CHECK_THROWS_AS(start(method, {explainer, input, target, params}), Error);
        };
        refused(zeros({1, 3, 3, 7}), Target::of_class(0));
        refused(Tensor(Shape{0, x.shape()[1], x.shape()[2], x.shape()[3]}), Target::of_class(0));
        refused(x, Target::of_class(1000));
        Tensor holed = x;
        holed.data()[0] = std::nanf("");
        refused(holed, Target::of_class(0));
        refused(x, Target::parse("neuron:nowhere/0,0,0"));
        refused(x, Target::parse("channel:" + std::string(network.name(1)) + "/1000"));
    }
    CHECK_THROWS_WITH_AS(find_method("nonsense"), doctest::Contains("gradient"), Error);
}
