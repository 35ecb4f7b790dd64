/// counterfactual: the nearest code of the generator whose picture the network calls something else. Joshi, Koyejo,
/// Vijitbenjaronk, Kim, Ghosh 2019 (xGEMs).
///
///   z₀ = argmin_z mean (g(z) − x₀)² + λ‖z‖²/K, from `starts` codes, the best one;  then, from z₀,
///   min_z ‖z − z₀‖²/K + weight·max(0, κ + z_c − max_{j≠c} z_j),  K numbers in a code, z_c logits of g(z)
/// The target "predicted" asks for anything but the answer to the drawing; a class asks for that class, with the margin
/// turned round. The search has `starts` beginnings as well, since a slope alone often ends where no code near by has
/// the wanted answer: z₀, and on the ways from z₀ to the nearest of 256 normal codes with that answer the first places
/// that have it. Of all codes that come by, the nearest is kept whose picture has the wanted answer by half of κ (else,
/// the nearest that has it at all); `path` goes straight from z₀ to it.
/// Shapes: map = the picture, path = pictures. Cost: a forward and a backward pass of the generator per fitting step
/// and start, then of both networks per step and start. One part per step.
#include "pellucid/methods/imagine/generator.hpp"

#include "pellucid/gather.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/order.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::methods {

namespace {

struct CounterfactualParams {
    SynthesisParams synthesis{.steps = 150, .learning_rate = 0.03F};
    std::size_t fit_steps = 150, starts = 8, path = 9;
    double code_l2 = 0.002, weight = 0.3, kappa = 1;
};

void describe(Fields& f, CounterfactualParams& p) {
    describe_steps(f, p.synthesis);
    f.integer("fit_steps", p.fit_steps, {1, 10000}, "steps to find the drawing's own code");
    f.integer("starts", p.starts, {1, 64}, "codes to begin from, for the drawing's own and for the other").rarely();
    f.real("code_l2", p.code_l2, {0, 1e6}, "how much a code costs that is far from 0").rarely();
    f.real("weight", p.weight, {0, 1e6}, "how much the answer counts against a small change");
    f.real("kappa", p.kappa, {0, 1e6}, "by how much another answer must lead").rarely();
    f.integer("path", p.path, {2, 64}, "pictures from the one to the other").rarely();
    f.random_seed("seed", p.synthesis.seed, "seed of the codes to begin with");
}

SynthesisParams whole(const CounterfactualParams& p) {
    SynthesisParams all = p.synthesis;
    all.steps += p.fit_steps;
    return all;
}

class CounterfactualRun final : public SynthesisRun {
public:
    CounterfactualRun(const Request& request, const CounterfactualParams& p)
        : SynthesisRun(request, whole(p)),
          p_(p),
          anything_(request.target.kind == TargetKind::predicted),
          drawings_(request),
          descent_(std::make_unique<CodeDescent>(
              request, start_codes(generator_of(request), samples(), p.starts, 0.5, p.synthesis.seed))) {
        descent_->objective().add(distance_term(gather(request.input, descent_->owners()), range_, 1));
        nearest_.assign(samples(), none);
        sure_.assign(samples(), 0);
    }

protected:
    std::vector<double> move(std::size_t step) override {
        if (step == p_.fit_steps) begin_search();
        descent_->look((searching() ? 1 : p_.code_l2) / descent_->length(), searching() ? &fitted_ : nullptr);
        keep_nearest();
        return descent_->step((searching() ? 1.0F : 2.0F) * params_.learning_rate);
    }

    /// Asked for before every step and before the outputs, which go by the codes that it leaves.
    Tensor picture() override {
        if (!searching()) fitted_ = found_ = descent_->best_of(descent_->codes());
        // While no code has the wanted answer, where the search from z₀ is stands for it.
        for (std::size_t n = 0; n < labels_.size(); ++n) {
            if (nearest_[n] == none)
                std::ranges::copy(sample(descent_->codes(), n * p_.starts), sample(found_, n).begin());
        }
        return drawings_(found_);
    }

