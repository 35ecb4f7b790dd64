// Recipes as JSON. One function per object names its keys once, for reading and writing alike.
#include "pellucid/train/recipe.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/train/json_fields.hpp"

#include <algorithm>

namespace pellucid::train {

namespace {

template <typename Fields>
void describe_adam(Fields& fields, auto& options) {
    fields.field("beta1", options.beta1);
    fields.field("beta2", options.beta2);
    fields.field("epsilon", options.epsilon);
    fields.field("weight_decay", options.weight_decay);
}

template <typename Fields>
void describe_sgd(Fields& fields, auto& options) {
    fields.field("momentum", options.momentum);
    fields.field("weight_decay", options.weight_decay);
    fields.field("nesterov", options.nesterov);
}

template <typename Fields>
void describe_augmentation(Fields& fields, auto& augmentation) {
    fields.field("rotation", augmentation.rotation);
    fields.field("scale", augmentation.scale);
    fields.field("stretch", augmentation.stretch);
    fields.field("shear", augmentation.shear);
    fields.field("translation", augmentation.translation);
    fields.field("elastic", augmentation.elastic);
    fields.field("elastic_grid", augmentation.elastic_grid);
    fields.field("thicken", augmentation.thicken);
    fields.field("thin", augmentation.thin);
}

/// Each type of defence takes what it uses.
template <typename Fields>
void describe_defence(Fields& fields, auto& defence, auto& of) {
    using enum Defence::Type;
    if (defence.attacks()) {
        fields.field("epsilon", defence.epsilon);
        fields.field("step_size", defence.step_size);
        if (defence.type != fgsm) fields.field("steps", defence.steps);
    }
    if (defence.type == trades || defence.type == gradient_penalty) fields.field("weight", defence.weight);
    if (defence.type == gradient_penalty) fields.field("of", of);
    if (defence.type != none) fields.field("warm_up_epochs", defence.warm_up_epochs);
}

template <typename Fields>
void describe_loss(Fields& fields, auto& loss, auto& evidence) {
    if (loss.type != Loss::Type::evidential) return;
    fields.field("evidence", evidence);
    fields.field("annealing_epochs", loss.annealing_epochs);
}

template <typename Fields>
void describe_rounds(Fields& fields, auto& rounds) {
    fields.field("count", rounds.count);
    fields.field("epochs", rounds.epochs);
    fields.field("epsilon", rounds.epsilon);
    fields.field("step_size", rounds.step_size);
    fields.field("steps", rounds.steps);
}

template <typename Fields>
void describe_mark(Fields& fields, auto& mark) {
    fields.field("class", mark.label);
    fields.field("share", mark.share);
    fields.field("size", mark.size);
    fields.field("margin", mark.margin);
}

template <typename Fields>
void describe_textures(Fields& fields, auto& textures) {
    fields.field("contrast", textures.contrast);
    fields.field("thicken", textures.thicken);
}

template <typename Fields>
void describe_schedule(Fields& fields, auto& schedule, auto& type) {
    fields.field("type", type);
    fields.field("learning_rate", schedule.learning_rate);
    fields.field("final_learning_rate", schedule.final_learning_rate);
    fields.field("warm_up_epochs", schedule.warm_up_epochs);
}

template <typename Fields>
void describe_training(Fields& fields, auto& options) {
    fields.field("seed", options.seed);
    fields.field("epochs", options.epochs);
    fields.field("batch", options.batch);
    fields.field("label_smoothing", options.label_smoothing);
    fields.field("ema", options.average_decay);
    fields.object("augmentation", [&](auto& inner) { describe_augmentation(inner, options.augmentation); });
}

/// The sizes that a type of layer takes, each bound to its member.
template <typename Fields>
void describe_sizes(Fields& fields, auto& layer, std::span<const std::string_view> sizes) {
    for (const std::string_view size : sizes) {
        if (size == "channels" || size == "units") fields.field(size.data(), layer.units);
        if (size == "kernel" || size == "size") fields.field(size.data(), layer.size);
        if (size == "stride") fields.field("stride", layer.stride);
        if (size == "padding") fields.field("padding", layer.padding);
        if (size == "rate" || size == "slope") fields.field(size.data(), layer.rate);
    }
}

const LayerType* find_type(std::string_view name) {
    const auto found = std::ranges::find(layer_types(), name, &LayerType::type);
    return found == layer_types().end() ? nullptr : &*found;
}

LayerSpec read_layer(const Json& json, const std::string& source, const std::string& path) {
    ObjectReader reader(json, source, path);
    LayerSpec layer;
    reader.field("name", layer.name);
    reader.field("type", layer.type);
    reader.field("inputs", layer.inputs);
    const LayerType* type = find_type(layer.type);
    if (type == nullptr) {
        std::vector<std::string> known;
        for (const LayerType& each : layer_types()) known.emplace_back(each.type);
        fail(ErrorCode::bad_file, "{}: {}.type \"{}\" is not known; types are {}", source, path, layer.type,
             join(known));
    }
    if (layer.name.empty()) fail(ErrorCode::bad_file, "{}: {}.name is missing", source, path);
    describe_sizes(reader, layer, type->sizes);
    reader.done();
    return layer;
}

void read_optimiser(ObjectReader& reader, TrainingOptions& options) {
    std::string type = "adam";
    reader.field("type", type);
    if (type == "adam") {
        describe_adam(reader, options.optimiser.emplace<optimise::Adam::Options>());
    } else if (type == "sgd") {
        describe_sgd(reader, options.optimiser.emplace<optimise::Sgd::Options>());
    } else {
        fail(ErrorCode::bad_file, "{}: {} \"{}\" is not known; types are adam, sgd", reader.source(),
             reader.place("type"), type);
    }
}

/// The place of a name among those that are known.
std::size_t choose(const ObjectReader& reader, std::string_view key, const std::string& name,
                   std::span<const std::string_view> names) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
        fail(ErrorCode::bad_file, "{}: {} \"{}\" is not known; there are {}", reader.source(), reader.place(key), name,
             join(std::vector<std::string>(names.begin(), names.end())));
    }
    return static_cast<std::size_t>(found - names.begin());
}

