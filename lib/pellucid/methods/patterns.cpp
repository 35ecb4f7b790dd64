#include "pellucid/methods/patterns.hpp"

#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/weighted_layer.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>

namespace pellucid {

namespace {

constexpr const char* remedy =
    "`pellucid patterns --model MODEL.onnx --out MODEL.patterns.onnx` makes those of a model";

void append(std::vector<std::uint8_t>& bytes, const void* data, std::size_t size) {
    const auto* from = static_cast<const std::uint8_t*>(data);
    bytes.insert(bytes.end(), from, from + size);
}

bool fits(const Node& a, const Node& b) {
    const auto* first = dynamic_cast<const WeightedLayer*>(a.layer.get());
    const auto* second = dynamic_cast<const WeightedLayer*>(b.layer.get());
    if (a.name != b.name || a.layer->op() != b.layer->op() || (first == nullptr) != (second == nullptr)) return false;
    return first == nullptr || first->weight().shape() == second->weight().shape();
}

}  // namespace

std::string fingerprint(const Network& network) {
    std::vector<std::uint8_t> bytes;
    for (const Node& node : network.nodes()) {
        append(bytes, node.layer->op().data(), node.layer->op().size());
        const auto* layer = dynamic_cast<const WeightedLayer*>(node.layer.get());
        if (layer == nullptr) continue;
        for (const Tensor* array : {&layer->weight(), &layer->bias()}) {
            for (const std::size_t axis : array->shape()) {
                const auto extent = static_cast<std::uint32_t>(axis);
                append(bytes, &extent, sizeof extent);
            }
            append(bytes, array->data(), array->size() * sizeof(float));
        }
    }
    return sha256(bytes);
}

void check_patterns(const Network& patterns, const Network& merged) {
    const auto of = patterns.metadata.find(patterns_of_key);
    if (of == patterns.metadata.end()) {
        fail(ErrorCode::bad_argument, "this model holds no patterns (its metadata lack '{}'); {}", patterns_of_key,
             remedy);
    }
    const std::string own = fingerprint(merged);
    if (of->second != own) {
        fail(ErrorCode::bad_argument, "these are the patterns of another model ({}…, this one is {}…); {}",
             of->second.substr(0, 12), own.substr(0, 12), remedy);
    }
    const auto& a = patterns.nodes();
    const auto& b = merged.nodes();
    if (!std::equal(a.begin(), a.end(), b.begin(), b.end(), fits)) {
        fail(ErrorCode::bad_argument, "these patterns do not have the layers of this model; {}", remedy);
    }
}

Network scaled_patterns(const Network& patterns, const Network& merged, const Network& below) {
    Network scaled = patterns;
    for (const Node& node : below.nodes()) {
        const auto* plain = dynamic_cast<const WeightedLayer*>(node.layer.get());
        if (plain == nullptr) continue;
        const std::size_t index = merged.find(node.name) - 1;
        auto& pattern = dynamic_cast<WeightedLayer&>(scaled.layer(index));
        const Tensor& own = plain->weight();
        const Tensor& whole = dynamic_cast<const WeightedLayer&>(*merged.nodes()[index].layer).weight();
        if (std::equal(own.data(), own.data() + own.size(), whole.data())) continue;
        const std::size_t outputs = own.shape()[3];
        std::vector<double> dot(outputs, 0.0), square(outputs, 0.0);
        for (std::size_t i = 0; i < own.size(); ++i) {
            const double w = own.data()[i];
            dot[i % outputs] += w * static_cast<double>(whole.data()[i]);
            square[i % outputs] += w * w;
        }
        Tensor weight = pattern.weight();
        for (std::size_t i = 0; i < weight.size(); ++i) {
            if (square[i % outputs] == 0) continue;
            weight.data()[i] =
                static_cast<float>(static_cast<double>(weight.data()[i]) * dot[i % outputs] / square[i % outputs]);
        }
        pattern.set_weights(std::move(weight), pattern.bias());
    }
    return scaled;
}

Network times_weights(const Network& patterns, const Network& merged) {
    Network product = patterns;
    for (std::size_t i = 0; i < product.nodes().size(); ++i) {
        auto* layer = dynamic_cast<WeightedLayer*>(&product.layer(i));
        if (layer == nullptr) continue;
        Tensor weight = layer->weight();
        const Tensor& own = dynamic_cast<const WeightedLayer&>(*merged.nodes()[i].layer).weight();
        ops::multiply(elements(weight), elements(own));
        layer->set_weights(std::move(weight), layer->bias());
    }
    return product;
}

}  // namespace pellucid
