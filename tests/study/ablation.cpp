/// What is taken out of images, and that a network that is trained without it does worse.
#include "pellucid/study/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/study/features.hpp"
#include "pellucid/train/architecture.hpp"
#include "pellucid/train/trainer.hpp"
#include "support/answers.hpp"
#include "train/synthetic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

using namespace pellucid;

namespace {

ByteImages full_ink(std::size_t side) { return {1, side, side, std::vector<std::uint8_t>(side * side, 200)}; }

std::size_t left_without(std::string_view id) {
    ByteImages images = full_ink(28);
    study::remove(study::find_feature(id), images);
    return static_cast<std::size_t>(
        std::count_if(images.pixels.begin(), images.pixels.end(), [](std::uint8_t v) { return v > 0; }));
}

study::Ablation::Subject bars_subject(const LabelledImages& training, const LabelledImages& test) {
    const train::Recipe recipe = bars_recipe();
    return {train::build_network(recipe.input, recipe.layers), recipe.training, training, test};
}

double accuracy_without(study::Ablation& ablation, const study::Removal& removal) {
    ablation.begin(removal);
    std::size_t steps = 0;
    const std::size_t parts = ablation.parts(removal);
    while (ablation.step()) ++steps;
    CHECK(ablation.progress() == 1);
    CHECK(steps >= parts);  // a ranking that was begun counts no more
    return ablation.accuracy().value();
}

study::Ranking ranking_of(const Method& method, const Network& network, const ByteImages& images) {
    study::Ranking ranking(method, network, images);
    while (ranking.step()) {
    }
    return ranking;
}

}  // namespace

TEST_CASE("ablation: regions, blur and ink are taken out, and nothing else") {
    for (const char* half : {"top", "bottom", "left", "right"}) CHECK(left_without(half) == 392);
    CHECK(left_without("middle") == 784 - 14 * 14);
    CHECK(left_without("rim") == 14 * 14);
    ByteImages images = full_ink(28);
    study::remove(study::find_feature("top"), images);
    CHECK(images.pixels[0] == 0);
    CHECK(images.pixels[783] == 200);
    images = full_ink(28);
    study::remove(study::find_feature("left"), images);
    CHECK(images.pixels[28 + 13] == 0);
    CHECK(images.pixels[28 + 14] == 200);

    ByteImages grey{1, 2, 3, {0, 10, 127, 128, 200, 255}};
    study::remove(study::find_feature("blur"), grey);
    CHECK(grey.pixels == std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255});
    // Twice the ink, evenly: after it is taken out, both are the same.
    ByteImages thin{1, 28, 28, std::vector<std::uint8_t>(784, 40)},
        thick{1, 28, 28, std::vector<std::uint8_t>(784, 80)};
    study::remove(study::find_feature("ink"), thin);
    study::remove(study::find_feature("ink"), thick);
    CHECK(thin.pixels == thick.pixels);
    CHECK(std::accumulate(thin.pixels.begin(), thin.pixels.end(), 0) == doctest::Approx(20 * 255).epsilon(0.1));
}

TEST_CASE("ablation: pixels go in the method's order, its largest values first") {
    const LabelledImages data = bars(60, 3);
    LabelledImages training = bars(300, 4);
    train::Trainer trainer(bars_recipe(), training);
    while (!trainer.progress().finished()) trainer.step();
    const Network network = trainer.snapshot();
    const Method& method = find_method("gradient");
    ByteImages images = data.images;
    CHECK_THROWS_AS(study::Ranking(method, network, data.images).remove_first(0.1, images), Error);  // not ranked yet
    ranking_of(method, network, data.images).remove_first(0.1, images);
    Explainer explainer(network);
    for (std::size_t n = 0; n < data.size(); n += 7) {
        const Tensor map =
            explain(method, {explainer, to_tensor(data.images, n, 1), Target{}, Params(method.card)}).map();
        std::vector<float> removed, kept;
        for (std::size_t i = 0; i < 100; ++i) {
            const float size = std::abs(map.data()[i]);
            if (images.pixels[n * 100 + i] == 0 && data.images.pixels[n * 100 + i] != 0) removed.push_back(size);
            if (images.pixels[n * 100 + i] != 0) kept.push_back(size);
        }
        CHECK(removed.size() <= 10);
        CHECK(*std::min_element(removed.begin(), removed.end()) >= *std::max_element(kept.begin(), kept.end()));
    }
    CHECK_THROWS_WITH_AS(study::Ranking(find_method("fgsm"), network, data.images),
                         doctest::Contains("no map of what matters"), Error);
    CHECK_THROWS_WITH_AS(study::Ranking(find_method("pattern_net"), network, data.images),
                         doctest::Contains("needs patterns"), Error);
}

