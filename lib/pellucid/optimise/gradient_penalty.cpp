#include "pellucid/optimise/gradient_penalty.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/dense.hpp"
#include "pellucid/random.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <array>

namespace pellucid::optimise {

namespace {

/// What the derivative along a direction needs to know of a layer.
bool is_known(const Layer& layer) {
    if (const auto* activation = dynamic_cast<const Activation*>(&layer)) {
        using enum Activation::Function;
        const auto f = activation->function();
        return f == relu || f == leaky_relu || f == sigmoid || f == tanh;
    }
    const std::string_view op = layer.op();
    constexpr std::array<std::string_view, 8> ops = {
        "Conv", "Gemm", "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten", "Dropout", "Add"};
    return std::ranges::find(ops, op) != ops.end();
}

/// f″ from f's value.
float curvature(Activation::Function f, float y) {
    if (f == Activation::Function::sigmoid) return y * (1.0F - y) * (1.0F - 2.0F * y);
    if (f == Activation::Function::tanh) return -2.0F * y * (1.0F - y * y);
    return 0.0F;
}

/// A convolution or dense layer without its bias.
void apply_linear(const Layer& layer, const Tensor& x, Tensor& z) {
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer))
        detail::correlate(detail::correlation_of(*conv, x.shape(), z.shape()), x, conv->prepared().forward, nullptr, z);
    else
        detail::multiply(x, dynamic_cast<const Dense&>(layer).prepared().forward, nullptr, z);
}

/// What the pool's winners do.
void follow_switches(const Tensor& x, const std::vector<std::uint32_t>& switches, Tensor& z) {
    const std::size_t channels = z.shape()[3], size = sample_size(z);
    for (std::size_t n = 0; n < z.shape()[0]; ++n) {
        const float* const from = sample(x, n).data();
        float* const to = sample(z, n).data();
        for (std::size_t i = 0; i < size; ++i) to[i] = from[switches[n * size + i] * channels + i % channels];
    }
}

}  // namespace

GradientPenalty::GradientPenalty(Network& network, Penalised of) : network_(&network), of_(of) {
    std::size_t next = 0;
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        const Layer& layer = network.layer(node);
        if (!is_known(layer)) {
            fail(ErrorCode::unsupported,
                 "a gradient penalty does not know the derivative of layer {} ({}) along a direction",
                 network.nodes()[node].name, layer.op());
        }
        first_gradient_.push_back(next);
        next += network.layer(node).parameters().size();
    }
}

/// Carries the signal of the last value down. Without `second` to the input, for D. With it, the signals are the loss's
/// and Ḋ together, and what they and D give the parameters is added to `gradients`.
void GradientPenalty::pass_down(const Trace& trace, std::vector<Tensor>& signals, Workspace* second,
                                std::span<Tensor> gradients) const {
    const std::vector<Node>& nodes = network_->nodes();
    std::vector<char> known(signals.size(), 0);
    known.back() = 1;
    Tensor aside;
    for (std::size_t node = nodes.size(); node-- > 0;) {
        if (!known[node + 1]) continue;
        Layer& layer = network_->layer(node);
        LayerInputs storage;
        const Step step = network_->step(trace, node, storage);
        const Tensor& incoming = signals[node + 1];
        const std::vector<ValueId>& inputs = nodes[node].inputs;
        if (const std::size_t count = second == nullptr ? 0 : layer.parameters().size(); count > 0) {
            const std::span<Tensor> own = gradients.subspan(first_gradient_[node], count);
            layer.parameter_gradients(step, incoming, own);
            // The bias does not multiply what moves.
            const Tensor bias = own[1];
            LayerInputs moved{&second->tangent[inputs[0]]};
            layer.parameter_gradients({{moved.data(), 1}, step.output, step.record}, second->slope[node + 1], own);
            own[1] = bias;
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const ValueId id = inputs[i];
            if (id == 0 && second != nullptr) continue;
            Tensor& target = known[id] ? aside : signals[id];
            reshape_to(target, step.inputs[i]->shape());
            std::array<Tensor*, 2> wanted{};
            wanted[i] = &target;
            layer.input_gradient(step, incoming, {wanted.data(), inputs.size()});
            if (const auto* f = dynamic_cast<const Activation*>(&layer); f != nullptr && second != nullptr) {
                const float* const t = second->tangent[id].data();
                const float* const d = second->slope[node + 1].data();
                const float* const y = step.output.data();
                const bool straight =
                    f->function() == Activation::Function::relu || f->function() == Activation::Function::leaky_relu;
                for (std::size_t k = 0; !straight && k < target.size(); ++k)
                    target.data()[k] += curvature(f->function(), y[k]) * t[k] * d[k];
            }
            if (known[id]) simd::kernels().add(target.size(), signals[id].data(), aside.data(), signals[id].data());
            known[id] = 1;
        }
    }
}

