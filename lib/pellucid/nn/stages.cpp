#include "pellucid/nn/stages.hpp"

#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/fusing.hpp"
#include "pellucid/nn/layers/convolution.hpp"
#include "pellucid/nn/layers/dense.hpp"
#include "pellucid/nn/layers/work.hpp"
#include "pellucid/nn/prepare_record.hpp"
#include "pellucid/simd/kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid {

namespace {

/// Natively a single input's convolutions without a pool take as long in either form: the larger tiles' weights are
/// four times as many, and in a whole pass none of them is still in the nearest cache.
constexpr bool fast_without_pool = !simd::sparse_forward;

/// Whether outputs whose inputs are all 0 stay away from 0. The fast form's larger tiles may put a little to them,
/// which must not carry one over the edge of a ReLU; where a pool follows, direct sums decide what is that near.
bool far_from_0(const PreparedWeights& weights) {
    constexpr float far = 1e-5F;
    return !weights.bias.empty() && std::ranges::all_of(weights.bias, [](float b) { return std::abs(b) > far; });
}

simd::Fuse fuse_of(const Stages::Stage& stage) { return stage.relu ? simd::Fuse::relu : simd::Fuse::none; }

}  // namespace

Stages::Stages(const Network& network, ValueId until, Forms forms, ValueId apart)
    : network_(network), until_(until), forms_(forms), apart_(apart), above_apart_(apart == 0 ? 0 : until + 1, 0) {
    const std::vector<Node>& nodes = network_.nodes();
    std::vector<char> done(nodes.size(), 0), rectified(nodes.size() + 1, 0);
    const std::vector<char> wanted = values_below(network_, until);
    std::size_t last_pool = 0;
    for (std::size_t node = 0; node < until; ++node) {
        if (nodes[node].layer->kind() == Kind::max_pool) last_pool = node;
    }
    std::size_t chained = detail::no_such_node;  // the node that alone reads what the convolution before put out
    for (std::size_t node = 0; node < until; ++node) {
        if (done[node] || !wanted[node + 1]) continue;
        Stage stage{.node = node,
                    .value = node + 1,
                    .conv = dynamic_cast<const Conv2d*>(nodes[node].layer.get()),
                    .dense = dynamic_cast<const Dense*>(nodes[node].layer.get())};
        while ((stage.conv != nullptr || stage.dense != nullptr) && stage.value != apart) {
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
        stage.gated = stage.dense != nullptr && reads_relu && (apart == 0 || nodes[node].inputs[0] != apart);
        rectified[stage.value] = stage.relu;
        stage.chained = stage.conv != nullptr && node == chained;
        chained = stage.conv != nullptr ? detail::only_reader(network_, stage.value, until) : detail::no_such_node;
        list_.push_back(stage);
    }
    if (apart == 0) return;
    above_apart_[apart] = 1;
    for (std::size_t node = apart; node < until; ++node) {
        const auto above = [this](ValueId value) { return above_apart_[value] != 0; };
        above_apart_[node + 1] = std::ranges::any_of(nodes[node].inputs, above) ? 1 : 0;
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

void Stages::prepare(const Stage& stage, std::size_t batch, Trace& trace) const {
    Record& record = detail::prepare_record(trace, stage.node);
    Tensor& to = trace.values[stage.value];
    reshape_to(to, with_batch(network_.shape(stage.value), batch));
    if (stage.pool) record.switches.resize(to.size());
}

void Stages::forward_from(std::size_t first, std::size_t batch, Trace& trace) const {
    for (std::size_t next = first; next < list_.size();) {
        const Stage& stage = list_[next];
        if (stage.conv != nullptr) {
            const std::size_t start = next;
            std::size_t operations = 0;
            for (; next < list_.size() && list_[next].conv != nullptr; ++next) {
                prepare(list_[next], batch, trace);
                operations += correlation(list_[next], trace).operations();
            }
            const std::span<const Stage> run(list_.data() + start, next - start);
            parallel_for(batch, detail::grain(operations), [&](std::size_t begin, std::size_t end) {
                for (std::size_t n = begin; n < end; ++n) {
                    for (const Stage& each : run) convolve(each, trace, n);
                }
            });
            continue;
        }
        ++next;
        const Node& node = network_.nodes()[stage.node];
        LayerInputs storage;
        const auto inputs = inputs_of(node, trace.values, storage);
        prepare(stage, batch, trace);
        Tensor& to = trace.values[stage.value];
        if (stage.dense != nullptr) {
            const PreparedWeights& weights = stage.dense->prepared();
            detail::multiply(*inputs[0], weights.forward, detail::data_or_null(weights.bias), to, fuse_of(stage));
        } else {
            node.layer->forward(inputs, to, trace.records[stage.node]);
        }
    }
}

/// The convolution of a stage, before its pool.
detail::Correlation Stages::correlation(const Stage& stage, const Trace& trace) const {
    const std::size_t batch = trace.values[stage.value].shape()[0];
    return detail::correlation_of(*stage.conv,
                                  with_batch(network_.shape(network_.nodes()[stage.node].inputs[0]), batch),
                                  with_batch(network_.shape(stage.node + 1), batch));
}

/// The stage of a convolution, for sample n.
void Stages::convolve(const Stage& stage, Trace& trace, std::size_t n) const {
    const Tensor& input = trace.values[network_.nodes()[stage.node].inputs[0]];
    Tensor& to = trace.values[stage.value];
    const PreparedWeights& prepared = stage.conv->prepared();
    const bool fast = stage.fast && (stage.pool || far_from_0(prepared));
    std::uint32_t* const switches =
        stage.pool ? trace.records[stage.node].switches.data() + n * sample_size(to) : nullptr;
    detail::correlate_one(correlation(stage, trace), sample(input, n).data(),
                          fast ? stage.conv->fast_forward() : prepared.forward, detail::data_or_null(prepared.bias),
                          sample(to, n).data(), {fuse_of(stage), stage.pool, switches, stage.sparse});
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
    prepare(stage, alphas.size(), trace);
    Record& record = trace.records[stage.node];
    Tensor& to = trace.values[stage.value];
    if (stage.pool) {
        kernels.line_pool(detail::halving(start.shape()), alphas.size(), alphas.data(), start.data(), slope.data(),
                          to.data(), record.switches.data(), fuse_of(stage));
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
    backward(trace, signals, 1);
    const Stage& entrance = list_[0];
    if (!signals.known[entrance.value]) return false;
    const simd::Kernels& kernels = simd::kernels();
    LayerInputs storage;
    const Step step = step_of(entrance, trace, storage);
    Tensor& incoming = signals.values[entrance.value];
    if (entrance.pool) {
        kernels.line_pool_gradient(detail::halving(sum.shape()), weights.size(), weights.data(),
                                   step.record.switches.data(), incoming.data(),
                                   entrance.relu ? step.output.data() : nullptr, sum.data());
        return true;
    }
    gate(entrance, step, incoming);
    std::fill_n(sum.data(), sum.size(), 0.0F);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        kernels.multiply_add(sum.size(), sample(incoming, k).data(), nullptr, weights[k], sum.data());
    }
    return true;
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

void Stages::backward(const Trace& trace, Signals& signals, std::size_t stay) const {
    for (std::size_t end = list_.size(); end > stay;) {
        const std::size_t last = end - 1;
        std::size_t first = last;
        while (first > stay && list_[first].chained) --first;
        end = first;
        if (!signals.known[list_[last].value]) continue;
        LayerInputs storage;
        gate(list_[last], step_of(list_[last], trace, storage), signals.values[list_[last].value]);
        pass_down(first, last, trace, signals, {});
    }
}

void Stages::backward_to_apart(const Trace& trace, Signals& signals) const {
    for (std::size_t number = list_.size(); number-- > 0;) {
        const Stage& stage = list_[number];
        if (stage.value <= apart_) return;
        if (!signals.known[stage.value]) continue;
        LayerInputs storage;
        gate(stage, step_of(stage, trace, storage), signals.values[stage.value]);
        pass_down(number, number, trace, signals, above_apart_);
    }
}

/// From what the stage `last` puts out to what the stage `first` reads, a chain of convolutions or one stage alone.
void Stages::pass_down(std::size_t first, std::size_t last, const Trace& trace, Signals& signals,
                       std::span<const char> wanted) const {
    const Stage& stage = list_[first];
    const Tensor& incoming = signals.values[list_[last].value];
    LayerInputs storage;
    const Step step = step_of(stage, trace, storage);
    const std::vector<ValueId>& inputs = network_.nodes()[stage.node].inputs;
    // One input at a time, so that a value with several readers (or one reader twice) sums them.
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const ValueId id = inputs[i];
        if (!wanted.empty() && !wanted[id]) continue;
        Tensor& total = signals.values[id];
        Tensor& target = signals.known[id] ? signals.aside : total;
        reshape_to(target, step.inputs[i]->shape());
        if (stage.conv != nullptr) {
            convolve_back(first, last, trace, incoming, target);
        } else if (stage.gated) {
            detail::multiply_back(incoming, stage.dense->prepared(), &step.input(), target);
        } else {
            std::array<Tensor*, 2> gradients{};
            gradients[i] = &target;
            network_.nodes()[stage.node].layer->input_gradient(step, incoming, {gradients.data(), inputs.size()});
        }
        if (signals.known[id]) simd::kernels().add(total.size(), total.data(), target.data(), total.data());
        signals.known[id] = 1;
    }
}

/// The signal of the stage `last`, taken back over its ReLU, through a chain of convolutions, sample by sample.
void Stages::convolve_back(std::size_t first, std::size_t last, const Trace& trace, const Tensor& incoming,
                           Tensor& gradient) const {
    std::size_t operations = 0, largest = 0;
    for (std::size_t k = first; k <= last; ++k) {
        operations += correlation(list_[k], trace).operations();
        if (k < last) largest = std::max(largest, sample_size(trace.values[list_[k].value]));
    }
    parallel_for(incoming.shape()[0], detail::grain(operations), [&](std::size_t begin, std::size_t end) {
        thread_local simd::AlignedVector between;
        if (between.size() < 2 * largest) between.resize(2 * largest);
        for (std::size_t n = begin; n < end; ++n) {
            const float* signal = sample(incoming, n).data();
            for (std::size_t k = last + 1; k-- > first;) {
                const Stage& stage = list_[k];
                const Tensor& output = trace.values[stage.value];
                const std::size_t size = sample_size(output);
                if (k < last && stage.relu) {
                    float* const own = between.data() + k % 2 * largest;
                    simd::kernels().relu_gradient(size, sample(output, n).data(), signal, own);
                }
                float* const to = k == first ? sample(gradient, n).data() : between.data() + (k - 1) % 2 * largest;
                const auto* const switches =
                    stage.pool ? trace.records[stage.node].switches.data() + n * size : nullptr;
                const bool fast = forms_ == Forms::fast && !stage.pool && fast_without_pool;
                detail::correlate_adjoint_one(correlation(stage, trace), signal,
                                              fast ? stage.conv->fast_adjoint() : stage.conv->prepared().adjoint,
                                              nullptr, to, switches);
                signal = to;
            }
        }
    });
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
