#include "pellucid/methods/judging/order.hpp"

#include <array>
#include <bit>
#include <utility>

namespace pellucid::methods {

namespace {

/// Unsigned numbers in the order of floating-point ones: of negative ones all bits turn, of others the sign's.
template <typename Key, typename Number>
Key key_of(Number value) {
    constexpr Key sign = Key{1} << (8 * sizeof(Key) - 1);
    const Key bits = std::bit_cast<Key>(value + Number{0});  // −0 becomes 0
    return (bits & sign) != 0 ? static_cast<Key>(~bits) : static_cast<Key>(bits | sign);
}

/// Sorts by one digit after another, the least significant first; digits that are the same everywhere are left out.
template <typename Key>
std::vector<std::uint32_t> places_in_order(std::vector<Key> keys) {
    constexpr std::size_t digits = sizeof(Key), base = 256;
    const std::size_t count = keys.size();
    std::array<std::array<std::uint32_t, base>, digits> counts{};
    for (const Key key : keys) {
        for (std::size_t d = 0; d < digits; ++d) ++counts[d][static_cast<std::size_t>(key >> (8 * d)) % base];
    }
    std::vector<std::uint32_t> places(count), next(count);
    for (std::size_t i = 0; i < count; ++i) places[i] = static_cast<std::uint32_t>(i);
    for (std::size_t d = 0; d < digits && count > 0; ++d) {
        const auto digit = [&keys, d](std::uint32_t place) {
            return static_cast<std::size_t>(keys[place] >> (8 * d)) % base;
        };
        if (counts[d][digit(0)] == count) continue;
        std::uint32_t before = 0;
        for (std::uint32_t& of_digit : counts[d]) before += std::exchange(of_digit, before);
        for (const std::uint32_t place : places) next[counts[d][digit(place)]++] = place;
        std::swap(places, next);
    }
    return places;
}

}  // namespace

std::vector<std::uint32_t> ascending(std::span<const float> values) {
    std::vector<std::uint32_t> keys;
    keys.reserve(values.size());
    for (const float v : values) keys.push_back(key_of<std::uint32_t>(v));
    return places_in_order(std::move(keys));
}

std::vector<std::uint32_t> descending(std::span<const double> values) {
    std::vector<std::uint64_t> keys;
    keys.reserve(values.size());
    for (const double v : values) keys.push_back(~key_of<std::uint64_t>(v));
    return places_in_order(std::move(keys));
}

}  // namespace pellucid::methods
