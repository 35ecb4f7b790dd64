#include "pellucid/backward/workspace.hpp"

#include <algorithm>

namespace pellucid {

Tensor apply_form(const Form& form, const Tensor& values) {
    Tensor result(values.shape());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float v = values.data()[i];
        result.data()[i] = form.all * v + form.positive * std::max(v, 0.0F) + form.negative * std::min(v, 0.0F) +
                           form.squared * v * v + form.ones;
    }
    return result;
}

const PreparedWeights& Workspace::weights(const WeightedLayer& layer, const Form& weight, const Form& bias) {
    if (weight == form_all && bias == form_all) return layer.prepared();
    const Key key{&layer, {weight, bias}};
    auto found = weights_.find(key);
    if (found == weights_.end()) {
        Tensor changed = apply_form(weight, layer.weight());
        if (weight.ones != 0.0F) layer.keep_connected(changed);
        const Tensor* changed_bias = bias == form_none ? nullptr : &this->bias(layer, bias);
        found = weights_.emplace(key, layer.prepare(changed, changed_bias)).first;
    }
    return found->second;
}

const Tensor& Workspace::bias(const WeightedLayer& layer, const Form& bias) {
    const auto key = std::pair{&layer, bias};
    auto found = biases_.find(key);
    if (found == biases_.end()) found = biases_.emplace(key, apply_form(bias, layer.bias())).first;
    return found->second;
}

const Tensor& Workspace::of_uniform(const WeightedLayer& layer, const Form& weight, const Form& bias, float value,
                                    Shape input, Shape output) {
    input[0] = output[0] = 1;
    const auto key = std::tuple{Key{&layer, {weight, bias}}, value, input};
    auto found = uniform_.find(key);
    if (found == uniform_.end()) {
        Tensor z(output);
        layer.apply(filled(input, value), weights(layer, weight, bias), z);
        found = uniform_.emplace(key, std::move(z)).first;
    }
    return found->second;
}

void Workspace::forget() {
    uniform_.clear();
    weights_.clear();
    biases_.clear();
}

Tensor& Workspace::scratch(std::size_t slot, const Shape& shape) {
    // A tensor per shape: layers differ in size, and one tensor for all of them would be allocated anew by each.
    constexpr std::size_t most = 32;
    while (scratch_.size() <= slot) scratch_.emplace_back();
    std::deque<Tensor>& tensors = scratch_[slot];
    const auto found =
        std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.shape() == shape; });
    if (found != tensors.end()) return *found;
    if (tensors.size() < most) return tensors.emplace_back(shape);
    reshape_to(tensors.back(), shape);
    return tensors.back();
}

}  // namespace pellucid