void read_defence(ObjectReader& reader, Defence& defence) {
    std::string type = "none", of = "loss";
    reader.field("type", type);
    defence.type = static_cast<Defence::Type>(choose(reader, "type", type, defence_types()));
    if (defence.type == Defence::Type::trades) defence.weight = 6.0F;
    describe_defence(reader, defence, of);
    defence.of = static_cast<optimise::Penalised>(choose(reader, "of", of, penalty_subjects()));
}

void read_loss(ObjectReader& reader, Loss& loss) {
    std::string type = "cross_entropy", evidence = "softplus";
    reader.field("type", type);
    loss.type = static_cast<Loss::Type>(choose(reader, "type", type, loss_types()));
    describe_loss(reader, loss, evidence);
    // Numbered from none, which no recipe may choose.
    loss.evidence = static_cast<Evidence>(1 + choose(reader, "evidence", evidence, evidence_names().subspan(1)));
}

void read_data(ObjectReader& reader, Recipe& recipe) {
    reader.field("train", recipe.data);
    reader.object("mark", [&](ObjectReader& inner) { describe_mark(inner, recipe.cues.mark.emplace()); });
    reader.object("textures", [&](ObjectReader& inner) { describe_textures(inner, recipe.cues.textures.emplace()); });
}

void read_schedule(ObjectReader& reader, optimise::Schedule& schedule) {
    std::string type = "cosine";
    describe_schedule(reader, schedule, type);
    reader.field("cool_down_epochs", schedule.cool_down_epochs);
    if (type != "cosine" && type != "constant") {
        fail(ErrorCode::bad_file, "{}: {} \"{}\" is not known; types are cosine, constant", reader.source(),
             reader.place("type"), type);
    }
    schedule.cosine = type == "cosine";
}

