/// Choices that are read from fuzzed bytes, so that the fuzzer's changes are changes of structure.
#pragma once

#include "targets.hpp"

#include <cstring>
#include <limits>
#include <string>

namespace pellucid::fuzz {

class Draw {
public:
    explicit Draw(Input bytes) : bytes_(bytes) {}

    bool empty() const { return bytes_.empty(); }

    /// 0 … below − 1 with below ≤ 256; 0 once the bytes are used up.
    std::size_t below(std::size_t below) { return byte() % below; }
    bool chance() { return (byte() & 1U) != 0; }

    /// Any float there is.
    float any_float() {
        std::uint32_t bits = 0;
        for (int i = 0; i < 4; ++i) bits = bits << 8U | byte();
        float value = 0;
        std::memcpy(&value, &bits, sizeof value);
        return value;
    }

    /// One of the numbers that programs stumble over, or a mild one.
    double number(double low, double high) {
        constexpr double inf = std::numeric_limits<double>::infinity();
        switch (below(12)) {
            case 0: return low;
            case 1: return high;
            case 2: return 0.0;
            case 3: return -1.0;
            case 4: return 1e-45;
            case 5: return 3.4e38;
            case 6: return static_cast<double>(any_float());
            case 7: return std::numeric_limits<double>::quiet_NaN();
            case 8: return inf;
            default: {
                const double from = low > -inf ? low : -4.0;
                const double to = high < inf ? high : from + 4.0;
                return from + (to - from) * static_cast<double>(byte()) / 255.0;
            }
        }
    }

    std::string text(std::size_t most) {
        std::string result(std::min(below(most + 1), bytes_.size()), '\0');
        for (char& letter : result) letter = static_cast<char>(byte());
        return result;
    }

private:
    std::uint8_t byte() {
        if (bytes_.empty()) return 0;
        const std::uint8_t first = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return first;
    }

    Input bytes_;
};

}  // namespace pellucid::fuzz
