#include "pellucid/methods/perturbation/areas.hpp"

#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace pellucid::methods {

namespace {

constexpr std::size_t most_areas = 16;
constexpr double tie = 1e-6;

}  // namespace

std::vector<double> parse_areas(std::string_view text) {
    std::vector<double> areas;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t comma = std::min(text.find(',', start), text.size());
        const std::string word(text.substr(start, comma - start));
        const double percent = parse_number(word).value_or(0);
        if (!(percent >= 0.1 && percent <= 99.9)) {
            fail(ErrorCode::bad_argument,
                 "extremal_perturbation: '{}' in areas={} is no share of the picture; numbers from 0.1 to 99.9, in per "
                 "cent, as in 5,10,20,40, are right",
                 word, text);
        }
        areas.push_back(percent / 100);
        start = comma + 1;
    }
    if (areas.size() > most_areas) {
        fail(ErrorCode::bad_argument, "extremal_perturbation: areas={} are {} areas; at most {} are right", text,
             areas.size(), most_areas);
    }
    return areas;
}

std::vector<double> area_pull(std::span<const double> mask, double area, double weight) {
    const std::size_t size = mask.size();
    const auto zeros_first = std::min(static_cast<std::size_t>(static_cast<double>(size) * (1 - area)), size - 1);
    std::vector<double> sorted(mask.begin(), mask.end());
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(zeros_first), sorted.end());
    const double edge = sorted[zeros_first];
    std::size_t above = 0, equal = 0;
    for (const double m : mask) {
        if (m > edge + tie) {
            ++above;
        } else if (m >= edge - tie) {
            ++equal;
        }
    }
    const double share = static_cast<double>(size - zeros_first - above) / static_cast<double>(equal);
    std::vector<double> pull(size);
    for (std::size_t i = 0; i < size; ++i) {
        const double reference = mask[i] > edge + tie ? 1.0 : mask[i] >= edge - tie ? share : 0.0;
        pull[i] = -2 * weight * (mask[i] - reference) / static_cast<double>(size);
    }
    return pull;
}

}  // namespace pellucid::methods
