/// What is taken out of images, and that a network that is trained without it does worse.
#include "pellucid/study/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/train/trainer.hpp"
#include "train/synthetic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

using namespace pellucid;

namespace {

const study::Feature& feature(std::string_view id) {
    for (const study::Feature& each : study::features()) {
        if (each.id == id) return each;
    }
    FAIL("no such feature");
    return study::features().front();
}

ByteImages full_ink(std::size_t side) { return {1, side, side, std::vector<std::uint8_t>(side * side, 200)}; }

std::size_t left_without(std::string_view id) {
    ByteImages images = full_ink(28);
    study::remove(feature(id), images);
    return static_cast<std::size_t>(std::count_if(images.pixels.begin(), images.pixels.end(), [](std::uint8_t v) { return v > 0; }));
}

std::optional<double> trained(const LabelledImages& training, const LabelledImages& test) {
    return study::accuracy_without(bars_recipe(), training, test, [] { return false; }, [](double) {});
}

}  // namespace

TEST_CASE("ablation: regions, blur and ink are taken out, and nothing else") {
    for (const char* half : {"top", "bottom", "left", "right"}) CHECK(left_without(half) == 392);
    CHECK(left_without("middle") == 784 - 14 * 14);
    CHECK(left_without("rim") == 14 * 14);
    ByteImages images = full_ink(28);
    study::remove(feature("top"), images);
    CHECK(images.pixels[0] == 0);
    CHECK(images.pixels[783] == 200);
    images = full_ink(28);
    study::remove(feature("left"), images);
    CHECK(images.pixels[28 + 13] == 0);
    CHECK(images.pixels[28 + 14] == 200);

    ByteImages grey{1, 2, 3, {0, 10, 127, 128, 200, 255}};
    study::remove(feature("blur"), grey);
    CHECK(grey.pixels == std::vector<std::uint8_t>{0, 0, 0, 255, 255, 255});
    // Twice the ink, evenly: after it is taken out, both are the same.
    ByteImages thin{1, 28, 28, std::vector<std::uint8_t>(784, 40)}, thick{1, 28, 28, std::vector<std::uint8_t>(784, 80)};
    study::remove(feature("ink"), thin);
    study::remove(feature("ink"), thick);
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
    const auto ranking = study::Ranking::by(method, network, data.images, [] { return false; });
    REQUIRE(ranking);
    ByteImages images = data.images;
    ranking->remove_first(0.1, images);
    Explainer explainer(network);
    for (std::size_t n = 0; n < data.size(); n += 7) {
        const Tensor map = explain(method, {explainer, to_tensor(data.images, n, 1), Target{}, Params(method.card)}).map();
        std::vector<float> removed, kept;
        for (std::size_t i = 0; i < 100; ++i) {
            const float size = std::abs(map.data()[i]);
            if (images.pixels[n * 100 + i] == 0 && data.images.pixels[n * 100 + i] != 0) removed.push_back(size);
            if (images.pixels[n * 100 + i] != 0) kept.push_back(size);
        }
        CHECK(removed.size() <= 10);
        CHECK(*std::min_element(removed.begin(), removed.end()) >= *std::max_element(kept.begin(), kept.end()));
    }
    CHECK_FALSE(study::Ranking::by(method, network, data.images, [] { return true; }));
    CHECK_THROWS_WITH_AS(study::Ranking::by(find_method("fgsm"), network, data.images, [] { return false; }),
                         doctest::Contains("no map of what matters"), Error);
    CHECK_THROWS_WITH_AS(study::Ranking::by(find_method("pattern_net"), network, data.images, [] { return false; }),
                         doctest::Contains("needs patterns"), Error);
}

TEST_CASE("ablation: a training without what decides is worth less than one without something else") {
    const LabelledImages training = bars(430, 1), test = bars(300, 2);
    const double whole = trained(training, test).value();
    CHECK(whole > 0.95);
    CHECK(trained(training, test).value() == whole);  // the same again, to the last digit
    const auto without = [&](const study::Ranking& of_training, const study::Ranking& of_test) {
        LabelledImages a = training, b = test;
        of_training.remove_first(0.15, a.images);
        of_test.remove_first(0.15, b.images);
        return trained(a, b).value();
    };
    train::Trainer trainer(bars_recipe(), training);
    while (!trainer.progress().finished()) trainer.step();
    const Network network = trainer.snapshot();
    const auto by = [&](const ByteImages& images) {
        return study::Ranking::by(find_method("input_x_gradient"), network, images, [] { return false; }).value();
    };
    const double ranked = without(by(training.images), by(test.images));
    const double chance = without(study::Ranking::by_chance(training.images, 1), study::Ranking::by_chance(test.images, 2));
    CHECK(chance > 0.9);
    CHECK(ranked < chance);
    CHECK_FALSE(study::accuracy_without(bars_recipe(), training, test, [] { return true; }, [](double) {}));
    CHECK(study::first_of(training, 10).size() == 10);
    CHECK(study::first_of(training, 0).size() == 430);
    CHECK(study::first_of(training, 1000).images.pixels == training.images.pixels);
}