TEST_CASE("ablation: a training without what decides is worth less than one without something else") {
    using enum study::Removal::Kind;
    const LabelledImages training = bars(430, 1), test = bars(300, 2);
    train::Trainer trainer(bars_recipe(), training);
    while (!trainer.progress().finished()) trainer.step();
    const Network network = trainer.snapshot();
    study::Ablation ablation(bars_subject(training, test), &network);
    const double whole = accuracy_without(ablation, {});
    CHECK(whole == train::accuracy(network, test));  // the recipe's own training
    CHECK(whole > 0.95);
    const double chance = accuracy_without(ablation, {ranked, "chance", 0.15});
    CHECK(chance > 0.9);
    const double first = accuracy_without(ablation, {ranked, "input_x_gradient", 0.15});
    CHECK(first < chance);

    // By hand: the same pixels removed, the same training.
    LabelledImages a = training, b = test;
    ranking_of(find_method("input_x_gradient"), network, training.images).remove_first(0.15, a.images);
    ranking_of(find_method("input_x_gradient"), network, test.images).remove_first(0.15, b.images);
    train::Trainer again(bars_recipe(), a);
    while (!again.progress().finished()) again.step();
    CHECK(train::accuracy(again.snapshot(), b) == first);

    // Another share by the same method needs no second ranking, and gives what it gives alone.
    CHECK(ablation.parts({ranked, "input_x_gradient", 0.02}) == ablation.parts({}));
    const double next = accuracy_without(ablation, {ranked, "input_x_gradient", 0.02});
    study::Ablation alone(bars_subject(training, test), &network);
    CHECK(alone.parts({ranked, "input_x_gradient", 0.02}) > alone.parts({}));
    CHECK(accuracy_without(alone, {ranked, "input_x_gradient", 0.02}) == next);
    CHECK(accuracy_without(alone, {}) == whole);

    alone.begin({});
    CHECK(alone.step());
    CHECK_FALSE(alone.accuracy());
    CHECK(alone.progress() < 1);
    CHECK(study::first_of(training, 10).size() == 10);
    CHECK(study::first_of(training, 0).size() == 430);
    CHECK(study::first_of(training, 1000).images.pixels == training.images.pixels);
}

namespace {

/// The class is where in the upper half a block stands; below there is noise.
LabelledImages blocks(std::size_t count) {
    Random random(3);
    LabelledImages data{{count, 10, 10, {}}, {}};
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t i = 0; i < 100; ++i) {
            const bool block = i / 10 > 0 && i / 10 < 4 && i % 10 / 3 == n % 3;
            data.images.pixels.push_back(static_cast<std::uint8_t>(block ? 220 : random.below(60)));
        }
        data.labels.push_back(static_cast<std::uint8_t>(n % 3));
    }
    return data;
}

Result asked_for(Explainer& explainer, std::initializer_list<std::pair<const char*, const char*>> given) {
    const Method& method = find_method("ablation_test");
    Params params(method.card);
    for (const auto& [name, value] : given) params.set(name, std::string_view(value));
    return explain(method, {explainer, zeros(explainer.network().input_shape()), Target{}, params});
}

}  // namespace

