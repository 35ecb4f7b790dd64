#include "pellucid/backward/deeplift.hpp"
#include "pellucid/backward/rescale.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

using detail::least_change;

/// a − b.
Tensor difference(const Tensor& a, const Tensor& b) {
    Tensor result = a;
    simd::kernels().multiply_add(result.size(), b.data(), nullptr, -1.0F, result.data());
    return result;
}

Tensor positive(const Tensor& x) {
    Tensor result(x.shape());
    simd::kernels().positive(x.size(), x.data(), result.data());
    return result;
}

Tensor negative(const Tensor& x) {
    Tensor result(x.shape());
    simd::kernels().negative(x.size(), x.data(), result.data());
    return result;
}

/// W'·x without bias.
Tensor applied(const WeightedLayer& layer, const Form& form, const Tensor& x, const Shape& out, Workspace& workspace) {
    Tensor z(out);
    layer.apply(x, workspace.weights(layer, form, form_none), z);
    return z;
}

Tensor forward(const Layer& layer, const Tensor& x, const Shape& out) {
    Tensor y(out);
    Record record;
    const Tensor* input = &x;
    layer.forward(std::span(&input, 1), y, record);
    return y;
}

Tensor forward(const Layer& layer, const Tensor& a, const Tensor& b, const Shape& out) {
    Tensor y(out);
    Record record;
    const Tensor* inputs[] = {&a, &b};
    layer.forward(inputs, y, record);
    return y;
}

void add_to(Tensor& sum, const Tensor& other) { simd::kernels().add(sum.size(), sum.data(), other.data(), sum.data()); }

/// The multiplier of a change: that of the part it belongs to, their mean where nothing changed.
float chosen(float change, float of_positive, float of_negative) {
    return change > 0.0F ? of_positive : change < 0.0F ? of_negative : 0.5F * (of_positive + of_negative);
}

/// Writes the same multiplier for both parts, element by element of the first half.
template <typename Multiplier>
void both_halves(Tensor& out, Multiplier multiplier) {
    const std::size_t half = out.size() / 2;
    for (std::size_t i = 0; i < half; ++i) out.data()[i] = out.data()[half + i] = multiplier(i);
}

/// Layers with weights: positive terms w·Δx belong to Δz⁺, negative ones to Δz⁻.
class WeightedParts final : public Rule {
public:
    explicit WeightedParts(Tensor change) : change_(std::move(change)) {}
    std::string_view id() const override { return "reveal_cancel"; }

    void cross(const Crossing& c) const override {
        Tensor* out = c.outgoing[0];
        if (out == nullptr) return;
        const auto& layer = dynamic_cast<const WeightedLayer&>(c.layer);
        Tensor& up = c.workspace.scratch(0, out->shape());
        Tensor& down = c.workspace.scratch(1, out->shape());
        layer.adjoint(c.incoming, c.workspace.weights(layer, form_positive, form_none), up);
        layer.adjoint(c.incoming, c.workspace.weights(layer, form_negative, form_none), down);
        const float* u = up.data();
        const float* d = down.data();
        const std::size_t half = out->size() / 2;
        both_halves(*out,
                    [&](std::size_t i) { return chosen(change_.data()[i], u[i] + d[half + i], d[i] + u[half + i]); });
    }

private:
    Tensor change_;
};

/// An affine map of each channel: a negative factor makes what is positive negative.
class MappedParts final : public Rule {
public:
    std::string_view id() const override { return "reveal_cancel"; }

    void cross(const Crossing& c) const override {
        Tensor* out = c.outgoing[0];
        if (out == nullptr) return;
        const auto& factor = dynamic_cast<const ChannelMap&>(c.layer).factor();
        const std::size_t half = out->size() / 2;
        const float* m = c.incoming.data();
        for (std::size_t i = 0; i < half; ++i) {
            const float f = factor[i % factor.size()];
            out->data()[i] = f * m[f < 0.0F ? half + i : i];
            out->data()[half + i] = f * m[f < 0.0F ? i : half + i];
        }
    }
};