/// How every value moves when the input does: from tangent[0] on.
void GradientPenalty::push_tangent(const Trace& trace, std::vector<Tensor>& tangent) const {
    for (std::size_t node = 0; node < network_->nodes().size(); ++node) {
        const Layer& layer = network_->layer(node);
        LayerInputs storage, moving;
        const Step step = network_->step(trace, node, storage);
        const auto inputs = inputs_of(network_->nodes()[node], tangent, moving);
        Tensor& to = tangent[node + 1];
        reshape_to(to, step.output.shape());
        Record unused;
        if (layer.kind() == Kind::convolution || layer.kind() == Kind::dense) {
            apply_linear(layer, *inputs[0], to);
        } else if (layer.kind() == Kind::max_pool) {
            follow_switches(*inputs[0], step.record.switches, to);
        } else if (layer.kind() == Kind::activation || layer.op() == "Dropout") {
            // Element by element: the transposed Jacobian is the Jacobian.
            std::array<Tensor*, 1> wanted{&to};
            layer.input_gradient(step, *inputs[0], wanted);
        } else {
            layer.forward(inputs, to, unused);
        }
    }
}

GradientPenalty::Sum GradientPenalty::add_gradients(const Tensor& images, std::span<const std::uint8_t> labels,
                                                    const Terms& terms, std::span<Tensor> gradients,
                                                    Workspace& workspace) const {
    Trace& trace = workspace.trace;
    trace.training = true;
    trace.seed = terms.dropout_seed;
    network_->forward(images, trace);
    const Tensor& logits = trace.values.back();
    const std::size_t samples = images.shape()[0];
    for (auto* list : {&workspace.slope, &workspace.tangent, &workspace.incoming}) list->resize(trace.values.size());

    Sum sum;
    Tensor& slope = workspace.slope.back();
    Tensor& incoming = workspace.incoming.back();
    sum.loss = cross_entropy(logits, labels, terms.smoothing, 1.0F, slope);
    reshape_to(incoming, logits.shape());
    for (std::size_t i = 0; i < incoming.size(); ++i) incoming.data()[i] = terms.scale * slope.data()[i];
    if (of_ == Penalised::logits) {
        for (std::size_t n = 0; n < samples; ++n) {
            Random random(terms.seeds[n]);
            for (float& value : sample(slope, n)) value = random.normal();
        }
    }
    pass_down(trace, workspace.slope, nullptr, {});

    const Tensor& gradient = workspace.slope.front();
    Tensor& direction = workspace.tangent.front();
    reshape_to(direction, images.shape());
    for (std::size_t i = 0; i < images.size(); ++i) {
        const auto g = static_cast<double>(gradient.data()[i]);
        sum.penalty += g * g;
        direction.data()[i] = 2.0F * terms.weight * terms.scale * gradient.data()[i];
    }
    sum.loss.loss += static_cast<double>(terms.weight) * sum.penalty;
    push_tangent(trace, workspace.tangent);
    if (of_ == Penalised::loss) {
        // How softmax(z) − t moves along T: (diag p − p·pᵀ)·T.
        const Tensor p = softmax(logits);
        for (std::size_t n = 0; n < samples; ++n) {
            const auto share = sample(p, n);
            const auto moved = sample(workspace.tangent.back(), n);
            double mean = 0.0;
            for (std::size_t c = 0; c < share.size(); ++c)
                mean += static_cast<double>(share[c]) * static_cast<double>(moved[c]);
            for (std::size_t c = 0; c < share.size(); ++c)
                sample(incoming, n)[c] += share[c] * (moved[c] - static_cast<float>(mean));
        }
    }
    pass_down(trace, workspace.incoming, &workspace, gradients);
    return sum;
}

}  // namespace pellucid::optimise
