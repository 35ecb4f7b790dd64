/// A distribution of baselines: what drawings in general are.
#pragma once

#include "pellucid/methods/method.hpp"

#include <memory>

namespace pellucid::methods {

/// The images of a parameter `baselines`, (B, H, W, C). Without them the 300 built-in pen digits where the network
/// reads 28×28×1, else paper alone.
class BaselineSet {
public:
    /// Throws Error(bad_shape) where the images do not fit the input.
    BaselineSet(const Request& request, std::shared_ptr<const Tensor> given);

    std::size_t count() const;
    /// Baseline number `index`, (1, H, W, C).
    Tensor operator[](std::size_t index) const;

private:
    std::shared_ptr<const Tensor> given_;
    Shape shape_;
    InputRange range_;
    bool digits_;
};

}  // namespace pellucid::methods
