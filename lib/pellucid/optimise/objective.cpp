#include "pellucid/optimise/objective.hpp"

#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <set>

namespace pellucid::optimise {

std::vector<double> Objective::operator()(const Tensor& x, Tensor& gradient) {
    std::vector<double> sums(x.shape()[0], 0.0);
    reshape_to(gradient, x.shape());
    std::ranges::fill(elements(gradient), 0.0F);
    const auto add = [&](ValueId value, const Tensor& numbers, Tensor& seed) {
        for (const Term& term : terms_) {
            if (term.value != value || term.weight == 0) continue;
            for (std::size_t n = 0; n < sums.size(); ++n) {
                sums[n] += term.weight * term.of(n, sample(numbers, n), term.weight, sample(seed, n));
            }
        }
    };
    add(0, x, gradient);
    std::set<ValueId> values;
    for (const Term& term : terms_) {
        if (term.value != 0 && term.weight != 0) values.insert(term.value);
    }
    for (const ValueId value : values) {
        std::unique_ptr<InputGradient>& pass = passes_[value];
        if (pass == nullptr) pass = std::make_unique<InputGradient>(network_);
        const Tensor& more =
            pass->pullback(x, value, [&](const Trace& trace, Tensor& seed) { add(value, trace.values[value], seed); });
        simd::kernels().add(gradient.size(), gradient.data(), more.data(), gradient.data());
    }
    return sums;
}

}  // namespace pellucid::optimise
