#include "checks.hpp"

#include "compare.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/random.hpp"

#include <algorithm>

namespace pellucid::test {

namespace {

bool has_logits(const Network& network) {
    const Shape& shape = network.shape(network.logits());
    return shape[1] * shape[2] == 1;
}

Result explain_class(Explainer& explainer, const Tensor& input, const char* id,
                     const std::vector<std::pair<const char*, std::string>>& settings) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, text] : settings) params.set(name, std::string_view(text));
    return explain(method, {explainer, input, Target::of_class(0), params});
}

double sum_of(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += static_cast<double>(value);
    return sum;
}
double sum_of_magnitudes(std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += std::abs(static_cast<double>(value));
    return sum;
}

/// Whether Σ map of each sample is `value`.
std::string check_sum(const Tensor& map, std::size_t n, double value, double size, const char* what) {
    const double sum = sum_of(sample(map, n)), tolerance = 1e-5 * (size + sum_of_magnitudes(sample(map, n)));
    if (std::abs(sum - value) <= tolerance) return {};
    return fmt::format("{} sums to {} instead of {} (tolerance {})", what, sum, value, tolerance);
}

std::string same_function(Subject& subject, const Network& other, double precision, const char* what) {
    Trace trace;
    other.forward(subject.input, trace);
    return compare(trace.values.back(), subject.trace.values.back(), precision * subject.size.back(), what);
}

}  // namespace

std::string check_batch(Subject& subject) {
    for (std::size_t n = 0; n < subject.input.shape()[0]; ++n) {
        Trace alone;
        subject.network.forward(batch_slice(subject.input, n, 1), alone);
        for (ValueId value = 0; value <= subject.network.output(); ++value) {
            std::string wrong =
                compare(alone.values[value], batch_slice(subject.trace.values[value], n, 1), 1e-6 * subject.size[value],
                        fmt::format("sample {} alone at {}", n, subject.network.name(value)));
            if (!wrong.empty()) return wrong;
        }
    }
    return {};
}

std::string check_onnx(Subject& subject) {
    const std::string file = write_onnx(subject.network);
    const Network read = read_onnx(std::as_bytes(std::span(file)));
    return same_function(subject, read, 1e-5, "read from its own file, the network");
}

std::string check_merged(Subject& subject) {
    const Network merged = merge_batch_norm(subject.network);
    // A norm with no layer that could take it in stays; one behind weights that nothing else reads has such a layer.
    std::vector<std::size_t> readers(merged.nodes().size() + 1, 0);
    for (const Node& node : merged.nodes()) {
        for (const ValueId input : node.inputs) ++readers[input];
    }
    for (const Node& node : merged.nodes()) {
        const ValueId input = node.inputs.front();
        if (node.layer->kind() != Kind::batch_norm || input == 0 || readers[input] > 1) continue;
        const Kind before = merged.nodes()[input - 1].layer->kind();
        if (before == Kind::convolution || before == Kind::dense) return "a batch norm is left behind weights";
    }
    return same_function(subject, merged, 2e-5, "the network with merged batch norms");
}

std::string check_occlusion(Subject& subject) {
    if (!has_logits(subject.network)) return {};
    Random random(subject.seed + 5);
    const auto [batch, height, width, channels] = subject.input.shape();
    const std::size_t window = 1 + random.below(std::min(height, width)), stride = 1 + random.below(window);
    const float fill = random.below(2) == 0 ? 0.0F : 0.5F;
    Explainer explainer(subject.network);
    const Tensor map =
        explain_class(
            explainer, subject.input, "occlusion",
            {{"window", std::to_string(window)}, {"stride", std::to_string(stride)}, {"value", std::to_string(fill)}})
            .map();
    const ValueId logits = subject.network.logits();
    const auto positions = [&](std::size_t extent) { return (extent - window + stride - 1) / stride + 1; };
    Array sum(subject.input.shape()), count(subject.input.shape());
    double size = subject.size[logits];
    for (std::size_t n = 0; n < batch; ++n) {
        for (std::size_t top = 0; top < positions(height) * stride; top += stride) {
            for (std::size_t left = 0; left < positions(width) * stride; left += stride) {
                Tensor covered = batch_slice(subject.input, n, 1);
                const auto each = [&](const auto& body) {
                    for (std::size_t y = top; y < std::min(top + window, height); ++y) {
                        for (std::size_t x = left; x < std::min(left + window, width); ++x) {
                            for (std::size_t c = 0; c < channels; ++c) body(y, x, c);
                        }
                    }
                };
                each([&](std::size_t y, std::size_t x, std::size_t c) { covered(0, y, x, c) = fill; });
                Trace trace;
                subject.network.forward(covered, trace, logits);
                const float answer = trace.values[logits].data()[0];
                size = std::max(size, static_cast<double>(std::abs(answer)));
                const double loss =
                    static_cast<double>(sample(subject.trace.values[logits], n)[0]) - static_cast<double>(answer);
                each([&](std::size_t y, std::size_t x, std::size_t c) {
                    sum.at(n, y, x, c) += loss;
                    count.at(n, y, x, c) += 1;
                });
            }
        }
    }
    for (std::size_t i = 0; i < sum.data.size(); ++i) sum.data[i] /= std::max(count.data[i], 1.0);
    return compare(map, sum, 2e-5 * size, fmt::format("occlusion by {} with stride {}", window, stride));
}

std::string check_sums(Subject& subject, bool homogeneous) {
    if (!has_logits(subject.network)) return {};
    Explainer explainer(subject.network);
    const ValueId logits = subject.network.logits();
    const double size = subject.size[logits];
    Trace paper;
    subject.network.forward(zeros(with_batch(subject.network.input_shape(), 1)), paper, logits);
    const auto value = [&](std::size_t n) { return static_cast<double>(sample(subject.trace.values[logits], n)[0]); };
    const auto nothing = static_cast<double>(paper.values[logits].data()[0]);
    std::vector<std::pair<const char*, Tensor>> maps;
    try {
        maps.emplace_back("deeplift", explain_class(explainer, subject.input, "deeplift", {}).map());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::unsupported) throw;
    }
    if (homogeneous) {
        maps.emplace_back("input_x_gradient", explain_class(explainer, subject.input, "input_x_gradient", {}).map());
        maps.emplace_back("lrp", explain_class(explainer, subject.input, "lrp", {{"rule", "zero"}}).map());
    }
    for (const auto& [what, map] : maps) {
        for (std::size_t n = 0; n < subject.input.shape()[0]; ++n) {
            std::string wrong = check_sum(map, n, value(n) - (homogeneous ? 0 : nothing), size, what);
            if (!wrong.empty()) return wrong;
        }
    }
    return {};
}

}  // namespace pellucid::test
