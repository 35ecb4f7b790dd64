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
    CHECK(std::get<Adam::Options>(recipe.training.optimiser).weight_decay == 0.01F);
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
        "r.json: epoch is not known; a recipe takes name, title, data, input, layers, optimiser, schedule, seed, epochs, "
        "batch, label_smoothing, ema, augmentation");
    CHECK(complaint(R"("optimiser": {"type": "sgd", "beta1": 0.5})") ==
          "r.json: optimiser.beta1 is not known; optimiser takes type, momentum, weight_decay, nesterov");
    CHECK(complaint(R"("optimiser": {"type": "lion"})") ==
          "r.json: optimiser.type \"lion\" is not known; types are adam, sgd");
    CHECK(complaint(R"("epochs": "many")") ==
          "r.json: epochs must be a whole number from 0 to 4294967295, not \"many\"");
    CHECK(complaint(R"("epochs": 0)") == "r.json: epochs must be at least 1");
    CHECK(complaint(R"("augmentation": {"scale": 2})") == "r.json: augmentation: scale is 2; it must be from 0 to 0.9");
    CHECK(complaint(R"("schedule": {"type": "step"})") ==
          "r.json: schedule.type \"step\" is not known; types are cosine, constant");
    CHECK(complaint("", R"("type": "dense", "units": 3, "kernel": 3)") ==
          "r.json: layers[0].kernel is not known; layers[0] takes name, type, inputs, units");
    CHECK(complaint("", R"("type": "dense")") == "r.json: layer dense1: units must be at least 1");
    CHECK(complaint("", R"("type": "denze")")
              .starts_with("r.json: layers[0].type \"denze\" is not known; types are conv, "));
    CHECK(complaint("", R"("type": "conv", "channels": 2, "kernel": 3)").find("node \"dense1\"") != std::string::npos);
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