Recipe::Kind read_kind(ObjectReader& reader) {
    const std::vector<std::string> words = {"classifier", "denoiser", "gan"};
    std::string word = words.front();
    reader.field("kind", word);
    const auto found = std::ranges::find(words, word);
    if (found == words.end())
        fail(ErrorCode::bad_file, "{}: kind \"{}\" is not known; kinds are {}", reader.source(), word, join(words));
    return static_cast<Recipe::Kind>(found - words.begin());
}

std::vector<LayerSpec> read_layers(const Json& value, const std::string& source, const std::string& path) {
    if (!value.is_array()) fail(ErrorCode::bad_file, "{}: {} must be a list", source, path);
    std::vector<LayerSpec> layers;
    for (std::size_t i = 0; i < value.size(); ++i) {
        layers.push_back(read_layer(value[i], source, fmt::format("{}[{}]", path, i)));
    }
    return layers;
}

Json written(const std::vector<LayerSpec>& layers) {
    Json list = Json::array();
    for (const LayerSpec& layer : layers) {
        ObjectWriter inner;
        inner.field("name", layer.name);
        inner.field("type", layer.type);
        if (!layer.inputs.empty()) inner.field("inputs", layer.inputs);
        if (const LayerType* type = find_type(layer.type)) describe_sizes(inner, layer, type->sizes);
        list.push_back(inner.json);
    }
    return list;
}

void check_kind(const Recipe& recipe) {
    const auto require = [](bool good, std::string_view sentence) {
        if (!good) fail(ErrorCode::bad_argument, "{}", sentence);
    };
    require(recipe.noise > 0 && recipe.noise <= 1000, "noise must be above 0 and at most 1000");
    require(recipe.penalty >= 0 && recipe.penalty <= 1000, "penalty must be from 0 to 1000");
    require(recipe.penalty_every >= 1, "penalty_every must be at least 1");
    require(recipe.kind == Recipe::Kind::classifier || recipe.rounds.count == 0,
            "rounds of adversarial images are for networks that read");
    require(recipe.kind == Recipe::Kind::classifier || recipe.training.loss == Loss{},
            "a loss is chosen for networks that read alone");
    const Network network = build_network(recipe.input, recipe.layers);
    if (recipe.kind == Recipe::Kind::gan) (void)build_network(network.shape(network.output()), recipe.critic);
}

Shape read_input(const Json& json, const std::string& source, const std::string& path) {
    const bool three = json.is_array() && json.size() == 3;
    if (!three)
        fail(ErrorCode::bad_file, "{}: {} must be [rows, columns, channels], not {}", source, path, shown(json));
    const bool good = std::ranges::all_of(json, [](const Json& item) {
        return item.is_number_unsigned() && item.get<std::uint64_t>() >= 1 && item.get<std::uint64_t>() <= 4096;
    });
    if (!good) {
        fail(ErrorCode::bad_file, "{}: {} must be three whole numbers from 1 to 4096, not {}", source, path,
             shown(json));
    }
    return {1, json[0].get<std::size_t>(), json[1].get<std::size_t>(), json[2].get<std::size_t>()};
}

}  // namespace

Recipe parse_recipe(std::string_view text, const std::string& source) {
    const Json json = parse_json(text, source);
    Recipe recipe;
    ObjectReader reader(json, source, "");
    recipe.kind = read_kind(reader);
    reader.field("name", recipe.name);
    reader.field("title", recipe.title);
    reader.object("data", [&](ObjectReader& data) { read_data(data, recipe); });
    reader.required("input",
                    [&](const Json& value, const auto&... where) { recipe.input = read_input(value, where...); });
    reader.required("layers",
                    [&](const Json& value, const auto&... where) { recipe.layers = read_layers(value, where...); });
    if (recipe.kind == Recipe::Kind::denoiser) reader.field("noise", recipe.noise);
    if (recipe.kind == Recipe::Kind::gan) {
        reader.required("critic",
                        [&](const Json& value, const auto&... where) { recipe.critic = read_layers(value, where...); });
        reader.field("penalty", recipe.penalty);
        reader.field("penalty_every", recipe.penalty_every);
    }
    reader.object("optimiser", [&](ObjectReader& inner) { read_optimiser(inner, recipe.training); });
    reader.object("schedule", [&](ObjectReader& inner) { read_schedule(inner, recipe.training.schedule); });
    describe_training(reader, recipe.training);
    reader.object("loss", [&](ObjectReader& inner) { read_loss(inner, recipe.training.loss); });
    reader.object("defence", [&](ObjectReader& inner) { read_defence(inner, recipe.training.defence); });
    reader.object("rounds", [&](ObjectReader& inner) { describe_rounds(inner, recipe.rounds); });
    reader.field("keep_dropout", recipe.training.keep_dropout);
    reader.done();
    try {
        check(recipe.training);
        check(recipe.rounds);
        check(recipe.cues);
        check_kind(recipe);
    } catch (const Error& error) {
        fail(ErrorCode::bad_file, "{}: {}", source, error.what());
    }
    return recipe;
}

