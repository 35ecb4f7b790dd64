/// What tests read off results.
#pragma once

#include "pellucid/methods/run.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <span>
#include <string_view>

namespace pellucid::test {

inline double sum(std::span<const float> values) { return std::accumulate(values.begin(), values.end(), 0.0); }
inline double sum(const Tensor& tensor) { return sum(elements(tensor)); }

/// The result's number, or image, of that name; the test ends where there is none.
inline double number(const Result& result, std::string_view name) {
    for (const auto& [key, value] : result.numbers) {
        if (key == name) return value;
    }
    FAIL("no number ", name);
    return 0;
}
inline const Tensor& image(const Result& result, std::string_view name) {
    for (const auto& [key, value] : result.images) {
        if (key == name) return value;
    }
    FAIL("no image ", name);
    return result.map;
}

}  // namespace pellucid::test
