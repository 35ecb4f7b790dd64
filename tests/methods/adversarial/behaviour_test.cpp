/// What parameters and targets of attacks mean: targeted, seeds, starts, losses, success; and what is refused.
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/linear_network.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Params settings_of(const Method& method, const Settings& settings) {
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, std::string_view(value));
    return params;
}

Result attack(const std::string& id, Explainer& explainer, const Tensor& x, const std::string& target,
              const Settings& settings = {}) {
    const Method& method = find_method(id);
    return explain(method, {explainer, x, Target::parse(target), settings_of(method, settings)});
}

/// Every attack that takes `targeted`, set strong enough for the networks below.
std::vector<std::pair<std::string, Settings>> targeted_attacks() {
    return {{"fgsm", {{"epsilon", "0.3"}}},
            {"linear_adversary", {{"epsilon", "0.3"}}},
            {"bim", {{"epsilon", "0.3"}, {"step_size", "0.05"}}},
            {"pgd", {{"epsilon", "0.3"}, {"step_size", "0.05"}}},
            {"pgd", {{"epsilon", "0.3"}, {"step_size", "0.05"}, {"loss", "margin"}}},
            {"pgd", {{"epsilon", "3"}, {"step_size", "0.5"}, {"norm", "l2"}}},
            {"mi_fgsm", {{"epsilon", "0.3"}, {"step_size", "0.05"}}},
            {"class_gradient_step", {{"eta", "2"}, {"unit", "true"}}},
            {"deepfool", {}},
            {"carlini_wagner", {}},
            {"jsma", {{"gamma", "0.5"}}},
            {"one_pixel", {{"pixels", "5"}, {"population", "30"}, {"generations", "10"}}},
            {"minimal_epsilon", {}}};
}

/// Three classes on 6 × 6, each with rows of its own; the input is taken for class 0, before 1, before 2.
Network three_classes() {
    Tensor weight = filled({1, 1, 36, 3}, -0.2F);
    for (std::size_t i = 0; i < 36; ++i) weight(0, 0, i, i / 12) = 1.0F;
    Tensor bias(Shape{1, 1, 1, 3});
    bias(0, 0, 0, 0) = 0.9F;
    bias(0, 0, 0, 1) = 0.5F;
    bias(0, 0, 0, 2) = 0.0F;
    return test::linear_network(6, 6, weight, bias);
}

}  // namespace

TEST_CASE("attacks: targeted leads to the target's class, untargeted away from it to the nearest other") {
    Explainer explainer(three_classes());
    const Tensor x = filled({1, 6, 6, 1}, 0.5F);
    for (const auto& [id, settings] : targeted_attacks()) {
        CAPTURE(id);
        const Result away = attack(id, explainer, x, "class:0", settings);
        CHECK(away.scalar("success")[0] == 1);
        CHECK(away.scalar("predicted")[0] != 0);
        Settings towards = settings;
        towards.emplace_back("targeted", "true");
        const Result there = attack(id, explainer, x, "class:2", towards);
        CHECK(there.scalar("success")[0] == 1);
        CHECK(there.scalar("predicted")[0] == 2);
        // Away from a class that is not the answer has succeeded before it begins, for those that then stay.
        CHECK(attack(id, explainer, x, "predicted", settings).scalar("predicted") == away.scalar("predicted"));
    }
}

TEST_CASE("attacks: success, prediction, probability and norms are those of the image that is given") {
    for (std::uint32_t seed = 0; seed < 6; ++seed) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 3, seed);
        const std::vector<std::size_t> before = argmax(predict_logits(network, x));
        std::size_t failed = 0, succeeded = 0;
        for (auto [id, settings] : targeted_attacks()) {
            CAPTURE(id);
            CAPTURE(seed);
            // Weak ones, so that both outcomes are met.
            for (auto& [name, value] : settings) {
                if (name == "epsilon") value = "0.02";
            }
            Result result;
            try {
                result = attack(id, explainer, x, "predicted", settings);
            } catch (const Error& error) {
                CHECK(error.code() == ErrorCode::unsupported);  // a dead input
                continue;
            }
            const Tensor& images = result.map();
            const std::vector<std::size_t> after = argmax(predict_logits(network, images));
            for (std::size_t n = 0; n < 3; ++n) {
                CHECK(result.scalar("success")[n] == (after[n] == before[n] ? 0 : 1));
                CHECK(result.scalar("predicted")[n] == static_cast<double>(after[n]));
                (after[n] == before[n] ? failed : succeeded) += 1;
                double changed = 0, square = 0, largest = 0;
                for (std::size_t i = 0; i < sample_size(x); ++i) {
                    const double d = static_cast<double>(sample(images, n)[i]) - static_cast<double>(sample(x, n)[i]);
                    CHECK(sample(result.map("perturbation"), n)[i] == doctest::Approx(d).epsilon(1e-5));
                    changed += d != 0 ? 1 : 0;
                    square += d * d;
                    largest = std::max(largest, std::abs(d));
                }
                CHECK(result.scalar("l0")[n] == changed);
                CHECK(result.scalar("l2")[n] == doctest::Approx(std::sqrt(square)).epsilon(1e-5));
                CHECK(result.scalar("linf")[n] == doctest::Approx(largest).epsilon(1e-5));
            }
        }
        CHECK(failed > 0);
        CHECK(succeeded > 0);
    }
}

