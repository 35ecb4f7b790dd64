/// The softmax of a row of numbers, and its logarithm, in the precision of what they are written to. The largest number
/// is taken off first, so that no exponential overflows and their sum is at least 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace pellucid {

/// out = exp(z − largest).
template <typename Real>
struct Exponentials {
    Real largest, sum;

    template <typename Number>
    Exponentials(std::span<const Number> z, std::span<Real> out)
        : largest(static_cast<Real>(*std::max_element(z.begin(), z.end()))), sum(0) {
        for (std::size_t c = 0; c < z.size(); ++c) sum += out[c] = std::exp(static_cast<Real>(z[c]) - largest);
    }
};

/// p_c = exp(z_c)/Σ_k exp(z_k). `p` may be z itself.
template <typename Number, typename Real>
void softmax(std::span<const Number> z, std::span<Real> p) {
    const Real sum = Exponentials<Real>(z, p).sum;
    for (Real& v : p) v /= sum;
}

/// log p_c = z_c − log Σ_k exp(z_k).
template <typename Number, typename Real>
void log_softmax(std::span<const Number> z, std::span<Real> log_p) {
    const Exponentials<Real> of(z, log_p);
    const Real logarithm = std::log(of.sum);
    for (std::size_t c = 0; c < z.size(); ++c) log_p[c] = static_cast<Real>(z[c]) - of.largest - logarithm;
}

}  // namespace pellucid
