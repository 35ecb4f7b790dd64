/// stroke_shapley: the Shapley value of every stroke that the user drew. Pellucid's own: the value is Shapley's (1953),
/// its use to explain a classifier Štrumbelj and Kononenko's (2010), and the players are strokes.
///
///   φ_i = Σ_{S ∌ i} |S|!(M − |S| − 1)!/M! · (f_t(strokes S and i) − f_t(strokes S)),  M strokes
/// The players are the drawing's strokes, and a stroke's absence is paper (stroke_game.hpp), so that Σ φ = f_t(x) − f_t
/// of what is left without any: paper. With at most 10 strokes all 2^M sub-drawings are asked and the values are exact;
/// above, `samples` random orders of the strokes are (order i depends on the seed and on i alone).
/// `interactions` gives what two strokes are worth together beyond what each is alone (Shapley interaction index,
/// Grabisch & Roubens 1999), for at most 10 strokes and of the first input.
/// Shapes: map (N, H, W, 1), each stroke's value painted on its ink; scores (N, 1, 1, strokes).
/// Cost: 2^M − 2 forward passes, or samples·(M − 1), in batches.
#include "pellucid/error.hpp"
#include "pellucid/methods/perturbation/shapley.hpp"
#include "pellucid/methods/perturbation/stroke_game.hpp"

#include <numeric>

namespace pellucid::methods {

namespace {

struct StrokeShapleyParams {
    bool interactions = false;
    std::size_t samples = 100;
    std::uint32_t seed = 0;
};

void describe(Fields& f, StrokeShapleyParams& p) {
    f.flag("interactions", p.interactions, "also what two strokes are worth together, of at most 10 strokes");
    f.integer("samples", p.samples, {1, 100000}, "random orders of the strokes, where there are more than 10")
        .at_most_while_drawing(5);
    f.random_seed("seed", p.seed, "seed of the orders");
}

class StrokeShapleyRun final : public PartedRun {
public:
    StrokeShapleyRun(const Request& request, const StrokeShapleyParams& p)
        : game_(request), params_(p), exact_(game_.players() <= most_exact_players) {
        const std::size_t m = game_.players();
        if (p.interactions && !exact_) {
            fail(ErrorCode::bad_argument,
                 "stroke_shapley: interactions ask for every sub-drawing, of at most {} strokes; this drawing has {}",
                 most_exact_players, m);
        }
        // The empty drawing and the whole one are known.
        const std::size_t asked = exact_ ? (std::size_t{1} << m) - 2 : p.samples;
        const std::size_t per_part = exact_ ? neighbours_per_part : std::max<std::size_t>(neighbours_per_part / m, 1);
        parts_ = parts_of(std::vector<std::size_t>(game_.inputs(), asked), per_part);
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            auto& worth = worth_.emplace_back(exact_ ? std::size_t{1} << m : 0, game_.at_paper(n));
            if (exact_) worth.back() = game_.value(n);
            added_.emplace_back(m, 0.0);
            orders_.push_back(0);
        }
    }

    std::size_t parts() const override { return parts_.size(); }

    /// What sub-drawings are worth, or what every stroke adds, order by order.
    std::vector<Tensor> compute(std::size_t part) override {
        const auto [n, first, count] = parts_[part];
        const std::size_t m = game_.players();
        std::vector<Coalition> drawings;
        for (std::size_t i = first; i < first + count; ++i) {
            Coalition drawn(m, 0);
            if (exact_) {
                for (std::size_t s = 0; s < m; ++s) drawn[s] = (i + 1) >> s & 1U;
                drawings.push_back(drawn);
                continue;
            }
            const std::vector<std::size_t> strokes = order(i);
            for (std::size_t k = 0; k + 1 < m; ++k) {
                drawn[strokes[k]] = 1;
                drawings.push_back(drawn);
            }
        }
        const std::vector<double> worth = game_.worth(n, drawings);
        if (exact_) return list_of(row_of(worth));
        std::vector<double> added(m, 0.0);
        std::size_t next = 0;
        for (std::size_t i = first; i < first + count; ++i) {
            const std::vector<std::size_t> strokes = order(i);
            double before = game_.at_paper(n);
            for (std::size_t k = 0; k < m; ++k) {
                const double after = k + 1 < m ? worth[next++] : game_.value(n);
                added[strokes[k]] += after - before;
                before = after;
            }
        }
        return list_of(row_of(added));
    }

