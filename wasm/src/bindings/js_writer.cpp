#include "js_writer.hpp"

#include "convert.hpp"

namespace pellucid::wasm {

void JsWriter::end() {
    const emscripten::val value = std::move(open_.back().value);
    open_.pop_back();
    put(value);
}

void JsWriter::put(const emscripten::val& value) {
    if (open_.empty()) {
        result_ = value;
    } else if (open_.back().list) {
        open_.back().value.call<void>("push", value);
    } else {
        open_.back().value.set(open_.back().key, value);
    }
}

void JsWriter::pictures(const Tensor& batch) { put(to_image(batch)); }

void JsWriter::numbers(std::span<const float> values) { put(to_js(values)); }

}  // namespace pellucid::wasm
