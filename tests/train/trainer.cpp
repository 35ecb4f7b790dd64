#include "pellucid/train/trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/evidence.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/train/checkpoint.hpp"
#include "synthetic.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

using namespace pellucid;
using namespace pellucid::train;

namespace {

/// A file name of this process alone, removed at the end.
struct TemporaryFile {
    std::string path;
    explicit TemporaryFile(const std::string& name) : path((std::filesystem::temp_directory_path() / name).string()) {
        std::filesystem::remove(path);
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
};

Bytes train_to_the_end(Trainer& trainer) {
    while (!trainer.progress().finished()) trainer.step();
    return trainer.save();
}

}  // namespace

TEST_CASE("Trainer: learns bars, reports progress, and its snapshot reads unseen ones") {
    const LabelledImages data = bars(430, 1);
    Trainer trainer(bars_recipe(), data);
    CHECK(trainer.progress().steps_per_epoch == 9);
    std::vector<double> losses;
    for (std::size_t epoch = 1; epoch <= 4; ++epoch) {
        for (std::size_t step = 1; step <= 9; ++step) {
            trainer.step();
            CHECK(trainer.progress().step == step % 9);
        }
        CHECK(trainer.progress().epoch == epoch);
        losses.push_back(trainer.progress().loss);
    }
    CHECK(trainer.progress().finished());
    CHECK(losses.back() < 0.5 * losses.front());
    CHECK(trainer.progress().accuracy > 0.9);

    const Network snapshot = trainer.snapshot();
    CHECK(accuracy(snapshot, bars(300, 2)) > 0.95);
    for (const Node& node : snapshot.nodes()) CHECK(dynamic_cast<const Dropout*>(node.layer.get()) == nullptr);
    // The averaged weights are not the last ones, and a step after the end changes nothing.
    const Bytes end = trainer.save();
    trainer.step();
    CHECK(trainer.save() == end);
    CHECK(*Network(snapshot).layer(0).parameters()[0].value !=
          *Network(trainer.network()).layer(0).parameters()[0].value);
}

TEST_CASE("Trainer: the evidential loss teaches bars, and doubt about what is none of them") {
    const LabelledImages data = bars(430, 1), unseen = bars(90, 2);
    Recipe recipe = bars_recipe();
    recipe.training.label_smoothing = 0.0F;
    recipe.training.epochs = 12;
    recipe.training.loss = {.type = Loss::Type::evidential, .annealing_epochs = 6};
    Trainer trainer(recipe, data);
    (void)train_to_the_end(trainer);
    const Network network = trainer.snapshot();
    REQUIRE(evidence_of(network) == Evidence::softplus);
    CHECK(accuracy(network, unseen) > 0.95);
    const auto mean_vacuity = [&](const Tensor& images) {
        const Tensor logits = predict_logits(network, images);
        double sum = 0;
        for (std::size_t n = 0; n < images.shape()[0]; ++n)
            sum += Dirichlet(Evidence::softplus, sample(logits, n)).vacuity();
        return sum / static_cast<double>(images.shape()[0]);
    };
    const double of_bars = mean_vacuity(to_tensor(unseen.images, 0, 90));
    const double of_paper = mean_vacuity(zeros({1, 10, 10, 1}));
    CAPTURE(of_bars);
    CAPTURE(of_paper);
    CHECK(of_bars < 0.4);
    CHECK(of_paper > of_bars + 0.2);
    // Trained on for something else, its logits are no evidence any more.
    Trainer other(network, bars_recipe().training, data);
    CHECK(evidence_of(other.snapshot()) == Evidence::none);
}

TEST_CASE("Trainer: bit for bit the same for one thread and for two, another seed differs") {
    const LabelledImages data = bars(230, 1);
    Recipe recipe = bars_recipe();
    recipe.training.epochs = 2;
    const std::size_t before = thread_limit();
    std::vector<Bytes> ends;
    for (const std::size_t threads : {1, 2, 2}) {
        set_thread_limit(threads);
        Trainer trainer(recipe, data);
        ends.push_back(train_to_the_end(trainer));
    }
    set_thread_limit(before);
    CHECK(ends[0] == ends[1]);
    CHECK(ends[1] == ends[2]);
    recipe.training.seed = 6;
    Trainer other(recipe, data);
    CHECK(train_to_the_end(other) != ends[0]);
}

TEST_CASE("Trainer: interrupted and taken up again ends as if it had never stopped") {
    const LabelledImages data = bars(230, 1);
    for (const bool sgd : {false, true}) {
        CAPTURE(sgd);
        Recipe recipe = bars_recipe();
        recipe.training.epochs = 2;
        if (sgd) recipe.training.optimiser = optimise::Sgd::Options{};
        Trainer whole(recipe, data);
        const Bytes expected = train_to_the_end(whole);
        // Before the first step, within an epoch, between two, at the end.
        for (const std::size_t steps : {0, 3, 5, 10}) {
            CAPTURE(steps);
            const TemporaryFile file("pellucid_test.checkpoint");
            Trainer first(recipe, data);
            for (std::size_t i = 0; i < steps; ++i) first.step();
            write_checkpoint(file.path, recipe, first);
            Trainer second(recipe, data);
            read_checkpoint(file.path, recipe, second);
            CHECK(second.progress().loss == first.progress().loss);
            CHECK(train_to_the_end(second) == expected);
            CHECK(second.progress().loss == whole.progress().loss);
        }
    }
}

TEST_CASE("checkpoints of other recipes, data or damaged ones are refused and change nothing") {
    const LabelledImages data = bars(100, 1);
    const Recipe recipe = bars_recipe();
    const TemporaryFile file("pellucid_test_refused.checkpoint");
    Trainer trainer(recipe, data);
    const Bytes start = trainer.save();
    const auto message = [&](const Recipe& other) {
        try {
            read_checkpoint(file.path, other, trainer);
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::bad_file);
            return std::string(error.what());
        }
        return std::string();
    };
    {
        Trainer ahead(recipe, data);
        ahead.step();
        write_checkpoint(file.path, recipe, ahead);
    }
    Recipe longer = recipe;
    longer.training.epochs = 9;
    CHECK(message(longer).ends_with("it has \"epochs\": 4, where this one has \"epochs\": 9,"));

