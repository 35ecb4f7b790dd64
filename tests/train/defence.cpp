// Defences: what their images keep to, and their gradients against PyTorch and against finite differences.
#include "pellucid/data/npy.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/train/defended_loss.hpp"
#include "pellucid/train/trainer.hpp"
#include "synthetic.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

using namespace pellucid;
using namespace pellucid::optimise;
using namespace pellucid::train;

namespace {

const std::vector<std::uint8_t> three_labels = {0, 2, 1};
const std::vector<std::uint32_t> three_seeds = {11, 12, 13};

/// 0.5·sin(1.7·i + number): what goldens.py computes as well.
void fill_wave(Tensor& tensor, double number) {
    for (std::size_t i = 0; i < tensor.size(); ++i)
        tensor.data()[i] = static_cast<float>(0.5 * std::sin(1.7 * static_cast<double>(i) + number));
}

void refresh_all(Network& network) {
    for (std::size_t node = 0; node < network.nodes().size(); ++node) network.layer(node).refresh();
}

Network golden_network() {
    const std::vector<LayerSpec> layers = {{.name = "conv1", .type = "conv", .units = 4, .size = 3, .padding = 1},
                                           {.name = "tanh1", .type = "tanh"},
                                           {.name = "conv2", .type = "conv", .units = 4, .size = 3, .padding = 1},
                                           {.name = "relu2", .type = "relu"},
                                           {.name = "pool2", .type = "max_pool", .size = 2},
                                           {.name = "flatten", .type = "flatten"},
                                           {.name = "dense", .type = "dense", .units = 3}};
    Network network = build_network({1, 6, 6, 1}, layers);
    double number = 0;
    for (Tensor* weights : parameter_tensors(network)) fill_wave(*weights, number++);
    refresh_all(network);
    return network;
}

Tensor golden_images() {
    Tensor images = zeros({3, 6, 6, 1});
    fill_wave(images, 9.0);
    for (float& value : elements(images)) value += 0.5F;
    return images;
}

#ifndef __EMSCRIPTEN__  // .npy is read natively only
/// Largest difference of loss and gradients from the golden's, over the largest number of the golden.
double difference_from_golden(const std::string& name, const Defence& defence, const Loss& of = {}) {
    Network network = golden_network();
    const DefendedLoss loss(network, defence, 0.1F, of);
    DefendedLoss::Memory memory;
    memory.workspace.images = golden_images();
    Gradients gradients = make_gradients(network);
    const LossSum sum = loss.add_gradients(memory, {three_labels, 0.5F, 1.0F, 0, three_seeds, 0.3F}, gradients);
    const std::vector<float> wanted =
        parse_npy_array(read_file(PELLUCID_SOURCE_DIR "/tests/train/goldens/" + name + ".npy"), name).values;
    double worst = std::abs(sum.loss - static_cast<double>(wanted[0])) / static_cast<double>(wanted[0]), largest = 0;
    std::size_t at = 1;
    std::vector<double> apart;
    for (const Tensor& gradient : gradients) {
        for (const float value : elements(gradient)) {
            apart.push_back(std::abs(static_cast<double>(value) - static_cast<double>(wanted[at])));
            largest = std::max(largest, std::abs(static_cast<double>(wanted[at++])));
        }
    }
    REQUIRE(at == wanted.size());
    for (const double each : apart) worst = std::max(worst, each / largest);
    return worst;
}
#endif

Recipe defended_bars(const Defence& defence) {
    Recipe recipe = bars_recipe();
    recipe.training.epochs = 2;
    recipe.training.defence = defence;
    return recipe;
}

std::vector<Defence> all_defences() {
    using enum Defence::Type;
    return {{.type = fgsm, .epsilon = 0.1F, .warm_up_epochs = 1.0F},
            {.type = pgd, .epsilon = 0.1F, .steps = 3},
            {.type = trades, .epsilon = 0.1F, .steps = 2, .weight = 4.0F},
            {.type = gradient_penalty, .weight = 0.1F, .warm_up_epochs = 0.5F},
            {.type = gradient_penalty, .weight = 0.01F, .of = Penalised::logits}};
}

Bytes end_of(Trainer& trainer) {
    while (!trainer.progress().finished()) trainer.step();
    return trainer.save();
}

}  // namespace

