/// What the core shows to JavaScript. wasm/src/core.ts has the same in types.
#include "core_model.hpp"
#include "guard.hpp"
#include "js_writer.hpp"
#include "pellucid/border/describe.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "self_test.hpp"

#include <emscripten/bind.h>
#include <malloc.h>

namespace pellucid::wasm {
namespace {

std::string version() { return PELLUCID_VERSION; }

/// Bytes handed out and not yet given back: tests watch it for leaks.
std::size_t memory_in_use() { return mallinfo().uordblks; }

/// The ids of the methods in this module; their cards are beside it (wasm/build.mjs).
val methods() {
    val ids = val::array();
    for (const Method& method : all_methods()) ids.call<void>("push", std::string(method.card.id));
    return ids;
}

val normalise_drawing(const val& drawing) {
    return guarded([&] { return to_js(normalise(drawing_from_js(drawing))); });
}

val pen_digit_of(std::size_t index) {
    return guarded([&] {
        const PenDigit digit = pen_digit(index);
        val plain = val::object();
        plain.set("label", digit.label);
        plain.set("drawing", to_js(digit.drawing));
        return plain;
    });
}

}  // namespace
}  // namespace pellucid::wasm

EMSCRIPTEN_BINDINGS(pellucid) {
    using namespace pellucid::wasm;
    emscripten::function("version", &version);
    emscripten::function("methods", &methods);
    emscripten::function("memoryInUse", &memory_in_use);
    emscripten::function("selfTest", &self_test);
    emscripten::function("normalise", &normalise_drawing);
    emscripten::function("penDigitCount", &pellucid::pen_digit_count);
    emscripten::function("penDigit", &pen_digit_of);
    emscripten::class_<CoreModel>("CoreModel")
        .constructor<>()
        .function("open", &CoreModel::open)
        .function("openWithData", &CoreModel::open_with_data)
        .function("attach", &CoreModel::attach)
        .function("detach", &CoreModel::detach)
        .function("declareRange", &CoreModel::declare_range)
        .function("ink", &CoreModel::ink)
        .function("without", &CoreModel::without)
        .function("predict", &CoreModel::predict)
        .function("values", &CoreModel::values)
        .function("computed", &CoreModel::computed);
    emscripten::class_<CoreRun>("CoreRun")
        .constructor<>()
        .function("keepLayers", &CoreRun::keep_layers)
        .function("start", &CoreRun::start)
        .function("step", &CoreRun::step)
        .function("snapshot", &CoreRun::snapshot)
        .function("received", &CoreRun::received)
        .function("done", &CoreRun::done)
        .function("most", &CoreRun::most)
        .function("finished", &CoreRun::finished)
        .function("independent", &CoreRun::independent)
        .function("compute", &CoreRun::compute)
        .function("absorb", &CoreRun::absorb);
}
