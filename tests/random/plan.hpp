/// The structure of a network as one line of text: what random tests draw, shrink, print and keep.
///
///   seed 7 input 2 8 9 3 | conv@0 3 3 8 1 1 0 1 0 1 1 | relu@1 | max@2 3 3 2 2 0 0 0 0 0 | add@3,3
///
/// `input` is batch, rows, columns, channels. After each operator stand the values that it reads (0 is the input, i the
/// output of the i-th layer) and its numbers, which operators() names. Weights and inputs follow from the seed.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::test {

struct LayerPlan {
    std::string op;
    std::vector<std::size_t> from;
    std::vector<std::size_t> numbers;
};

struct Plan {
    std::uint32_t seed = 1;
    Shape input{1, 1, 1, 1};
    std::vector<LayerPlan> layers;
};

/// An operator of plans: its name, and the smallest value of each of its numbers.
struct Operator {
    std::string_view name;
    std::vector<std::size_t> least;
};
std::span<const Operator> operators();

std::string to_text(const Plan& plan);
/// Throws std::invalid_argument where the text is no plan.
Plan parse_plan(std::string_view text);

/// The network. Throws pellucid::Error where the structure is none: what does not fit is the library's to say.
Network build(const Plan& plan);

/// A batch of the plan's size: by the seed normal numbers, many zeros, a few whole numbers (flat parts, ties), or
/// values from 0 to 1.
Tensor input_of(const Plan& plan);

}  // namespace pellucid::test
