/// Attacks that look for the smallest change, against closed forms and brute force.
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "support/linear_network.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

using namespace pellucid;

namespace {

Result attack(const std::string& id, Explainer& explainer, const Tensor& x,
              const std::vector<std::pair<std::string, std::string>>& settings = {}, const char* target = "predicted") {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, std::string_view(value));
    return explain(method, {explainer, x, Target::parse(target), params});
}

/// So many digits that it is read as the same number.
std::string exactly(double value) {
    std::array<char, 32> text{};
    return {text.data(), std::to_chars(text.begin(), text.end(), value).ptr};
}

struct Linear {
    Tensor weight, bias;
    Explainer explainer;
    Tensor x;
};

/// Four classes on 5 × 5, an input well inside the range, so that nothing is clipped near the boundary.
Linear linear(std::uint32_t seed) {
    Random random(seed);
    Tensor weight = test::random_tensor({1, 1, 25, 4}, random), bias = test::random_tensor({1, 1, 1, 4}, random, 0.1F);
    Tensor x = test::uniform_tensor({1, 5, 5, 1}, random, 0.4F, 0.6F);
    return {weight, bias, Explainer(test::linear_network(5, 5, weight, bias)), x};
}

/// The distance of the nearest boundary: min over k of |z_k − z_l| / ‖w_k − w_l‖, of that dual norm.
double nearest_boundary(const Linear& it, bool l2) {
    const Tensor z = predict_logits(it.explainer.network(), it.x);
    const std::size_t label = argmax(z)[0];
    double least = 1e9;
    for (std::size_t k = 0; k < 4; ++k) {
        if (k == label) continue;
        double norm = 0;
        for (std::size_t i = 0; i < 25; ++i) {
            const double d =
                static_cast<double>(it.weight(0, 0, i, k)) - static_cast<double>(it.weight(0, 0, i, label));
            norm += l2 ? d * d : std::abs(d);
        }
        const double lead = static_cast<double>(z.data()[label]) - static_cast<double>(z.data()[k]);
        least = std::min(least, lead / (l2 ? std::sqrt(norm) : norm));
    }
    return least;
}

}  // namespace

TEST_CASE("attacks: of a linear classifier the smallest change is the way to the nearest boundary") {
    for (std::uint32_t seed = 0; seed < 8; ++seed) {
        Linear it = linear(seed);
        CAPTURE(seed);
        const double l2 = nearest_boundary(it, true), linf = nearest_boundary(it, false);
        REQUIRE(linf < 0.35);
        const Result fool = attack("deepfool", it.explainer, it.x);
        CHECK(fool.scalar("success")[0] == 1);
        CHECK(fool.scalar("l2")[0] == doctest::Approx(1.02 * (l2 + 1e-4)).epsilon(1e-3));
        const Result flat = attack("deepfool", it.explainer, it.x, {{"norm", "linf"}});
        CHECK(flat.scalar("linf")[0] == doctest::Approx(1.02 * (linf + 1e-4)).epsilon(1e-3));
        const Result wagner = attack("carlini_wagner", it.explainer, it.x, {{"steps", "300"}, {"searches", "9"}});
        CHECK(wagner.scalar("success")[0] == 1);
        CHECK(wagner.scalar("l2")[0] >= l2 * (1 - 1e-4));
        CHECK(wagner.scalar("l2")[0] <= l2 * 1.02 + 3e-3);
        for (const char* kind : {"fgsm", "bim"}) {
            const Result least = attack("minimal_epsilon", it.explainer, it.x,
                                        {{"attack", kind}, {"bisections", "20"}, {"loss", "margin"}, {"steps", "20"}});
            // The margin's direction is that of the runner-up, not of the nearest: never less than the nearest.
            CHECK(least.scalar("epsilon")[0] >= linf * (1 - 1e-5));
            CHECK(least.scalar("linf")[0] <= least.scalar("epsilon")[0]);
            CHECK(least.scalar("success")[0] == 1);
        }
    }
}