TEST_CASE("attacks: a random start is one, its seed counts, and the same seed gives the same") {
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 4);
    for (const std::string norm : {"linf", "l2"}) {
        CAPTURE(norm);
        const Settings plain{{"norm", norm}, {"epsilon", "0.1"}, {"step_size", "0.001"}, {"steps", "2"}};
        const auto with = [&](const std::string& seed) {
            Settings settings = plain;
            settings.emplace_back("random_start", "true");
            settings.emplace_back("seed", seed);
            return attack("pgd", explainer, x, "predicted", settings);
        };
        const Result from_x = attack("pgd", explainer, x, "predicted", plain);
        CHECK(from_x.scalar("linf")[0] <= 0.0021);
        const Result first = with("0"), again = with("0"), other = with("1");
        CHECK(first.map() == again.map());
        CHECK(first.map() != other.map());
        CHECK(first.scalar("l2")[0] > 2 * from_x.scalar("l2")[0]);
        CHECK(first.scalar("l2")[0] != doctest::Approx(other.scalar("l2")[0]).epsilon(1e-6));
    }
    const Settings search{{"population", "10"}, {"generations", "2"}};
    Settings other_search = search;
    other_search.emplace_back("seed", "1");
    CHECK(attack("one_pixel", explainer, x, "predicted", search).map() ==
          attack("one_pixel", explainer, x, "predicted", search).map());
    CHECK(attack("one_pixel", explainer, x, "predicted", search).map() !=
          attack("one_pixel", explainer, x, "predicted", other_search).map());
}

TEST_CASE("pgd: of several starts the first that succeeds counts, else the closest") {
    std::size_t more = 0;
    for (std::uint32_t seed = 0; seed < 12; ++seed) {
        Explainer explainer(test::random_network(seed));
        const Tensor x = test::random_batch(explainer.network(), 6, seed);
        CAPTURE(seed);
        const auto with = [&](const std::string& restarts) {
            return attack("pgd", explainer, x, "predicted",
                          {{"epsilon", "0.06"},
                           {"step_size", "0.03"},
                           {"steps", "2"},
                           {"random_start", "true"},
                           {"restarts", restarts}});
        };
        Result one, eight;
        try {
            one = with("1");
            eight = with("8");
        } catch (const Error&) {
            continue;
        }
        for (std::size_t n = 0; n < 6; ++n) {
            const bool before = one.scalar("success")[n] == 1, after = eight.scalar("success")[n] == 1;
            CHECK(after >= before);
            more += after > before ? 1 : 0;
            // The first success is kept as it is.
            if (before) CHECK(std::ranges::equal(sample(one.map(), n), sample(eight.map(), n)));
        }
    }
    CHECK(more > 0);
    const Method& pgd = find_method("pgd");
    Explainer explainer(test::random_network(1));
    const Tensor x = test::random_batch(explainer.network(), 1, 4);
    const auto parts = [&](const Settings& settings) {
        const auto run = start(pgd, {explainer, x, Target::parse("predicted"), settings_of(pgd, settings)});
        std::size_t count = 0;
        while (run->step()) ++count;
        return count;
    };
    CHECK(parts({{"steps", "3"}, {"restarts", "5"}}) == 3);  // without a random start all would be the same
}

