/// Weighted linear regression on which groups were shown: what LIME and Kernel SHAP fit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pellucid::methods {

/// The sums that a regression of values y on coalitions z (0 or 1 for every player) needs; coalitions come one by one.
class CoalitionSums {
public:
    explicit CoalitionSums(std::size_t players);

    void add(std::span<const std::uint8_t> shown, double value, double weight);

    /// A surrogate y ≈ intercept + z·coefficients.
    struct Surrogate {
        std::vector<double> coefficients;
        double intercept = 0;
        double fit = 0;  ///< weighted R²: the share of the values' variance that the surrogate explains
    };
    /// min Σ w (y − b − z·c)² + alpha·‖c‖², the intercept b not shrunk.
    Surrogate ridge(double alpha) const;

    /// min Σ w (y − z·c)² under Σ c = total. Where the coalitions leave it open, the solution nearest to equal shares.
    std::vector<double> with_sum(double total) const;

private:
    std::size_t players_;
    double weights_ = 0, values_ = 0, squares_ = 0;  // Σw, Σwy, Σwy²
    std::vector<double> shown_, products_;           // Σwz, Σwzy
    std::vector<double> together_;                   // Σw zᵢzⱼ, i ≤ j, row by row
    std::vector<std::size_t> members_;               // of the coalition at hand
};

}  // namespace pellucid::methods