TEST_CASE("minimal_epsilon: bisection finds where the attack begins to succeed, and the curve falls there") {
    // Of two classes there is one boundary only.
    Random random(2);
    const Tensor weight = test::random_tensor({1, 1, 25, 2}, random);
    Tensor bias = zeros({1, 1, 1, 2});
    bias.data()[0] = 1.5F;
    Explainer explainer(test::linear_network(5, 5, weight, bias));
    const Tensor x = filled({1, 5, 5, 1}, 0.5F);
    const Tensor z = predict_logits(explainer.network(), x);
    for (const bool l2 : {false, true}) {
        double norm = 0;
        for (std::size_t i = 0; i < 25; ++i) {
            const double d = static_cast<double>(weight(0, 0, i, 0)) - static_cast<double>(weight(0, 0, i, 1));
            norm += l2 ? d * d : std::abs(d);
        }
        const double lead = std::abs(static_cast<double>(z.data()[0]) - static_cast<double>(z.data()[1]));
        const double wanted = lead / (l2 ? std::sqrt(norm) : norm);
        for (const char* kind : {"fgsm", "bim", "pgd", "mi_fgsm"}) {
            CAPTURE(kind);
            CAPTURE(l2);
            const Result result = attack("minimal_epsilon", explainer, x,
                                         {{"attack", kind}, {"bisections", "20"}, {"norm", l2 ? "l2" : "linf"}});
            CHECK(result.scalar("epsilon")[0] == doctest::Approx(wanted).epsilon(1e-4));
            const auto* held = result.find<Series>("held");
            REQUIRE(held != nullptr);
            for (std::size_t k = 0; k < held->at.size(); ++k)
                CHECK(held->values(0, 0, 0, k) == (static_cast<double>(held->at[k]) < wanted ? 1.0F : 0.0F));
        }
    }
    // Where nothing succeeds there is none; where the answer is another one already, it is 0.
    const Result none = attack("minimal_epsilon", explainer, x, {{"most", "0.001"}});
    CHECK(std::isnan(none.scalar("epsilon")[0]));
    CHECK(none.scalar("success")[0] == 0);
    const std::size_t other = 1 - argmax(z)[0];
    const Result already = attack("minimal_epsilon", explainer, x, {}, other == 0 ? "class:0" : "class:1");
    CHECK(already.scalar("epsilon")[0] == 0);
    CHECK(already.map() == x);
}

TEST_CASE("minimal_epsilon: the attack itself succeeds at what is found, with the same picture, and fails just below") {
    Explainer explainer(test::random_network(4));
    const Tensor inputs = test::random_batch(explainer.network(), 6, 11);
    Shape one = inputs.shape();
    one[0] = 1;
    using Settings = std::vector<std::pair<std::string, std::string>>;
    const std::vector<std::pair<std::string, Settings>> attacks = {
        {"fgsm", {}},    {"bim", {}},
        {"pgd", {}},     {"pgd", {{"restarts", "3"}, {"seed", "5"}}},
        {"mi_fgsm", {}}, {"mi_fgsm", {{"decay", "0.4"}}}};
    std::vector<Tensor> maps;
    for (const auto& [kind, settings] : attacks) {
        CAPTURE(kind);
        CAPTURE(settings.size());
        Settings asked = settings;
        asked.insert(asked.end(), {{"attack", kind}, {"most", "0.5"}, {"points", "8"}, {"bisections", "9"}});
        const Result least = attack("minimal_epsilon", explainer, inputs, asked);
        maps.push_back(least.map());
        std::size_t found = 0;
        for (std::size_t n = 0; n < 6; ++n) {
            CAPTURE(n);
            const double epsilon = least.scalar("epsilon")[n];
            if (std::isnan(epsilon)) continue;
            ++found;
            REQUIRE(epsilon > 0);
            Tensor x(one);
            std::ranges::copy(sample(inputs, n), x.data());
            const auto at = [&](double bound) {
                Settings same = settings;
                same.emplace_back("epsilon", exactly(bound));
                if (kind != "fgsm") same.emplace_back("step_size", exactly(2.5 * bound / 10));
                if (kind == "pgd" && !settings.empty()) same.emplace_back("random_start", "true");
                return attack(kind, explainer, x, same);
            };
            const Result there = at(epsilon), below = at(epsilon - 0.5 / 8 / 512);
            CHECK(there.scalar("success")[0] == 1);
            CHECK(below.scalar("success")[0] == 0);
            CHECK(std::ranges::equal(sample(there.map(), 0), sample(least.map(), n)));
        }
        CHECK(found >= 3);
    }
    // Momentum, its decay and the random places are of account.
    CHECK(maps[2] == maps[1]);
    CHECK(maps[3] != maps[2]);
    CHECK(maps[4] != maps[1]);
    CHECK(maps[5] != maps[4]);
}

