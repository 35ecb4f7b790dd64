#include "pellucid/backward/rules.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::rules {

namespace {

class GradientRule final : public Rule {
public:
    std::string_view id() const override { return "gradient"; }
    void cross(const Crossing& c) const override { c.layer.input_gradient(c.step, c.incoming, c.outgoing); }
    bool keeps_sum(const Layer& layer) const override {
        // Interpolation hands every output's signal down in shares that add up to 1.
        return layer.kind() == Kind::max_pool || layer.kind() == Kind::resample || layer.op() == "Flatten";
    }
};

class PassRule final : public Rule {
public:
    std::string_view id() const override { return "pass"; }
    bool keeps_sum(const Layer&) const override { return true; }
    bool keeps_signal() const override { return true; }
    void cross(const Crossing& c) const override {
        for (Tensor* out : c.outgoing) {
            if (out == nullptr) continue;
            if (out->size() != c.incoming.size()) {
                fail(ErrorCode::unsupported, "the rule pass cannot cross {}, whose input and output differ in size",
                     c.layer.op());
            }
            std::copy_n(c.incoming.data(), c.incoming.size(), out->data());
        }
    }
};

class NormRule final : public Rule {
public:
    explicit NormRule(float epsilon) : epsilon_(epsilon) {}
    std::string_view id() const override { return "norm"; }
    void cross(const Crossing& c) const override {
        const auto& k = simd::kernels();
        Tensor& s = c.workspace.scratch(0, c.incoming.shape());
        k.divide_stabilised(s.size(), c.incoming.data(), c.step.output.data(), epsilon_, s.data());
        c.layer.input_gradient(c.step, s, c.outgoing);
        for (std::size_t i = 0; i < c.outgoing.size(); ++i) {
            Tensor* out = c.outgoing[i];
            if (out != nullptr) k.multiply(out->size(), out->data(), c.step.inputs[i]->data(), out->data());
        }
    }

private:
    float epsilon_;
};

/// Σ s·o over all units: what the offsets of an affine map absorb.
double absorbed_by_offsets(const ChannelMap& layer, const Tensor& s) {
    const std::size_t channels = layer.offset().size();
    return simd::kernels().sum(s.size() / channels, channels, s.data(), layer.offset().data());
}

/// The ε rule of an affine map of each channel, which has one input per output: a·f·(R / stab(z)).
class AffineRule final : public Rule {
public:
    AffineRule(float epsilon, bool relative) : epsilon_(epsilon), relative_(relative) {}
    std::string_view id() const override { return "epsilon"; }
    void cross(const Crossing& c) const override {
        const auto& k = simd::kernels();
        const auto& layer = dynamic_cast<const ChannelMap&>(c.layer);
        const Tensor& z = c.step.output;
        Tensor& s = c.workspace.scratch(0, c.incoming.shape());
        for (std::size_t n = 0; n < z.shape()[0]; ++n) {
            const auto values = sample(z, n);
            float epsilon = epsilon_;
            if (relative_) {
                double mean = 0;
                for (const float v : values) mean += std::abs(v);
                epsilon *= static_cast<float>(mean / static_cast<double>(values.size()));
            }
            k.divide_stabilised(values.size(), sample(c.incoming, n).data(), values.data(), epsilon,
                                sample(s, n).data());
        }
        if (c.ledger != nullptr) c.ledger->bias += absorbed_by_offsets(layer, s);
        Tensor* out = c.outgoing[0];
        if (out == nullptr) return;
        c.layer.input_gradient(c.step, s, c.outgoing);
        k.multiply(out->size(), out->data(), c.step.input().data(), out->data());
    }

private:
    float epsilon_;
    bool relative_;
};

void require_relu(const Crossing& c, std::string_view rule) {
    if (c.layer.op() != "Relu") fail(ErrorCode::internal, "the rule {} is for ReLUs, not {}", rule, c.layer.op());
}

class GuidedRule final : public Rule {
public:
    std::string_view id() const override { return "guided"; }
    void cross(const Crossing& c) const override {
        require_relu(c, id());
        if (Tensor* out = c.outgoing[0]) {
            simd::kernels().guided_gradient(out->size(), c.step.output.data(), c.incoming.data(), out->data());
        }
    }
};

class RectifyRule final : public Rule {
public:
    std::string_view id() const override { return "rectify"; }
    void cross(const Crossing& c) const override {
        require_relu(c, id());
        if (Tensor* out = c.outgoing[0]) simd::kernels().positive(out->size(), c.incoming.data(), out->data());
    }
};

class OtherWeightsRule final : public Rule {
public:
    explicit OtherWeightsRule(const WeightedLayer& other) : other_(other) {}
    std::string_view id() const override { return "other_weights"; }
    void cross(const Crossing& c) const override {
        if (Tensor* out = c.outgoing[0])
            dynamic_cast<const WeightedLayer&>(c.layer).adjoint(c.incoming, other_.prepared(), *out);
    }

private:
    const WeightedLayer& other_;
};

RulePtr table(LinearRuleTable rule) { return std::make_shared<LinearRule>(std::move(rule)); }

}  // namespace

