#include "pellucid/methods/perturbation/shapley.hpp"

#include <bit>

namespace pellucid::methods {

namespace {

/// a!·b!/(a + b)! = 1/C(a + b, a).
double inverse_binomial(std::size_t a, std::size_t b) {
    double result = 1;
    for (std::size_t k = 1; k <= a; ++k) result *= static_cast<double>(k) / static_cast<double>(b + k);
    return result;
}

}  // namespace

std::vector<double> shapley_values(std::span<const double> worth, std::size_t players) {
    std::vector<double> values(players, 0.0);
    for (std::size_t i = 0; i < players; ++i) {
        const std::size_t bit = std::size_t{1} << i;
        for (std::size_t mask = 0; mask < worth.size(); ++mask) {
            if ((mask & bit) != 0) continue;
            const auto size = static_cast<std::size_t>(std::popcount(mask));
            // |S|!(M − |S| − 1)!/M! = 1/(M·C(M − 1, |S|)).
            const double weight = inverse_binomial(size, players - 1 - size) / static_cast<double>(players);
            values[i] += weight * (worth[mask | bit] - worth[mask]);
        }
    }
    return values;
}

std::vector<double> shapley_interactions(std::span<const double> worth, std::size_t players) {
    std::vector<double> pairs(players * players, 0.0);
    for (std::size_t i = 0; i < players; ++i) {
        for (std::size_t j = i + 1; j < players; ++j) {
            const std::size_t a = std::size_t{1} << i, b = std::size_t{1} << j;
            double sum = 0;
            for (std::size_t mask = 0; mask < worth.size(); ++mask) {
                if ((mask & (a | b)) != 0) continue;
                const auto size = static_cast<std::size_t>(std::popcount(mask));
                const double weight = inverse_binomial(size, players - 2 - size) / static_cast<double>(players - 1);
                sum += weight * (worth[mask | a | b] - worth[mask | a] - worth[mask | b] + worth[mask]);
            }
            pairs[i * players + j] = pairs[j * players + i] = sum;
        }
    }
    return pairs;
}

double shapley_kernel(std::size_t players, std::size_t size) {
    return static_cast<double>(players - 1) * inverse_binomial(size, players - size) /
           static_cast<double>(size * (players - size));
}

}  // namespace pellucid::methods
