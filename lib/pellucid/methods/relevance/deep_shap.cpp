/// deep_shap: DeepLIFT averaged over many references, an approximation of Shapley values. Lundberg & Lee 2017.
///
///   φ = mean over baselines b of DeepLIFT(x, b);  Σ φ = f_t(x) − mean f_t(b).
/// Baselines: `baselines` (K, H, W, C) as given; otherwise `samples` built-in pen digits, drawn without replacement
/// from `seed`, where the network reads 28×28×1, and paper (one baseline) where it does not.
/// Shapes: map as the input; the ledger of every layer, its rows means over the baselines; images: "standard_error" of
/// the mean (with 2 baselines and more). Numbers: "completeness_gap", "baseline_value" = mean f_t(b).
/// Cost: per baseline a forward and a backward pass, in batches.
#include "pellucid/methods/attribution/baseline_set.hpp"
#include "pellucid/methods/attribution/sampling.hpp"
#include "pellucid/methods/relevance/contribution_walk.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/simd/kernels.hpp"

#include <numeric>

namespace pellucid::methods {

namespace {

struct DeepShapParams {
    std::size_t samples = 32;
    std::uint32_t seed = 0;
    std::shared_ptr<const Tensor> baselines;
    DeepLiftOptions options;
};

void describe(Fields& f, DeepShapParams& p) {
    f.integer("samples", p.samples, {1, 300}, "pen digits to compare with").at_most_while_drawing(5);
    f.random_seed("seed", p.seed, "which of the pen digits");
    f.image("baselines", p.baselines, "drawings to compare with instead, (K, H, W, C)").drawings();
    describe(f, p.options);
    f.compat(deeplift_presets);
}

/// The baselines in use: all that were given; else `samples` pen digits, drawn without replacement; else paper.
Tensor chosen_baselines(const Request& request, const DeepShapParams& p) {
    const BaselineSet all(request, p.baselines);
    std::vector<std::size_t> order(all.count());
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (p.baselines == nullptr) {
        Random random = stream(p.seed, Purpose::baselines);
        random.shuffle(order);
        order.resize(std::min(order.size(), p.samples));
    }
    Tensor chosen(with_batch(request.input.shape(), order.size()));
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Tensor image = all[order[i]];
        std::copy_n(image.data(), image.size(), sample(chosen, i).data());
    }
    return chosen;
}

class DeepShapRun final : public PartedRun {
public:
    DeepShapRun(const Request& request, const DeepShapParams& p)
        : request_(request),
          options_(p.options),
          evaluator_(deeplift_evaluator(request, options_)),
          settled_(settle_targets(request, evaluator_)),
          baselines_(chosen_baselines(request, p)),
          partition_(request.input.shape()[0], baselines_.shape()[0]),
          moments_(request.input.shape()[0], sample_size(request.input)),
          baseline_sum_(request.input.shape()[0], 0.0),
          flows_(evaluator_.network().nodes().size()) {}

    std::size_t parts() const override { return partition_.parts(); }

    /// The contributions from every baseline of the part, f_t of these, and what flowed through every layer: whether it
    /// was crossed, what entered and what left it. Where layers are wanted: the sums of the contributions in each
    /// crossed layer.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = partition_[part];
        const Trace trace = tile(evaluator_.trace(request_.input), n, 1, count);
        evaluator_.network().forward(batch_slice(baselines_, first, count), reference_);
        const std::vector<double> values = target_values(settled_.targets[n], evaluator_.network(), reference_);
        Tensor at_baselines(Shape{1, 1, 1, count});
        for (std::size_t i = 0; i < count; ++i) at_baselines.data()[i] = static_cast<float>(values[i]);
        Ledger ledger;
        const DeepLiftPass pass(evaluator_, trace, reference_, settled_.targets[n], options_, &ledger);
        Tensor flows = zeros({1, 1, flows_.size(), 3});
        for (const LedgerRow& row : ledger) {
            float* flow = flows.data() + 3 * (evaluator_.network().find(row.layer) - 1);
            flow[0] = 1.0F;
            flow[1] = static_cast<float>(row.entering);
            flow[2] = static_cast<float>(row.leaving);
        }
        std::vector<Tensor> computed{pass.contributions(0), std::move(at_baselines), std::move(flows)};
        for (const LedgerRow& row : request_.layerwise ? ledger : Ledger()) {
            const Tensor each = pass.contributions(evaluator_.network().find(row.layer));
            Tensor sum = zeros(with_batch(each.shape(), 1));
            for (std::size_t i = 0; i < count; ++i)
                simd::kernels().add(sum.size(), sum.data(), sample(each, i).data(), sum.data());
            computed.push_back(std::move(sum));
        }
        return computed;
    }