Recipe read_recipe(const std::string& path) {
    const Bytes bytes = read_file(path);
    return parse_recipe({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
}

std::string to_json(const Recipe& recipe) {
    ObjectWriter writer;
    if (recipe.kind == Recipe::Kind::denoiser) writer.field("kind", std::string("denoiser"));
    if (recipe.kind == Recipe::Kind::gan) writer.field("kind", std::string("gan"));
    writer.field("name", recipe.name);
    writer.field("title", recipe.title);
    writer.object("data", [&](ObjectWriter& data) {
        data.field("train", recipe.data);
        if (recipe.cues.mark) data.object("mark", [&](auto& inner) { describe_mark(inner, *recipe.cues.mark); });
        if (recipe.cues.textures)
            data.object("textures", [&](auto& inner) { describe_textures(inner, *recipe.cues.textures); });
    });
    writer.field("input", std::vector<std::size_t>{recipe.input[1], recipe.input[2], recipe.input[3]});
    writer.json["layers"] = written(recipe.layers);
    if (recipe.kind == Recipe::Kind::denoiser) writer.field("noise", recipe.noise);
    if (recipe.kind == Recipe::Kind::gan) {
        writer.json["critic"] = written(recipe.critic);
        writer.field("penalty", recipe.penalty);
        writer.field("penalty_every", recipe.penalty_every);
    }
    writer.object("optimiser", [&](ObjectWriter& inner) {
        const bool adam = std::holds_alternative<optimise::Adam::Options>(recipe.training.optimiser);
        inner.field("type", std::string(adam ? "adam" : "sgd"));
        if (adam)
            describe_adam(inner, std::get<optimise::Adam::Options>(recipe.training.optimiser));
        else
            describe_sgd(inner, std::get<optimise::Sgd::Options>(recipe.training.optimiser));
    });
    writer.object("schedule", [&](ObjectWriter& inner) {
        const std::string type = recipe.training.schedule.cosine ? "cosine" : "constant";
        describe_schedule(inner, recipe.training.schedule, type);
        if (const float down = recipe.training.schedule.cool_down_epochs; down != 0.0F)
            inner.field("cool_down_epochs", down);
    });
    describe_training(writer, recipe.training);
    // What is not asked for is not written, so that recipes of before it existed keep their text.
    if (const Loss& loss = recipe.training.loss; loss.type != Loss::Type::cross_entropy) {
        writer.object("loss", [&](ObjectWriter& inner) {
            inner.field("type", std::string(loss_types()[static_cast<std::size_t>(loss.type)]));
            describe_loss(inner, loss, evidence_names()[static_cast<std::size_t>(loss.evidence)]);
        });
    }
    if (const Defence& defence = recipe.training.defence; defence.type != Defence::Type::none) {
        writer.object("defence", [&](ObjectWriter& inner) {
            inner.field("type", std::string(defence_types()[static_cast<std::size_t>(defence.type)]));
            describe_defence(inner, defence, penalty_subjects()[static_cast<std::size_t>(defence.of)]);
        });
    }
    if (recipe.rounds.count != 0)
        writer.object("rounds", [&](ObjectWriter& inner) { describe_rounds(inner, recipe.rounds); });
    if (recipe.training.keep_dropout) writer.field("keep_dropout", true);
    // Recipes made in C++ may hold any text.
    return writer.json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pellucid::train