TEST_CASE("carlini_wagner: confidence is a lead, and a range of 255 changes nothing but the scale") {
    Linear it = linear(3);
    const auto lead = [&](const Result& result) {
        const Tensor z = predict_logits(it.explainer.network(), result.map());
        const std::size_t label = argmax(predict_logits(it.explainer.network(), it.x))[0];
        float best = -1e9F;
        for (std::size_t k = 0; k < 4; ++k) best = k == label ? best : std::max(best, z.data()[k]);
        return best - z.data()[label];
    };
    CHECK(lead(attack("carlini_wagner", it.explainer, it.x, {{"confidence", "1"}})) >= 1.0F);
    CHECK(lead(attack("carlini_wagner", it.explainer, it.x)) < 0.5F);
    Tensor scaled = it.weight;
    for (float& w : elements(scaled)) w /= 255.0F;
    Network network = test::linear_network(5, 5, scaled, it.bias);
    set_input_range(network, "0,255");
    Explainer grey(std::move(network));
    Tensor bright = it.x;
    for (float& v : elements(bright)) v *= 255.0F;
    const Result small = attack("carlini_wagner", it.explainer, it.x), large = attack("carlini_wagner", grey, bright);
    CHECK(large.scalar("l2")[0] == doctest::Approx(255 * small.scalar("l2")[0]).epsilon(0.01));
}

TEST_CASE("one_pixel: on a small picture it finds the pixel that turns the answer, and only that many change") {
    // Only the pixel at (2, 3) can.
    Tensor weight = filled({1, 1, 25, 2}, 0.01F);
    weight(0, 0, 2 * 5 + 3, 1) = 4.0F;
    Tensor bias = zeros({1, 1, 1, 2});
    bias.data()[0] = 3.0F;
    Explainer explainer(test::linear_network(5, 5, weight, bias));
    const Tensor x = filled({1, 5, 5, 1}, 0.5F);
    for (const char* seed : {"0", "1", "2"}) {
        const Result result = attack("one_pixel", explainer, x, {{"seed", seed}});
        CHECK(result.scalar("success")[0] == 1);
        CHECK(result.scalar("l0")[0] == 1);
        CHECK(result.map()(0, 2, 3, 0) > 0.5F);
    }
    const Result more = attack("one_pixel", explainer, x, {{"pixels", "4"}, {"targeted", "true"}}, "class:1");
    CHECK(more.scalar("success")[0] == 1);
    CHECK(more.scalar("l0")[0] <= 4);
}

TEST_CASE("universal: one change fools many images, and every image's change is that one") {
    Random random(5);
    const Tensor weight = test::random_tensor({1, 1, 25, 3}, random, 0.5F);
    Explainer explainer(test::linear_network(5, 5, weight, zeros({1, 1, 1, 3})));
    const Tensor x = test::uniform_tensor({20, 5, 5, 1}, random, 0.3F, 0.7F);
    const Result result = attack("universal", explainer, x, {{"epsilon", "0.25"}, {"rate", "0.6"}, {"epochs", "10"}});
    CHECK(result.scalar("fooling_rate")[0] >= 0.6);
    double fooled = 0;
    const std::vector<std::size_t> before = argmax(predict_logits(explainer.network(), x));
    const std::vector<std::size_t> after = argmax(predict_logits(explainer.network(), result.map()));
    for (std::size_t n = 0; n < 20; ++n) {
        fooled += before[n] == after[n] ? 0 : 1;
        for (std::size_t i = 0; i < 25; ++i) {
            const float pattern = sample(result.map("pattern"), n)[i];
            CHECK(pattern == result.map("pattern").data()[i]);
            CHECK(sample(result.map(), n)[i] ==
                  doctest::Approx(std::clamp(sample(x, n)[i] + pattern, 0.0F, 1.0F)).epsilon(1e-5));
        }
    }
    CHECK(result.scalar("fooling_rate")[0] == doctest::Approx(fooled / 20));
    // From data that are given it is the same for an image alone as in a batch.
    explainer.attach(DataSet(x));
    const Tensor others = test::uniform_tensor({3, 5, 5, 1}, random, 0.3F, 0.7F);
    const std::vector<std::pair<std::string, std::string>> strong{
        {"epsilon", "0.25"}, {"rate", "0.6"}, {"epochs", "10"}};
    const Result batch = attack("universal", explainer, others, strong);
    CHECK(batch.scalar("fooling_rate")[0] >= 0.6);
    CHECK(std::ranges::equal(sample(batch.map("pattern"), 0), sample(result.map("pattern"), 0)));
    for (std::size_t n = 0; n < 3; ++n) {
        const Result alone = attack("universal", explainer, batch_slice(others, n, 1), strong);
        CHECK(std::ranges::equal(elements(alone.map()), sample(batch.map(), n)));
    }
    explainer.set_resources(std::make_shared<const Resources>());
    // Seeds order the images, and so lead elsewhere.
    const Result other =
        attack("universal", explainer, x, {{"epsilon", "0.25"}, {"rate", "1"}, {"epochs", "1"}, {"seed", "1"}});
    const Result first = attack("universal", explainer, x, {{"epsilon", "0.25"}, {"rate", "1"}, {"epochs", "1"}});
    CHECK(other.map("pattern") != first.map("pattern"));
}