    void add_outputs(Result& result, const Tensor& /*pictures*/) override {
        Frames path;
        for (std::size_t k = 0; k < p_.path; ++k) {
            path.images.push_back(drawings_(on_the_way(fitted_, found_, k, p_.path - 1)));
            path.steps.push_back(static_cast<std::uint32_t>(k));
        }
        Scalar success, distance;
        for (std::size_t n = 0; n < samples(); ++n) {
            distance.per_sample.push_back(
                std::sqrt(ops::sum_of_squares(sample(std::as_const(found_), n), sample(std::as_const(fitted_), n))));
            success.per_sample.push_back(nearest_[n] < none ? 1 : 0);
        }
        result.add("success", std::move(success));
        result.add("distance", std::move(distance));
        result.add("fit_error", relative_differences(path.images.front(), request_.input));
        result.add("code", code_scores(found_));
        result.add("path", std::move(path));
    }

private:
    bool searching() const { return !labels_.empty(); }
    bool is_wanted(std::size_t answer, std::size_t n) const { return (answer == labels_[n]) != anything_; }

    void begin_search() {
        labels_.assign(samples(), network().classes() == 1 ? 1 : request_.target.index);
        if (anything_) labels_ = decisions(network(), evaluator().trace(request_.input).values[network().logits()]);
        descent_ = std::make_unique<CodeDescent>(request_, beginnings());
        missing_.resize(descent_->owners().size());
        // With the weight inside: a term of weight 0 would not be asked, and what is missing not be known.
        descent_->objective().add(
            {network().logits(), 1, [this](std::size_t i, optimise::Numbers z, double scale, std::span<float> g) {
                 const std::size_t n = i / p_.starts;
                 const double missing = optimise::margin(z, labels_[n], anything_, p_.kappa, scale * p_.weight, g);
                 missing_[i] = is_wanted(decision(network(), z), n) ? missing : none;
                 return p_.weight * missing;
             }});
        begin_again();
    }

    /// Codes that are k of `all` steps on the straight ways between others.
    static Tensor on_the_way(const Tensor& from, const Tensor& to, std::size_t k, std::size_t all) {
        Tensor between = to;
        ops::draw_to(elements(between), elements(from), static_cast<float>(k) / static_cast<float>(all));
        return between;
    }

    /// What the network answers to the pictures of codes.
    std::vector<std::size_t> answers_to(const Tensor& codes) {
        return decisions(network(), evaluator().forward(drawings_(codes)).values[network().logits()]);
    }

    /// Where the search begins: the drawing's own code, and on the ways from it to the nearest codes that have the
    /// wanted answer the first places that have it.
    Tensor beginnings() {
        constexpr std::size_t places = 16;
        const Tensor own = gather(fitted_, descent_->owners());
        Tensor ends = own;
        put_nearest(ends);
        Tensor begin = on_the_way(own, ends, places, places);
        for (std::size_t k = places - 1; k > 0; --k) {
            const Tensor way = on_the_way(own, ends, k, places);
            const std::vector<std::size_t> answers = answers_to(way);
            for (std::size_t i = 0; i < answers.size(); ++i) {
                if (is_wanted(answers[i], i / p_.starts)) std::ranges::copy(sample(way, i), sample(begin, i).begin());
            }
        }
        return begin;
    }

