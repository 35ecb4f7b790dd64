/// The logarithm of the gamma function and its first two derivatives, for x > 0, in double.
///
/// Below 10 by the recurrence Γ(x + 1) = x·Γ(x), above by Stirling's series with seven terms of Bernoulli numbers:
/// errors of some 1e-14, relative and near zeros absolute (Abramowitz, Stegun: Handbook of Mathematical Functions,
/// 6.1.40, 6.3.18, 6.4.12). Not std::lgamma: it writes a global variable, which threads would share.
#pragma once

namespace pellucid::optimise {

/// log Γ(x).
double log_gamma(double x);
/// ψ(x) = d log Γ/dx.
double digamma(double x);
/// ψ′(x).
double trigamma(double x);

}  // namespace pellucid::optimise
