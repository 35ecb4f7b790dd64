/// score_cam: a layer's feature maps, each weighted by what the target is when the map is laid over the input as a
/// mask; no gradient. Wang et al. 2020.
///
///   M_k = A_k enlarged to the input (corner pixels on corner pixels), from its least value at 0 to its largest at 1
///   w = softmax over k of f_t(x ⊙ M_k);  map = ReLU(Σ_k w_k A_k), enlarged bilinearly (half-pixel centres) to the
///     input.
/// The paper's weights are of f_t(x ⊙ M_k) − f_t(x'), whose baseline cancels in the softmax. As in pytorch-grad-cam the
/// difference of largest and least value is stabilised by 1e-8, and a map of one value is no mask but a blank.
/// A: as for grad_cam. Shapes: map (N, H, W, 1), "coarse" (N, h, w, 1).
/// Cost: one forward pass per channel of the layer, in batches.
#include "pellucid/methods/inside/class_activation.hpp"

#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/enlarge.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/nn/softmax.hpp"
#include "pellucid/vectorised.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

/// Some channels of one sample, (1, h, w, count).
Tensor channels_of(const Tensor& maps, std::size_t n, std::size_t first, std::size_t count) {
    Tensor some(Shape{1, maps.shape()[1], maps.shape()[2], count});
    const float* from = sample(maps, n).data() + first;
    for (float* to = some.data(); to != some.data() + some.size(); to += count, from += maps.shape()[3]) {
        std::copy_n(from, count, to);
    }
    return some;
}

/// Masks of all channels at once, (1, h, w, count): each from 0 to 1.
PELLUCID_VECTORISED void stretch(Tensor& masks) {
    const std::size_t count = masks.shape()[3], pixels = masks.size() / count;
    std::vector<float> low(masks.data(), masks.data() + count), high = low, extent(count);
    for (std::size_t i = 0; i < pixels; ++i) {
        const float* const pixel = masks.data() + i * count;
        for (std::size_t k = 0; k < count; ++k) {
            low[k] = std::min(low[k], pixel[k]);
            high[k] = std::max(high[k], pixel[k]);
        }
    }
    for (std::size_t k = 0; k < count; ++k) extent[k] = high[k] - low[k] + 1e-8F;
    for (std::size_t i = 0; i < pixels; ++i) {
        float* const pixel = masks.data() + i * count;
        for (std::size_t k = 0; k < count; ++k) pixel[k] = (pixel[k] - low[k]) / extent[k];
    }
}

class ScoreCamRun final : public PartedRun {
public:
    ScoreCamRun(const Request& request, const CamParams& p)
        : request_(request),
          params_(p),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          layer_(spatial_layer("score_cam", evaluator_.network(), request.target, p.layer)),
          channels_(evaluator_.network().shape(layer_)[3]),
          partition_(request.input.shape()[0], channels_),
          scores_(request.input.shape()[0]) {}

    std::size_t parts() const override { return partition_.parts(); }

    /// f_t of the input under each of the part's masks.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const auto [samples, height, width, channels] = request_.input.shape();
        const Tensor& maps = evaluator_.trace(request_.input).values[layer_];
        const auto x = sample(request_.input, n);
        Tensor masks = enlarge(channels_of(maps, n, first, count), height, width, Grid::corners);
        stretch(masks);
        Tensor masked = zeros({count, height, width, channels});
        for (std::size_t j = 0; j < x.size(); ++j) {
            if (x[j] == 0.0F) continue;  // paper stays paper
            const float* const mask = masks.data() + j / channels * count;
            for (std::size_t i = 0; i < count; ++i) masked.data()[i * x.size() + j] = x[j] * mask[i];
        }
        const std::vector<double> values = evaluator_.values(masked, settled_.targets[n]);
        Tensor scores(Shape{1, 1, 1, count});
        std::transform(values.begin(), values.end(), scores.data(), [](double v) { return static_cast<float>(v); });
        return list_of(std::move(scores));
    }

    /// Of the channels that have been asked for.
    Result snapshot() override {
        const Tensor& maps = evaluator_.trace(request_.input).values[layer_];
        Tensor coarse = zeros({maps.shape()[0], maps.shape()[1], maps.shape()[2], 1});
        std::vector<double> of_one(maps.shape()[1] * maps.shape()[2]);
        for (std::size_t n = 0; n < maps.shape()[0]; ++n) {
            weighted_sum(sample(maps, n), weights(scores_[n]), of_one);
            std::transform(of_one.begin(), of_one.end(), sample(coarse, n).begin(),
                           [](double v) { return static_cast<float>(v); });
        }
        Result result;
        add_cam(result, request_, std::move(coarse), params_.relu);
        result.value = settled_.values;
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        auto& scores = scores_[partition_[part].sample];
        scores.insert(scores.end(), computed[0].data(), computed[0].data() + computed[0].size());
    }

private:
    /// The softmax of the scores there are, 0 for the other channels.
    std::vector<double> weights(const std::vector<float>& scores) const {
        std::vector<double> all(channels_, 0.0);
        if (scores.empty()) return all;
        softmax(std::span<const float>(scores), std::span(all.data(), scores.size()));
        return all;
    }

    Request request_;
    CamParams params_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    ValueId layer_;
    std::size_t channels_;
    Partition partition_;
    std::vector<std::vector<float>> scores_;
};

std::unique_ptr<Run> start_score_cam(const Request& request, const CamParams& p) {
    return std::make_unique<ScoreCamRun>(request, p);
}

}  // namespace

Method score_cam() {
    return define<CamParams, start_score_cam>(
        {.id = "score_cam",
         .family = "inside",
         .title = "Score-CAM",
         .question = "Which feature maps keep the answer when only what they show of the drawing is left?",
         .formula = R"(\mathrm{ReLU}\Big(\sum_k w_k A_k\Big),\quad w = \mathrm{softmax}_k\, f_t\big(x\odot M_k\big))",
         .reference = {"Wang, Wang, Du, Yang, Zhang, Ding, Mardziel, Hu",
                       "Score-CAM: Score-Weighted Visual Explanations for Convolutional Neural Networks", 2020,
                       "CVPR Workshops"},
         .targets = any_target(),
         .outputs = cam_outputs(),
         .caveat = "The softmax spreads its weights by the scale of the scores: where scores are close, all maps count "
                   "alike, and the picture is their mean. Masked drawings are none that the network was trained on.",
         .progressive = true,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