    Result snapshot() override {
        const std::size_t m = game_.players();
        Result result;
        result.value = game_.values();
        Tensor scores = zeros({game_.inputs(), 1, 1, m});
        Completeness completeness;
        Scalar nobodys;
        for (std::size_t n = 0; n < game_.inputs(); ++n) {
            std::vector<double> values = exact_ ? shapley_values(worth_[n], m) : added_[n];
            if (!exact_) {
                for (double& v : values) v /= std::max(static_cast<double>(orders_[n]), 1.0);
            }
            std::transform(values.begin(), values.end(), sample(scores, n).begin(),
                           [](double v) { return static_cast<float>(v); });
            completeness.add(std::accumulate(values.begin(), values.end(), 0.0), game_.value(n), game_.at_paper(n));
            nobodys.per_sample.push_back(game_.ink_of_nobody(n));
        }
        result.add("map", Map{game_.painted(scores)});
        result.add("scores", Scores{game_.names(), std::move(scores)});
        completeness.add_to(result);
        result.add("ink_without_stroke", std::move(nobodys));
        if (params_.interactions) result.add("interactions", pairs());
        return result;
    }

protected:
    void take(std::size_t part, const std::vector<Tensor>& computed) override {
        const auto [n, first, count] = parts_[part];
        for (std::size_t i = 0; exact_ && i < count; ++i) {
            worth_[n][first + 1 + i] = static_cast<double>(computed[0].data()[i]);
        }
        if (exact_) return;
        for (std::size_t s = 0; s < game_.players(); ++s) added_[n][s] += static_cast<double>(computed[0].data()[s]);
        orders_[n] += count;
    }

private:
    std::vector<std::size_t> order(std::size_t number) const {
        std::vector<std::size_t> strokes(game_.players());
        std::iota(strokes.begin(), strokes.end(), std::size_t{0});
        Random random = stream(params_.seed, Purpose::permutation, 0, number);
        random.shuffle(strokes);
        return strokes;
    }

    Table pairs() const {
        const std::size_t m = game_.players();
        const std::vector<double> interactions = shapley_interactions(worth_.front(), m);
        Table table{{"stroke", "other", "together"}, {}};
        for (std::size_t i = 0; i < m; ++i) {
            for (std::size_t j = i + 1; j < m; ++j) {
                table.rows.push_back({static_cast<double>(i + 1), static_cast<double>(j + 1), interactions[i * m + j]});
            }
        }
        return table;
    }

    StrokeGame game_;
    StrokeShapleyParams params_;
    bool exact_;
    std::vector<Partition::Part> parts_;
    std::vector<std::vector<double>> worth_;  ///< of every sub-drawing, stroke i as bit i; exact only
    std::vector<std::vector<double>> added_;  ///< sums over the orders done; sampled only
    std::vector<std::size_t> orders_;
};

std::unique_ptr<Run> start_stroke_shapley(const Request& request, const StrokeShapleyParams& p) {
    return std::make_unique<StrokeShapleyRun>(request, p);
}

std::vector<Output> stroke_outputs() {
    std::vector<Output> outputs = group_outputs("the strokes' Shapley values");
    const std::vector<Output> sums = contribution_outputs();
    outputs.insert(outputs.end(), sums.begin() + 1, sums.end());
    outputs.push_back(scalar_output("ink_without_stroke", "share", "ink of the picture that no stroke has drawn"));
    outputs.push_back(optional_output(
        table_output("interactions", "", "what two strokes are worth together beyond what each is alone")));
    return outputs;
}

}  // namespace

Method stroke_shapley() {
    return define<StrokeShapleyParams, start_stroke_shapley>(
        {.id = "stroke_shapley",
         .family = "perturbation",
         .title = "Strokes",
         .question = "What is each of your strokes worth to the answer?",
         .formula = R"(\varphi_i = \sum_{S\not\ni i} \tfrac{|S|!\,(M-|S|-1)!}{M!}\,(f_t(S\cup i) - f_t(S)))",
         .reference = {"Štrumbelj, Kononenko",
                       "An Efficient Explanation of Individual Classifications using Game Theory", 2010, "JMLR"},
         .targets = any_target(),
         .outputs = stroke_outputs(),
         .caveat =
             "The share is fair among your strokes: the same digit drawn in other strokes has other shares. Half a "
             "drawing is nothing that the network has been trained on.",
         .progressive = true,
         .needs = {Role::strokes}});
}

}  // namespace pellucid::methods
