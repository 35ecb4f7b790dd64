// Training: recipes with every field spoilt, architectures, options, states.
#include "bad_input/book.hpp"
#include "pellucid/error.hpp"
#include "pellucid/train/checkpoint.hpp"
#include "pellucid/train/trainer.hpp"
#include "pellucid/train/pattern_estimator.hpp"
#include "support/random_network.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <set>

using namespace pellucid;
using namespace pellucid::test;
using namespace pellucid::train;
using Json = nlohmann::ordered_json;

namespace {

const std::string good_recipe = R"({
  "name": "small", "title": "A small network", "data": {"train": "mnist"}, "input": [8, 8, 1],
  "layers": [{"name": "conv1", "type": "conv", "channels": 2, "kernel": 3, "stride": 1, "padding": 1},
             {"name": "leaky1", "type": "leaky_relu", "slope": 0.1}, {"name": "pool1", "type": "max_pool", "size": 2},
             {"name": "flatten", "type": "flatten"}, {"name": "dropout", "type": "dropout", "rate": 0.2},
             {"name": "dense1", "type": "dense", "units": 3}],
  "seed": 1, "epochs": 2, "batch": 4, "label_smoothing": 0.05,
  "optimiser": {"type": "adam", "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.01},
  "schedule": {"type": "cosine", "learning_rate": 0.002, "final_learning_rate": 0.0, "warm_up_epochs": 1}, "ema": 0.9,
  "augmentation": {"rotation": 8, "scale": 0.08, "stretch": 0.08, "shear": 0.12, "translation": 0.7, "elastic": 0.8,
                   "elastic_grid": 7, "thicken": 0.5, "thin": 0.3}})";

/// Spoils one member by every value that cannot be right for what stands there.
void spoil(const Json::json_pointer& place, const Json& good) {
    const Json whole = Json::parse(good_recipe);
    std::vector<std::pair<std::string, std::string>> bad{{"null", "null"}};
    if (!good.is_array()) bad.emplace_back("a list", "[1]");
    if (!good.is_object()) bad.emplace_back("an object", R"({"a": 1})");
    if (!good.is_boolean()) bad.emplace_back("a truth value", "true");
    if (good.is_number()) {
        bad.insert(bad.end(), {{"a text", R"("many")"},
                               {"a negative number", "-1"},
                               {"beyond float", "1e39"},
                               {"beyond double's integers", "18446744073709551615"}});
    }
    const std::set<std::string> whole_numbers{"seed",   "epochs",  "batch", "channels", "kernel",
                                              "stride", "padding", "size",  "units"};
    if (whole_numbers.contains(place.back())) bad.emplace_back("a fraction", "1.5");
    // Any finite slope is one.
    if (place.back() == "slope")
        std::erase_if(bad, [](const auto& row) { return row.second == "-1" || row.second[0] == '1'; });
    if (!good.is_number()) bad.emplace_back("a number", "3");
    if (good.is_array() || good.is_object()) bad.emplace_back("a text", R"("text")");
    for (const auto& [kind, value] : bad) {
        Json spoilt = whole;
        spoilt[place] = Json::parse(value);
        refuses(fmt::format("parse_recipe: {}", place.to_string()), kind, value,
                [&] { parse_recipe(spoilt.dump(), "recipe.json"); });
    }
}

void spoil_all(const Json::json_pointer& place, const Json& good) {
    // What is read as a name may be any text.
    if (!place.empty()) spoil(place, good);
    if (good.is_object()) {
        for (const auto& [key, member] : good.items()) spoil_all(place / key, member);
        Json more = Json::parse(good_recipe);
        more[place]["nonsense"] = 1;
        refuses(fmt::format("parse_recipe: {}", place.to_string()), "an unknown member", "nonsense",
                [&] { parse_recipe(more.dump(), "recipe.json"); });
    } else if (good.is_array()) {
        for (std::size_t i = 0; i < good.size(); ++i) spoil_all(place / i, good[i]);
    }
}

}  // namespace

TEST_CASE("bad input: recipes, member by member") {
    REQUIRE_NOTHROW(parse_recipe(good_recipe, "recipe.json"));
    spoil_all(Json::json_pointer(), Json::parse(good_recipe));
}

