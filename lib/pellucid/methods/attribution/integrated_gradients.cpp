/// integrated_gradients: (x − x') ⊙ ∫₀¹ ∂f_t/∂x (x' + α(x − x')) dα. Sundararajan et al. 2017.
///
/// The contributions sum to f_t(x) − f_t(x') as the quadrature gets exact; "completeness_gap" reports what is missing,
/// as a share of that difference. Shapes: map as the input. Cost: `points` forward and backward passes, in batches;
/// where the network begins with a convolution, that one costs two passes and an adjoint for every batch
/// (input_gradient.hpp). unit_weights = false (captum's habit): the trapezoid's weights sum to (n − 1)/n, and the
/// contributions fall short by that share.
#include "pellucid/methods/attribution/baseline.hpp"
#include "pellucid/methods/attribution/quadrature.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/ops.hpp"

namespace pellucid::methods {

namespace {

struct IntegratedGradientsParams {
    std::size_t points = 50;
    std::string quadrature = "gauss_legendre";
    BaselineParams baseline;
    bool unit_weights = true;
};

void describe(Fields& f, IntegratedGradientsParams& p) {
    f.integer("points", p.points, {1, 10000}, "points on the path").at_most_while_drawing(5);
    f.choice("quadrature", p.quadrature, quadrature_ids(), "how the points are placed and weighted");
    describe(f, p.baseline);
    f.flag("unit_weights", p.unit_weights, "trapezoid: weights sum to 1; otherwise to (n − 1)/n for n points")
        .when("quadrature", {"trapezoid"});
    f.compat([] { return std::vector<Preset>{{"captum", {{"unit_weights", false}}}}; });
}

class IntegratedGradientsRun final : public PartedRun {
public:
    IntegratedGradientsRun(const Request& request, const IntegratedGradientsParams& p)
        : request_(request),
          evaluator_(request.explainer.plain()),
          settled_(settle_targets(request, evaluator_)),
          baseline_(baseline(request, p.baseline)),
          quadrature_((p.unit_weights ? quadrature : captum_quadrature)(p.quadrature, p.points)),
          partition_(request.input.shape()[0], quadrature_.points.size()),
          sum_(request.input.size(), 0.0),
          weight_(request.input.shape()[0], 0.0) {
        for (const double weight : quadrature_.weights) all_weights_ += weight;
        for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
            baseline_values_.push_back(evaluator_.values(batch_slice(baseline_, n, 1), settled_.targets[n])[0]);
        }
    }

    std::size_t parts() const override { return partition_.parts(); }

    /// The weighted sum of the gradients at the part's points.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        std::vector<float> alphas(count), weights(count);
        for (std::size_t i = 0; i < count; ++i) {
            alphas[i] = static_cast<float>(quadrature_.points[point(part, i)]);
            weights[i] = static_cast<float>(quadrature_.weights[point(part, i)]);
        }
        return {evaluator_.line_gradient(batch_slice(baseline_, n, 1), batch_slice(request_.input, n, 1), alphas,
                                         weights, settled_.targets[n])};
    }

    Result snapshot() override {
        Result result;
        result.value = settled_.values;
        Tensor map = zeros(request_.input.shape());
        const std::size_t size = sample_size(request_.input);
        Completeness completeness;
        for (std::size_t n = 0; n < request_.input.shape()[0]; ++n) {
            double total = 0;
            for (std::size_t i = n * size; weight_[n] > 0 && i < (n + 1) * size; ++i) {
                const double step =
                    static_cast<double>(request_.input.data()[i]) - static_cast<double>(baseline_.data()[i]);
                // Of what has been done so far, scaled to the whole path.
                const double contribution = step * sum_[i] * all_weights_ / weight_[n];
                total += contribution;
                map.data()[i] = static_cast<float>(contribution);
            }
            completeness.add(total, settled_.values[n], baseline_values_[n]);
        }
        result.add("map", Map{std::move(map)});
        completeness.add_to(result);
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        const auto sum = sample(computed[0], 0);
        ops::add_rows(std::span(sum_).subspan(n * sum.size(), sum.size()), sum);
        for (std::size_t i = 0; i < count; ++i) weight_[n] += quadrature_.weights[point(part, i)];
    }

private:
    /// Point i of a part. Every part's are spread over the whole path, so that a run that is watched or stopped shows a
    /// fair estimate.
    std::size_t point(std::size_t part, std::size_t i) const {
        return part % partition_.per_sample() + i * partition_.per_sample();
    }

    Request request_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor baseline_;
    Quadrature quadrature_;
    Partition partition_;
    std::vector<double> sum_, weight_, baseline_values_;
    double all_weights_ = 0;
};

std::unique_ptr<Run> start_integrated_gradients(const Request& request, const IntegratedGradientsParams& p) {
    return std::make_unique<IntegratedGradientsRun>(request, p);
}

}  // namespace

Method integrated_gradients() {
    return define<IntegratedGradientsParams, start_integrated_gradients>(
        {.id = "integrated_gradients",
         .family = "attribution",
         .title = "Integrated gradients",
         .question = "How does each pixel's contribution add up on the way from blank paper to this drawing?",
         .formula = R"((x-x')\odot\int_0^1 \frac{\partial f_t}{\partial x}\big(x'+\alpha(x-x')\big)\,d\alpha)",
         .reference = {"Sundararajan, Taly, Yan", "Axiomatic Attribution for Deep Networks", 2017, "ICML"},
         .targets = any_target(),
         .outputs = contribution_outputs(),
         .caveat = "Everything is relative to the baseline: with paper as the baseline, paper can never matter. The "
                   "path crosses faint drawings that the network was not trained on.",
         .progressive = true});
}

}  // namespace pellucid::methods
