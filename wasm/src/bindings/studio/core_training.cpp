#include "core_training.hpp"

#include "../guard.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx.hpp"

#include <emscripten/bind.h>

namespace pellucid::wasm {

namespace {

std::vector<std::uint8_t> bytes_of(const val& bytes) {
    std::vector<std::uint8_t> copy(bytes["length"].as<std::size_t>());
    val(emscripten::typed_memory_view(copy.size(), copy.data())).call<void>("set", bytes);
    return copy;
}

val bytes_to_js(const void* data, std::size_t size) {
    const val view(emscripten::typed_memory_view(size, static_cast<const std::uint8_t*>(data)));
    return view.call<val>("slice");
}

val curve(const Result& result, std::string_view name) {
    const auto* series = result.find<Series>(name);
    val plain = val::object();
    plain.set("at", to_js(series->at));
    plain.set("values", to_js(elements(series->values)));
    return plain;
}

LabelledImages data_of(const Shape& input, const val& images, const val& labels) {
    LabelledImages data;
    data.images.rows = input[1];
    data.images.columns = input[2];
    data.images.pixels = bytes_of(images);
    data.labels = bytes_of(labels);
    const std::size_t pixels = input[1] * input[2];
    data.images.count = data.images.pixels.size() / pixels;
    if (data.images.pixels.size() % pixels != 0) {
        fail(ErrorCode::bad_shape, "the images have {} pixels, which is no multiple of an image's {}",
             data.images.pixels.size(), pixels);
    }
    return data;
}

train::TrainingOptions options_of(const val& given) {
    train::TrainingOptions options;
    options.epochs = given["epochs"].as<std::size_t>();
    options.batch = given["batch"].as<std::size_t>();
    options.seed = given["seed"].as<std::uint32_t>();
    options.schedule.learning_rate = given["learningRate"].as<float>();
    const auto wanted = given["defence"].as<std::string>();
    const auto types = train::defence_types();
    const auto found = std::ranges::find(types, wanted);
    if (found == types.end()) fail(ErrorCode::bad_argument, "there is no defence '{}'", wanted);
    options.defence.type = static_cast<train::Defence::Type>(found - types.begin());
    options.defence.epsilon = given["epsilon"].as<float>();
    options.defence.steps = given["steps"].as<std::size_t>();
    options.defence.weight = given["weight"].as<float>();
    return options;
}

}  // namespace

val CoreTraining::start(const CoreModel& model, const val& images, const val& labels, const val& options) {
    return guarded([&] {
        const Network& network = model.explainer()->network();
        run_ = std::make_unique<train::TrainingRun>(Network(network), options_of(options),
                                                    data_of(network.input_shape(), images, labels),
                                                    options["fresh"].as<bool>());
        return val(true);
    });
}

val CoreTraining::step() {
    return guarded([&] { return val(run_->step()); });
}

val CoreTraining::curves() {
    return guarded([&] {
        const Result result = run_->snapshot();
        val plain = val::object();
        plain.set("loss", curve(result, "loss"));
        plain.set("accuracy", curve(result, "accuracy"));
        return plain;
    });
}

val CoreTraining::network() {
    return guarded([&] {
        const std::string file = write_onnx(run_->network());
        return bytes_to_js(file.data(), file.size());
    });
}

val CoreTraining::save() {
    return guarded([&] {
        const Bytes state = run_->save();
        return bytes_to_js(state.data(), state.size());
    });
}

val CoreTraining::restore(const val& state) {
    return guarded([&] {
        run_->restore(bytes_of(state));
        return val(true);
    });
}

}  // namespace pellucid::wasm

EMSCRIPTEN_BINDINGS(pellucid_studio) {
    using pellucid::wasm::CoreTraining;
    emscripten::class_<CoreTraining>("CoreTraining")
        .constructor<>()
        .function("start", &CoreTraining::start)
        .function("step", &CoreTraining::step)
        .function("done", &CoreTraining::done)
        .function("most", &CoreTraining::most)
        .function("finished", &CoreTraining::finished)
        .function("curves", &CoreTraining::curves)
        .function("network", &CoreTraining::network)
        .function("save", &CoreTraining::save)
        .function("restore", &CoreTraining::restore);
}
