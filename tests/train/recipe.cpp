#include "pellucid/train/recipe.hpp"

#include "pellucid/error.hpp"
#include "synthetic.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace pellucid;
using namespace pellucid::train;

namespace {

/// What the error says about the shortest recipe with `extra` put in, or "" where it is accepted.
std::string complaint(const std::string& extra, const std::string& layer = R"("type": "dense", "units": 3)") {
    const std::string text = R"({"input": [1, 1, 5], "layers": [{"name": "dense1", )" + layer + "}]" +
                             (extra.empty() ? "" : ", " + extra) + "}";
    try {
        (void)parse_recipe(text, "r.json");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::bad_file);
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("recipes: written out and read again they are the same") {
    const Recipe recipe = bars_recipe();
    CHECK(recipe.training.seed == 5);
    CHECK(recipe.training.average_decay == 0.9F);
    CHECK(std::get<optimise::Adam::Options>(recipe.training.optimiser).weight_decay == 0.01F);
    CHECK(recipe.training.augmentation.elastic_grid == 7.0F);
    const std::string text = to_json(recipe);
    const Recipe again = parse_recipe(text, "text");
    CHECK(to_json(again) == text);
    CHECK(again.layers == recipe.layers);
    CHECK(again.training.augmentation == recipe.training.augmentation);
}

TEST_CASE("recipes: what is wrong is named, with what is allowed") {
    CHECK(complaint("") == "");
    CHECK(
        complaint(R"("epoch": 3)") ==
        "r.json: epoch is not known; a recipe takes kind, name, title, data, input, layers, optimiser, schedule, seed, "
        "epochs, batch, label_smoothing, ema, augmentation, loss, defence, rounds, keep_dropout");
    CHECK(complaint(R"("optimiser": {"type": "sgd", "beta1": 0.5})") ==
          "r.json: optimiser.beta1 is not known; optimiser takes type, momentum, weight_decay, nesterov");
    CHECK(complaint(R"("optimiser": {"type": "lion"})") ==
          "r.json: optimiser.type \"lion\" is not known; types are adam, sgd");
    CHECK(complaint(R"("epochs": "many")") ==
          "r.json: epochs must be a whole number from 0 to 4294967295, not \"many\"");
    CHECK(complaint(R"("epochs": 1000001)") == "r.json: epochs must be at most 1000000");
    CHECK(complaint(R"("augmentation": {"scale": 2})") == "r.json: augmentation: scale is 2; it must be from 0 to 0.9");
    CHECK(complaint(R"("schedule": {"type": "step"})") ==
          "r.json: schedule.type \"step\" is not known; types are cosine, constant");
    CHECK(complaint(R"("schedule": {"type": "cosine", "cool_down_epochs": 2})") ==
          "r.json: cool_down_epochs is of the constant schedule; the cosine goes down by itself");
    CHECK(complaint(R"("schedule": {"type": "constant", "cool_down_epochs": 2})") == "");
    CHECK(complaint(R"("schedule": {"type": "constant", "cool_down_epochs": -2})") ==
          "r.json: cool_down_epochs must be at least 0");
    CHECK(complaint("", R"("type": "dense", "units": 3, "kernel": 3)") ==
          "r.json: layers[0].kernel is not known; layers[0] takes name, type, inputs, units");
    CHECK(complaint("", R"("type": "dense")") == "r.json: layer dense1: units must be at least 1");
    CHECK(complaint("", R"("type": "denze")")
              .starts_with("r.json: layers[0].type \"denze\" is not known; types are conv, "));
    CHECK(complaint("", R"("type": "conv", "channels": 2, "kernel": 3)").find("node \"dense1\"") != std::string::npos);
}

TEST_CASE("recipes: the evidential loss is read, written and bounded, and goes with nothing that is of cross-entropy") {
    CHECK(complaint(R"("loss": {"type": "evidential", "evidence": "relu", "annealing_epochs": 0})") == "");
    CHECK(complaint(R"("loss": {"type": "cross_entropy"})") == "");
    CHECK(complaint(R"("loss": {"type": "hinge"})") ==
          "r.json: loss.type \"hinge\" is not known; there are cross_entropy, evidential");
    CHECK(complaint(R"("loss": {"annealing_epochs": 2})") ==
          "r.json: loss.annealing_epochs is not known; loss takes type");
    CHECK(complaint(R"("loss": {"type": "evidential", "evidence": "none"})") ==
          "r.json: loss.evidence \"none\" is not known; there are relu, softplus");
    CHECK(complaint(R"("loss": {"type": "evidential", "annealing_epochs": -1})") ==
          "r.json: loss: annealing_epochs is -1; it must be from 0 to 1e6");
    CHECK(complaint(R"("loss": {"type": "evidential"}, "label_smoothing": 0.1)").find("label_smoothing must be 0") !=
          std::string::npos);
    CHECK(complaint(R"("loss": {"type": "evidential"}, "defence": {"type": "pgd"})").find("goes with no defence") !=
          std::string::npos);
    CHECK(complaint(R"("kind": "denoiser", "loss": {"type": "evidential"})").find("networks that read") !=
          std::string::npos);
    Recipe recipe = bars_recipe();
    CHECK(to_json(recipe).find("loss") == std::string::npos);
    recipe.training.label_smoothing = 0.0F;
    recipe.training.loss = {.type = Loss::Type::evidential, .evidence = Evidence::relu, .annealing_epochs = 2.5F};
    const Recipe again = parse_recipe(to_json(recipe), "text");
    CHECK(again.training.loss == recipe.training.loss);
    CHECK(recipe.training.loss.weight_at(0, 10) == 0.0F);
    CHECK(recipe.training.loss.weight_at(10, 10) == doctest::Approx(0.4));
    CHECK(recipe.training.loss.weight_at(25, 10) == 1.0F);
}

TEST_CASE("recipes: broken files") {
    CHECK_THROWS_AS(parse_recipe("{", "r.json"), Error);
    CHECK_THROWS_AS(parse_recipe("[]", "r.json"), Error);
    CHECK_THROWS_WITH_AS(parse_recipe("{}", "r.json"), "r.json: input is missing", Error);
    CHECK_THROWS_WITH_AS(parse_recipe(R"({"input": [28, 28]})", "r.json"),
                         "r.json: input must be [rows, columns, channels], not [28,28]", Error);
    CHECK_THROWS_AS(read_recipe("/nowhere/recipe.json"), Error);
}

TEST_CASE("recipes: the one of lenet is good and keeps the promised size") {
    const Recipe recipe = read_recipe(PELLUCID_SOURCE_DIR "/models/lenet.json");
    CHECK(recipe.name == "lenet");
    const Network network = build_network(recipe.input, recipe.layers);
    CHECK(network.parameter_count() <= 250000);
    CHECK(network.classes() == 10);
}

TEST_CASE("recipes: what would crash, fill the memory or be no number is refused at once") {
    // Deep enough that whatever calls itself for each level would leave the stack.
    for (const char* open : {"[", R"({"a":)", R"([{"a":)"}) {
        std::string deep;
        for (int i = 0; i < 80'000; ++i) deep += open;
        CHECK_THROWS_WITH_AS(parse_recipe(deep, "r.json"), "r.json is nested deeper than 32 levels", Error);
        CHECK_THROWS_AS(parse_recipe("{\"name\": " + deep, "r.json"), Error);
    }
    CHECK(complaint("\"title\": " + std::string(20, '[') + std::string(20, ']')) ==
          "r.json: title must be a text, not [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]");
    CHECK(complaint(R"("title": [")" + std::string(1000, 'x') + "\"]").size() < 150);
    CHECK(complaint(R"("epochs": 3, "epochs": 4)") == "r.json has the key \"epochs\" twice in one object");

    // Numbers that float32 does not hold.
    for (const char* number : {"1e39", "-1e39", "1e300"}) {
        CAPTURE(number);
        CHECK(complaint(fmt::format(R"("label_smoothing": {})", number))
                  .starts_with("r.json: label_smoothing must be a number of at most 3.4e38, not "));
        CHECK(complaint(fmt::format(R"("schedule": {{"learning_rate": {}}})", number))
                  .starts_with("r.json: schedule.learning_rate must be a number of at most 3.4e38"));
        CHECK(complaint("", fmt::format(R"("type": "leaky_relu", "slope": {})", number)) != "");
    }
    CHECK(complaint(R"("ema": 1e999)").find("is not JSON") != std::string::npos);
    CHECK(complaint(R"("schedule": {"learning_rate": 1e38})") == "r.json: learning_rate must be at most 1000");
    CHECK(complaint(R"("optimiser": {"type": "sgd", "weight_decay": 1e30})") ==
          "r.json: weight_decay must be at most 1000");
    CHECK(complaint(R"("optimiser": {"epsilon": 3e38})") == "r.json: epsilon must be at most 1000");
    CHECK(complaint(R"("schedule": {"warm_up_epochs": 1e30})") == "r.json: warm_up_epochs must be at most 1000000");

    // Sizes that nobody has the memory for.
    CHECK(complaint(R"("batch": 4294967295)") == "r.json: batch must be at most 65536");
    CHECK(complaint(R"("epochs": 4294967295)") == "r.json: epochs must be at most 1000000");
    for (const char* layer : {R"("type": "conv", "channels": 4294967295, "kernel": 1)",
                              R"("type": "conv", "channels": 4294967295, "kernel": 4294967295)",
                              R"("type": "conv", "channels": 1, "kernel": 8193, "padding": 4096)"}) {
        CAPTURE(layer);
        CHECK(complaint("", layer) == "r.json: layer dense1: with it the network has more than 67108864 weights");
    }
    CHECK(complaint("", R"("type": "conv", "channels": 32, "kernel": 1, "padding": 1024)")
              .find("is too large: at most 67108864 values per image") != std::string::npos);
    CHECK(complaint("", R"("type": "conv", "channels": 1, "kernel": 1, "padding": 4096, "stride": 4096)") ==
          "r.json: layer dense1: with its padding it would read more than 67108864 values per image");
    CHECK(complaint("", R"("type": "conv", "channels": 4, "kernel": 1, "padding": 4097)") ==
          "r.json: layer dense1: padding must be at most 4096");
    CHECK_THROWS_WITH_AS(parse_recipe(R"({"input": [4097, 1, 1]})", "r.json"),
                         "r.json: input must be three whole numbers from 1 to 4096, not [4097,1,1]", Error);
}
