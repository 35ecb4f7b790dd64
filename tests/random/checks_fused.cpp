#include "checks.hpp"

#include "compare.hpp"
#include "support/random_tensor.hpp"

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/optimise/backpropagation.hpp"

#include <algorithm>

namespace pellucid::test {

namespace {

constexpr double precision = 1e-5;

/// Layer by layer: what Layer::input_gradient makes of a signal of `top`, summed where values have several readers.
struct Walk {
    std::vector<Tensor> signals;     ///< per value; empty = none arrives
    std::vector<Tensor> parameters;  ///< of all layers, one after another
    double size = 0;                 ///< of the largest signal

    Walk(Network& network, const Trace& trace, ValueId top, const Tensor& seed) : signals(trace.values.size()) {
        std::vector<char> known(signals.size(), 0);
        signals[top] = seed;
        known[top] = 1;
        std::vector<std::vector<Tensor>> gradients(top);
        for (std::size_t node = top; node-- > 0;) {
            Layer& layer = network.layer(node);
            for (const Parameter& parameter : layer.parameters()) {
                gradients[node].push_back(zeros(parameter.value->shape()));
            }
            if (!known[node + 1]) continue;
            size = std::max(size, largest(signals[node + 1]));
            LayerInputs storage;
            const Step step = network.step(trace, node, storage);
            layer.parameter_gradients(step, signals[node + 1], gradients[node]);
            const std::vector<ValueId>& inputs = network.nodes()[node].inputs;
            std::vector<Tensor> back;
            for (const ValueId input : inputs) back.emplace_back(trace.values[input].shape());
            std::vector<Tensor*> targets;
            for (Tensor& one : back) targets.push_back(&one);
            layer.input_gradient(step, signals[node + 1], targets);
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                if (known[inputs[i]])
                    signals[inputs[i]] += back[i];
                else
                    signals[inputs[i]] = std::move(back[i]);
                known[inputs[i]] = 1;
            }
        }
        if (!known[0]) signals[0] = zeros(trace.values[0].shape());
        size = std::max(size, largest(signals[0]));
        for (std::vector<Tensor>& of_node : gradients) {
            for (Tensor& one : of_node) parameters.push_back(std::move(one));
        }
    }
};

Tensor patched(const Tensor& x, std::size_t n, const Patch& patch) {
    Tensor copy = batch_slice(x, n, 1);
    const auto [one, h, w, c] = copy.shape();
    for (std::size_t y = patch.rect.top; y < patch.rect.bottom; ++y) {
        const std::size_t first = (y * w + patch.rect.left) * c;
        std::copy_n(patch.image + first, patch.rect.columns() * c, copy.data() + first);
    }
    return copy;
}

}  // namespace

std::string check_predictor(Subject& subject) {
    for (ValueId value = 0; value <= subject.network.output(); ++value) {
        Predictor predictor(subject.network, value);
        const std::string what = "prediction of " + std::string(subject.network.name(value));
        const double tolerance = precision * subject.size[value];
        std::string wrong = compare(predictor(subject.input), subject.trace.values[value], tolerance, what);
        if (!wrong.empty()) return wrong;
    }
    return {};
}

std::string check_stages(Subject& subject) {
    InputGradient staged(subject.network);
    Random random(subject.seed + 2);
    for (ValueId value = 0; value <= subject.network.output(); ++value) {
        const std::string name(subject.network.name(value));
        const Tensor top = random_tensor(subject.trace.values[value].shape(), random);
        const Tensor& forward = staged.forward(subject.input, value).values[value];
        std::string wrong =
            compare(forward, subject.trace.values[value], precision * subject.size[value], "staged " + name);
        if (!wrong.empty()) return wrong;
        const Walk walk(subject.network, subject.trace, value, top);
        wrong = compare(staged.backward(top), walk.signals[0], precision * walk.size, "staged gradient of " + name);
        if (!wrong.empty()) return wrong;
    }
    return {};
}