/// Sums and means of inputs, whose coefficients are not negative: each input belongs to the part of its sign.
class SumParts final : public Rule {
public:
    explicit SumParts(std::vector<Tensor> changes) : changes_(std::move(changes)) {}
    std::string_view id() const override { return "reveal_cancel"; }

    void cross(const Crossing& c) const override {
        c.layer.input_gradient(c.step, c.incoming, c.outgoing);
        for (std::size_t k = 0; k < c.outgoing.size(); ++k) {
            Tensor* out = c.outgoing[k];
            if (out == nullptr) continue;
            const std::size_t half = out->size() / 2;
            both_halves(*out, [&](std::size_t i) {
                return chosen(changes_[k].data()[i], out->data()[i], out->data()[half + i]);
            });
        }
    }

private:
    std::vector<Tensor> changes_;
};

/// Activations: each part is rescaled by its own change.
class ActivationParts final : public Rule {
public:
    ActivationParts(const Tensor& in_positive, const Tensor& in_negative, const Tensor& out_positive,
                    const Tensor& out_negative)
        : in_{&in_positive, &in_negative}, out_{&out_positive, &out_negative} {}
    std::string_view id() const override { return "reveal_cancel"; }

    void cross(const Crossing& c) const override {
        Tensor* out = c.outgoing[0];
        if (out == nullptr) return;
        c.layer.input_gradient(c.step, c.incoming, c.outgoing);
        const std::size_t half = out->size() / 2;
        for (const std::size_t part : {std::size_t{0}, std::size_t{1}}) {
            for (std::size_t i = 0; i < half; ++i) {
                const double in = in_[part]->data()[i];
                if (std::abs(in) < least_change) continue;
                const double ratio = static_cast<double>(out_[part]->data()[i]) / in;
                out->data()[part * half + i] =
                    static_cast<float>(static_cast<double>(c.incoming.data()[part * half + i]) * ratio);
            }
        }
    }

private:
    const Tensor* in_[2];
    const Tensor* out_[2];
};

/// Max-pools and softmax: `rescale` of the whole change, with the multiplier of its sign.
class WholeChange final : public Rule {
public:
    WholeChange(Tensor change, RulePtr rescale) : change_(std::move(change)), rescale_(std::move(rescale)) {}
    std::string_view id() const override { return "reveal_cancel"; }

    void cross(const Crossing& c) const override {
        Tensor& whole = c.workspace.scratch(0, c.incoming.shape());
        const std::size_t half = whole.size() / 2;
        const float* m = c.incoming.data();
        both_halves(whole, [&](std::size_t i) { return chosen(change_.data()[i], m[i], m[half + i]); });
        rescale_->cross({c.layer, c.step, whole, c.outgoing, c.workspace, c.ledger});
    }

private:
    Tensor change_;
    RulePtr rescale_;
};

}  // namespace

RevealCancel::RevealCancel(const Network& network, const Trace& trace, const Trace& reference, Workspace& workspace)
    : network_(network) {
    const std::size_t samples = trace.values.front().shape()[0];
    const Tensor change = difference(trace.values[0], reference.values[0]);
    parts_.push_back({positive(change), negative(change)});
    for (std::size_t i = 0; i < network.nodes().size(); ++i) parts_.push_back(parts_of(i, trace, reference, workspace));
    doubled_ = tile(trace, 0, samples, 2);
    doubled_reference_ = tile(reference, 0, samples, 2);
}

