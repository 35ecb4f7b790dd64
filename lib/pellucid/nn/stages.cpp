#include "pellucid/nn/stages.hpp"

#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/fusing.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/dense.hpp"
#include "pellucid/nn/prepare_record.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid {

namespace {

/// Natively a single input's convolutions without a pool take as long in either form: the larger tiles' weights are four
/// times as many, and in a whole pass none of them is still in the nearest cache.
constexpr bool fast_without_pool = !simd::sparse_forward;

/// Whether outputs whose inputs are all 0 stay away from 0. The fast form's larger tiles may put a little to them, which
/// must not carry one over the edge of a ReLU; where a pool follows, its small tiles put nothing to them.
bool far_from_0(const PreparedWeights& weights) {
    constexpr float far = 1e-5F;
    return !weights.bias.empty() && std::ranges::all_of(weights.bias, [](float b) { return std::abs(b) > far; });
}

}  // namespace

Stages::Stages(const Network& network, ValueId until, Forms forms) : network_(network), until_(until), forms_(forms) {
    const std::vector<Node>& nodes = network_.nodes();
    std::vector<char> done(nodes.size(), 0), rectified(nodes.size() + 1, 0);
    const std::vector<char> wanted = values_below(network_, until);
    std::size_t last_pool = 0;
    for (std::size_t node = 0; node < until; ++node) {
        if (nodes[node].layer->kind() == Kind::max_pool) last_pool = node;
    }
    for (std::size_t node = 0; node < until; ++node) {
        if (done[node] || !wanted[node + 1]) continue;
        Stage stage{.node = node,
                    .value = node + 1,
                    .conv = dynamic_cast<const Conv2d*>(nodes[node].layer.get()),
                    .dense = dynamic_cast<const Dense*>(nodes[node].layer.get())};
        while (stage.conv != nullptr || stage.dense != nullptr) {
            const std::size_t next = detail::only_reader(network_, stage.value, until);
            if (next == detail::no_such_node) break;
            const Layer& layer = *nodes[next].layer;
            if (!stage.relu && detail::rectifies(layer)) {
                stage.relu = true;
            } else if (stage.conv != nullptr && !stage.pool && detail::halves(layer, network_.shape(stage.value))) {
                stage.pool = true;
            } else if (layer.op() != "Flatten") {
                break;
            }
            stage.value = next + 1;
            done[next] = 1;
        }
        const bool reads_relu = rectified[nodes[node].inputs[0]];
        if (stage.conv != nullptr && stage.value > last_pool) {
            stage.sparse = simd::sparse_forward && !stage.pool && reads_relu;
            stage.fast = forms == Forms::fast && (stage.pool ? simd::kernels().fast_places : fast_without_pool);
        }
        stage.gated = stage.dense != nullptr && reads_relu;
        rectified[stage.value] = stage.relu;
        list_.push_back(stage);
    }
}

Step Stages::step_of(const Stage& stage, const Trace& trace, LayerInputs& storage) const {
    return {inputs_of(network_.nodes()[stage.node], trace.values, storage), trace.values[stage.value],
            trace.records[stage.node]};
}

void Stages::forward(const Tensor& input, Trace& trace) const {
    detail::check_input(network_, input);
    const std::size_t batch = input.shape()[0];
    trace.values.resize(network_.nodes().size() + 1);
    trace.records.resize(network_.nodes().size());
    reshape_to(trace.values[0], input.shape());
    std::copy_n(input.data(), input.size(), trace.values[0].data());
    forward_from(0, batch, trace);
}

void Stages::forward_from(std::size_t first, std::size_t batch, Trace& trace) const {
    for (const Stage& stage : std::span(list_).subspan(first)) {
        const Node& node = network_.nodes()[stage.node];
        LayerInputs storage;
        const auto inputs = inputs_of(node, trace.values, storage);
        Record& record = detail::prepare_record(trace, stage.node);
        Tensor& to = trace.values[stage.value];
        reshape_to(to, with_batch(network_.shape(stage.value), batch));
        const simd::Fuse fuse = stage.relu ? simd::Fuse::relu : simd::Fuse::none;
        if (stage.conv != nullptr) {
            const Shape whole = with_batch(network_.shape(stage.node + 1), batch);
            if (stage.pool) record.switches.resize(to.size());
            const PreparedWeights& prepared = stage.conv->prepared();
            const bool fast = stage.fast && (stage.pool || far_from_0(prepared));
            const simd::PackedWeights& weights = fast ? stage.conv->fast_forward() : prepared.forward;
            detail::correlate(detail::correlation_of(*stage.conv, inputs[0]->shape(), whole), *inputs[0], weights,
                              detail::data_or_null(prepared.bias), to,
                              {fuse, stage.pool, stage.pool ? record.switches.data() : nullptr, stage.sparse});
        } else if (stage.dense != nullptr) {
            const PreparedWeights& weights = stage.dense->prepared();
            detail::multiply(*inputs[0], weights.forward, detail::data_or_null(weights.bias), to, fuse);
        } else {
            node.layer->forward(inputs, to, record);
        }
    }
}

const WeightedLayer* Stages::entrance() const {
    const auto reads_input = [this](const Stage& stage) {
        return std::ranges::count(network_.nodes()[stage.node].inputs, ValueId{0}) != 0;
    };
    if (std::ranges::count_if(list_, reads_input) != 1 || !reads_input(list_[0])) return nullptr;
    const Stage& stage = list_[0];
    if (stage.conv == nullptr && stage.dense == nullptr) return nullptr;
    return static_cast<const WeightedLayer*>(network_.nodes()[stage.node].layer.get());
}

