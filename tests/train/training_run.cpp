#include "pellucid/train/training_run.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/range.hpp"
#include "synthetic.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace pellucid;
using namespace pellucid::train;

namespace {

Network bars_network() {
    const Recipe recipe = bars_recipe();
    return build_network(recipe.input, recipe.layers);
}

void run_to(TrainingRun& run, std::size_t step) {
    while (run.done() < step && run.step()) {
    }
}

std::vector<float> curve(TrainingRun& run, std::string_view name) {
    const Result result = run.snapshot();
    const auto* series = result.find<Series>(name);
    REQUIRE(series != nullptr);
    REQUIRE(series->at.size() == series->values.size());
    return {series->values.data(), series->values.data() + series->values.size()};
}

/// Bars that need no generator, so that the package's tests draw the same (tests/wasm/training.test.mjs).
LabelledImages plain_bars(std::size_t count, std::size_t rows, std::size_t columns) {
    LabelledImages data;
    data.images = {count, rows, columns, std::vector<std::uint8_t>(count * rows * columns)};
    for (std::size_t n = 0; n < count; ++n) {
        const std::size_t label = n % 3, place = 3 + n * 7 % 5;
        for (std::size_t y = 0; y < rows; ++y) {
            for (std::size_t x = 0; x < columns; ++x) {
                const bool ink = label == 0 ? y == place : label == 1 ? x == place : (x + place) % rows == y;
                data.images.pixels[(n * rows + y) * columns + x] =
                    static_cast<std::uint8_t>((ink ? 190 : 0) + (n * 31 + y * 17 + x * 5) % 60);
            }
        }
        data.labels.push_back(static_cast<std::uint8_t>(label));
    }
    return data;
}

}  // namespace

TEST_CASE("TrainingRun: gives the trainer's network, and the curves fall and rise") {
    const LabelledImages data = bars(430, 1);
    const Recipe recipe = bars_recipe();
    Trainer trainer(recipe, data);
    double loss = 0;
    std::vector<float> losses;
    while (!trainer.progress().finished()) {
        const double before = trainer.progress().step == 0 ? 0.0 : loss;
        trainer.step();
        const Progress now = trainer.progress();
        const std::size_t seen = now.step == 0 ? data.size() : now.step * recipe.training.batch;
        loss = now.loss * static_cast<double>(seen);
        losses.push_back(static_cast<float>((loss - before) / (now.step == 0 ? 30.0 : 50.0)));
    }
    TrainingRun run(bars_network(), recipe.training, data, true);
    CHECK(run.most() == 36);
    run_to(run, run.most());
    CHECK(run.finished());
    CHECK_FALSE(run.step());
    CHECK(write_onnx(run.network()) == write_onnx(trainer.snapshot()));
    const std::vector<float> ours = curve(run, "loss"), right = curve(run, "accuracy");
    REQUIRE(ours.size() == losses.size());
    for (std::size_t i = 0; i < losses.size(); ++i) CHECK(ours[i] == doctest::Approx(losses[i]).epsilon(1e-5));
    CHECK(right.back() > 0.9F);
    CHECK(right.front() < 0.7F);
    CHECK(run.snapshot().value.front() == static_cast<double>(ours.back()));
}

TEST_CASE("TrainingRun: saved in the middle of an epoch and taken up again, it ends as if it had gone on") {
    const LabelledImages data = bars(430, 1);
    const TrainingOptions options = bars_recipe().training;
    TrainingRun whole(bars_network(), options, data, true), first(bars_network(), options, data, true);
    run_to(whole, whole.most());
    run_to(first, 13);
    const Bytes state = first.save();
    TrainingRun second(bars_network(), options, data, true);
    second.restore(state);
    CHECK(second.done() == 13);
    CHECK(curve(second, "loss") == curve(first, "loss"));
    run_to(second, second.most());
    CHECK(write_onnx(second.network()) == write_onnx(whole.network()));
    CHECK(curve(second, "loss") == curve(whole, "loss"));
    CHECK(second.save() == whole.save());

    SUBCASE("what does not belong to it is refused, and changes nothing") {
        TrainingRun other(bars_network(), options, data, true);
        TrainingOptions longer = options;
        longer.epochs = 5;
        TrainingRun of_more(bars_network(), longer, data, true);
        CHECK_THROWS_WITH_AS(of_more.restore(state), doctest::Contains("has 36 steps, this one 45"), Error);
        CHECK_THROWS_WITH_AS(other.restore(Bytes(state.begin(), state.end() - 9)), doctest::Contains("cut short"),
                             Error);
        CHECK_THROWS_WITH_AS(other.restore(Bytes(40, 7)), doctest::Contains("not a saved training"), Error);
        CHECK(other.done() == 0);
        run_to(other, other.most());
        CHECK(other.save() == whole.save());
    }
}

TEST_CASE("TrainingRun: of many steps a point is the mean of several") {
    TrainingOptions options = bars_recipe().training;
    options.epochs = 300;
    options.batch = 10;
    TrainingRun run(bars_network(), options, bars(40, 1), true);
    CHECK(run.most() == 1200);
    run_to(run, 7);
    const Result result = run.snapshot();
    CHECK(result.find<Series>("loss")->at == std::vector<float>{2, 4, 6});
}

TEST_CASE("TrainingRun: one that runs away says so and stands where it last was sound") {
    TrainingOptions options = bars_recipe().training;
    options.optimiser = optimise::Sgd::Options{.weight_decay = 1000.0F};
    options.schedule = {1000.0F};
    options.epochs = 50;
    TrainingRun run(bars_network(), options, bars(60, 1), true);
    CHECK_THROWS_WITH_AS(run_to(run, run.most()), doctest::Contains("ran away"), Error);
    CHECK(run.done() == 0);
    CHECK(curve(run, "loss").empty());
}

TEST_CASE("TrainingRun: networks of other inputs, and data that do not fit, are refused") {
    const TrainingOptions options = bars_recipe().training;
    Network bytes = bars_network();
    set_input_range(bytes, "0,255");
    CHECK_THROWS_WITH_AS(TrainingRun(std::move(bytes), options, bars(30, 1), true), doctest::Contains("0 … 1"), Error);
    LabelledImages short_of_labels = bars(30, 1);
    short_of_labels.labels.pop_back();
    CHECK_THROWS_WITH_AS(TrainingRun(bars_network(), options, short_of_labels, true), doctest::Contains("one each"),
                         Error);
    CHECK_THROWS_AS(TrainingRun(bars_network(), options, LabelledImages{{0, 10, 10, {}}, {}}, true), Error);
}

TEST_CASE("TrainingRun: the numbers that the package's test expects, natively and in WebAssembly") {
    Network network = load_onnx(PELLUCID_SOURCE_DIR "/tests/parity/networks/residual.onnx");
    TrainingOptions options;
    options.epochs = 8;
    options.batch = 16;
    options.schedule.learning_rate = 0.02F;
    options.defence = {.type = Defence::Type::fgsm, .epsilon = 0.05F};
    TrainingRun run(std::move(network), options, plain_bars(60, 12, 10), true);
    run_to(run, run.most());
    const std::vector<float> losses = curve(run, "loss");
    REQUIRE(losses.size() == 32);
    CHECK(losses[0] == doctest::Approx(1.71085).epsilon(1e-3));
    CHECK(losses[1] == doctest::Approx(1.93291).epsilon(1e-3));
    CHECK(losses[5] == doctest::Approx(1.49524).epsilon(1e-3));
    CHECK(losses[31] == doctest::Approx(1.04758).epsilon(5e-3));
}