RevealCancel::Parts RevealCancel::parts_of(std::size_t index, const Trace& trace, const Trace& reference,
                                           Workspace& workspace) const {
    const Node& node = network_.nodes()[index];
    const Layer& layer = *node.layer;
    const ValueId input = node.inputs.front();
    const Shape shape = trace.values[index + 1].shape();
    const Tensor change = difference(trace.values[input], reference.values[input]);
    switch (layer.kind()) {
        case Kind::convolution:
        case Kind::dense: {
            const auto& weighted = dynamic_cast<const WeightedLayer&>(layer);
            const Tensor up = positive(change), down = negative(change);
            Parts parts{applied(weighted, form_positive, up, shape, workspace),
                        applied(weighted, form_negative, up, shape, workspace)};
            add_to(parts.positive, applied(weighted, form_negative, down, shape, workspace));
            add_to(parts.negative, applied(weighted, form_positive, down, shape, workspace));
            return parts;
        }
        case Kind::add: {
            const Tensor other = difference(trace.values[node.inputs[1]], reference.values[node.inputs[1]]);
            Parts parts{positive(change), negative(change)};
            add_to(parts.positive, positive(other));
            add_to(parts.negative, negative(other));
            return parts;
        }
        case Kind::average_pool:
        case Kind::resample: return {forward(layer, positive(change), shape), forward(layer, negative(change), shape)};
        case Kind::pass_through:
            return {forward(layer, parts_[input].positive, shape), forward(layer, parts_[input].negative, shape)};
        case Kind::activation: {
            const detail::PreciseActivation f(layer);
            const Parts& in = parts_[input];
            Parts parts{Tensor(shape), Tensor(shape)};
            for (std::size_t i = 0; i < parts.positive.size(); ++i) {
                const double x0 = reference.values[input].data()[i], up = in.positive.data()[i],
                             down = in.negative.data()[i];
                const double none = f(x0), all = f(x0 + up + down), with_up = f(x0 + up), with_down = f(x0 + down);
                parts.positive.data()[i] = static_cast<float>(0.5 * (with_up - none + all - with_down));
                parts.negative.data()[i] = static_cast<float>(0.5 * (with_down - none + all - with_up));
            }
            return parts;
        }
        case Kind::batch_norm: {
            const auto& factor = dynamic_cast<const ChannelMap&>(layer).factor();
            Parts parts{Tensor(shape), Tensor(shape)};
            for (std::size_t i = 0; i < parts.positive.size(); ++i) {
                const float f = factor[i % factor.size()];
                const float up = f * parts_[input].positive.data()[i], down = f * parts_[input].negative.data()[i];
                parts.positive.data()[i] = f < 0.0F ? down : up;
                parts.negative.data()[i] = f < 0.0F ? up : down;
            }
            return parts;
        }
        case Kind::concat: {
            const Parts &a = parts_[input], &b = parts_[node.inputs[1]];
            return {forward(layer, a.positive, b.positive, shape), forward(layer, a.negative, b.negative, shape)};
        }
        case Kind::max_pool:
        case Kind::softmax: break;
    }
    const Tensor out = difference(trace.values[index + 1], reference.values[index + 1]);
    return {positive(out), negative(out)};
}

Composite RevealCancel::composite() const {
    std::map<const Node*, RulePtr> own;
    const std::size_t samples = doubled_.values.front().shape()[0] / 2;
    const auto change = [&](ValueId value) {
        return difference(batch_slice(doubled_.values[value], 0, samples),
                          batch_slice(doubled_reference_.values[value], 0, samples));
    };
    for (std::size_t i = 0; i < network_.nodes().size(); ++i) {
        const Node& node = network_.nodes()[i];
        const ValueId input = node.inputs.front();
        RulePtr rule;
        switch (node.layer->kind()) {
            case Kind::convolution:
            case Kind::dense: rule = std::make_shared<WeightedParts>(change(input)); break;
            case Kind::add:
                rule = std::make_shared<SumParts>(std::vector<Tensor>{change(input), change(node.inputs[1])});
                break;
            case Kind::average_pool:
            case Kind::resample: rule = std::make_shared<SumParts>(std::vector<Tensor>{change(input)}); break;
            case Kind::batch_norm: rule = std::make_shared<MappedParts>(); break;
            case Kind::activation:
                rule = std::make_shared<ActivationParts>(parts_[input].positive, parts_[input].negative,
                                                         parts_[i + 1].positive, parts_[i + 1].negative);
                break;
            case Kind::max_pool:
            case Kind::softmax:
                rule = std::make_shared<WholeChange>(change(i + 1), detail::rescale({&doubled_reference_.values[input],
                                                                                     &doubled_reference_.values[i + 1],
                                                                                     &doubled_reference_.records[i]}));
                break;
            default: rule = rules::gradient(); break;
        }
        own[&node] = std::move(rule);
    }
    return {"deeplift_reveal_cancel", {}, std::move(own)};
}

}  // namespace pellucid