void Stages::forward(const Tensor& start, const Tensor& slope, std::span<const float> alphas, Trace& trace) const {
    const Stage& stage = list_[0];
    const simd::Kernels& kernels = simd::kernels();
    trace.values.resize(network_.nodes().size() + 1);
    trace.records.resize(network_.nodes().size());
    Record& record = detail::prepare_record(trace, stage.node);
    Tensor& to = trace.values[stage.value];
    reshape_to(to, with_batch(network_.shape(stage.value), alphas.size()));
    if (stage.pool) {
        record.switches.resize(to.size());
        kernels.line_pool(detail::halving(start.shape()), alphas.size(), alphas.data(), start.data(), slope.data(),
                          to.data(), record.switches.data(), stage.relu ? simd::Fuse::relu : simd::Fuse::none);
    } else {
        for (std::size_t k = 0; k < alphas.size(); ++k) {
            float* const point = sample(to, k).data();
            std::copy_n(start.data(), start.size(), point);
            kernels.multiply_add(start.size(), slope.data(), nullptr, alphas[k], point);
        }
        if (stage.relu) kernels.relu(to.size(), to.data(), to.data());
    }
    forward_from(1, alphas.size(), trace);
}

bool Stages::backward(const Trace& trace, Signals& signals, std::span<const float> weights, Tensor& sum) const {
    const Stage& entrance = list_[0];
    const simd::Kernels& kernels = simd::kernels();
    std::vector<char> wanted(until_ + 1, 1);
    wanted[0] = 0;
    bool arrived = false;
    backward(trace, signals, wanted, [&](const Stage& stage, const Step& step, const Tensor& incoming) {
        if (&stage != &entrance) return;
        arrived = true;
        if (stage.pool) {
            kernels.line_pool_gradient(detail::halving(sum.shape()), weights.size(), weights.data(),
                                       step.record.switches.data(), incoming.data(), sum.data());
            return;
        }
        std::fill_n(sum.data(), sum.size(), 0.0F);
        for (std::size_t k = 0; k < weights.size(); ++k) {
            kernels.multiply_add(sum.size(), sample(incoming, k).data(), nullptr, weights[k], sum.data());
        }
    });
    return arrived;
}

Tensor& Stages::begin(Signals& signals) const {
    signals.values.resize(until_ + 1);
    signals.known.assign(until_ + 1, 0);
    signals.known[until_] = 1;
    return signals.values[until_];
}

void Stages::gate(const Stage& stage, const Step& step, Tensor& incoming) const {
    if (!stage.relu) return;
    simd::kernels().relu_gradient(incoming.size(), step.output.data(), incoming.data(), incoming.data());
}

void Stages::pass_down(const Stage& stage, const Step& step, Signals& signals, std::span<const char> wanted) const {
    const std::vector<ValueId>& inputs = network_.nodes()[stage.node].inputs;
    // One input at a time, so that a value with several readers (or one reader twice) sums them.
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ValueId id = inputs[i];
        if (!wanted.empty() && !wanted[id]) continue;
        Tensor& total = signals.values[id];
        Tensor& target = signals.known[id] ? signals.aside : total;
        reshape_to(target, step.inputs[i]->shape());
        std::array<Tensor*, 2> gradients{};
        gradients[i] = &target;
        input_gradient(stage, step, signals.values[stage.value], {gradients.data(), inputs.size()});
        if (signals.known[id]) simd::kernels().add(total.size(), total.data(), target.data(), total.data());
        signals.known[id] = 1;
    }
}

void Stages::input_gradient(const Stage& stage, const Step& step, const Tensor& incoming,
                            std::span<Tensor* const> gradients) const {
    if (stage.conv != nullptr && gradients[0] != nullptr) {
        const Shape whole = with_batch(network_.shape(stage.node + 1), incoming.shape()[0]);
        const auto* const switches = stage.pool ? step.record.switches.data() : nullptr;
        const bool fast = forms_ == Forms::fast && !stage.pool && fast_without_pool;
        detail::correlate_adjoint(detail::correlation_of(*stage.conv, gradients[0]->shape(), whole), incoming,
                                  fast ? stage.conv->fast_adjoint() : stage.conv->prepared().adjoint, nullptr,
                                  *gradients[0], switches);
    } else if (stage.gated) {
        detail::multiply_back(incoming, stage.dense->prepared(), &step.input(), *gradients[0]);
    } else {
        network_.nodes()[stage.node].layer->input_gradient(step, incoming, gradients);
    }
}

void Stages::parameter_gradients(const Stage& stage, const Step& step, const Tensor& incoming,
                                 std::span<Tensor> gradients) const {
    if (stage.conv != nullptr) {
        const Shape whole = with_batch(network_.shape(stage.node + 1), incoming.shape()[0]);
        const auto* const switches = stage.pool ? step.record.switches.data() : nullptr;
        detail::correlate_weight_gradient(detail::correlation_of(*stage.conv, step.input().shape(), whole),
                                          step.input(), incoming, gradients[0].data(), switches);
        // What the pool dropped is 0: the maxima's sum is the whole one's.
        detail::bias_gradient(incoming, stage.conv->weight().shape()[3], gradients[1].data());
    } else {
        network_.nodes()[stage.node].layer->parameter_gradients(step, incoming, gradients);
    }
}

}  // namespace pellucid