RulePtr gradient() { return std::make_shared<GradientRule>(); }
RulePtr pass() { return std::make_shared<PassRule>(); }
RulePtr norm(float epsilon) { return std::make_shared<NormRule>(epsilon); }
RulePtr affine(float epsilon, bool relative) { return std::make_shared<AffineRule>(epsilon, relative); }
RulePtr guided() { return std::make_shared<GuidedRule>(); }
RulePtr rectify() { return std::make_shared<RectifyRule>(); }

RulePtr zero() {
    return table({.id = "zero",
                  .groups = {{.terms = {{InputPart::all, form_all, form_all}}}},
                  .stabiliser = Stabiliser::exact_zero});
}

RulePtr epsilon(float epsilon, bool relative) {
    return table({.id = "epsilon",
                  .groups = {{.terms = {{InputPart::all, form_all, form_all}}}},
                  .epsilon = epsilon,
                  .stabiliser = relative ? Stabiliser::relative : Stabiliser::absolute});
}

RulePtr gamma(float gamma, const Habit& h) {
    if (!(gamma >= 0.0F && std::isfinite(gamma)))
        fail(ErrorCode::bad_argument, "gamma must be a finite number of at least 0, not {}", gamma);
    const Form up{.all = 1, .positive = gamma};
    const Form down{.all = 1, .negative = gamma};
    if (!h.split_inputs) {
        return table({.id = "gamma",
                      .groups = {{.terms = {{InputPart::all, up, form_all}}}},
                      .epsilon = h.epsilon,
                      .stabiliser = h.stabiliser});
    }
    // The bias belongs to the pass of positive inputs alone: twice would count it twice.
    return table({.id = "gamma",
                  .groups = {{.terms = {{InputPart::positive, up, up}, {InputPart::negative, down, form_none}},
                              .gate = Gate::positive},
                             {.terms = {{InputPart::positive, down, down}, {InputPart::negative, up, form_none}},
                              .gate = Gate::negative}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser});
}

namespace {

constexpr Habit without_bias{.bias = Habit::Bias::none};

/// Terms of one sign of a sum: inputs times the weights of `form`, and inputs below 0 times those of `other`.
std::vector<Term> terms_of_sign(const Form& form, const Form& other, const Habit& h) {
    const Form bias = h.bias == Habit::Bias::split ? form : h.bias == Habit::Bias::whole ? form_all : form_none;
    if (!h.split_inputs) return {{InputPart::all, form, bias}};
    return {{InputPart::positive, form, bias}, {InputPart::negative, other, form_none}};
}

}  // namespace

RulePtr z_plus(const Habit& h) {
    return table({.id = "z_plus",
                  .groups = {{.terms = terms_of_sign(form_positive, form_negative, h)}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser});
}

RulePtr alpha_beta(float alpha, float beta, const Habit& h) {
    if (!(alpha >= 0.0F && beta >= 0.0F && std::abs(alpha - beta - 1.0F) <= 1e-5F)) {  // infinite ones differ by NaN
        fail(ErrorCode::bad_argument, "alpha and beta must be at least 0 with alpha - beta = 1, not {} and {}", alpha,
             beta);
    }
    return table({.id = "alpha_beta",
                  .groups = {{.terms = terms_of_sign(form_positive, form_negative, h), .coefficient = alpha},
                             {.terms = terms_of_sign(form_negative, form_positive, h), .coefficient = -beta}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser});
}

RulePtr z_box(float low, float high, const Habit& h) { return z_box(std::vector{low}, std::vector{high}, h); }

RulePtr z_box(std::vector<float> low, std::vector<float> high, const Habit& h) {
    const std::size_t channels = std::max(low.size(), high.size());
    for (std::size_t c = 0; c < channels; ++c) {
        const float l = low[c % low.size()], u = high[c % high.size()];
        if (!(l <= u)) fail(ErrorCode::bad_argument, "low must not be above high, but {} is above {}", l, u);
    }
    // The biases of the three passes cancel (b − b⁺ − b⁻ = 0): left out, they cost no rounding either.
    return table({.id = "z_box",
                  .groups = {{.terms = {{InputPart::all, form_all, form_none},
                                        {InputPart::low, form_positive, form_none, -1.0F},
                                        {InputPart::high, form_negative, form_none, -1.0F}}}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser,
                  .low = std::move(low),
                  .high = std::move(high)});
}

RulePtr RuleOptions::box() const {
    return z_box(lows.empty() ? std::vector{low} : lows, highs.empty() ? std::vector{high} : highs, habit());
}

RulePtr w_square(const Habit& h) {
    const Form bias = h.bias == Habit::Bias::split ? form_squared : form_none;
    return table({.id = "w_square",
                  .groups = {{.terms = {{InputPart::ones, form_squared, bias}}}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser});
}

RulePtr flat(const Habit& h) {
    return table({.id = "flat",
                  .groups = {{.terms = {{InputPart::ones, form_ones, form_none}}}},
                  .epsilon = h.epsilon,
                  .stabiliser = h.stabiliser});
}

RulePtr excitation(float epsilon) {
    return table({.id = "excitation",
                  .groups = {{.terms = terms_of_sign(form_positive, form_negative, without_bias)}},
                  .epsilon = epsilon});
}

RulePtr contrast() {
    // (−w)⁺ = −w⁻ and (−w)⁻ = −w⁺.
    constexpr Form negated_positive{.negative = -1};
    constexpr Form negated_negative{.positive = -1};
    return table(
        {.id = "contrast",
         .groups = {{.terms = terms_of_sign(form_positive, form_negative, without_bias)},
                    {.terms = terms_of_sign(negated_positive, negated_negative, without_bias), .coefficient = -1}},
         .stabiliser = Stabiliser::exact_zero});
}

RulePtr other_weights(const WeightedLayer& other) { return std::make_shared<OtherWeightsRule>(other); }

const std::vector<std::string>& linear_rule_ids() {
    static const std::vector<std::string> ids{"zero",       "epsilon", "gamma",    "z_plus",
                                              "alpha_beta", "z_box",   "w_square", "flat"};
    return ids;
}

RulePtr linear_rule(std::string_view id, const RuleOptions& o) {
    if (id == "zero") return zero();
    if (id == "epsilon") return epsilon(o.epsilon, o.relative_epsilon);
    if (id == "gamma") return gamma(o.gamma, o.habit());
    if (id == "z_plus") return z_plus(o.habit());
    if (id == "alpha_beta") return alpha_beta(o.alpha, o.beta, o.habit());
    if (id == "z_box") return o.box();
    if (id == "w_square") return w_square(o.habit());
    if (id == "flat") return flat(o.habit());
    fail(ErrorCode::bad_argument, "there is no rule '{}'; there are {}", id, comma_separated(linear_rule_ids()));
}

}  // namespace pellucid::rules