    const Bytes good = read_file(file.path);
    Bytes bad = good;
    bad[bad.size() / 2] ^= 1U;
    write_file(file.path, bad);
    CHECK(message(recipe).find("is damaged") != std::string::npos);
    write_file(file.path, Bytes(good.begin(), good.end() - 40));
    CHECK(message(recipe).find("is damaged") != std::string::npos);
    write_file(file.path, Bytes(good.begin(), good.begin() + 10));
    CHECK(message(recipe).find("is not a checkpoint") != std::string::npos);
    CHECK(trainer.save() == start);

    // The state alone: other data, another network, cut short.
    const LabelledImages fewer = bars(90, 1);
    Trainer on_fewer(recipe, fewer);
    CHECK_THROWS_AS(on_fewer.restore(start), Error);
    Recipe wider = recipe;
    wider.layers[0].units = 7;
    Trainer of_wider(wider, data);
    CHECK_THROWS_AS(of_wider.restore(start), Error);
    CHECK_THROWS_AS(trainer.restore(Bytes(start.begin(), start.end() - 1)), Error);
}

TEST_CASE("Trainer refuses data that do not fit the network") {
    Recipe recipe = bars_recipe();
    const LabelledImages none = bars(0, 1);
    CHECK_THROWS_AS(Trainer(recipe, none), Error);
    LabelledImages data = bars(12, 1);
    recipe.input = {1, 12, 12, 1};
    CHECK_THROWS_WITH_AS(Trainer(recipe, data),
                         "the network takes images of shape (1, 12, 12, 1), the training set's are (1, 10, 10, 1)",
                         Error);
    data.labels[5] = 3;
    Trainer wrong_label(bars_recipe(), data);
    CHECK_THROWS_AS(wrong_label.step(), Error);
}

