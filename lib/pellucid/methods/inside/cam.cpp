/// cam: class activation map of a network whose scores are a linear function of a global average pool. Zhou et al.
/// 2016.
///
///   f_c = b_c + Σ_k w_kc·mean_ij A_k,ij;  map = Σ_k w_kc A_k, enlarged bilinearly (half-pixel centres) to the input.
/// The mean of "coarse" is the score without its bias ("bias"), so that nothing is left out and nothing is
/// approximated. A: what the pool reads. Between pool and scores there may be dense layers, BatchNorms, Flatten,
/// Dropout, 1×1 convolutions: their product is w. Contrasts take the difference of two classes' weights. Probabilities
/// are no linear function.
/// Shapes: map (N, H, W, 1), "coarse" (N, h, w, 1). Cost: one forward pass, and a backward pass down to the pool.
#include "pellucid/methods/inside/class_activation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

bool is_global_mean(const Layer& layer, const Shape& input) {
    if (dynamic_cast<const GlobalAveragePool*>(&layer) != nullptr) return true;
    const auto* pool = dynamic_cast<const AveragePool2d*>(&layer);
    return pool != nullptr && pool->window().h == input[1] && pool->window().w == input[2] &&
           pool->window().padding == Padding{};
}

/// The pool that the logits are a linear function of; 0 where there is none.
ValueId linear_pool(const Network& network) {
    for (ValueId value = network.logits(); value > 0;) {
        const Node& node = network.nodes()[value - 1];
        const Shape &in = network.shape(node.inputs.front()), &out = network.shape(value);
        if (out[1] * out[2] != 1) return 0;
        const Kind kind = node.layer->kind();
        if (kind == Kind::average_pool) return is_global_mean(*node.layer, in) ? value : 0;
        if (in[1] * in[2] != 1) return 0;
        if (kind != Kind::dense && kind != Kind::convolution && kind != Kind::batch_norm &&
            kind != Kind::pass_through) {
            return 0;
        }
        value = node.inputs.front();
    }
    return 0;
}

struct ClassMapParams {
    bool relu = false;
};

void describe(Fields& f, ClassMapParams& p) { f.flag("relu", p.relu, "keep only what speaks for the class"); }

Result run_cam(const Request& request, const ClassMapParams& p) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId pool = linear_pool(network);
    if (pool == 0) {
        fail(ErrorCode::unsupported,
             "cam needs a network whose scores are a linear function of a global average pool, as models/gap.onnx has "
             "them; of other networks grad_cam asks the same at any layer");
    }
    const Signals& signals = evaluator.gradients(request.input, request.target);
    const Trace& trace = evaluator.trace(request.input);
    const Tensor& maps = trace.values[network.nodes()[pool - 1].inputs.front()];
    const auto [samples, height, width, channels] = maps.shape();

    Result result;
    result.value = target_values(request.target, network, trace);
    Tensor coarse(Shape{samples, height, width, 1});
    Scalar bias;
    std::vector<double> of_one(height * width);
    for (std::size_t n = 0; n < samples; ++n) {
        const auto weights = sample(signals.values[pool], n);
        weighted_sum(sample(maps, n), std::vector<double>(weights.begin(), weights.end()), of_one);
        double mean = 0;
        for (const double v : of_one) mean += v / static_cast<double>(of_one.size());
        bias.per_sample.push_back(result.value[n] - mean);
        std::transform(of_one.begin(), of_one.end(), sample(coarse, n).begin(),
                       [](double v) { return static_cast<float>(v); });
    }
    add_cam(result, request, std::move(coarse), p.relu);
    result.add("bias", std::move(bias));
    return result;
}

std::vector<Output> class_map_outputs() {
    std::vector<Output> outputs = cam_outputs();
    outputs.push_back(scalar_output("bias", "score", "what the score has that is no place's: its biases"));
    return outputs;
}

}  // namespace

Method cam() {
    return define<ClassMapParams, run_cam>(
        {.id = "cam",
         .family = "inside",
         .title = "Class activation map",
         .question = "How much does each place add to the score, in a network that averages over all places?",
         .formula = R"(\sum_k w_{kc} A_k,\quad f_c = b_c + \frac1Z\sum_{ij}\sum_k w_{kc} A_{k,ij})",
         .reference = {"Zhou, Khosla, Lapedriza, Oliva, Torralba",
                       "Learning Deep Features for Discriminative Localization", 2016, "CVPR"},
         .targets = {TargetKind::logit, TargetKind::predicted, TargetKind::contrast},
         .outputs = class_map_outputs(),
         .caveat = "Exact, but only for networks that end in a global average; what a place adds was computed from its "
                   "whole receptive field, which is wider than the place itself."});
}

}  // namespace pellucid::methods
