#include "pellucid/methods/finite.hpp"

#include "pellucid/error.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

constexpr const char* overflow_or_damage =
    "something in the input, the weights or the parameters is too large for float32, or the weights hold NaN";

}  // namespace

const float* find_not_finite(std::span<const float> numbers) {
    // Their sum is finite only if all of them are, and is there much sooner.
    if (std::isfinite(simd::kernels().sum(1, numbers.size(), numbers.data(), nullptr))) return nullptr;
    const auto wrong = std::find_if(numbers.begin(), numbers.end(), [](float v) { return !std::isfinite(v); });
    return wrong == numbers.end() ? nullptr : &*wrong;
}

void check_finite(const Result& result, std::string_view method, std::size_t first) {
    for (std::size_t n = 0; n < result.value.size(); ++n) {
        const bool whole = std::all_of(result.items.begin(), result.items.end(), [&](const auto& named) {
            const auto* map = std::get_if<Map>(&named.second);
            return map == nullptr || find_not_finite(sample(map->data, n)) == nullptr;
        });
        if (std::isfinite(result.value[n]) && whole) continue;
        fail(ErrorCode::bad_argument, "{}: the answer for input {} is not finite (value {}): {}", method, first + n,
             result.value[n], overflow_or_damage);
    }
}

void check_finite(std::span<const float> logits) {
    for (std::size_t k = 0; k < logits.size(); ++k) {
        if (std::isfinite(logits[k])) continue;
        fail(ErrorCode::bad_argument, "the network's answer is not finite (class {}: {}): {}", k, logits[k],
             overflow_or_damage);
    }
}

}  // namespace pellucid
