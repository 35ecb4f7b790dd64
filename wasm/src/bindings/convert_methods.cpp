#include "convert.hpp"

#include <emscripten/bind.h>

#include <algorithm>

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
            const auto& cards = params.card().params;
            const auto card = std::ranges::find(cards, name, &ParamCard::name);
            const auto length = value["length"].as<std::size_t>();
            // Plain numbers, such as a generator's code, have no picture's shape.
            if (card != cards.end() && card->role == ParamRole::replay && length > 0 &&
                length % sample_size(input_shape) != 0) {
                params.set(name,
                           ParamValue(std::make_shared<const Tensor>(from_js(value, {1, 1, 1, length}, what.c_str()))));
                continue;
            }
            params.set(name, ParamValue(std::make_shared<const Tensor>(from_js(value, input_shape, what.c_str()))));
        }
    }
}

}  // namespace pellucid::wasm
