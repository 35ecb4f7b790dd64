/// Element-wise functions that a file writes as several nodes.
///
/// Many activations have no operator of their own in a file's operator set: x·sigmoid(x), x·tanh(softplus(x)),
/// ½x(1 + erf(x/√2)), …. There are many ways to write each, so the nodes are not compared but what they compute: every
/// value that follows element by element from another one is known by its numbers at some points of that one, its
/// curve; a curve that is that of a known function, up to a factor, becomes this function's layer.
#pragma once

#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/function_ref.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pellucid::onnx {

/// A value's numbers where value `base` is at curve_points().
struct Curve {
    ValueId base = 0;
    std::vector<double> y;
};
/// As a function of each of the values that it follows from, the nearest last.
using Curves = std::vector<Curve>;

const std::vector<double>& curve_points();

/// The curves of f(value), and of op(a, b) where both follow from the same value.
Curves mapped(const Curves& curves, FunctionRef<double(double)> f);
Curves combined(const Curves& a, const Curves& b, FunctionRef<double(double, double)> op);

/// The curves of a value that is there: its own, and those it has from others.
Curves with_own(const Curves& curves, ValueId id);

/// A known function with which one of the curves agrees, times a factor.
struct Match {
    ValueId base;
    Activation activation;
    double factor;
};
std::optional<Match> match(const Curves& curves);

/// The names of the known functions, for messages.
std::string known_curves();

}  // namespace pellucid::onnx