    Result snapshot() override {
        Result result = mean_contributions(request_, settled_, partition_, done(), moments_, baseline_sum_);
        result.ledger = ledger();
        if (request_.layerwise && done() == parts()) {
            if (!walk_)
                walk_ = contribution_walk({evaluator_, request_.input, {baselines_}, settled_.targets, options_},
                                          means(result.map()));
            result.layerwise = walk_;
        }
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = partition_[part];
        for (std::size_t i = 0; i < count; ++i) {
            moments_.add(n, sample(computed[0], i));
            baseline_sum_[n] += static_cast<double>(computed[1].data()[i]);
        }
        for (std::size_t node = 0; node < flows_.size(); ++node) {
            const float* flow = computed[2].data() + 3 * node;
            if (flow[0] == 0.0F) continue;
            flows_[node].crossed = true;
            flows_[node].entering += static_cast<double>(flow[1]);
            flows_[node].leaving += static_cast<double>(flow[2]);
        }
        // The layers' sums, in the order of the ledger's rows: from the top down.
        std::size_t next = 3;
        for (std::size_t node = flows_.size(); node-- > 0 && next < computed.size();) {
            if (computed[2].data()[3 * node] == 0.0F) continue;
            const Tensor& part_sums = computed[next++];
            std::vector<double>& sums = flows_[node].contributions;
            sums.resize(request_.input.shape()[0] * part_sums.size());
            ops::add_rows(std::span(sums).subspan(n * part_sums.size(), part_sums.size()), elements(part_sums));
        }
    }

private:
    /// Sums over all baselines seen.
    struct Flow {
        bool crossed = false;
        double entering = 0, leaving = 0;
        std::vector<double> contributions;  // of every input; only where layers are wanted
    };

    /// Of the mean over the baselines, as far as they have been seen; summed over the inputs.
    Ledger ledger() const {
        const std::size_t inputs = request_.input.shape()[0];
        std::size_t passes = 0;
        for (std::size_t n = 0; n < inputs; ++n) passes += partition_.neighbours_done(n, done());
        const double share = static_cast<double>(inputs) / static_cast<double>(std::max<std::size_t>(passes, 1));
        Ledger rows;
        for (std::size_t node = flows_.size(); node-- > 0;) {
            const auto& [crossed, entering, leaving, _] = flows_[node];
            if (!crossed) continue;
            rows.push_back({.layer = evaluator_.network().nodes()[node].name,
                            .entering = entering * share,
                            .leaving = leaving * share,
                            .stabiliser = (entering - leaving) * share});
        }
        return rows;
    }

    /// The mean contributions in every layer; `map`: those of the input.
    Signals means(const Tensor& map) const {
        Signals all;
        all.values.resize(flows_.size() + 1);
        all.known.assign(flows_.size() + 1, 0);
        all.values[0] = map;
        all.known[0] = 1;
        const auto baselines = static_cast<double>(baselines_.shape()[0]);
        for (std::size_t node = 0; node < flows_.size(); ++node) {
            if (!flows_[node].crossed) continue;
            all.known[node + 1] = 1;
            Tensor& mean = all.values[node + 1];
            mean = zeros(with_batch(evaluator_.network().shape(node + 1), request_.input.shape()[0]));
            for (std::size_t i = 0; i < mean.size(); ++i)
                mean.data()[i] = static_cast<float>(flows_[node].contributions[i] / baselines);
        }
        return all;
    }

    Request request_;
    DeepLiftOptions options_;
    Evaluator& evaluator_;
    SettledTargets settled_;
    Tensor baselines_;
    Partition partition_;
    Trace reference_;
    Moments moments_;
    std::vector<double> baseline_sum_;
    std::vector<Flow> flows_;  // of every node
    std::shared_ptr<const Layerwise> walk_;
};

std::unique_ptr<Run> start_deep_shap(const Request& request, const DeepShapParams& p) {
    return std::make_unique<DeepShapRun>(request, p);
}

}  // namespace

Method deep_shap() {
    return define<DeepShapParams, start_deep_shap>(
        {.id = "deep_shap",
         .family = "relevance",
         .title = "Deep SHAP",
         .question = "How much does each pixel add to the score, compared with what digits look like in general?",
         .formula = R"(\phi_i = \frac1K\sum_{k=1}^{K} m_i^{(k)}\,(x_i - b_i^{(k)}),\quad \sum_i \phi_i = f_t(x) - )"
                    R"(\frac1K\sum_k f_t(b^{(k)}))",
         .reference = {"Lundberg, Lee", "A Unified Approach to Interpreting Model Predictions", 2017, "NeurIPS"},
         .targets = any_target(),
         .outputs = mean_contribution_outputs(),
         .caveat = "It approximates Shapley values as if pixels were independent of each other; the drawings that one "
                   "compares with decide what one sees.",
         .progressive = true});
}

}  // namespace pellucid::methods