#ifndef __EMSCRIPTEN__
TEST_CASE("evidential loss: value and gradients are those of PyTorch's Dirichlet distributions") {
    using enum Evidence;
    const auto evidential = Loss::Type::evidential;
    CHECK(difference_from_golden("evidential_softplus", {}, {.type = evidential, .evidence = softplus}) < 1e-5);
    CHECK(difference_from_golden("evidential_relu", {}, {.type = evidential, .evidence = relu}) < 1e-5);
}

TEST_CASE("defences: losses and gradients are PyTorch's, the penalty's those of its double backward") {
    using enum Defence::Type;
    CHECK(difference_from_golden("penalty_of_loss", {.type = gradient_penalty, .weight = 0.7F}) < 1e-5);
    CHECK(difference_from_golden("penalty_of_logits",
                                 {.type = gradient_penalty, .weight = 0.7F, .of = Penalised::logits}) < 1e-5);
    const Defence attack{.type = pgd, .epsilon = 0.2F, .step_size = 0.07F, .steps = 4, .weight = 6.0F};
    CHECK(difference_from_golden("pgd", attack) < 1e-5);
    Defence divergence = attack;
    divergence.type = trades;
    CHECK(difference_from_golden("trades", divergence) < 1e-5);
    // The comparison can fail: another weight is another gradient.
    divergence.weight = 6.1F;
    CHECK(difference_from_golden("trades", divergence) > 1e-3);
}
#endif

TEST_CASE("gradient penalty: every parameter's gradient against finite differences, in a graph with branches") {
    const std::vector<LayerSpec> layers = {
        {.name = "conv1", .type = "conv", .units = 3, .size = 3, .padding = 1},
        {.name = "sigmoid1", .type = "sigmoid"},
        {.name = "conv2", .type = "conv", .units = 3, .size = 3, .padding = 1},
        {.name = "add1", .type = "add", .inputs = {"conv2", "sigmoid1"}},
        {.name = "tanh2", .type = "tanh"},
        {.name = "side", .type = "conv", .inputs = {"input"}, .units = 3, .size = 1},
        {.name = "add2", .type = "add", .inputs = {"tanh2", "side"}},
        {.name = "pool", .type = "average_pool", .size = 2},
        {.name = "flatten", .type = "flatten"},
        {.name = "dropout", .type = "dropout", .rate = 0.2F},
        {.name = "dense", .type = "dense", .units = 3},
    };
    for (const Penalised of : {Penalised::loss, Penalised::logits}) {
        Network network = build_network({1, 6, 6, 1}, layers);
        he_initialise(network, 11);
        const GradientPenalty penalty(network, of);
        GradientPenalty::Workspace workspace;
        const Tensor images = golden_images();
        const GradientPenalty::Terms terms{0.1F, 1.0F, 0.5F, 3, three_seeds};
        Gradients gradients = make_gradients(network);
        const auto sum = penalty.add_gradients(images, three_labels, terms, gradients, workspace);
        CHECK(sum.penalty > 0.01);
        Gradients unused = make_gradients(network);
        const std::vector<Tensor*> weights = parameter_tensors(network);
        double largest = 0, worst = 0;
        for (std::size_t i = 0; i < weights.size(); ++i) {
            for (std::size_t k = 0; k < weights[i]->size(); k += 7) {
                const auto loss_at = [&](float value) {
                    const float before = weights[i]->data()[k];
                    weights[i]->data()[k] = value;
                    refresh_all(network);
                    const double loss = penalty.add_gradients(images, three_labels, terms, unused, workspace).loss.loss;
                    weights[i]->data()[k] = before;
                    refresh_all(network);
                    return loss;
                };
                constexpr float h = 0x1p-7F;
                const float value = weights[i]->data()[k];
                const double slope = (loss_at(value + h) - loss_at(value - h)) / (2.0 * static_cast<double>(h));
                const auto given = static_cast<double>(gradients[i].data()[k]);
                largest = std::max(largest, std::abs(slope));
                worst = std::max(worst, std::abs(given - slope));
            }
        }
        CHECK(worst < 2e-3 * largest);
    }
}

TEST_CASE("gradient penalty refuses a layer whose derivative it does not know") {
    Network network = golden_network();
    network.add("gelu", std::make_unique<Activation>(Activation::Function::gelu));
    CHECK_THROWS_WITH_AS(GradientPenalty(network, Penalised::loss),
                         "a gradient penalty does not know the derivative of layer gelu (Gelu) along a direction",
                         Error);
}

