#include "pellucid/backward/rescale.hpp"

#include "pellucid/backward/deeplift.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/softmax.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace detail {

PreciseActivation::PreciseActivation(const Layer& layer) : activation_(dynamic_cast<const Activation&>(layer)) {}

double PreciseActivation::operator()(double x) const { return activation_.at(x); }

std::vector<double> precise_outputs(const Layer& layer, const Tensor& x) {
    std::vector<double> y(x.data(), x.data() + x.size());
    if (layer.kind() == Kind::activation) {
        const PreciseActivation f(layer);
        for (double& v : y) v = f(v);
        return y;
    }
    const std::size_t channels = x.shape()[3];  // a softmax
    for (auto at = y.begin(); at != y.end(); at += static_cast<std::ptrdiff_t>(channels)) {
        softmax(std::span<const double>(at, channels), std::span<double>(at, channels));
    }
    return y;
}

namespace {

class RescaleRule final : public Rule {
public:
    explicit RescaleRule(const ReferenceStep& reference) : reference_(reference) {}
    std::string_view id() const override { return "rescale"; }

    void cross(const Crossing& c) const override {
        Tensor* out = c.outgoing[0];
        if (out == nullptr) return;
        // What hardly changes keeps its gradient.
        c.layer.input_gradient(c.step, c.incoming, c.outgoing);
        if (c.layer.kind() == Kind::max_pool) {
            pool(c, *out);
        } else {
            secant(c, *out);
        }
    }

private:
    double change(const Tensor& x, std::size_t i) const {
        return static_cast<double>(x.data()[i]) - static_cast<double>(reference_.input->data()[i]);
    }

    void secant(const Crossing& c, Tensor& out) const {
        if (c.layer.kind() == Kind::activation) {
            const PreciseActivation f(c.layer);
            // A loop of its own: choosing the function anew at every element takes longer than all the rest.
            if (f.is_relu()) return secant_of([](double x) { return x > 0 ? x : 0.0; }, c, out);
            return secant_of(f, c, out);
        }
        const std::vector<double> y = precise_outputs(c.layer, c.step.input());
        const std::vector<double> y0 = precise_outputs(c.layer, *reference_.input);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double in = change(c.step.input(), i);
            if (std::abs(in) < least_change) continue;
            out.data()[i] = static_cast<float>(static_cast<double>(c.incoming.data()[i]) * (y[i] - y0[i]) / in);
        }
    }

    /// Element-wise, without memory for the outputs and without branches.
    template <typename Function>
    void secant_of(Function f, const Crossing& c, Tensor& out) const {
        const float* x = c.step.input().data();
        const float* x0 = reference_.input->data();
        const float* m = c.incoming.data();
        float* to = out.data();
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double here = x[i], there = x0[i], in = here - there;
            const double secant = static_cast<double>(m[i]) * (f(here) - f(there)) / in;
            to[i] = std::abs(in) < least_change ? to[i] : static_cast<float>(secant);
        }
    }

    void pool(const Crossing& c, Tensor& out) const {
        const float* x = c.step.input().data();
        const float* x0 = reference_.input->data();
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double in = static_cast<double>(x[i]) - static_cast<double>(x0[i]);
            out.data()[i] = std::abs(in) < least_change ? out.data()[i] : 0.0F;
        }
        const Tensor& y = c.step.output;
        const std::size_t channels = y.shape()[3], size = sample_size(y), in_size = sample_size(out);
        for (std::size_t n = 0; n < y.shape()[0]; ++n) {
            for (std::size_t i = n * size; i < (n + 1) * size; i += channels) {
                for (std::size_t channel = 0; channel < channels; ++channel) {
                    const std::size_t o = i + channel;
                    const double here = y.data()[o], there = reference_.output->data()[o];
                    const std::uint32_t winner = (here >= there ? c.step.record : *reference_.record).switches[o];
                    const std::size_t to = n * in_size + winner * channels + channel;
                    const double in = change(c.step.input(), to);
                    if (std::abs(in) < least_change) continue;
                    out.data()[to] +=
                        static_cast<float>((here - there) * static_cast<double>(c.incoming.data()[o]) / in);
                }
            }
        }
    }

    ReferenceStep reference_;
};

}  // namespace

RulePtr rescale(const ReferenceStep& reference) { return std::make_shared<RescaleRule>(reference); }

}  // namespace detail

Trace tile(const Trace& trace, std::size_t first, std::size_t count, std::size_t times) {
    Trace tiled;
    for (const Tensor& value : trace.values) {
        const std::size_t size = sample_size(value);
        Tensor copy(with_batch(value.shape(), count * times));
        for (std::size_t t = 0; t < times; ++t) {
            std::copy_n(value.data() + first * size, count * size, copy.data() + t * count * size);
        }
        tiled.values.push_back(std::move(copy));
    }
    for (std::size_t i = 0; i < trace.records.size(); ++i) {
        const std::vector<std::uint32_t>& switches = trace.records[i].switches;
        Record record;
        const std::size_t size = switches.empty() ? 0 : sample_size(trace.values[i + 1]);
        for (std::size_t t = 0; t < times; ++t) {
            const auto begin = switches.begin() + static_cast<std::ptrdiff_t>(first * size);
            record.switches.insert(record.switches.end(), begin, begin + static_cast<std::ptrdiff_t>(count * size));
        }
        tiled.records.push_back(std::move(record));
    }
    return tiled;
}

Composite deeplift_rescale(const Network& network, const Trace& trace, const Trace& reference) {
    if (trace.values.front().shape() != reference.values.front().shape()) {
        fail(ErrorCode::bad_shape, "a reference of shape {} does not fit inputs of shape {}",
             to_string(Shape(reference.values.front().shape())), to_string(Shape(trace.values.front().shape())));
    }
    std::map<const Node*, RulePtr> own;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        const Kind kind = node.layer->kind();
        if (kind != Kind::activation && kind != Kind::softmax && kind != Kind::max_pool) continue;
        const ValueId input = node.inputs.front();
        own[&node] = detail::rescale({&reference.values[input], &reference.values[i + 1], &reference.records[i]});
    }
    return {"deeplift_rescale", {{[](const NodeInfo&) { return true; }, rules::gradient()}}, std::move(own)};
}

}  // namespace pellucid
