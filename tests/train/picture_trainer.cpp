/// Trainings that make pictures: they learn, their gradients are right, and an interrupted one ends in the same
/// weights.
#include "pellucid/train/picture_trainer.hpp"

#include "pellucid/error.hpp"
#include "synthetic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace pellucid;
using namespace pellucid::train;

namespace {

Recipe denoiser() {
    return parse_recipe(R"({
        "kind": "denoiser", "name": "clean", "title": "Bars", "data": {"train": "bars"}, "input": [10, 10, 1],
        "layers": [
            {"name": "conv1", "type": "conv", "channels": 8, "kernel": 3, "stride": 2, "padding": 1},
            {"name": "relu1", "type": "relu"},
            {"name": "up1", "type": "conv_transpose", "channels": 1, "kernel": 4, "stride": 2, "padding": 1},
            {"name": "sigmoid", "type": "sigmoid"}
        ],
        "noise": 0.3, "seed": 3, "epochs": 4, "batch": 30, "ema": 0.5,
        "optimiser": {"type": "adam"}, "schedule": {"learning_rate": 0.02}
    })",
                        "the recipe");
}

Recipe gan() {
    return parse_recipe(R"({
        "kind": "gan", "name": "write", "title": "Bars", "data": {"train": "bars"}, "input": [1, 1, 4],
        "layers": [
            {"name": "up0", "type": "conv_transpose", "channels": 12, "kernel": 5},
            {"name": "relu0", "type": "leaky_relu", "slope": 0.1},
            {"name": "up1", "type": "conv_transpose", "channels": 1, "kernel": 4, "stride": 2, "padding": 1},
            {"name": "sigmoid", "type": "sigmoid"}
        ],
        "critic": [
            {"name": "conv1", "type": "conv", "channels": 8, "kernel": 4, "stride": 2, "padding": 1},
            {"name": "relu1", "type": "leaky_relu", "slope": 0.2},
            {"name": "flatten", "type": "flatten"},
            {"name": "dense1", "type": "dense", "units": 1}
        ],
        "penalty": 1, "penalty_every": 2, "seed": 3, "epochs": 6, "batch": 30, "ema": 0.9,
        "optimiser": {"type": "adam", "beta1": 0.5, "beta2": 0.99}, "schedule": {"learning_rate": 0.005}
    })",
                        "the recipe");
}

/// Mean of the pictures of a set, and the mean distance of its pictures from that.
std::pair<std::vector<double>, double> mean_and_spread(const Tensor& pictures) {
    const std::size_t size = sample_size(pictures), count = pictures.shape()[0];
    std::vector<double> mean(size, 0.0);
    for (std::size_t i = 0; i < pictures.size(); ++i) mean[i % size] += static_cast<double>(pictures.data()[i]);
    for (double& m : mean) m /= static_cast<double>(count);
    double square = 0;
    for (std::size_t i = 0; i < pictures.size(); ++i)
        square += std::pow(static_cast<double>(pictures.data()[i]) - mean[i % size], 2.0);
    return {mean, square / static_cast<double>(pictures.size())};
}

Tensor made_by(const Network& generator, std::size_t count) {
    Tensor codes(with_batch(generator.input_shape(), count));
    Random random(77);
    for (float& z : elements(codes)) z = random.normal();
    Trace trace;
    generator.forward(codes, trace);
    return trace.values.back();
}

bool same_weights(Network a, Network b) {
    const auto of_a = optimise::parameter_tensors(a), of_b = optimise::parameter_tensors(b);
    for (std::size_t i = 0; i < of_a.size(); ++i) {
        if (!std::equal(of_a[i]->data(), of_a[i]->data() + of_a[i]->size(), of_b[i]->data())) return false;
    }
    return true;
}

}  // namespace

TEST_CASE("a denoiser learns: its pictures are nearer to the clean ones than the noisy ones are") {
    const LabelledImages data = bars(300, 1);
    const auto trainer = make_training(denoiser(), data);
    double first = 0;
    while (!trainer->progress().finished()) {
        trainer->step();
        if (first == 0) first = trainer->progress().loss;
    }
    CHECK(trainer->progress().loss < 0.5 * first);
    const Tensor clean = to_tensor(bars(30, 2).images);
    Tensor noisy = clean;
    Random random(4);
    for (float& v : elements(noisy)) v += 0.3F * random.normal();
    Trace trace;
    trainer->snapshot().forward(noisy, trace);
    double before = 0, after = 0;
    for (std::size_t i = 0; i < clean.size(); ++i) {
        before += std::pow(static_cast<double>(noisy.data()[i] - clean.data()[i]), 2.0);
        after += std::pow(static_cast<double>(trace.values.back().data()[i] - clean.data()[i]), 2.0);
    }
    CHECK(after < 0.65 * before);
}

