/// top_activating: the drawings that drive a unit most, or that it is most relevant for. Zeiler, Fergus 2013; Achtibat
/// et al. 2023.
///
///   by activation: f_t of every drawing of the data; of a channel its strongest unit (`pool` mean: its mean)
///   by relevance:  ΣR of the channel (or unit) at its layer, where the drawing's own answer is explained by
///                  `composite`
/// Data: the first `samples` of those given, else of the built-in pen digits. The two rankings differ: what drives a
/// channel need not be what it is used for.
/// Shapes: "drawings": the `count` best, (N, H, W, C) each, best first; "scores", "index" (place in the data), "label"
/// (N, 1, 1, count); "here": the score of the input itself, "place": how many drawings have a larger one.
/// Cost: a forward pass for each drawing, by relevance a backward pass as well, in batches.
#include "pellucid/error.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/inside/layer_choice.hpp"
#include "pellucid/methods/inside/reference_drawings.hpp"
#include "pellucid/methods/inside/statistics_estimator.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/order.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

struct TopActivatingParams {
    bool by_relevance = false, mean = false;
    std::size_t count = 9, samples = 1000;
    std::string composite = "epsilon_plus";
};

void describe(Fields& f, TopActivatingParams& p) {
    f.choice("by", p.by_relevance, {"activation", "relevance"}, "what drives it most, or what it matters for most");
    f.integer("count", p.count, {1, 100}, "drawings that are shown");
    f.integer("samples", p.samples, {1, 1000000}, "drawings that are looked through")
        .in("images")
        .at_most_while_drawing(100);
    f.choice("pool", p.mean, {"strongest", "mean"}, "a channel's activity: that of its strongest unit, or of all")
        .when("by", {"activation"});
    f.choice("composite", p.composite, composites::relevance_ids(), "rules of the relevance").when("by", {"relevance"});
}

class TopActivatingRun final : public PartedRun {
public:
    TopActivatingRun(const Request& request, const TopActivatingParams& p)
        : request_(request),
          params_(p),
          settled_(settle_targets(request, request.explainer.plain())),
          data_(reference_drawings(request, p.samples)),
          partition_(1, data_.images.shape()[0]) {
        if (data_.images.size() == 0) {
            fail(ErrorCode::unsupported,
                 "top_activating needs a set of drawings to look through; the built-in ones are of 28×28 in one "
                 "channel, which this network does not read, and no data were given");
        }
        if (p.by_relevance && request.target.kind != TargetKind::channel && request.target.kind != TargetKind::neuron) {
            fail(ErrorCode::bad_argument,
                 "top_activating: relevance is ranked for a channel or a unit, such as channel:conv2/3, not for '{}'",
                 request.target.text());
        }
        for (const Target& target : settled_.targets) {
            const auto same = [&](const Target& other) { return other.text() == target.text(); };
            const auto known = std::find_if(distinct_.begin(), distinct_.end(), same);
            number_.push_back(static_cast<std::size_t>(known - distinct_.begin()));
            if (known == distinct_.end()) distinct_.push_back(target);
        }
        scores_.assign(distinct_.size(), {});
    }

    std::size_t parts() const override { return partition_.parts(); }

    /// The score of each of the part's drawings for each target, (1, 1, targets, count).
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [one, first, count] = partition_[part];
        const Tensor images = batch_slice(data_.images, first, count);
        Tensor scores(Shape{1, 1, distinct_.size(), count});
        for (std::size_t t = 0; t < distinct_.size(); ++t) {
            const std::vector<double> of_images = scores_of(images, distinct_[t]);
            ops::mean_of(of_images, 1, {scores.data() + t * count, count});
        }
        return list_of(std::move(scores));
    }

    Result snapshot() override {
        const std::size_t samples = request_.input.shape()[0];
        const std::size_t seen = scores_.front().size(), count = std::min(params_.count, seen);
        std::vector<std::string> ranks;
        for (std::size_t r = 0; r < count; ++r) ranks.push_back(std::to_string(r + 1));
        const Shape shape{samples, 1, 1, count};
        Scores scores{ranks, Tensor(shape)}, index{ranks, Tensor(shape)}, label{ranks, Tensor(shape)};
        Frames drawings;
        drawings.images.assign(count, Tensor(request_.input.shape()));
        Scalar here{own_scores()}, place;
        for (std::size_t r = 0; r < count; ++r) drawings.steps.push_back(static_cast<std::uint32_t>(r));
        for (std::size_t n = 0; n < samples; ++n) {
            const std::vector<float>& all = scores_[number_[n]];
            const auto order = sorted_places(seen, [&](std::size_t a, std::size_t b) { return all[a] > all[b]; });
            for (std::size_t r = 0; r < count; ++r) {
                sample(scores.values, n)[r] = all[order[r]];
                sample(index.values, n)[r] = static_cast<float>(order[r]);
                sample(label.values, n)[r] = data_.labels.empty() ? -1.0F : static_cast<float>(data_.labels[order[r]]);
                const auto image = sample(std::as_const(data_.images), order[r]);
                std::copy(image.begin(), image.end(), sample(drawings.images[r], n).begin());
            }
            place.per_sample.push_back(static_cast<double>(std::count_if(
                all.begin(), all.end(), [&](float v) { return v > static_cast<float>(here.per_sample[n]); })));
        }
        Result result;
        result.value = settled_.values;
        result.add("drawings", std::move(drawings));
        result.add("scores", std::move(scores));
        result.add("index", std::move(index));
        if (!data_.labels.empty()) result.add("label", std::move(label));
        result.add("here", std::move(here));
        result.add("place", std::move(place));
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const std::size_t count = partition_[part].count;
        for (std::size_t t = 0; t < distinct_.size(); ++t) {
            const float* const from = computed[0].data() + t * count;
            scores_[t].insert(scores_[t].end(), from, from + count);
        }
    }