    /// In place of each sample's codes but the first: the nearest normal codes with the wanted answer, as far as there
    /// are some.
    void put_nearest(Tensor& codes) {
        constexpr std::size_t tried = 256, at_once = 64;
        const Tensor others = normal_codes(generator_of(request_), 0, tried, 1, p_.synthesis.seed, 1);
        std::vector<std::size_t> answers;
        for (std::size_t k = 0; k < tried; k += at_once) {
            const std::vector<std::size_t> some = answers_to(batch_slice(others, k, at_once));
            answers.insert(answers.end(), some.begin(), some.end());
        }
        std::vector<double> distances(tried);
        for (std::size_t n = 0; n < samples(); ++n) {
            std::vector<std::size_t> wanted;
            for (std::size_t k = 0; k < tried; ++k) {
                distances[k] = ops::sum_of_squares(sample(others, k), sample(std::as_const(fitted_), n));
                if (is_wanted(answers[k], n)) wanted.push_back(k);
            }
            sort_places(wanted, [&](std::size_t a, std::size_t b) { return distances[a] < distances[b]; });
            for (std::size_t s = 1; s < p_.starts && s <= wanted.size(); ++s)
                std::ranges::copy(sample(others, wanted[s - 1]), sample(codes, n * p_.starts + s).begin());
        }
    }

    /// Of the search's codes before the step, which look() has just given pictures and answers.
    void keep_nearest() {
        for (std::size_t i = 0; i < missing_.size(); ++i) {
            if (missing_[i] == none) continue;
            const std::size_t n = i / p_.starts;
            const char sure = missing_[i] <= p_.kappa / 2 ? 1 : 0;
            const double distance = descent_->prices()[i];
            // A sure one takes the place of one that is not, whatever their distances.
            if (sure < sure_[n] || (sure == sure_[n] && distance >= nearest_[n])) continue;
            sure_[n] = sure;
            nearest_[n] = distance;
            std::ranges::copy(sample(descent_->codes(), i), sample(found_, n).begin());
        }
    }

    static constexpr double none = std::numeric_limits<double>::max();
    CounterfactualParams p_;
    bool anything_;
    CodeDrawings drawings_;
    std::unique_ptr<CodeDescent> descent_;  // of the fit, and then of the search
    std::vector<std::size_t> labels_;       // what the answer must not be, or, where a class is asked for, must be
    std::vector<double> missing_;           // to κ, of every code of the search; `none` where the answer is not wanted
    std::vector<double> nearest_;           // squared distance of what was found, `none` before
    std::vector<char> sure_;                // whether that answer leads by half of κ
    Tensor fitted_, found_;                 // z₀, and the nearest with the wanted answer; while the fit goes on, z₀
};

std::unique_ptr<Run> start_counterfactual(const Request& request, const CounterfactualParams& p) {
    return std::make_unique<CounterfactualRun>(request, p);
}

}  // namespace

Method counterfactual() {
    return define<CounterfactualParams, start_counterfactual>(
        {.id = "counterfactual",
         .family = "imagine",
         .title = "Counterfactual",
         .question = "What would have to change for another answer?",
         .formula = R"(\min_z \|z-z_0\|^2 + \lambda\max\big(0, \kappa + z_c(g(z)) - \max_{j\ne c} z_j(g(z))\big))",
         .reference = {"Joshi, Koyejo, Vijitbenjaronk, Kim, Ghosh",
                       "Towards Realistic Individual Recourse and Actionable Explanations in Black-Box Decision Making "
                       "Systems",
                       2019, "arXiv:1907.09615"},
         .targets = {TargetKind::predicted, TargetKind::logit, TargetKind::probability},
         .outputs = synthesis_outputs(
             "the nearest picture with another answer",
             {scalar_output("success", "yes", "whether another answer was found"),
              scalar_output("distance", "", "length of the way in the generator's code"),
              scalar_output("fit_error", "share",
                            "how far the generator's picture is from the drawing: ‖g(z₀) − x₀‖ / ‖x₀‖"),
              code_output(),
              frames_output("path", MapKind::image,
                            "from the generator's picture of the drawing to the other, straight in its code")}),
         .caveat = "It is near in the generator's code, and starts at the generator's picture, which is not quite the "
                   "drawing.",
         .progressive = true,
         .needs = {Role::generator},
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
