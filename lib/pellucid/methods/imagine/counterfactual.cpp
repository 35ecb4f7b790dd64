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
          code_(generator(), start_codes(generator(), samples(), p.starts, 0.5, p.synthesis.seed), range_),
          fit_(network()),
          search_(network()) {
        for (std::size_t i = 0; i < samples() * p.starts; ++i) owner_.push_back(i / p.starts);
        for (std::size_t n = 0; n < samples(); ++n) labels_.push_back(label(n));
        fit_.add(distance_term(gather(request.input, owner_), range_, 1));
        search_.add({network().logits(), p.weight,
                     [this](std::size_t i, optimise::Numbers z, double scale, std::span<float> g) {
                         return optimise::margin(z, labels_[owner_[i]], anything_, p_.kappa, scale, g);
                     }});
        params_.learning_rate *= 2;  // of the fit
    }

protected:
    std::vector<double> move(std::size_t step) override {
        if (step < p_.fit_steps) return fit();
        if (step == p_.fit_steps) begin_search();
        return search();
    }

    Tensor picture() override { return searching() ? drawings_(best_code()) : gather(code_.image(), best_starts()); }

    void add_outputs(Result& result, const Tensor& /*pictures*/) override {
        const Tensor end = searching() ? best_code() : gather(code_.code(), best_starts());
        const Tensor start = searching() ? fitted_ : end;
        Frames path;
        for (std::size_t k = 0; k < p_.path; ++k) {
            Tensor between = end;
            ops::draw_to(elements(between), elements(start), static_cast<float>(k) / static_cast<float>(p_.path - 1));
            path.images.push_back(drawings_(between));
            path.steps.push_back(static_cast<std::uint32_t>(k));
        }
        Scalar success, distance, error;
        for (std::size_t n = 0; n < samples(); ++n) {
            distance.per_sample.push_back(std::sqrt(ops::sum_of_squares(sample(end, n), sample(start, n))));
            success.per_sample.push_back(searching() && found(n) ? 1 : 0);
            error.per_sample.push_back(relative_difference(sample(path.images.front(), n), sample(request_.input, n)));
        }
        result.add("success", std::move(success));
        result.add("distance", std::move(distance));
        result.add("fit_error", std::move(error));
        result.add("code", code_scores(end));
        result.add("path", std::move(path));
    }

