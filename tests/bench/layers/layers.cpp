/// What the core's own time goes to, without call boundaries and without peers: the least and the middle of many
/// repeats, in µs, for the reference network m1 (see m1() below) on one digit-like input. Natively it takes the
/// instruction set from PELLUCID_KERNELS and the number of threads from its first argument (default 1). Build and run:
/// `run`.
#include "pellucid/data/mnist.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/patch_evaluator.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>

using namespace pellucid;

namespace {

Tensor normal(const Shape& shape, float deviation, Random& random) {
    Tensor tensor(shape);
    for (float& v : elements(tensor)) v = deviation * random.normal();
    return tensor;
}

/// 28×28×1 → conv 3×3 16, ReLU, pool 2 → conv 3×3 32, ReLU, pool 2 → conv 3×3 32, ReLU → dense 64, ReLU → dense 10.
Network m1() {
    Random random(1);
    Network network({1, 28, 28, 1});
    int count = 0;
    const auto name = [&count](const char* what) { return what + std::to_string(++count); };
    const auto relu = [&] { network.add(name("relu"), std::make_unique<Activation>(Activation::Function::relu)); };
    const auto conv = [&](std::size_t inputs, std::size_t outputs) {
        const float deviation = std::sqrt(2.0F / static_cast<float>(9 * inputs));
        Tensor weight = normal({3, 3, inputs, outputs}, deviation, random);
        network.add(name("conv"), std::make_unique<Conv2d>(std::move(weight), normal({1, 1, 1, outputs}, 0.1F, random),
                                                           Stride{}, Padding{1, 1, 1, 1}));
        relu();
    };
    const auto pool = [&] { network.add(name("pool"), std::make_unique<MaxPool2d>()); };
    const auto dense = [&](std::size_t inputs, std::size_t outputs) {
        Tensor weight = normal({1, 1, inputs, outputs}, std::sqrt(2.0F / static_cast<float>(inputs)), random);
        network.add(name("dense"),
                    std::make_unique<Dense>(std::move(weight), normal({1, 1, 1, outputs}, 0.1F, random)));
    };
    conv(1, 16);
    pool();
    conv(16, 32);
    pool();
    conv(32, 32);
    network.add("flatten", std::make_unique<Flatten>());
    dense(1568, 64);
    relu();
    dense(64, 10);
    return network;
}

Tensor noise(std::size_t count) {
    Random random(2);
    Tensor images({count, 28, 28, 1});
    for (float& v : elements(images)) v = random.uniform(0.0F, 1.0F);
    return images;
}

double now() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename Work>
void measure(const char* what, double milliseconds, Work work) {
    for (const double until = now() + 300.0 * milliseconds; now() < until;) work();
    std::vector<double> times;
    for (const double until = now() + 1000.0 * milliseconds; now() < until || times.size() < 5;) {
        const double began = now();
        work();
        times.push_back(now() - began);
    }
    std::sort(times.begin(), times.end());
    std::printf("%-34s least %10.1f   middle %10.1f\n", what, times.front(), times[times.size() / 2]);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    set_thread_limit(argc > 1 ? static_cast<std::size_t>(std::atoi(argv[1])) : 1);
    const std::string only = argc > 2 ? argv[2] : "";
    const auto wanted = [&only](const char* what) {
        return only.empty() || std::string(what).find(only) != std::string::npos;
    };
    const auto run = [&](const char* what, double milliseconds, auto work) {
        if (wanted(what)) measure(what, milliseconds, work);
    };
    const Network network = m1();
    const Tensor many = noise(784);
    Tensor one = batch_slice(many, 0, 1);
    const simd::Kernels& k = simd::kernels();
    std::printf("%s\n", k.name);

    // Layer by layer, batch 1, as a trace computes them.
    Trace trace;
    network.forward(one, trace);
    Record record;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        const Tensor* input = &trace.values[node.inputs[0]];
        run(("forward " + node.name).c_str(), 20,
            [&] { node.layer->forward({&input, 1}, trace.values[i + 1], trace.records[i]); });
        Tensor gradient(trace.values[node.inputs[0]].shape());
        Tensor* const out = &gradient;
        LayerInputs storage;
        const Step step = network.step(trace, i, storage);
        run(("backward " + node.name).c_str(), 20,
            [&] { node.layer->input_gradient(step, trace.values[i + 1], {&out, 1}); });
    }

    // Cumulative: what lies between two lines is a stage's.
    for (const char* until : {"pool3", "pool6", "relu8", "relu10"}) {
        Predictor part(network, network.find(until));
        run((std::string("predict 1 until ") + until).c_str(), 50, [&] { part(one); });
    }
    Predictor predictor(network);
    run("predict 1", 300, [&] { predictor(one); });
    run("predict 784", 1000, [&] { predictor(many); });
    run("predict_logits 1", 200, [&] { predict_logits(network, one); });
    run("trace 1", 300, [&] { network.forward(one, trace); });

    Workspace workspace;
    Signals signals;
    const Tensor seed = filled({1, 1, 1, 10}, 1.0F);
    const auto backward = [&](const char* what, const Composite& composite) {
        const std::vector<const Rule*> rules = composite.assign(network);
        run(what, 300, [&] {
            network.forward(one, trace);
            run_backward({network, trace, rules, workspace}, network.logits(), seed, 0, signals);
        });
    };
    backward("gradient 1", composites::gradient());
    for (const char* id : {"epsilon", "epsilon_plus", "epsilon_gamma_box", "epsilon_alpha2_beta1"}) {
        backward((std::string("lrp ") + id).c_str(), composites::relevance(id, {}));
    }

    network.forward(one, trace);
    const Tensor paper = zeros({1, 28, 28, 1});
    std::vector<Patch> patches;
    for (std::size_t y = 0; y < 28; ++y) {
        for (std::size_t x = 0; x < 28; ++x) {
            patches.push_back(
                {{y, x, std::min<std::size_t>(y + 4, 28), std::min<std::size_t>(x + 4, 28)}, paper.data()});
        }
    }
    PatchEvaluator occlusion(network, network.logits());
    run("occlusion 784, 56 at a time", 1000, [&] {
        for (std::size_t first = 0; first < 784; first += 56) {
            occlusion.evaluate(trace, 0, std::span(patches).subspan(first, 56));
        }
    });

    LabelledImages data;
    data.images.count = 64;
    data.images.rows = data.images.columns = 28;
    Random random(3);
    for (std::size_t n = 0; n < 64; ++n) {
        for (std::size_t i = 0; i < 784; ++i)
            data.images.pixels.push_back(static_cast<std::uint8_t>(random.below(256)));
        data.labels.push_back(static_cast<std::uint8_t>(n % 10));
    }
    train::TrainingOptions options;
    options.epochs = 1000000;
    options.batch = 64;
    options.optimiser = optimise::Adam::Options{};
    train::Trainer trainer(network, options, data);
    run("training step 64", 1000, [&] { trainer.step(); });
}
