/// What tests read off results.
#pragma once

#include "pellucid/methods/result.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <span>
#include <string_view>

namespace pellucid::test {

inline double sum(std::span<const float> values) { return std::accumulate(values.begin(), values.end(), 0.0); }
inline double sum(const Tensor& tensor) { return sum(elements(tensor)); }

/// The mean over the samples of the result's number of that name; the test ends where there is none.
inline double number(const Result& result, std::string_view name) {
    const Scalar* found = result.find<Scalar>(name);
    if (found == nullptr || found->per_sample.empty()) FAIL("no number ", name);
    const std::vector<double>& values = found->per_sample;
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
inline const Tensor& image(const Result& result, std::string_view name) {
    const Map* found = result.find<Map>(name);
    if (found == nullptr) FAIL("no image ", name);
    return found->data;
}

}  // namespace pellucid::test
