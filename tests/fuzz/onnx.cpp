// ONNX files: read, evaluated forward and backward, written and read again.
#include "targets.hpp"

#include "pellucid/methods/evaluator.hpp"
#include "pellucid/nn/frame.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/random_network.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::fuzz {

namespace {

/// Small networks go thousands of times a second, and meet the same mistakes.
bool is_small(const Network& network) {
    constexpr std::size_t most_values = 3'000, most_parameters = 6'000, most_work = 200'000;
    std::size_t values = 0, work = 0;
    for (ValueId value = 0; value <= network.output(); ++value) {
        values += element_count(network.shape(value));
        if (value == 0) continue;
        // An upper bound of a layer's multiply-adds: every weight at every position.
        std::size_t weights = 1;
        for (const Parameter& parameter : network.nodes()[value - 1].layer->parameters())
            weights += parameter.value->size();
        work += weights * network.shape(value)[1] * network.shape(value)[2];
        const Node& node = network.nodes()[value - 1];
        if (detail::frame_elements(*node.layer, network.shape(node.inputs[0]), network.shape(value)) > 10'000)
            return false;
        if (values > most_values || work > most_work) return false;
    }
    return network.parameter_count() <= most_parameters;
}

bool same(float a, float b) {
    // A weight that was divided by another and multiplied again, as alpha of a Gemm, may differ in its last bit.
    return a == b || !std::isfinite(a) || !std::isfinite(b) || std::abs(a - b) <= 1e-4F * (std::abs(a) + std::abs(b));
}

void evaluate(const Network& network) {
    const Tensor input = test::random_batch(network, 2, 1);
    Evaluator evaluator(network);
    const Target target = Target::of_class(0);
    const Trace& trace = evaluator.trace(input);
    expect(trace.values[network.output()].shape() == with_batch(network.shape(network.output()), 2),
           "the output has its shape");
    // What a class is takes a vector of them; others are refused.
    ended_well([&] {
        check_target(target, network);
        const Tensor& gradient = evaluator.input_gradient(input, target);
        expect(gradient.shape() == input.shape(), "the gradient has the input's shape");
        (void)evaluator.gradients(input, target);
        (void)evaluator.values(input, target);
    });
    ended_well([&] { (void)merge_batch_norm(network); });
}

void write_and_read(const Network& network) {
    const std::string written = write_onnx(network);
    const Network again = read_onnx(std::as_bytes(std::span(written)));
    expect(again.shape(again.output()) == network.shape(network.output()), "a written network has its output's shape");
    const Tensor input = test::random_batch(network, 1, 2);
    const Tensor before = predict_logits(network, input), after = predict_logits(again, input);
    bool equal = before.size() == after.size();
    for (std::size_t i = 0; equal && i < before.size(); ++i) equal = same(before.data()[i], after.data()[i]);
    expect(equal, "a written network computes the same");
}

}  // namespace

void run_onnx(Input bytes) {
    ended_well([&] {
        const Network network = read_onnx(std::as_bytes(bytes));
        if (!is_small(network)) return;
        evaluate(network);
        expect(ended_well([&] { write_and_read(network); }), "a network that was read can be written and read again");
    });
}

}  // namespace pellucid::fuzz
