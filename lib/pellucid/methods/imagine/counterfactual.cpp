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

#include "pellucid/nn/head.hpp"
#include "pellucid/random.hpp"

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
          fit_(network()),
          search_(network()),
          code_(std::make_unique<optimise::Code>(
              generator_of(request), start_codes(generator_of(request), samples(), p.starts, 0.5, p.synthesis.seed),
              range_)) {
        for (std::size_t n = 0; n < samples(); ++n) labels_.push_back(label(n));
        const optimise::Term near = distance_term(request.input, range_, 1);
        fit_.add(
            {0, 1, [near, starts = p.starts](std::size_t i, optimise::Numbers x, double scale, std::span<float> g) {
                 return near.of(i / starts, x, scale, g);
             }});
        search_.add({network().logits(), p.weight,
                     [this](std::size_t i, optimise::Numbers z, double scale, std::span<float> g) {
                         return away(i / p_.starts, z, scale, g);
                     }});
    }

protected:
    std::vector<double> move(std::size_t step) override {
        if (step < p_.fit_steps) return fit();
        if (step == p_.fit_steps) settle_fit();
        return search();
    }

    Tensor picture() override {
        if (fitted_.size() == 0) return best_of(code_->image());
        generator_picture_ = generator_.forward(best_code(), generator().output()).values[generator().output()];
        scale_to_range(generator_picture_, range_);
        return generator_picture_;
    }

    void add_outputs(Result& result, const Tensor& pictures) override {
        const bool searched = fitted_.size() > 0;
        const Tensor end = searched ? best_code() : best_of(code_->code()), start = searched ? fitted_ : end;
        Frames path;
        for (std::size_t k = 0; k < p_.path; ++k) {
            const float t = static_cast<float>(k) / static_cast<float>(p_.path - 1);
            Tensor between = start;
            for (std::size_t i = 0; i < between.size(); ++i) between.data()[i] += t * (end.data()[i] - start.data()[i]);
            Tensor image = generator_.forward(between, generator().output()).values[generator().output()];
            scale_to_range(image, range_);
            path.images.push_back(std::move(image));
            path.steps.push_back(static_cast<std::uint32_t>(k));
        }
        Scalar success, distance, error;
        for (std::size_t n = 0; n < samples(); ++n) {
            double square = 0;
            for (std::size_t i = 0; i < sample_size(end); ++i) {
                const double d = static_cast<double>(sample(end, n)[i]) - static_cast<double>(sample(start, n)[i]);
                square += d * d;
            }
            distance.per_sample.push_back(std::sqrt(square));
            success.per_sample.push_back(searched && found(n) ? 1 : 0);
            error.per_sample.push_back(relative_difference(sample(path.images.front(), n), sample(request_.input, n)));
        }
        (void)pictures;
        result.add("success", std::move(success));
        result.add("distance", std::move(distance));
        result.add("fit_error", std::move(error));
        result.add("code", code_scores(end));
        result.add("path", std::move(path));
    }