TEST_CASE("ablation_test: what it says is what a training without it gives") {
    Explainer explainer(train::build_network({1, 10, 10, 1}, bars_recipe().layers));
    explainer.attach(DataSet(blocks(430)));
    const Result result = asked_for(explainer, {{"epochs", "6"}, {"learning_rate", "0.02"}, {"samples", "400"}});
    const auto& accuracy = *result.find<Scores>("accuracy");
    const auto& difference = *result.find<Scores>("difference");
    REQUIRE(accuracy.groups.size() == study::features().size() + 1);
    CHECK(result.scalar("trained")[0] == 300);
    CHECK(result.scalar("tested")[0] == 100);
    CHECK(result.scalar("whole")[0] > 0.95);
    const double whole = result.scalar("whole")[0];
    const double usual = (100 * whole + 1) / 102;
    CHECK(result.scalar("standard_error")[0] == doctest::Approx(std::sqrt(usual * (1 - usual) / 102)));
    std::map<std::string, double> of;
    for (std::size_t i = 0; i < accuracy.groups.size(); ++i) {
        of[accuracy.groups[i]] = static_cast<double>(accuracy.values(0, 0, 0, i));
        CHECK(difference.values(0, 0, 0, i) == doctest::Approx(of[accuracy.groups[i]] - whole).epsilon(1e-5));
    }
    CHECK(of.at("the upper half") < 0.6);
    for (const char* idle : {"the lower half", "the strokes' soft edges"}) CHECK(of.at(idle) > 0.95);

    // One feature alone, and the same again; half-trained networks differ where the seed does.
    const auto top = [&](const char* epochs, const char* seed) {
        const Result only = asked_for(
            explainer,
            {{"epochs", epochs}, {"learning_rate", "0.02"}, {"samples", "400"}, {"feature", "top"}, {"seed", seed}});
        CHECK(only.find<Scores>("accuracy")->groups == std::vector<std::string>{"nothing", "the upper half"});
        return test::answer_of(only, 0);
    };
    CHECK(top("6", "1") == std::vector<double>{of.at("nothing"), of.at("the upper half")});
    CHECK((top("1", "1") != top("1", "2") || top("1", "1") != top("1", "3")));

    const Result ranked = asked_for(explainer, {{"epochs", "2"}, {"feature", "ranked"}, {"share", "0.3"}});
    CHECK(ranked.find<Scores>("accuracy")->groups == std::vector<std::string>{"nothing",
                                                                              "the 30 % of pixels first by chance",
                                                                              "the 30 % of pixels first by gradient"});
}

TEST_CASE("ablation_test: it goes on step by step, and says of each training when it is over") {
    Explainer explainer(train::build_network({1, 10, 10, 1}, bars_recipe().layers));
    explainer.attach(DataSet(bars(64, 1)));
    const Method& method = find_method("ablation_test");
    Params params(method.card);
    params.set("epochs", std::string_view("2"));
    params.set("feature", std::string_view("top"));
    const auto run = start(method, {explainer, zeros({2, 10, 10, 1}), Target{}, params});
    CHECK(run->most() == 12);  // two trainings, each of 2 epochs of 48 images, 16 at a time
    CHECK_THROWS_AS(run->snapshot(), Error);
    for (std::size_t step = 1; step <= 12; ++step) {
        REQUIRE(run->step());
        const Result result = run->snapshot();
        CHECK(result.find<Scores>("accuracy")->groups.size() == step / 6);
        CHECK(result.find<Scores>("accuracy")->values.shape()[0] == 2);
        CHECK(std::isnan(result.scalar("whole")[1]) == (step < 6));
    }
    CHECK(run->finished());
    CHECK_FALSE(run->step());
}

TEST_CASE("ablation_test: data that cannot be trained with are refused in a sentence") {
    const auto refused = [](const DataSet* data, const Shape& input, const char* sentence) {
        Explainer explainer(train::build_network(input, bars_recipe().layers));
        if (data != nullptr) explainer.attach(*data);
        CHECK_THROWS_WITH_AS(asked_for(explainer, {}), doctest::Contains(sentence), Error);
    };
    refused(nullptr, {1, 10, 10, 1}, "no data were given");
    refused(nullptr, {1, 28, 28, 1}, "9 is none");  // of three classes
    refused(nullptr, {1, 10, 10, 3}, "one channel");
    const DataSet unlabelled(zeros({4, 10, 10, 1})), alone(zeros({1, 10, 10, 1}), {0});
    refused(&unlabelled, {1, 10, 10, 1}, "these data have none");
    refused(&alone, {1, 10, 10, 1}, "two images");
}
