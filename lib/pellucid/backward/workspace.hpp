/// Memory that backward passes reuse: scratch tensors and the modified weights that relevance rules ask for.
#pragma once

#include "pellucid/nn/weighted_layer.hpp"

#include <array>
#include <deque>
#include <map>
#include <tuple>
#include <vector>

namespace pellucid {

/// A combination of an array v with its parts: all·v + positive·v⁺ + negative·v⁻ + squared·v² + ones·1.
struct Form {
    float all = 0, positive = 0, negative = 0, squared = 0, ones = 0;
    auto operator<=>(const Form&) const = default;
};

inline constexpr Form form_none{};
inline constexpr Form form_all{.all = 1};
inline constexpr Form form_positive{.positive = 1};
inline constexpr Form form_negative{.negative = 1};
inline constexpr Form form_squared{.squared = 1};
inline constexpr Form form_ones{.ones = 1};

/// The combination, element by element.
Tensor apply_form(const Form& form, const Tensor& values);

class Workspace {
public:
    /// What one traversal of the engine keeps between its layers.
    struct Traversal {
        std::vector<char> wanted;      ///< per value
        std::vector<Tensor> aside;     ///< per input of a layer: a signal that is added to one that is there already
        std::vector<Tensor*> targets;  ///< per input of a layer
        std::vector<double> sums;      ///< per value: Σ of its signal, for the ledger
    };
    Traversal& traversal() { return traversal_; }

    /// A layer's weights in a form, with its bias in another, ready for the kernels; made once and kept.
    /// The layer must outlive the workspace and keep its weights (see forget()).
    const PreparedWeights& weights(const WeightedLayer& layer, const Form& weight, const Form& bias);

    /// Σ over the outputs of one unit's bias in that form, as the ledger needs it: the bias itself.
    const Tensor& bias(const WeightedLayer& layer, const Form& bias);

    /// W'·x + b' for an input of one sample that is `value` everywhere; made once for each shape and kept.
    const Tensor& of_uniform(const WeightedLayer& layer, const Form& weight, const Form& bias, float value, Shape input,
                             Shape output);

    /// Drops what was kept, after weights have changed.
    void forget();

    /// Scratch tensor number `slot` of that shape; contents are unspecified. Valid until asked for again.
    Tensor& scratch(std::size_t slot, const Shape& shape);

private:
    using Key = std::pair<const WeightedLayer*, std::array<Form, 2>>;
    std::map<Key, PreparedWeights> weights_;
    std::map<std::pair<const WeightedLayer*, Form>, Tensor> biases_;
    std::map<std::tuple<Key, float, Shape>, Tensor> uniform_;
    Traversal traversal_;
    std::deque<std::deque<Tensor>> scratch_;  // deques, so that references stay valid as they grow
};

}  // namespace pellucid
