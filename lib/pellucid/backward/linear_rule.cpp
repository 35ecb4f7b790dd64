#include "pellucid/backward/linear_rule.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/weighted_layer.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

namespace pellucid {

namespace {

// Scratch slots of one crossing; parts of the input keep slots of their own so that each is made once.
enum Slot : std::size_t { gated, sum, pass, quotient, pulled, part_first };

bool has_negatives(const Tensor& x) { return simd::kernels().least(x.size(), x.data()) < 0.0F; }

/// The parts of one layer's input, made when first asked for.
class Parts {
public:
    Parts(const Crossing& crossing, const LinearRuleTable& table)
        : x_(crossing.step.input()), workspace_(crossing.workspace), table_(table), negatives_(has_negatives(x_)) {}

    /// False for a part that is 0 everywhere: nothing can pass through it.
    bool present(InputPart part) const {
        if (const std::optional<float> value = uniform(part)) return *value != 0.0F;
        return part != InputPart::negative || negatives_;
    }

    /// The value of a part that has the same everywhere, whatever the input.
    std::optional<float> uniform(InputPart part) const {
        switch (part) {
            case InputPart::ones: return 1.0F;
            case InputPart::low:
            case InputPart::high: {
                const std::vector<float>& bound = bound_of(part);
                return bound.size() == 1 ? std::optional(bound.front()) : std::nullopt;
            }
            default: return std::nullopt;
        }
    }

    const Tensor& operator[](InputPart part) {
        if (part == InputPart::all || (part == InputPart::positive && !negatives_)) return x_;
        const auto index = static_cast<std::size_t>(part);
        Tensor& tensor = workspace_.scratch(Slot::part_first + index, x_.shape());
        if (!made_[index]) {
            make(part, tensor);
            made_[index] = true;
        }
        return tensor;
    }

private:
    const std::vector<float>& bound_of(InputPart part) const {
        return part == InputPart::low ? table_.low : table_.high;
    }