TEST_CASE("bad input: texts that are no recipes") {
    const auto ask = [](std::string_view kind, const std::string& text) {
        refuses("parse_recipe", kind, text, [&] { parse_recipe(text, "recipe.json"); });
    };
    ask("nothing", "");
    ask("cut short", good_recipe.substr(0, good_recipe.size() / 2));
    ask("text behind the end", good_recipe + "}");
    ask("a list", "[]");
    ask("a number", "3");
    ask("an empty object", "{}");
    ask("bytes that are no UTF-8", "{\"name\": \"\xff\xfe\"}");
    ask("nested very deep", std::string(80'000, '[') + std::string(80'000, ']'));
    ask("a member nested very deep", "{\"input\": " + std::string(80'000, '[') + std::string(80'000, ']') + "}");
    ask("a key twice", R"({"input": [28, 28, 1], "input": [14, 14, 1], "layers": []})");
    ask("control characters", "\x1b[31m");
    ask("NaN", R"({"input": [NaN, 1, 1]})");
    for (const char* input : {"[28, 28]", "[0, 28, 1]", "[28, 28, 1, 1]", "[4294967295, 4294967295, 4294967295]",
                              "[1000000, 1000000, 1]", "[-1, 28, 1]", "[1.5, 28, 1]", "[]"}) {
        Json spoilt = Json::parse(good_recipe);
        spoilt["input"] = Json::parse(input);
        refuses("parse_recipe: /input", "sizes that no image has", input,
                [&] { parse_recipe(spoilt.dump(), "recipe.json"); });
    }
    refuses("read_recipe", "a file that is not there", "/nowhere/recipe.json",
            [] { read_recipe("/nowhere/recipe.json"); });
}

TEST_CASE("bad input: architectures") {
    const auto ask = [](std::string_view kind, std::string_view given, const std::vector<LayerSpec>& layers) {
        refuses("build_network", kind, given, [&] { build_network({1, 8, 8, 1}, layers); });
    };
    ask("an unknown type", "denze", {{"a", "denze"}});
    ask("no type", "", {{"a", ""}});
    ask("no name", "", {{"", "relu"}});
    ask("a name twice", "a", {{"a", "relu"}, {"a", "relu"}});
    ask("an input that is not there", "b", {{"a", "relu", {"b"}}});
    ask("its own output as input", "a", {{"a", "relu", {"a"}}});
    ask("dense without units", "0", {{"f", "flatten"}, {"a", "dense"}});
    ask("dense on an image", "", {{.name = "a", .type = "dense", .units = 3}});
    ask("a convolution without channels", "0", {{.name = "a", .type = "conv", .size = 3}});
    ask("a convolution without kernel", "0", {{.name = "a", .type = "conv", .units = 3}});
    ask("a kernel larger than the image", "9", {{.name = "a", .type = "conv", .units = 3, .size = 9}});
    ask("a pool larger than the image", "9", {{.name = "a", .type = "max_pool", .size = 9}});
    ask("units beyond all memory", "a 16th of all numbers",
        {{"f", "flatten"}, {.name = "a", .type = "dense", .units = ~std::size_t{0} / 16}});
    ask("channels beyond all memory", "a 16th of all numbers",
        {{.name = "a", .type = "conv", .units = ~std::size_t{0} / 16, .size = 3}});
    ask("an impossible rate", "1", {{.name = "a", .type = "dropout", .rate = 1.0F}});
}

TEST_CASE("bad input: training options") {
    const auto ask = [](std::string_view kind, const std::function<void(TrainingOptions&)>& spoil_one) {
        TrainingOptions options;
        spoil_one(options);
        refuses("check(TrainingOptions)", kind, "", [&] { check(options); });
    };
    const float nan = std::nanf("");
    ask("an empty batch", [](auto& o) { o.batch = 0; });
    for (const float bad : {-0.1F, 1.0F, nan}) {
        ask(fmt::format("label_smoothing {}", bad), [&](auto& o) { o.label_smoothing = bad; });
        ask(fmt::format("average_decay {}", bad), [&](auto& o) { o.average_decay = bad; });
        ask(fmt::format("beta1 {}", bad), [&](auto& o) { o.optimiser = optimise::Adam::Options{.beta1 = bad}; });
        ask(fmt::format("beta2 {}", bad), [&](auto& o) { o.optimiser = optimise::Adam::Options{.beta2 = bad}; });
        ask(fmt::format("momentum {}", bad), [&](auto& o) { o.optimiser = optimise::Sgd::Options{.momentum = bad}; });
    }
    for (const float bad : {-1.0F, nan, INFINITY}) {
        ask(fmt::format("weight_decay {}", bad),
            [&](auto& o) { o.optimiser = optimise::Adam::Options{.weight_decay = bad}; });
        ask(fmt::format("learning_rate {}", bad), [&](auto& o) { o.schedule.learning_rate = bad; });
        ask(fmt::format("final_learning_rate {}", bad), [&](auto& o) { o.schedule.final_learning_rate = bad; });
        ask(fmt::format("warm_up_epochs {}", bad), [&](auto& o) { o.schedule.warm_up_epochs = bad; });
        for (const auto member : {&Augmentation::rotation, &Augmentation::scale, &Augmentation::stretch,
                                  &Augmentation::shear, &Augmentation::translation, &Augmentation::elastic,
                                  &Augmentation::elastic_grid, &Augmentation::thicken, &Augmentation::thin}) {
            Augmentation augmentation;
            augmentation.*member = bad;
            refuses("check(Augmentation)", "a range that is none", fmt::format("{}", bad),
                    [&] { check(augmentation); });
        }
    }
}

TEST_CASE("bad input: states, labels and patterns") {
    const Recipe recipe = parse_recipe(good_recipe, "recipe.json");
    LabelledImages data{{6, 8, 8, std::vector<std::uint8_t>(6 * 64, 9)}, {0, 1, 2, 0, 1, 2}};
    Trainer trainer(recipe, data);
    const Bytes state = trainer.save();
    refuses("Trainer::restore", "nothing", "", [&] { trainer.restore({}); });
    for (const std::size_t size : {std::size_t{1}, state.size() / 2, state.size() - 1}) {
        refuses("Trainer::restore", "cut short", fmt::format("{} of {} bytes", size, state.size()),
                [&] { trainer.restore(std::span(state).first(size)); });
    }
    Bytes longer = state;
    longer.push_back(0);
    refuses("Trainer::restore", "bytes behind the end", "", [&] { trainer.restore(longer); });
    refuses("Trainer::restore", "all bits set", "", [&] { trainer.restore(Bytes(state.size(), 255)); });

    LabelledImages wrong = data;
    wrong.labels[3] = 7;
    refuses("Trainer", "a label that is no class", "7 of 3", [&] { Trainer(recipe, wrong).step(); });
    wrong = data;
    wrong.labels.pop_back();
    refuses("Trainer", "fewer labels than images", "5 of 6", [&] { Trainer(recipe, wrong).step(); });
    wrong = {{6, 4, 16, std::vector<std::uint8_t>(6 * 64, 9)}, data.labels};
    refuses("Trainer", "images of another size", "4×16", [&] { Trainer(recipe, wrong).step(); });
    wrong = {{0, 8, 8, {}}, {}};
    refuses("Trainer", "no images", "0", [&] { Trainer(recipe, wrong).step(); });
    Tensor gradient;
    refuses("cross_entropy", "a label that is no class", "3 of 3",
            [&] { optimise::cross_entropy(zeros({1, 1, 1, 3}), std::vector<std::uint8_t>{3}, 0, 1, gradient); });

    const Network network = build_network(recipe.input, recipe.layers);
    PatternEstimator estimator(network, PatternKind::relu);
    refuses("PatternEstimator::patterns", "no samples yet", "", [&] { (void)estimator.patterns(); });
    refuses("PatternEstimator::add", "images of another size", "(1, 4, 16, 1)",
            [&] { estimator.add(zeros({1, 4, 16, 1})); });
    refuses("PatternEstimator::add", "an empty batch", "(0, 8, 8, 1)", [&] { estimator.add(zeros({0, 8, 8, 1})); });
}