private:
    const Network& generator() const { return generator_of(request_); }
    bool searching() const { return fitted_.size() > 0; }

    /// What the answer must not be, or, where a class is asked for, must be.
    std::size_t label(std::size_t n) {
        if (!anything_) return network().classes() == 1 ? 1 : request_.target.index;
        return decision(network(), sample(evaluator().trace(request_.input).values[network().logits()], n));
    }
    bool is_wanted(std::size_t answer, std::size_t n) const { return (answer == labels_[n]) != anything_; }

    std::vector<double> fit() {
        losses_ = descend(code_, fit_, [&](std::vector<double>& losses) {
            add_code_price(losses, code_, p_.code_l2 / static_cast<double>(sample_size(code_.code())));
        });
        std::vector<double> best;
        for (const std::size_t i : best_starts()) best.push_back(losses_[i]);
        return best;
    }

    /// Of every sample the start that has come nearest to its drawing; before the first step the first.
    std::vector<std::size_t> best_starts() const {
        std::vector<std::size_t> best;
        for (std::size_t i = 0; i < owner_.size(); i += p_.starts) best.push_back(i);
        for (std::size_t i = 0; i < losses_.size(); ++i) {
            if (losses_[i] < losses_[best[owner_[i]]]) best[owner_[i]] = i;
        }
        return best;
    }

    void begin_search() {
        fitted_ = gather(code_.code(), best_starts());
        found_ = fitted_;
        nearest_.assign(samples(), none);
        sure_.assign(samples(), 0);
        code_.code() = beginnings();
        code_.moved();
        adam_ = optimise::Adam({});
        params_.learning_rate = p_.synthesis.learning_rate;
        begin_again();
    }

    /// What the network answers to the pictures of codes.
    std::vector<std::size_t> answers_to(const Tensor& codes) {
        return decisions(network(), evaluator().forward(drawings_(codes)).values[network().logits()]);
    }

    /// Where the search begins: the drawing's own code, and places that have the wanted answer already.
    Tensor beginnings() {
        constexpr std::size_t tried = 256, at_once = 64;
        const Tensor others = normal_codes(generator(), 0, tried, 1, p_.synthesis.seed, 1);
        std::vector<std::size_t> answers;
        for (std::size_t k = 0; k < tried; k += at_once) {
            const std::vector<std::size_t> some = answers_to(batch_slice(others, k, at_once));
            answers.insert(answers.end(), some.begin(), some.end());
        }
        Tensor begin = gather(fitted_, owner_);
        for (std::size_t n = 0; n < samples(); ++n) {
            std::vector<double> distances;
            std::vector<std::size_t> wanted;
            for (std::size_t k = 0; k < tried; ++k) {
                distances.push_back(ops::sum_of_squares(sample(others, k), sample(std::as_const(fitted_), n)));
                if (is_wanted(answers[k], n)) wanted.push_back(k);
            }
            sort_places(wanted, [&](std::size_t a, std::size_t b) { return distances[a] < distances[b]; });
            for (std::size_t s = 1; s < std::min(p_.starts, wanted.size() + 1); ++s)
                go_towards(sample(others, wanted[s - 1]), n, sample(begin, n * p_.starts + s));
        }
        return begin;
    }

    /// Moves z₀ on the way to another code to the first place that has the wanted answer.
    void go_towards(std::span<const float> other, std::size_t n, std::span<float> code) {
        constexpr std::size_t places = 16;
        Tensor way(with_batch(fitted_.shape(), places));
        for (std::size_t k = 0; k < places; ++k) {
            std::ranges::copy(other, sample(way, k).begin());
            ops::draw_to(sample(way, k), code, static_cast<float>(k + 1) / static_cast<float>(places));
        }
        const std::vector<std::size_t> answers = answers_to(way);
        std::size_t k = 0;
        while (k + 1 < places && !is_wanted(answers[k], n)) ++k;
        std::ranges::copy(sample(std::as_const(way), k), code.begin());
    }

    std::vector<double> search() {
        std::vector<double> best(samples(), none);
        descend(code_, search_, [&](std::vector<double>& values) {
            std::vector<double> distances(values.size(), 0.0);
            add_code_price(distances, code_, 1 / static_cast<double>(sample_size(fitted_)), &fitted_);
            for (std::size_t i = 0; i < values.size(); ++i)
                best[owner_[i]] = std::min(best[owner_[i]], values[i] + distances[i]);
            keep_nearest(distances);
        });
        return best;
    }

    void keep_nearest(const std::vector<double>& distances) {
        const Tensor& logits = evaluator().forward(code_.image()).values[network().logits()];
        std::vector<float> unused(sample_size(logits), 0.0F);
        for (std::size_t i = 0; i < distances.size(); ++i) {
            const std::size_t n = owner_[i];
            const auto z = sample(logits, i);
            if (!is_wanted(decision(network(), z), n)) continue;
            const bool sure = optimise::margin(z, labels_[n], anything_, p_.kappa, 0, unused) <= p_.kappa / 2;
            // A sure one takes the place of one that is not, whatever their distances.
            if (sure < (sure_[n] != 0) || (sure == (sure_[n] != 0) && distances[i] >= nearest_[n])) continue;
            sure_[n] = sure ? 1 : 0;
            nearest_[n] = distances[i];
            std::ranges::copy(sample(std::as_const(code_.code()), i), sample(found_, n).begin());
        }
    }

    bool found(std::size_t n) const { return nearest_[n] < none; }
    /// The nearest that has the wanted answer; while there is none, where the search from z₀ is.
    Tensor best_code() {
        Tensor best = found_;
        for (std::size_t n = 0; n < samples(); ++n) {
            if (!found(n))
                std::ranges::copy(sample(std::as_const(code_.code()), n * p_.starts), sample(best, n).begin());
        }
        return best;
    }

    static constexpr double none = std::numeric_limits<double>::max();
    CounterfactualParams p_;
    bool anything_;
    CodeDrawings drawings_;
    optimise::Code code_;
    optimise::Objective fit_, search_;
    std::vector<std::size_t> owner_, labels_;  // the sample that each code is of; of each sample, see label()
    std::vector<double> losses_, nearest_;     // squared distance of what was found, `none` before
    std::vector<char> sure_;                   // whether that answer leads by half of κ
    Tensor fitted_, found_;
};

std::unique_ptr<Run> start_counterfactual(const Request& request, const CounterfactualParams& p) {
    return std::make_unique<CounterfactualRun>(request, p);
}

}  // namespace

Method counterfactual() {
    const Output path = frames_output("path", MapKind::image,
                                      "from the generator's picture of the drawing to the other, straight in its code");
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
              code_output(), path}),
         .caveat = "It is near in the generator's code, and starts at the generator's picture, which is not quite the "
                   "drawing.",
         .progressive = true,
         .needs = {Role::generator},
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