private:
    const Network& generator() const { return request_.with->generator(); }

    /// What the answer must not be, or, where a class is asked for, must be.
    std::size_t label(std::size_t n) {
        if (!anything_) return network().classes() == 1 ? 1 : request_.target.index;
        return decision(network(), sample(evaluator().trace(request_.input).values[network().logits()], n));
    }

    double away(std::size_t n, optimise::Numbers z, double scale, std::span<float> gradient) const {
        if (anything_) return optimise::margin(z, labels_[n], p_.kappa, scale, gradient);
        if (z.size() == 1) return optimise::margin(z, 0, p_.kappa, scale, gradient);
        // max(0, κ + max_{j≠c} z_j − z_c)
        std::size_t rival = labels_[n] == 0 ? 1 : 0;
        for (std::size_t c = 0; c < z.size(); ++c) {
            if (c != labels_[n] && z[c] > z[rival]) rival = c;
        }
        const double left = p_.kappa + static_cast<double>(z[rival]) - static_cast<double>(z[labels_[n]]);
        if (left <= 0) return 0;
        gradient[rival] += static_cast<float>(scale);
        gradient[labels_[n]] -= static_cast<float>(scale);
        return left;
    }

    std::vector<double> fit() {
        losses_ = fit_(code_->image(), gradient_);
        code_->pull(gradient_);
        const double weight = p_.code_l2 / static_cast<double>(sample_size(code_->code()));
        for (std::size_t i = 0; i < losses_.size(); ++i) {
            losses_[i] += weight * optimise::squared_distance(sample(std::as_const(code_->code()), i), {}, weight,
                                                              sample(code_->gradient(), i));
        }
        code_optimiser_.step(code_->slots(), 2 * params_.learning_rate);
        code_->moved();
        std::vector<double> best;
        for (std::size_t n = 0; n < samples(); ++n) best.push_back(losses_[best_start(n)]);
        return best;
    }

    std::size_t best_start(std::size_t n) const {
        const auto first = losses_.begin() + static_cast<std::ptrdiff_t>(n * p_.starts);
        const auto last = first + static_cast<std::ptrdiff_t>(p_.starts);
        return static_cast<std::size_t>(std::min_element(first, last) - losses_.begin());
    }
    /// Of every sample the picture, or code, of its best start.
    Tensor best_of(const Tensor& all) const {
        Tensor best(with_batch(all.shape(), samples()));
        for (std::size_t n = 0; n < samples(); ++n) {
            const std::size_t from = losses_.empty() ? n * p_.starts : best_start(n);
            std::ranges::copy(sample(all, from), sample(best, n).begin());
        }
        return best;
    }

    void settle_fit() {
        fitted_ = best_of(code_->code());
        found_ = fitted_;
        nearest_.assign(samples(), none);
        sure_.assign(samples(), 0);
        code_ = std::make_unique<optimise::Code>(generator(), beginnings(), range_);
        begin_again();
    }

    bool found(std::size_t n) const { return nearest_[n] < none; }
    bool has_answer(std::size_t n, std::span<const float> logits) const {
        return (decision(network(), logits) == labels_[n]) != anything_;
    }
    Tensor logits_of(const Tensor& codes) {
        Tensor image = generator_.forward(codes, generator().output()).values[generator().output()];
        scale_to_range(image, range_);
        return evaluator().forward(image).values[network().logits()];
    }

    /// Where the search begins: the drawing's own code, and places that have the wanted answer already.
    Tensor beginnings() {
        constexpr std::size_t tried = 256, at_once = 64, places = 16;
        const std::size_t length = sample_size(fitted_);
        Tensor others(with_batch(fitted_.shape(), tried));
        std::vector<Tensor> answers;
        for (std::size_t k = 0; k < tried; ++k) {
            Random random = stream(p_.synthesis.seed, Purpose::code, 1, k);
            for (float& z : sample(others, k)) z = random.normal();
        }
        for (std::size_t k = 0; k < tried; k += at_once) answers.push_back(logits_of(batch_slice(others, k, at_once)));

        Tensor begin(with_batch(fitted_.shape(), samples() * p_.starts));
        Tensor way(with_batch(fitted_.shape(), places));
        for (std::size_t n = 0; n < samples(); ++n) {
            const auto own = sample(std::as_const(fitted_), n);
            std::vector<std::pair<double, std::size_t>> by_distance;
            for (std::size_t k = 0; k < tried; ++k) {
                if (!has_answer(n, sample(std::as_const(answers[k / at_once]), k % at_once))) continue;
                std::vector<float> unused(length, 0.0F);
                by_distance.emplace_back(optimise::squared_distance(sample(std::as_const(others), k), own, 0, unused),
                                         k);
            }
            std::ranges::sort(by_distance);
            for (std::size_t s = 0; s < p_.starts; ++s) {
                const auto to = sample(begin, n * p_.starts + s);
                std::ranges::copy(own, to.begin());
                if (s == 0 || s > by_distance.size()) continue;
                const auto other = sample(std::as_const(others), by_distance[s - 1].second);
                for (std::size_t k = 0; k < places; ++k) {
                    const float t = static_cast<float>(k + 1) / static_cast<float>(places);
                    for (std::size_t i = 0; i < length; ++i) sample(way, k)[i] = own[i] + t * (other[i] - own[i]);
                }
                const Tensor logits = logits_of(way);
                std::size_t k = 0;
                while (k + 1 < places && !has_answer(n, sample(logits, k))) ++k;
                std::ranges::copy(sample(std::as_const(way), k), to.begin());
            }
        }
        return begin;
    }

    std::vector<double> search() {
        std::vector<double> values = search_(code_->image(), gradient_);
        code_->pull(gradient_);
        const double weight = 1 / static_cast<double>(sample_size(fitted_));
        std::vector<double> distances, best(samples(), none);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const std::size_t n = i / p_.starts;
            distances.push_back(weight * optimise::squared_distance(sample(std::as_const(code_->code()), i),
                                                                    sample(std::as_const(fitted_), n), weight,
                                                                    sample(code_->gradient(), i)));
            best[n] = std::min(best[n], values[i] + distances[i]);
        }
        keep_nearest(distances);
        adam_.step(code_->slots(), params_.learning_rate);
        code_->moved();
        return best;
    }

    void keep_nearest(const std::vector<double>& distances) {
        const Tensor& logits = evaluator().forward(code_->image()).values[network().logits()];
        std::vector<float> unused(sample_size(logits), 0.0F);
        for (std::size_t i = 0; i < distances.size(); ++i) {
            const std::size_t n = i / p_.starts;
            const auto z = sample(logits, i);
            if (!has_answer(n, z)) continue;
            const bool sure = away(n, z, 0, unused) <= p_.kappa / 2;
            // A sure one takes the place of one that is not, whatever their distances.
            if (sure < (sure_[n] != 0) || (sure == (sure_[n] != 0) && distances[i] >= nearest_[n])) continue;
            sure_[n] = sure ? 1 : 0;
            nearest_[n] = distances[i];
            std::ranges::copy(sample(std::as_const(code_->code()), i), sample(found_, n).begin());
        }
    }

    /// The nearest that has the wanted answer; while there is none, where the search from z₀ is.
    Tensor best_code() {
        Tensor best = found_;
        for (std::size_t n = 0; n < samples(); ++n) {
            if (!found(n))
                std::ranges::copy(sample(std::as_const(code_->code()), n * p_.starts), sample(best, n).begin());
        }
        return best;
    }

    static constexpr double none = std::numeric_limits<double>::max();
    CounterfactualParams p_;
    bool anything_;
    optimise::Objective fit_, search_;
    std::unique_ptr<optimise::Code> code_;
    optimise::Adam code_optimiser_{{}};
    InputGradient generator_{generator()};
    std::vector<std::size_t> labels_;
    std::vector<double> losses_, nearest_;  // squared distance of what was found, `none` before
    std::vector<char> sure_;                // whether that answer leads by half of κ
    Tensor fitted_, found_, gradient_, generator_picture_;
};

std::unique_ptr<Run> start_counterfactual(const Request& request, const CounterfactualParams& p) {
    return std::make_unique<CounterfactualRun>(request, p);
}

}  // namespace

Method counterfactual() {
    const Output path{.name = "path",
                      .kind = ItemKind::frames,
                      .map = MapKind::image,
                      .help = "from the generator's picture of the drawing to the other, straight in its code"};
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
