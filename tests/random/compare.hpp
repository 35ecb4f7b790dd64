/// Complaints about numbers.
#pragma once

#include "support/oracle.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace pellucid::test {

inline double largest(const Array& values) {
    double most = 0;
    for (const double value : values.data) most = std::max(most, std::abs(value));
    return most;
}
inline double largest(const Tensor& values) { return largest(Array(values)); }

/// Where `got` is further than `tolerance` from `want`, or no number; nothing otherwise.
inline std::string compare(const Tensor& got, const Array& want, double tolerance, const std::string& what) {
    if (got.shape() != want.shape) {
        return fmt::format("{}: shape {} instead of {}", what, to_string(Shape(got.shape())), to_string(want.shape));
    }
    for (std::size_t i = 0; i < got.size(); ++i) {
        const auto value = static_cast<double>(got.data()[i]);
        if (std::abs(value - want.data[i]) <= tolerance) continue;
        return fmt::format("{}: element {} is {} instead of {} (tolerance {})", what, i, value, want.data[i],
                           tolerance);
    }
    return {};
}
inline std::string compare(const Tensor& got, const Tensor& want, double tolerance, const std::string& what) {
    return compare(got, Array(want), tolerance, what);
}

}  // namespace pellucid::test