TEST_CASE("pgd: the margin loss climbs the lead of the best other class") {
    Random random(3);
    const Tensor weight = test::random_tensor({1, 1, 16, 4}, random);
    Explainer explainer(test::linear_network(4, 4, weight, zeros({1, 1, 1, 4})));
    const Tensor x = filled({1, 4, 4, 1}, 0.5F);
    const Tensor z = predict_logits(explainer.network(), x);
    std::vector<std::size_t> order{0, 1, 2, 3};
    std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return z.data()[a] > z.data()[b]; });
    const Result result = attack("pgd", explainer, x, "predicted",
                                 {{"loss", "margin"}, {"steps", "1"}, {"epsilon", "0.01"}, {"step_size", "0.01"}});
    for (std::size_t i = 0; i < 16; ++i) {
        const float slope = weight(0, 0, i, order[1]) - weight(0, 0, i, order[0]);
        CHECK(result.map().data()[i] == doctest::Approx(0.5F + (slope > 0 ? 0.01F : -0.01F)).epsilon(1e-6));
    }
}

TEST_CASE("attacks: however sure the network is, there is a direction") {
    // The probability of any other class is e^−300, which single precision takes for 0.
    Tensor weight(Shape{1, 1, 4, 3});
    for (std::size_t i = 0; i < 4; ++i) {
        weight(0, 0, i, 0) = 200.0F;
        weight(0, 0, i, 1) = 50.0F + static_cast<float>(i);
        weight(0, 0, i, 2) = -100.0F;
    }
    Explainer explainer(test::linear_network(2, 2, weight, zeros({1, 1, 1, 3})));
    const Tensor x = filled({1, 2, 2, 1}, 0.5F);
    const Result result = attack("fgsm", explainer, x, "predicted", {{"epsilon", "0.25"}});
    for (const float v : elements(result.map())) CHECK(v == 0.25F);
}

TEST_CASE("attacks: what cannot be is refused in a sentence") {
    Explainer explainer(three_classes());
    const Tensor x = filled({1, 6, 6, 1}, 0.5F);
    for (const auto& [id, settings] : targeted_attacks()) {
        CAPTURE(id);
        Settings towards = settings;
        towards.emplace_back("targeted", "true");
        for (const char* target : {"class:0", "predicted"})
            CHECK_THROWS_WITH_AS(attack(id, explainer, x, target, towards),
                                 doctest::Contains("already taken for class 0"), Error);
    }
    for (const std::string id : {"fgsm", "bim", "pgd", "mi_fgsm", "universal", "linear_adversary", "certificate"}) {
        CHECK_THROWS_WITH_AS(attack(id, explainer, x, "predicted", {{"epsilon", "1.5"}}), doctest::Contains("beyond"),
                             Error);
    }
    CHECK_THROWS_WITH_AS(attack("minimal_epsilon", explainer, x, "predicted", {{"most", "2"}}),
                         doctest::Contains("beyond"), Error);
    CHECK_NOTHROW(attack("pgd", explainer, x, "predicted", {{"epsilon", "6"}, {"norm", "l2"}}));
    CHECK_THROWS_WITH_AS(attack("pgd", explainer, x, "predicted", {{"epsilon", "6.1"}, {"norm", "l2"}}),
                         doctest::Contains("beyond"), Error);
    CHECK_THROWS_WITH_AS(attack("jsma", explainer, x, "class:0", {{"theta", "0"}}), doctest::Contains("theta"), Error);
}

TEST_CASE("attacks: one class, and no gradient anywhere") {
    Network one = test::linear_network(2, 2, filled({1, 1, 4, 1}, 1.0F), zeros({1, 1, 1, 1}));
    one.add("end", std::make_unique<Softmax>());
    Explainer single(std::move(one));
    Network dead(Shape{1, 2, 2, 1});
    dead.add("flat", std::make_unique<Flatten>());
    dead.add("dense1", std::make_unique<Dense>(filled({1, 1, 4, 5}, -1.0F), filled({1, 1, 1, 5}, -1.0F)));
    dead.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    dead.add("dense2", std::make_unique<Dense>(filled({1, 1, 5, 3}, 1.0F), zeros({1, 1, 1, 3})));
    Explainer off(std::move(dead));
    const Tensor x = filled({1, 2, 2, 1}, 0.5F);
    for (const auto& [id, settings] : targeted_attacks()) {
        CAPTURE(id);
        Settings fitting = settings;
        for (auto& [name, value] : fitting) {
            if (name == "pixels" || (name == "epsilon" && value == "3")) value = "1";
        }
        CHECK_THROWS_WITH_AS(attack(id, single, x, "class:0", fitting), doctest::Contains("one class only"), Error);
        if (id == "one_pixel") {
            CHECK_NOTHROW(attack(id, off, x, "class:0", fitting));
        } else {
            CHECK_THROWS_WITH_AS(attack(id, off, x, "class:0", fitting), doctest::Contains("no gradient"), Error);
        }
    }
}