TEST_CASE("batch attacks: images differ, stay within ε and [0, 1], raise the loss, and follow their seeds alone") {
    Network network = golden_network();
    const Tensor clean = golden_images();
    Tensor inside = clean;
    for (float& value : elements(inside)) value = std::clamp(value, 0.0F, 1.0F);
    for (const Defence& defence : all_defences()) {
        if (!defence.attacks()) continue;
        CAPTURE(static_cast<int>(defence.type));
        const BatchAttack attack(network, defence);
        BatchAttack::Workspace workspace;
        for (const float share : {1.0F, 0.25F}) {
            Tensor images = inside;
            attack.move(images, three_labels, share, three_seeds, workspace);
            const float epsilon = share * defence.epsilon;
            std::size_t far = 0;
            for (std::size_t i = 0; i < images.size(); ++i) {
                const float value = images.data()[i], change = std::abs(value - inside.data()[i]);
                CHECK(value >= 0.0F);
                CHECK(value <= 1.0F);
                CHECK(change <= epsilon + 1e-6F);
                far += change > 0.5F * epsilon ? 1 : 0;
            }
            CHECK(far > images.size() / 4);
            Tensor unused;
            const double before = cross_entropy(predict_logits(network, inside), three_labels, 0, 1, unused).loss;
            const double after = cross_entropy(predict_logits(network, images), three_labels, 0, 1, unused).loss;
            CHECK(after > before);
            // One image of the batch, alone.
            Tensor one = batch_slice(inside, 1, 1);
            attack.move(one, std::span(three_labels).subspan(1, 1), share, std::span(three_seeds).subspan(1, 1),
                        workspace);
            CHECK(one == batch_slice(images, 1, 1));
        }
    }
}

TEST_CASE("Trainer with each defence: the same bits for one thread and two, and when taken up again") {
    const LabelledImages data = bars(230, 1);
    Trainer undefended(defended_bars({}), data);
    const Bytes plain = end_of(undefended);
    const std::size_t before = thread_limit();
    for (const Defence& defence : all_defences()) {
        CAPTURE(static_cast<int>(defence.type));
        const Recipe recipe = defended_bars(defence);
        set_thread_limit(1);
        Trainer one(recipe, data);
        const Bytes expected = end_of(one);
        CHECK(expected != plain);
        set_thread_limit(2);
        Trainer first(recipe, data);
        for (int i = 0; i < 7; ++i) first.step();
        Trainer second(recipe, data);
        second.restore(first.save());
        set_thread_limit(before);
        CHECK(end_of(second) == expected);
    }
}

TEST_CASE("Trainer: what is learnt from attacked images holds against the attack, what is not does not") {
    const LabelledImages data = bars(600, 1), unseen = bars(300, 2);
    const Rounds attack{.epsilon = 0.25F, .steps = 10};
    const auto under_attack = [&](const Defence& defence) {
        Recipe recipe = bars_recipe();
        recipe.training.epochs = 12;
        recipe.training.defence = defence;
        Trainer trainer(recipe, data);
        end_of(trainer);
        const Network network = trainer.snapshot();
        return accuracy(network, adversarial_images(network, unseen, attack, 3, 0));
    };
    const double plain = under_attack({});
    const double defended = under_attack({.type = Defence::Type::pgd, .epsilon = 0.25F, .steps = 4});
    CAPTURE(plain);
    CHECK(defended > plain + 0.1);
}

TEST_CASE("rounds: adversarial images stay within ε of the bytes they come from, differ, and keep their labels") {
    LabelledImages data = bars(70, 1);
    Trainer trainer(bars_recipe(), data);
    for (int i = 0; i < 4; ++i) trainer.step();
    const Rounds rounds{.count = 1, .epsilon = 0.1F, .steps = 3};
    const LabelledImages made = adversarial_images(trainer.snapshot(), data, rounds, 1, 1);
    CHECK(made.labels == data.labels);
    std::size_t changed = 0;
    for (std::size_t i = 0; i < made.images.pixels.size(); ++i) {
        const int change = std::abs(made.images.pixels[i] - data.images.pixels[i]);
        CHECK(change <= 25);
        changed += change > 12 ? 1 : 0;
    }
    CHECK(changed > made.images.pixels.size() / 3);
    // Another round draws other starts.
    CHECK(adversarial_images(trainer.snapshot(), data, rounds, 1, 2).images.pixels != made.images.pixels);
    const std::size_t size = data.images.pixels.size();
    append(data, made);
    CHECK(data.size() == 140);
    CHECK(data.images.count == 140);
    CHECK(data.images.pixels.size() == 2 * size);
    LabelledImages other = made;
    other.images.rows = 9;
    CHECK_THROWS_WITH_AS(append(data, other), "images of 9x10 cannot be added to images of 10x10", Error);
}

