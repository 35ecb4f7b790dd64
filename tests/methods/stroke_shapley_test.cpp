/// stroke_shapley against the definition over all orders of the strokes, each sub-drawing asked in double; and of real
/// drawings what a person may expect.
#include "methods/game_by_hand.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace pellucid;

namespace {

/// Random strokes: each draws on some pixels, and they meet.
Tensor random_strokes(const Network& network, std::size_t count, std::uint32_t seed) {
    Random random(seed);
    Tensor alone = zeros({count, network.input_shape()[1], network.input_shape()[2], 1});
    for (float& v : elements(alone)) {
        if (random.uniform() < 0.4F) v = random.uniform();
    }
    return alone;
}

/// A drawing of so many strokes: of pictures only their number matters.
Drawing so_many(std::size_t count) {
    Drawing drawing{100.0F, 100.0F, {}};
    for (std::size_t s = 0; s < count; ++s)
        drawing.strokes.push_back({{{10.0F, 10.0F}, {90.0F, 10.0F + static_cast<float>(s)}}, 8.0F});
    return drawing;
}

Result ask_strokes(Explainer& explainer, const Tensor& x, Tensor alone, test::Given given) {
    const std::size_t count = alone.shape()[0];
    explainer.attach(Strokes(so_many(count), std::move(alone)));
    return test::ask("stroke_shapley", explainer, x, Target::of_class(1), given);
}

/// f_t in double of the strokes in `mask`, by the rule of stroke_game.hpp.
double worth_of_strokes(const Network& network, const Tensor& x, const Tensor& alone, std::size_t mask) {
    test::Array image(x);
    for (std::size_t i = 0; i < image.data.size(); ++i) {
        double all = 0, drawn = 0;
        for (std::size_t s = 0; s < alone.shape()[0]; ++s) {
            const auto ink = static_cast<double>(sample(alone, s)[i / x.shape()[3]]);
            all += ink;
            if ((mask >> s & 1U) != 0) drawn += ink;
        }
        const double rest = std::max(image.data[i] - all, 0.0);
        image.data[i] = rest + std::min(image.data[i] - rest, drawn);
    }
    return test::reference_forward(network, image)[network.logits()].data[1];
}

}  // namespace

TEST_CASE("stroke_shapley: with few strokes the values by definition, and of pairs their interaction") {
    for (const std::uint32_t seed : {0U, 1U, 2U, 5U}) {
        Explainer explainer(test::random_network(seed));
        const Network& network = explainer.network();
        const Tensor x = test::random_batch(network, 1, seed), alone = random_strokes(network, 4, seed);
        const Result result = ask_strokes(explainer, x, alone, {{"interactions", true}});
        std::vector<double> worth(16);
        for (std::size_t mask = 0; mask < 16; ++mask) worth[mask] = worth_of_strokes(network, x, alone, mask);
        std::vector<std::size_t> order{0, 1, 2, 3};
        std::vector<double> wanted(4, 0.0);
        do {
            std::size_t mask = 0;
            for (const std::size_t s : order) {
                wanted[s] += (worth[mask | (std::size_t{1} << s)] - worth[mask]) / 24;
                mask |= std::size_t{1} << s;
            }
        } while (std::next_permutation(order.begin(), order.end()));
        double largest = 0;
        for (const double v : wanted) largest = std::max(largest, std::abs(v));
        const std::vector<double> scores = test::scores_of(result);
        for (std::size_t s = 0; s < 4; ++s) CHECK(std::abs(scores[s] - wanted[s]) <= 1e-4 * largest);
        CHECK(result.scalar("baseline_value")[0] == doctest::Approx(worth[0]).epsilon(1e-4));
        CHECK(result.scalar("completeness_gap")[0] < 1e-4);
        // Of two players of four: the mean over orders of the others before them.
        const Table& pairs = *result.find<Table>("interactions");
        REQUIRE(pairs.rows.size() == 6);
        const auto together = [&](std::size_t without) {
            return worth[without | 3U] - worth[without | 1U] - worth[without | 2U] + worth[without];
        };
        const double expected = (together(0) + together(12)) / 3 + (together(4) + together(8)) / 6;
        CHECK(std::abs(pairs.rows[0][2] - expected) <= 1e-4 * (largest + std::abs(expected)));
        CHECK(pairs.rows[5][0] == 3);
        CHECK(pairs.rows[5][1] == 4);
    }
}

