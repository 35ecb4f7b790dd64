/// Errors leave the core as values, {failed: true, code, message}, and are thrown in TypeScript: an exception that
/// crossed the boundary would skip Embind's own cleaning up.
#pragma once

#include "pellucid/error.hpp"

#include <emscripten/val.h>

#include <exception>
#include <new>
#include <string>

namespace pellucid::wasm {

inline emscripten::val failure(const char* code, const std::string& message) {
    emscripten::val plain = emscripten::val::object();
    plain.set("failed", true);
    plain.set("code", std::string(code));
    plain.set("message", message);
    return plain;
}

/// What `work` returns (a val), or the failure it threw.
template <typename Work>
emscripten::val guarded(Work work) {
    try {
        return work();
    } catch (const Error& error) {
        return failure(to_string(error.code()), error.what());
    } catch (const std::bad_alloc&) {
        return failure("internal", "there is not enough memory for this");
    } catch (const std::exception& error) {
        return failure("internal", error.what());
    }
}

}  // namespace pellucid::wasm