std::string check_line(Subject& subject) {
    const Tensor from = batch_slice(subject.input, 0, 1);
    Random random(subject.seed + 3);
    const Tensor to = random_tensor(from.shape(), random);
    const std::vector<float> alphas{0.1F, 0.35F, 0.8F}, weights{0.5F, -1.0F, 2.0F};
    InputGradient staged(subject.network);
    const ValueId value = subject.network.logits();
    const Trace& line = staged.forward({from, to, alphas}, value);
    const Tensor top = random_tensor(line.values[value].shape(), random);
    const Tensor& got = staged.backward(top, weights);
    Array want(from.shape());
    double size = 0;
    for (std::size_t k = 0; k < alphas.size(); ++k) {
        Tensor point = from;
        for (std::size_t i = 0; i < point.size(); ++i) {
            point.data()[i] += alphas[k] * (to.data()[i] - from.data()[i]);
        }
        Trace trace;
        subject.network.forward(point, trace);
        const Walk walk(subject.network, trace, value, batch_slice(top, k, 1));
        for (std::size_t i = 0; i < want.data.size(); ++i) {
            want.data[i] += static_cast<double>(weights[k]) * static_cast<double>(walk.signals[0].data()[i]);
        }
        size = std::max(size, walk.size);
    }
    return compare(got, want, 3 * precision * size, "gradients along a line");
}

std::string check_training(Subject& subject) {
    Network& network = subject.network;
    const Shape& logits = network.shape(network.output());
    if (network.logits() != network.output() || logits[1] * logits[2] != 1 || network.parameter_count() == 0) return {};
    const std::vector<std::uint8_t> labels(subject.input.shape()[0], 0);
    optimise::Gradients got = optimise::make_gradients(network);
    optimise::Workspace workspace;
    workspace.images = subject.input;
    optimise::Backpropagation(network).add_gradients(workspace, labels, 0.1F, 1.0F, subject.seed, got);
    Trace trace;
    trace.training = true;
    trace.seed = subject.seed;
    network.forward(subject.input, trace);
    Tensor top;
    optimise::cross_entropy(trace.values.back(), labels, 0.1F, 1.0F, top);
    const Walk walk(network, trace, network.output(), top);
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double tolerance = precision * (largest(walk.parameters[i]) + walk.size);
        std::string wrong = compare(got[i], walk.parameters[i], tolerance, fmt::format("training, parameter {}", i));
        if (!wrong.empty()) return wrong;
    }
    return {};
}

std::string check_patches(Subject& subject) {
    Random random(subject.seed + 4);
    const auto [batch, height, width, channels] = subject.input.shape();
    const Tensor filler = random_tensor({1, height, width, channels}, random);
    const Tensor nothing = zeros(filler.shape());
    const std::size_t n = random.below(batch);
    std::vector<Patch> patches;
    const std::size_t count = random.below(4) == 0 ? 40 : 7;
    for (std::size_t i = 0; i < count; ++i) {
        Rect rect{random.below(height), random.below(width), 0, 0};
        const std::size_t most = i % 2 == 0 ? height : 4;
        rect.bottom = rect.top + 1 + random.below(std::min(height - rect.top, most));
        rect.right = rect.left + 1 + random.below(std::min(width - rect.left, most));
        patches.push_back({rect, (i % 3 == 0 ? nothing : filler).data()});
    }
    std::vector<Trace> full(patches.size());
    double size = 1;
    for (std::size_t p = 0; p < patches.size(); ++p) {
        subject.network.forward(patched(subject.input, n, patches[p]), full[p]);
    }
    for (ValueId value = 1; value <= subject.network.output(); ++value) {
        PatchEvaluator evaluator(subject.network, value);
        const Tensor& values = evaluator.evaluate(subject.trace, n, patches);
        for (std::size_t p = 0; p < patches.size(); ++p) {
            const Tensor& want = full[p].values[value];
            size = std::max({size, subject.size[value], largest(want)});
            std::string wrong = compare(batch_slice(values, p, 1), want, precision * size,
                                        fmt::format("patch {} at {}", p, subject.network.name(value)));
            if (!wrong.empty()) return wrong;
        }
    }
    return {};
}

}  // namespace pellucid::test
