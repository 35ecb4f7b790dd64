/// What a synthesis, a mask or an attack makes small: terms that add up, and their gradient by the picture.
#pragma once

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/optimise/terms.hpp"

#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace pellucid::optimise {

/// weight · of(numbers of a value). `of` is asked sample by sample: it returns its number and adds scale·∂/∂numbers to
/// `gradient`, as the functions in terms.hpp do.
struct Term {
    ValueId value;  ///< what it reads: 0 the picture itself, else a value of the network
    double weight;
    std::function<double(std::size_t sample, Numbers numbers, double scale, std::span<float> gradient)> of;
};

/// L(x) = Σ weight·term. Sample n's number and gradient depend on sample n alone.
/// Cost: a forward and a backward pass for every value that terms read; terms of one value share them.
class Objective {
public:
    /// The network must outlive this and keep its weights.
    explicit Objective(const Network& network) : network_(network) {}

    void add(Term term) { terms_.push_back(std::move(term)); }

    /// L of every sample of x; writes ∂L/∂x.
    std::vector<double> operator()(const Tensor& x, Tensor& gradient);

private:
    const Network& network_;
    std::vector<Term> terms_;
    std::map<ValueId, std::unique_ptr<InputGradient>> passes_;  // one each, so that none plans its way again
};

}  // namespace pellucid::optimise