TEST_CASE("Trainer: weight decay shrinks the weights and leaves the biases alone") {
    const LabelledImages data = bars(50, 1);
    const auto after_one_step = [&](float decay) {
        Recipe recipe = bars_recipe();
        recipe.training.schedule.warm_up_epochs = 0.0F;
        recipe.training.optimiser = optimise::Adam::Options{.weight_decay = decay};
        Trainer trainer(recipe, data);
        trainer.step();
        return Network(trainer.network());
    };
    // The step is the same but for the decay: from equal weights the gradients are equal.
    Network plain = after_one_step(0.0F), decayed = after_one_step(0.5F);
    std::size_t biases = 0, weights = 0;
    for (std::size_t layer = 0; layer < plain.nodes().size(); ++layer) {
        const auto ours = plain.layer(layer).parameters(), theirs = decayed.layer(layer).parameters();
        for (std::size_t i = 0; i < ours.size(); ++i) {
            const bool same = *ours[i].value == *theirs[i].value;
            const bool bias = i == 1;  // a layer's parameters are its weights and its biases
            CHECK(same == bias);
            ++(bias ? biases : weights);
        }
    }
    CHECK(biases == 2);
    CHECK(weights == 2);
}

TEST_CASE("Trainer: what runs away ends in a sentence and in the last state that was sound") {
    const LabelledImages data = bars(200, 1);
    Recipe recipe = bars_recipe();
    SUBCASE("at once") {}
    SUBCASE("after some steps, by a rate that rises") { recipe.training.schedule.warm_up_epochs = 3.0F; }
    recipe.training.schedule.learning_rate = 1000.0F;
    recipe.training.label_smoothing = 0.5F;
    recipe.training.optimiser = optimise::Sgd::Options{.momentum = 0.99F, .weight_decay = 1000.0F};
    Trainer trainer(recipe, data);
    const Bytes start = trainer.save();
    std::string sentence;
    for (int step = 0; step < 16 && sentence.empty(); ++step) {
        try {
            trainer.step();
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::bad_argument);
            sentence = error.what();
        }
    }
    CHECK(sentence.starts_with("training ran away in epoch "));
    CHECK(sentence.find("it is back at epoch 1, step 1. A smaller learning_rate") != std::string::npos);
    // Fewer steps than lie between two copies of the state: it is the first one.
    CHECK(trainer.save() == start);
    CHECK(accuracy(trainer.snapshot(), data) >= 0.0);
}

TEST_CASE("Trainer: neither networks nor saved states with numbers beyond all bounds are taken up") {
    const LabelledImages data = bars(60, 1);
    const Recipe recipe = bars_recipe();
    for (const float bad : {std::nanf(""), INFINITY, -INFINITY, 1.1e18F}) {
        CAPTURE(bad);
        Network network = build_network(recipe.input, recipe.layers);
        elements(*network.layer(0).parameters()[0].value)[7] = bad;
        CHECK_THROWS_WITH_AS(Trainer(std::move(network), recipe.training, data),
                             "the network holds weights that are no numbers from -1e18 to 1e18", Error);
    }
    Trainer trainer(recipe, data);
    trainer.step();
    const Bytes good = trainer.save();
    // The last four bytes are a number of the optimiser's, which may be large but no infinity.
    Bytes bad = good;
    const float infinite = INFINITY;
    std::memcpy(bad.data() + bad.size() - 4, &infinite, 4);
    CHECK_THROWS_WITH_AS(trainer.restore(bad),
                         "the saved training holds what no sound training does: what is no finite number", Error);
    CHECK(trainer.save() == good);
    trainer.restore(good);
    CHECK(trainer.save() == good);
}