private:
    std::vector<double> own_scores() {
        std::vector<double> scores;
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            scores.push_back(scores_of(batch_slice(request_.input, n, 1), settled_.targets[n])[0]);
        }
        return scores;
    }

    std::vector<double> scores_of(const Tensor& images, const Target& target) {
        if (params_.by_relevance) return relevances(images, target);
        Evaluator& evaluator = request_.explainer.plain();
        const Network& network = evaluator.network();
        const Tensor& value = evaluator.forward(images).values[target_value(target, network)];
        std::vector<double> scores = target_values(target, network, value);
        if (target.kind != TargetKind::channel) return scores;
        for (std::size_t n = 0; n < scores.size(); ++n) {
            if (params_.mean)
                scores[n] /= static_cast<double>(value.shape()[1] * value.shape()[2]);
            else
                scores[n] = static_cast<double>(strongest_units(sample(value, n), value.shape()[3])[target.index]);
        }
        return scores;
    }

    /// What each drawing's own answer owes the channel or unit.
    std::vector<double> relevances(const Tensor& images, const Target& target) {
        const Target own;
        Evaluator& evaluator = request_.explainer.merged(own);
        const Network& network = evaluator.network();
        const ValueId layer = layer_below("top_activating", network, own, target.layer);
        const Trace& trace = evaluator.forward(images);
        const Tensor seed = target_seed(own, network, trace, SeedMode::relevance);
        const Signals& signals = evaluator.backward(trace, composites::relevance(params_.composite),
                                                    target_value(own, network), seed, layer);
        return target_values(target, network, signals.values[layer]);
    }

    Request request_;
    TopActivatingParams params_;
    SettledTargets settled_;
    ReferenceDrawings data_;
    Partition partition_;
    std::vector<Target> distinct_;
    std::vector<std::size_t> number_;         ///< of each input: its place in distinct_
    std::vector<std::vector<float>> scores_;  ///< of each distinct target, drawing by drawing
};

std::unique_ptr<Run> start_top_activating(const Request& request, const TopActivatingParams& p) {
    return std::make_unique<TopActivatingRun>(request, p);
}

}  // namespace

Method top_activating() {
    return define<TopActivatingParams, start_top_activating>(
        {.id = "top_activating",
         .family = "inside",
         .title = "Top drawings",
         .question = "Which drawings drive this unit most, and for which does it matter most?",
         .formula = R"(\mathrm{arg\,sort}_n\; f_t(x_n))",
         .reference = {"Zeiler, Fergus", "Visualizing and Understanding Convolutional Networks", 2013,
                       "arXiv:1311.2901"},
         .targets = any_target(),
         .outputs = {frames_output("drawings", MapKind::image,
                                   "the drawings with the largest scores, the largest first"),
                     scores_output("scores", "score", "their scores"),
                     scores_output("index", "place", "their places in the data"),
                     optional_output(scores_output("label", "class", "what they are")),
                     scalar_output("here", "score", "the score of this input"),
                     scalar_output("place", "place", "how many of the drawings have a larger one")},
         .caveat =
             "The top of a ranking shows extremes; what a unit does with ordinary drawings is in its statistics. Only "
             "drawings that were looked through can be found.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