TEST_CASE("a generator learns: its pictures come to have the data's mean and spread") {
    const LabelledImages data = bars(600, 1);
    const auto [mean, spread] = mean_and_spread(to_tensor(data.images));
    const auto distance = [&](const Network& generator) {
        const auto [own, own_spread] = mean_and_spread(made_by(generator, 200));
        double square = 0;
        for (std::size_t i = 0; i < mean.size(); ++i) square += std::pow(own[i] - mean[i], 2.0);
        return square / static_cast<double>(mean.size()) + std::pow(std::sqrt(own_spread) - std::sqrt(spread), 2.0);
    };
    const auto trainer = make_training(gan(), data);
    const double before = distance(trainer->snapshot());
    while (!trainer->progress().finished()) trainer->step();
    CHECK(distance(trainer->snapshot()) < 0.3 * before);
}

TEST_CASE("a critic's penalty keeps its slope small") {
    const LabelledImages data = bars(300, 1);
    const auto loss_with = [&](float penalty) {
        Recipe recipe = gan();
        recipe.penalty = penalty;
        recipe.penalty_every = 1;
        recipe.training.epochs = 3;
        const auto trainer = make_training(recipe, data);
        while (!trainer->progress().finished()) trainer->step();
        return trainer->progress().loss;
    };
    // A critic that may not be steep says nearly 0 everywhere: the generator's loss is then log 2.
    const double free = loss_with(0), kept = loss_with(1000);
    CHECK(std::abs(kept - std::log(2.0)) < 0.02);
    CHECK(std::abs(free - std::log(2.0)) > 0.1);
}

TEST_CASE("trainings of pictures: interrupted and taken up again, the same weights to the last bit") {
    const LabelledImages data = bars(120, 1);
    for (const Recipe& recipe : {denoiser(), gan()}) {
        const auto whole = make_training(recipe, data), first = make_training(recipe, data);
        for (int i = 0; i < 7; ++i) whole->step();
        for (int i = 0; i < 3; ++i) first->step();
        const Bytes state = first->save();
        const auto second = make_training(recipe, data);
        second->restore(state);
        for (int i = 0; i < 4; ++i) second->step();
        CHECK(second->progress().loss == whole->progress().loss);
        CHECK(same_weights(second->snapshot(), whole->snapshot()));
        CHECK(second->save() == whole->save());

        CHECK_THROWS_AS(second->restore(std::span(state).first(state.size() - 1)), Error);
        const LabelledImages other = bars(90, 1);
        CHECK_THROWS_AS(make_training(recipe, other)->restore(state), Error);
    }
    const auto trainer = make_training(denoiser(), data);
    CHECK_THROWS_AS(trainer->restore(make_training(gan(), data)->save()), Error);
}

TEST_CASE("recipes of pictures: written and read again, and what does not fit is refused") {
    for (const Recipe& recipe : {denoiser(), gan()}) {
        CHECK(to_json(parse_recipe(to_json(recipe), "again")) == to_json(recipe));
    }
    const LabelledImages data = bars(60, 1);
    const auto complaint = [&](Recipe recipe) {
        try {
            make_training(recipe, data)->step();
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    Recipe small = gan();
    small.layers.erase(small.layers.begin() + 2);
    CHECK(complaint(small).find("makes pictures of shape (1, 5, 5, 12), the training set's are (1, 10, 10, 1)") !=
          std::string::npos);
    Recipe wide = gan();
    wide.critic.back().units = 2;
    CHECK(complaint(wide) == "a critic ends in one number, this one in (1, 1, 1, 2)");
    Recipe fast = denoiser();
    fast.training.schedule.learning_rate = 1000;
    fast.training.schedule.warm_up_epochs = 0;
    fast.training.optimiser = optimise::Sgd::Options{.momentum = 0.99F, .weight_decay = 1000.0F};
    std::string ran_away;
    const auto trainer = make_training(fast, data);
    try {
        while (!trainer->progress().finished()) trainer->step();
    } catch (const Error& error) {
        ran_away = error.what();
    }
    CHECK(ran_away.starts_with("training ran away in epoch"));
    const auto refused = [](const std::string& text) {
        try {
            parse_recipe(text, "r.json");
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    std::string text = to_json(denoiser());
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        return refused(changed);
    };
    CHECK(replaced("\"denoiser\"", "\"dreamer\"") ==
          "r.json: kind \"dreamer\" is not known; kinds are classifier, denoiser, gan");
    CHECK(replaced("\"noise\": 0.3", "\"noise\": 0") == "r.json: noise must be above 0 and at most 1000");
    CHECK(replaced("\"kind\": \"denoiser\"", "\"kind\": \"classifier\"").find("noise") != std::string::npos);
}