    /// Channels are innermost, also behind a Flatten. Throws where the layer reads something else than the input's
    /// channels.
    static void fill_channels(const std::vector<float>& bound, Tensor& tensor) {
        if (tensor.shape()[3] % bound.size() != 0) {
            fail(ErrorCode::unsupported,
                 "bounds of {} channels do not fit the first layer with weights, which reads {} channels: give one low "
                 "and one high for all",
                 bound.size(), tensor.shape()[3]);
        }
        for (std::size_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = bound[i % bound.size()];
    }

    void make(InputPart part, Tensor& tensor) const {
        const auto& k = simd::kernels();
        switch (part) {
            case InputPart::positive: k.positive(x_.size(), x_.data(), tensor.data()); break;
            case InputPart::negative: k.negative(x_.size(), x_.data(), tensor.data()); break;
            case InputPart::low:
            case InputPart::high: fill_channels(bound_of(part), tensor); break;
            default: std::fill_n(tensor.data(), tensor.size(), uniform(part).value()); break;
        }
    }

    const Tensor& x_;
    Workspace& workspace_;
    const LinearRuleTable& table_;
    bool negatives_;
    bool made_[6] = {};
};

/// A part of the input, and a form of the weights, as people write them.
std::string notation(InputPart part) {
    switch (part) {
        case InputPart::all: return "a";
        case InputPart::positive: return "a⁺";
        case InputPart::negative: return "a⁻";
        case InputPart::ones: return "1";
        case InputPart::low: return "l";
        default: return "h";
    }
}
std::string notation(const Form& form) {
    std::string text;
    const auto add = [&text](float factor, std::string_view symbol) {
        if (factor == 0.0F) return;
        if (!text.empty()) text += " + ";
        text += factor == 1.0F ? std::string(symbol) : fmt::format("{} {}", factor, symbol);
    };
    add(form.all, "w");
    add(form.positive, "w⁺");
    add(form.negative, "w⁻");
    add(form.squared, "w²");
    if (form.ones != 0.0F) text += fmt::format("{}{}", text.empty() ? "" : " + ", form.ones);
    return text;
}

/// True where the group's denominator is the layer's own output, which the trace holds already.
bool is_plain(const TermGroup& group) {
    return group.terms.size() == 1 && group.terms[0].input == InputPart::all && group.terms[0].weight == form_all &&
           group.terms[0].bias == form_all && group.terms[0].sign == 1.0F;
}

void denominator(const TermGroup& group, const WeightedLayer& layer, const Crossing& crossing, Parts& parts,
                 Tensor& z) {
    const auto& k = simd::kernels();
    Workspace& workspace = crossing.workspace;
    bool first = true;
    for (const Term& term : group.terms) {
        const PreparedWeights& weights = workspace.weights(layer, term.weight, term.bias);
        if (!parts.present(term.input) && weights.bias.empty()) continue;
        if (first && term.sign != 1.0F) fail(ErrorCode::internal, "the first term of a rule must have sign +1");
        if (const std::optional<float> value = parts.uniform(term.input)) {
            const Tensor& same =
                workspace.of_uniform(layer, term.weight, term.bias, *value, crossing.step.input().shape(), z.shape());
            if (first) std::fill_n(z.data(), z.size(), 0.0F);
            for (std::size_t n = 0; n < z.shape()[0]; ++n) {
                k.multiply_add(same.size(), same.data(), nullptr, term.sign, sample(z, n).data());
            }
        } else {
            Tensor& target = first ? z : workspace.scratch(Slot::pass, z.shape());
            layer.apply(parts[term.input], weights, target);
            if (!first) k.multiply_add(z.size(), target.data(), nullptr, term.sign, z.data());
        }
        first = false;
    }
    if (first) std::fill_n(z.data(), z.size(), 0.0F);
}

/// to = from where the gate serves the output unit, else 0; whether anything but zeros came through.
bool pass_gate(Gate gate, const Tensor& output, const Tensor& from, Tensor& to) {
    return simd::kernels().gate(to.size(), output.data(), gate == Gate::positive ? 1.0F : -1.0F, from.data(),
                                to.data());
}

/// The part of the incoming relevance that the group serves; null where that is nothing.
const Tensor* admitted(Gate gate, const Crossing& crossing) {
    const Tensor& r = crossing.incoming;
    if (gate == Gate::every) return &r;
    Tensor& through = crossing.workspace.scratch(Slot::gated, r.shape());
    return pass_gate(gate, crossing.step.output, r, through) ? &through : nullptr;
}

void divide(const LinearRuleTable& table, const Tensor& r, const Tensor& z, Tensor& s) {
    const auto& k = simd::kernels();
    switch (table.stabiliser) {
        case Stabiliser::absolute: k.divide_stabilised(z.size(), r.data(), z.data(), table.epsilon, s.data()); break;
        case Stabiliser::relative:
            for (std::size_t n = 0; n < z.shape()[0]; ++n) {
                const auto values = sample(z, n);
                double mean = 0;
                for (const float v : values) mean += std::abs(v);
                mean /= static_cast<double>(values.size());
                k.divide_stabilised(values.size(), sample(r, n).data(), values.data(),
                                    table.epsilon * static_cast<float>(mean), sample(s, n).data());
            }
            break;
        case Stabiliser::exact_zero:
            for (std::size_t i = 0; i < z.size(); ++i) {
                const float d = z.data()[i] == 0.0F ? table.epsilon : z.data()[i];
                s.data()[i] = r.data()[i] / d;
            }
            break;
    }
}

/// The group's z for every output unit: recorded already, or computed into a scratch tensor.
const Tensor& denominators(const TermGroup& group, const WeightedLayer& layer, const Crossing& crossing, Parts& parts) {
    if (is_plain(group)) return crossing.step.output;
    Tensor& z = crossing.workspace.scratch(Slot::sum, crossing.incoming.shape());
    denominator(group, layer, crossing, parts, z);
    return z;
}

const WeightedLayer& weighted(const Crossing& crossing, const LinearRuleTable& table) {
    const auto* layer = dynamic_cast<const WeightedLayer*>(&crossing.layer);
    if (layer == nullptr) {
        fail(ErrorCode::unsupported, "the rule {} needs a layer with weights (Conv, ConvTranspose, Gemm), not {}",
             table.id, crossing.layer.op());
    }
    return *layer;
}

/// What the biases of a group's terms absorb: Σ s·b' over all units.
double absorbed_by_bias(const TermGroup& group, const WeightedLayer& layer, const Crossing& crossing, const Tensor& s) {
    double total = 0;
    const std::size_t channels = s.shape()[3];
    for (const Term& term : group.terms) {
        if (term.bias == form_none) continue;
        const float* b = crossing.workspace.bias(layer, term.bias).data();
        total += static_cast<double>(term.sign) * simd::kernels().sum(s.size() / channels, channels, s.data(), b);
    }
    return total * static_cast<double>(group.coefficient);
}

}  // namespace

void LinearRule::cross(const Crossing& crossing) const {
    const WeightedLayer& layer = weighted(crossing, table_);
    const auto& k = simd::kernels();
    Workspace& workspace = crossing.workspace;
    Parts parts(crossing, table_);
    Tensor* out = crossing.outgoing[0];
    bool written = out == nullptr;

    for (const TermGroup& group : table_.groups) {
        // Behind a ReLU no relevance arrives at units below zero: a group for those alone costs nothing.
        const Tensor* r = admitted(group.gate, crossing);
        if (r == nullptr) continue;
        Tensor& s = workspace.scratch(Slot::quotient, r->shape());
        divide(table_, *r, denominators(group, layer, crossing, parts), s);
        if (crossing.ledger != nullptr) crossing.ledger->bias += absorbed_by_bias(group, layer, crossing, s);
        if (out == nullptr) continue;
        for (const Term& term : group.terms) {
            if (!parts.present(term.input)) continue;
            const float scale = term.sign * group.coefficient;
            const bool first = !written && scale == 1.0F;
            if (!written && !first) std::fill_n(out->data(), out->size(), 0.0F);
            written = true;
            Tensor& pulled = first ? *out : workspace.scratch(Slot::pulled, out->shape());
            layer.adjoint_times(s, workspace.weights(layer, term.weight, term.bias), parts[term.input], pulled);
            if (!first) k.multiply_add(out->size(), pulled.data(), nullptr, scale, out->data());
        }
    }
    if (!written) std::fill_n(out->data(), out->size(), 0.0F);
}

Messages LinearRule::messages(const Crossing& crossing, std::size_t, std::size_t unit) const {
    const WeightedLayer& layer = weighted(crossing, table_);
    Parts parts(crossing, table_);
    const Tensor ones = filled(crossing.incoming.shape(), 1.0F);
    Tensor inverse(crossing.incoming.shape());  // 1/z
    Tensor column(crossing.incoming.shape());   // the weights between the unit and every output
    Tensor one_hot = zeros(crossing.step.input().shape());
    one_hot.data()[unit] = 1.0F;

    Messages messages;
    std::map<std::size_t, Message> by_unit;
    for (const TermGroup& group : table_.groups) {
        divide(table_, ones, denominators(group, layer, crossing, parts), inverse);
        if (group.gate != Gate::every) pass_gate(group.gate, crossing.step.output, inverse, inverse);
        for (const Term& term : group.terms) {
            const float a = parts.present(term.input) ? parts[term.input].data()[unit] : 0.0F;
            if (a == 0.0F) continue;
            const std::size_t form = messages.forms.size();
            const double coefficient = static_cast<double>(term.sign) * static_cast<double>(group.coefficient);
            messages.forms.push_back({notation(term.input), notation(term.weight), coefficient});
            layer.apply(one_hot, crossing.workspace.weights(layer, term.weight, form_none), column);
            for (std::size_t k = 0; k < column.size(); ++k) {
                const double w = column.data()[k], i = inverse.data()[k], r = crossing.incoming.data()[k];
                if (w * i * r == 0.0) continue;
                Message& message = by_unit.try_emplace(k, Message{k, r, 0.0, {}}).first->second;
                message.terms.push_back({form, a, w, 1.0 / i});
                message.value += coefficient * static_cast<double>(a) * w * i * r;
            }
        }
    }
    for (auto& [k, message] : by_unit) messages.list.push_back(std::move(message));
    return messages;
}

}  // namespace pellucid