TEST_CASE("stroke_shapley: above ten strokes orders are sampled, and still sum to the difference") {
    Explainer explainer(test::random_network(1));
    const Network& network = explainer.network();
    const Tensor x = test::random_batch(network, 1, 1);
    Tensor ten = random_strokes(network, 10, 4), twelve = zeros({12, ten.shape()[1], ten.shape()[2], 1});
    std::copy_n(ten.data(), ten.size(), twelve.data());  // two more that draw nothing
    const std::vector<double> exact = test::scores_of(ask_strokes(explainer, x, ten, {}));
    const Result result = ask_strokes(explainer, x, twelve, {{"samples", std::int64_t{1500}}});
    const std::vector<double> sampled = test::scores_of(result);
    double largest = 0;
    for (const double v : exact) largest = std::max(largest, std::abs(v));
    for (std::size_t s = 0; s < 10; ++s) CHECK(std::abs(sampled[s] - exact[s]) < 0.1 * largest);
    CHECK(std::abs(sampled[10]) < 1e-6);
    CHECK(result.scalar("completeness_gap")[0] < 1e-4);
    CHECK_THROWS_WITH_AS(ask_strokes(explainer, x, twelve, {{"interactions", true}}),
                         doctest::Contains("of at most 10 strokes; this drawing has 12"), Error);
}

TEST_CASE("stroke_shapley: a drawing without strokes, or of another size, and none at all are refused") {
    Explainer explainer(load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx"));
    const Tensor x = zeros({1, 28, 28, 1});
    CHECK_THROWS_WITH_AS(test::ask("stroke_shapley", explainer, x, Target::of_class(1), {}),
                         doctest::Contains("strokes"), Error);
    CHECK_THROWS_WITH_AS(ask_strokes(explainer, x, zeros({0, 28, 28, 1}), {}), doctest::Contains("no strokes"), Error);
    CHECK_THROWS_WITH_AS(ask_strokes(explainer, x, zeros({2, 14, 14, 1}), {}), doctest::Contains("must be the same"),
                         Error);
}

TEST_CASE("stroke_shapley: a drawing's own strokes make it up; each is painted where it was drawn") {
    Explainer explainer(load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx"));
    for (std::size_t i = 0; i < pen_digit_count() && i < 200; ++i) {
        const PenDigit digit = pen_digit(i);
        if (digit.drawing.strokes.size() < 2) continue;
        const Tensor x = normalise(digit.drawing).image;
        explainer.attach(Strokes(digit.drawing));
        const Result result = test::ask("stroke_shapley", explainer, x, Target::parse("predicted"), {});
        CHECK(result.scalar("ink_without_stroke")[0] < 0.02);
        CHECK(result.scalar("completeness_gap")[0] < 1e-3);
        const std::vector<double> scores = test::scores_of(result);
        const Tensor alone = strokes_alone(digit.drawing);
        for (std::size_t p = 0; p < 784; ++p) {
            if (alone.data()[p] > 0.99F && sample(alone, 1)[p] == 0.0F && alone.shape()[0] == 2) {
                CHECK(static_cast<double>(result.map().data()[p]) == doctest::Approx(scores[0]).epsilon(0.02));
            }
        }
        // The groups of the strokes leave no ink to the paper.
        const Result groups = test::ask("feature_ablation", explainer, x, Target::parse("predicted"),
                                        {{"groups", std::string("strokes")}});
        CHECK(test::scores_of(groups).back() == 0);
        CHECK(groups.find<Scores>("scores")->groups.size() == scores.size() + 1);
    }
}
