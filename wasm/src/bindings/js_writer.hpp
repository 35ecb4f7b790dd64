/// JavaScript's values, built by what pellucid/border describes.
#pragma once

#include "pellucid/border/writer.hpp"

#include <emscripten/val.h>

#include <string>
#include <vector>

namespace pellucid::wasm {

class JsWriter final : public Writer {
public:
    void begin_object() override { open_.push_back({emscripten::val::object(), false, {}}); }
    void begin_list() override { open_.push_back({emscripten::val::array(), true, {}}); }
    void end() override;
    void key(std::string_view name) override { open_.back().key = name; }
    void number(double value) override { put(emscripten::val(value)); }
    void text(std::string_view value) override { put(emscripten::val(std::string(value))); }
    void flag(bool value) override { put(emscripten::val(value)); }
    void nothing() override { put(emscripten::val::null()); }
    /// {data: Float32Array, height, width, channels, samples}.
    void pictures(const Tensor& batch) override;
    /// A Float32Array.
    void numbers(std::span<const float> values) override;

    /// A field that another world lacks.
    void put(std::string_view name, const emscripten::val& value) {
        key(name);
        put(value);
    }
    /// What was built, once all is ended.
    const emscripten::val& result() const { return result_; }

private:
    struct Open {
        emscripten::val value;
        bool list;
        std::string key;
    };
    void put(const emscripten::val& value);

    std::vector<Open> open_;
    emscripten::val result_ = emscripten::val::undefined();
};

/// The value that write(writer) builds.
template <typename Write>
emscripten::val built(Write write) {
    JsWriter writer;
    write(writer);
    return writer.result();
}

}  // namespace pellucid::wasm
