#include "pellucid/nn/head.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/evidence.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/softmax.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

Head head_at(const Network& network, ValueId value) {
    if (value == 0) return Head::none;
    const Layer& layer = *network.nodes()[value - 1].layer;
    if (layer.kind() == Kind::softmax)
        return dynamic_cast<const LogSoftmax*>(&layer) != nullptr ? Head::log_softmax : Head::softmax;
    // A Sigmoid at the end of an image puts out pixels, not classes.
    if (layer.kind() != Kind::activation) return Head::none;
    const auto* activation = dynamic_cast<const Activation*>(&layer);
    const bool sigmoid = activation != nullptr && activation->function() == Activation::Function::sigmoid;
    const Shape& shape = network.shape(value);
    return sigmoid && shape[1] * shape[2] == 1 ? Head::sigmoid : Head::none;
}

/// 1/(1 + e^−z), without overflow.
double sigmoid(double z) {
    const double e = std::exp(-std::abs(z));
    return z >= 0 ? 1 / (1 + e) : e / (1 + e);
}

bool singly(Head head, std::size_t classes) { return head == Head::sigmoid || (head == Head::none && classes == 1); }

std::vector<double> shares(std::span<const float> logits) {
    std::vector<double> p(logits.size());
    softmax(logits, std::span<double>(p));
    return p;
}

}  // namespace

const char* to_string(Head head) noexcept {
    switch (head) {
        case Head::none: return "none";
        case Head::softmax: return "softmax";
        case Head::log_softmax: return "log_softmax";
        case Head::sigmoid: return "sigmoid";
    }
    return "none";
}

ValueId last_effect(const Network& network) {
    ValueId value = network.output();
    while (value > 0 && network.nodes()[value - 1].layer->kind() == Kind::pass_through)
        value = network.nodes()[value - 1].inputs.front();
    return value;
}

Head head_of(const Network& network) { return head_at(network, last_effect(network)); }

ValueId Network::logits() const {
    const ValueId last = last_effect(*this);
    return head_at(*this, last) == Head::none ? output() : nodes_[last - 1].inputs.front();
}

bool decides_singly(const Network& network) { return singly(head_of(network), network.classes()); }

std::vector<double> probabilities(const Network& network, std::span<const float> logits) {
    if (const Evidence evidence = evidence_of(network); evidence != Evidence::none) {
        Dirichlet of(evidence, logits);
        for (double& p : of.alpha) p /= of.strength;
        return std::move(of.alpha);
    }
    if (!singly(head_of(network), logits.size())) return shares(logits);
    std::vector<double> p;
    for (const float z : logits) p.push_back(sigmoid(static_cast<double>(z)));
    return p;
}

Tensor probabilities(const Network& network, const Tensor& logits) {
    Tensor p(logits.shape());
    const std::size_t channels = logits.shape()[3];
    for (std::size_t i = 0; i < logits.size(); i += channels) {
        std::ranges::transform(probabilities(network, {logits.data() + i, channels}), p.data() + i,
                               [](double v) { return static_cast<float>(v); });
    }
    return p;
}

void probability_gradient(const Network& network, std::span<const float> logits, std::size_t k,
                          std::span<float> gradient) {
    const Evidence evidence = evidence_of(network);
    const std::vector<double> p = probabilities(network, logits);
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    if (evidence == Evidence::none && singly(head_of(network), logits.size())) {
        // p(1 − p), without cancellation.
        gradient[k] = static_cast<float>(p[k] * sigmoid(-static_cast<double>(logits[k])));
        return;
    }
    const double strength = evidence == Evidence::none ? 1 : Dirichlet(evidence, logits).strength;
    for (std::size_t c = 0; c < p.size(); ++c) {
        const double own = c == k ? 1 : 0, z = static_cast<double>(logits[c]);
        gradient[c] = static_cast<float>(
            evidence == Evidence::none ? p[k] * (own - p[c]) : (own - p[k]) / strength * evidence_slope(evidence, z));
    }
}

std::size_t decision(const Network& network, std::span<const float> logits) {
    if (logits.size() == 1) return singly(head_of(network), 1) && logits[0] >= 0.0F ? 1 : 0;
    return static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<std::size_t> decisions(const Network& network, const Tensor& logits) {
    if (sample_size(logits) == 0) fail(ErrorCode::bad_shape, "{} has no largest element", to_string(logits.shape()));
    std::vector<std::size_t> decided;
    for (std::size_t n = 0; n < logits.shape()[0]; ++n) decided.push_back(decision(network, sample(logits, n)));
    return decided;
}

void loss_gradient(const Network& network, std::span<const float> logits, std::size_t label,
                   std::span<float> gradient) {
    if (const Evidence evidence = evidence_of(network); evidence != Evidence::none) {
        const Dirichlet of(evidence, logits);
        for (std::size_t c = 0; c < logits.size(); ++c) {
            const double slope = 1 / of.strength - (c == label ? 1 / of.alpha[c] : 0);
            gradient[c] = static_cast<float>(slope * evidence_slope(evidence, static_cast<double>(logits[c])));
        }
        return;
    }
    if (singly(head_of(network), logits.size())) {
        for (std::size_t k = 0; k < logits.size(); ++k) {
            const bool wanted = logits.size() == 1 ? label == 1 : k == label;
            const auto z = static_cast<double>(logits[k]);
            gradient[k] = static_cast<float>(wanted ? -sigmoid(-z) : sigmoid(z));
        }
        return;
    }
    const std::vector<double> p = shares(logits);
    // p − 1 as −(sum of the others): near p = 1 the difference would be 0, and an attack would lose its way.
    double others = 0;
    for (std::size_t c = 0; c < p.size(); ++c) {
        gradient[c] = static_cast<float>(p[c]);
        if (c != label) others += p[c];
    }
    gradient[label] = static_cast<float>(-others);
}

}  // namespace pellucid