TEST_CASE("defences: ε rises over the warm-up") {
    const Defence defence{.type = Defence::Type::pgd, .warm_up_epochs = 2.0F};
    CHECK(defence.share_at(0, 10) == doctest::Approx(0.05));
    CHECK(defence.share_at(9, 10) == doctest::Approx(0.5));
    CHECK(defence.share_at(19, 10) == 1.0F);
    CHECK(defence.share_at(500, 10) == 1.0F);
    CHECK(Defence{}.share_at(0, 10) == 1.0F);
}

TEST_CASE("recipes: defences, rounds and cues are read, written, and refused with a sentence") {
    const std::string layers = R"("input": [1, 1, 5], "layers": [{"name": "dense1", "type": "dense", "units": 3}])";
    const auto complaint = [&](const std::string& extra) -> std::string {
        try {
            (void)parse_recipe("{" + layers + ", " + extra + "}", "r.json");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::bad_file);
            return error.what();
        }
        return "";
    };
    for (const char* good : {R"("defence": {"type": "trades", "steps": 3, "weight": 4.5})",
                             R"("defence": {"type": "gradient_penalty", "of": "logits", "weight": 0.25})",
                             R"("defence": {"type": "fgsm", "epsilon": 0.2, "warm_up_epochs": 2})",
                             R"("rounds": {"count": 2, "epochs": 3, "steps": 4}, "keep_dropout": true)",
                             R"("data": {"train": "mnist", "mark": {"class": 3, "share": 0.5}})",
                             R"("data": {"train": "mnist", "textures": {"contrast": 0.7}}, "epochs": 0)"}) {
        CAPTURE(good);
        CHECK(complaint(good) == "");
        const Recipe recipe = parse_recipe("{" + layers + ", " + good + "}", "r.json");
        const Recipe again = parse_recipe(to_json(recipe), "r.json");
        CHECK(again.training.defence == recipe.training.defence);
        CHECK(again.rounds == recipe.rounds);
        CHECK(again.cues == recipe.cues);
        CHECK(again.training.keep_dropout == recipe.training.keep_dropout);
        CHECK(to_json(again) == to_json(recipe));
    }
    CHECK(complaint(R"("defence": {"type": "magic"})") ==
          "r.json: defence.type \"magic\" is not known; there are none, fgsm, pgd, trades, gradient_penalty");
    CHECK(complaint(R"("defence": {"type": "fgsm", "steps": 3})") ==
          "r.json: defence.steps is not known; defence takes type, epsilon, step_size, warm_up_epochs");
    CHECK(complaint(R"("defence": {"type": "pgd", "epsilon": 0})") ==
          "r.json: defence: epsilon is 0; it must be above 0 and at most 1");
    CHECK(complaint(R"("defence": {"type": "pgd", "epsilon": 1.5})") ==
          "r.json: defence: epsilon is 1.5; it must be above 0 and at most 1");
    CHECK(complaint(R"("defence": {"type": "pgd", "steps": 0})") ==
          "r.json: defence: steps is 0; it must be from 1 to 1000");
    CHECK(complaint(R"("defence": {"type": "trades", "weight": -1})") ==
          "r.json: defence: weight is -1; it must be from 0 to 1000000");
    CHECK(complaint(R"("defence": {"type": "gradient_penalty", "of": "answer"})") ==
          "r.json: defence.of \"answer\" is not known; there are loss, logits");
    CHECK(complaint(R"("rounds": {"count": 21})") == "r.json: rounds: count is 21; it must be at most 20");
    CHECK(complaint(R"("rounds": {"count": 1, "epsilon": 2})") ==
          "r.json: rounds, as a defence: epsilon is 2; it must be above 0 and at most 1");
    CHECK(complaint(R"("data": {"mark": {"size": 9}})") == "r.json: data: mark.size is 9; it must be from 1 to 8");
    CHECK(complaint(R"("data": {"textures": {"contrast": 2}})") ==
          "r.json: data: textures.contrast is 2; it must be from 0 to 1");
    CHECK(complaint(R"("keep_dropout": 1)") == "r.json: keep_dropout must be true or false, not 1");
}
