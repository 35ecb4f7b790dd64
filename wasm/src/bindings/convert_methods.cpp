#include "convert.hpp"

#include <emscripten/bind.h>

namespace pellucid::wasm {

void set_params(Params& params, const val& values, const Shape& input_shape) {
    const val names = val::global("Object").call<val>("keys", values);
    const auto count = names["length"].as<std::size_t>();
    for (std::size_t i = 0; i < count; ++i) {
        const auto name = names[i].as<std::string>();
        const val value = values[name];
        if (value.isNumber()) {
            params.set(name, ParamValue(value.as<double>()));
        } else if (value.isTrue() || value.isFalse()) {
            params.set(name, ParamValue(value.isTrue()));
        } else if (value.isString()) {
            params.set(name, ParamValue(value.as<std::string>()));
        } else {
            // The package lets nothing else through than a Float32Array.
            const std::string what = "the parameter " + name;
            params.set(name, ParamValue(std::make_shared<const Tensor>(from_js(value, input_shape, what.c_str()))));
        }
    }
}

}  // namespace pellucid::wasm
