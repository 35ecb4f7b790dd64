/// feature_ablation: what the target loses when a group of pixels is replaced by the baseline.
///
///   A(group) = f_t(x) − f_t(x with the group's pixels from x')
/// Groups: a grid, superpixels, or a map of yours (groups.hpp); x' paper, ink, the input blurred, the middle of the
/// range or an image (`baseline`). Occlusion is the same over windows that overlap.
/// Shapes: map (N, H, W, 1), each pixel its group's loss, as captum has it; scores (N, 1, 1, groups).
/// Cost: one forward pass per group that differs from the baseline, in batches; the others' loss is 0.
#include "pellucid/methods/perturbation/game.hpp"

namespace pellucid::methods {

namespace {

struct FeatureAblationParams {
    GroupParams groups;
    BaselineParams baseline;
};

void describe(Fields& f, FeatureAblationParams& p) {
    describe(f, p.groups);
    describe(f, p.baseline);
}

class FeatureAblationRun final : public PartedRun {
public:
    FeatureAblationRun(const Request& request, const FeatureAblationParams& p)
        : game_(request, p.groups, p.baseline), losses_(zeros({game_.inputs(), 1, 1, game_.players()})) {
        std::vector<std::size_t> counts;
        for (std::size_t n = 0; n < game_.inputs(); ++n) counts.push_back(game_.present(n).size());
        parts_ = parts_of(counts);
    }

    std::size_t parts() const override { return parts_.size(); }

    /// The loss of every group of the part.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = parts_[part];
        std::vector<Coalition> without(count, Coalition(game_.players(), 1));
        for (std::size_t i = 0; i < count; ++i) without[i][game_.present(n)[first + i]] = 0;
        std::vector<double> losses = game_.worth(n, without);
        for (double& v : losses) v = game_.value(n) - v;
        return list_of(row_of(losses));
    }

    Result snapshot() override { return game_.result(losses_); }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = parts_[part];
        for (std::size_t i = 0; i < count; ++i) {
            sample(losses_, n)[game_.present(n)[first + i]] = computed[0].data()[i];
        }
    }

private:
    Game game_;
    std::vector<Partition::Part> parts_;
    Tensor losses_;
};

std::unique_ptr<Run> start_feature_ablation(const Request& request, const FeatureAblationParams& p) {
    return std::make_unique<FeatureAblationRun>(request, p);
}

}  // namespace

Method feature_ablation() {
    return define<FeatureAblationParams, start_feature_ablation>(
        {.id = "feature_ablation",
         .family = "perturbation",
         .title = "Feature ablation",
         .question = "How much does the score drop without this piece of the drawing?",
         .formula = R"(f_t(x) - f_t(x_{\setminus g}))",
         .reference = {"Zeiler, Fergus", "Visualizing and Understanding Convolutional Networks", 2014, "ECCV"},
         .targets = any_target(),
         .outputs = group_outputs("what the target loses without each group"),
         .caveat = "Only one piece at a time: two pieces that can each stand in for the other both look useless. What "
                   "stands in the piece's place can itself be seen as something.",
         .progressive = true});
}

}  // namespace pellucid::methods