TEST_CASE("linear_adversary: ε‖θ‖₁ is what a linear classifier's answer changes by, and it grows with the pixels") {
    double before = 0;
    for (const std::size_t side : {7U, 14U, 28U, 56U}) {
        Random random(static_cast<std::uint32_t>(side));
        const Tensor weight = test::random_tensor({1, 1, side * side, 3}, random, 0.1F);
        Explainer explainer(test::linear_network(side, side, weight, zeros({1, 1, 1, 3})));
        const Tensor x = filled({1, side, side, 1}, 0.5F);
        double norm = 0;
        for (std::size_t i = 0; i < side * side; ++i)
            norm += std::abs(static_cast<double>(weight(0, 0, i, 2)) - static_cast<double>(weight(0, 0, i, 1)));
        const Result result = attack("linear_adversary", explainer, x, {{"epsilon", "0.01"}}, "contrast:2-1");
        CHECK(result.scalar("closed_form")[0] == doctest::Approx(-0.01 * norm).epsilon(1e-4));
        CHECK(result.scalar("within_range")[0] == doctest::Approx(-0.01 * norm).epsilon(1e-4));
        CHECK(result.scalar("measured")[0] == doctest::Approx(-0.01 * norm).epsilon(1e-3));
        CHECK(result.scalar("linf")[0] <= 0.01);
        CHECK(norm > 2 * before);
        before = norm;
        const auto* by_side = result.find<Series>("by_side");
        REQUIRE(by_side != nullptr);
        // From blocks as large as the image to single pixels: with more to change, more can be done.
        CHECK(by_side->at.front() == 1.0F);
        CHECK(by_side->at.back() == static_cast<float>(side));
        CHECK(static_cast<double>(by_side->values(0, 0, 0, by_side->at.size() - 1)) ==
              doctest::Approx(0.01 * norm).epsilon(1e-4));
        for (std::size_t k = 1; k < by_side->at.size(); ++k)
            CHECK(by_side->values(0, 0, 0, k) >= by_side->values(0, 0, 0, k - 1));
    }
    // At the ε that it says is needed the answer turns.
    Linear it = linear(1);
    const Result asked = attack("linear_adversary", it.explainer, it.x, {{"epsilon", "0.01"}});
    const double needed = asked.scalar("needed")[0];
    CHECK(attack("linear_adversary", it.explainer, it.x, {{"epsilon", std::to_string(needed * 1.01)}})
              .scalar("success")[0] == 1);
    CHECK(attack("linear_adversary", it.explainer, it.x, {{"epsilon", std::to_string(needed * 0.99)}})
              .scalar("success")[0] == 0);
    // Near an end of the range less is done.
    const Result cut = attack("linear_adversary", it.explainer, filled({1, 5, 5, 1}, 0.0F), {{"epsilon", "0.1"}});
    CHECK(std::abs(cut.scalar("within_range")[0]) < std::abs(cut.scalar("closed_form")[0]));
    CHECK(cut.scalar("measured")[0] == doctest::Approx(cut.scalar("within_range")[0]).epsilon(1e-3));
}
