/// one_pixel: a few pixels, found by differential evolution from answers alone. Su, Vargas, Sakurai 2019.
///
/// A candidate is `pixels` places (row, column) with a value for each channel. Of each generation's candidates v_i a
/// child v_a + F·(v_b − v_c), a, b, c three others, kept within the picture and the range, takes the place of v_i where
/// the label's odds are no better for it (targeted: no worse). There is no crossover. It ends when the answer has
/// changed. The odds log p/(1 − p) rank candidates as the probability p does, but do not saturate.
/// A generation's random numbers depend on the seed and its number alone, and are the same for every input.
/// Shapes: map = the changed images. Cost: population · (generations + 1) forward passes, in batches; no gradient.
#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid::methods {

namespace {

struct OnePixelParams {
    std::size_t pixels = 1, population = 100, generations = 30;
    float weight = 0.5F;
    bool targeted = false;
    std::uint32_t seed = 0;
};

void describe(Fields& f, OnePixelParams& p) {
    f.integer("pixels", p.pixels, {1, 5}, "pixels that may change").in("px");
    f.integer("population", p.population, {4, 10000}, "candidates of a generation");
    f.integer("generations", p.generations, {1, 10000}, "generations");
    f.real("weight", p.weight, {0, 2}, "F: what differences of candidates are multiplied by").rarely();
    describe_targeted(f, p.targeted);
    f.random_seed("seed", p.seed, "seed of the candidates");
}

/// log p/(1 − p) of an answer.
double log_odds(const Network& network, std::span<const float> z, std::size_t answer) {
    if (z.size() == 1) return answer == 1 ? static_cast<double>(z[0]) : -static_cast<double>(z[0]);
    if (decides_singly(network)) return z[answer];
    double highest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t c = 0; c < z.size(); ++c) {
        if (c != answer) highest = std::max(highest, static_cast<double>(z[c]));
    }
    for (std::size_t c = 0; c < z.size(); ++c) {
        if (c != answer) sum += std::exp(static_cast<double>(z[c]) - highest);
    }
    return static_cast<double>(z[answer]) - highest - std::log(sum);
}

/// Of pixels one after another: row and column as shares of the picture, and each channel's value as a share of its
/// range, all in [0, 1).
using Candidate = std::vector<float>;

struct Population {
    std::vector<Candidate> candidates;
    std::vector<double> fitness;  ///< the higher the better for the attack
    bool fooled = false;
    Tensor best;  ///< the fittest candidate's picture
    double best_fitness = -std::numeric_limits<double>::infinity();
};

class OnePixelRun final : public Run {
public:
    OnePixelRun(const Request& request, const OnePixelParams& p)
        : request_(request),
          params_(p),
          attacked_(attacked(request, p.targeted)),
          victim_(request.explainer.network()),
          predictor_(request.explainer.network()),
          box_(box_around(request.input, victim_.network())),
          populations_(request.input.shape()[0]) {
        const std::size_t places = request.input.shape()[1] * request.input.shape()[2];
        if (p.pixels > places) {
            fail(ErrorCode::bad_argument, "one_pixel: {} pixels are more than the input's {}", p.pixels, places);
        }
    }

    std::size_t most() const override { return params_.generations + 1; }
    bool finished() const override {
        return Run::finished() || std::ranges::all_of(populations_, [](const Population& p) { return p.fooled; });
    }

    Result snapshot() override {
        Tensor adversarial = request_.input;
        for (std::size_t n = 0; n < populations_.size(); ++n) {
            if (done() > 0) std::ranges::copy(elements(populations_[n].best), sample(adversarial, n).begin());
        }
        return attack_result(request_, adversarial, attacked_);
    }

protected:
    void advance(std::size_t part) override {
        for (std::size_t n = 0; n < populations_.size(); ++n) {
            Population& population = populations_[n];
            if (population.fooled) continue;
            Random random = stream(params_.seed, Purpose::start, 0, part);
            const std::vector<Candidate> children = part == 0 ? settlers(random) : offspring(population, random);
            select(n, population, children);
        }
    }

private:
    std::size_t numbers() const { return 2 + request_.input.shape()[3]; }

    std::vector<Candidate> settlers(Random& random) const {
        std::vector<Candidate> candidates(params_.population, Candidate(params_.pixels * numbers()));
        for (Candidate& candidate : candidates) {
            for (float& v : candidate) v = random.uniform();
        }
        return candidates;
    }

    std::vector<Candidate> offspring(const Population& population, Random& random) const {
        const std::vector<Candidate>& parents = population.candidates;
        std::vector<Candidate> children = parents;
        for (std::size_t i = 0; i < parents.size(); ++i) {
            std::array<std::size_t, 3> of{};
            for (std::size_t k = 0; k < 3; ++k) {
                do of[k] = random.below(parents.size());
                while (of[k] == i || std::find(of.begin(), of.begin() + k, of[k]) != of.begin() + k);
            }
            for (std::size_t j = 0; j < children[i].size(); ++j) {
                const float v = parents[of[0]][j] + params_.weight * (parents[of[1]][j] - parents[of[2]][j]);
                children[i][j] = std::clamp(v, 0.0F, 1.0F);
            }
        }
        return children;
    }

    void paint(std::size_t n, const Candidate& candidate, std::span<float> image) const {
        const auto [samples, height, width, channels] = request_.input.shape();
        for (std::size_t k = 0; k < params_.pixels; ++k) {
            const float* const pixel = candidate.data() + k * numbers();
            const auto place = [&](float share, std::size_t count) {
                return std::min(static_cast<std::size_t>(share * static_cast<float>(count)), count - 1);
            };
            const std::size_t first = (place(pixel[0], height) * width + place(pixel[1], width)) * channels;
            for (std::size_t c = 0; c < channels; ++c) {
                const std::size_t j = n * image.size() + first + c;
                const float low = box_.low.data()[j], high = box_.high.data()[j];
                image[first + c] = box_.nearest(j, low + (high - low) * pixel[2 + c]);
            }
        }
    }

    /// The children that do no worse take their parents' places.
    void select(std::size_t n, Population& population, const std::vector<Candidate>& children) {
        Tensor images = repeat(batch_slice(request_.input, n, 1), children.size());
        for (std::size_t i = 0; i < children.size(); ++i) paint(n, children[i], sample(images, i));
        const Tensor& z = predictor_(images);
        const std::size_t label = attacked_.labels[n];
        const bool first = population.candidates.empty();
        if (first) {
            population.candidates = children;
            population.fitness.assign(children.size(), -std::numeric_limits<double>::infinity());
        }
        for (std::size_t i = 0; i < children.size(); ++i) {
            const double odds = log_odds(victim_.network(), sample(z, i), label);
            const double fitness = attacked_.targeted ? odds : -odds;
            if (fitness < population.fitness[i]) continue;
            population.candidates[i] = children[i];
            population.fitness[i] = fitness;
            if (fitness <= population.best_fitness) continue;
            population.best_fitness = fitness;
            population.best = batch_slice(images, i, 1);
            population.fooled = victim_.fooled(sample(z, i), label, attacked_.targeted);
        }
    }

    Request request_;
    OnePixelParams params_;
    Attacked attacked_;
    Victim victim_;
    Predictor predictor_;
    Box box_;
    std::vector<Population> populations_;
};

std::unique_ptr<Run> start_one_pixel(const Request& request, const OnePixelParams& p) {
    return std::make_unique<OnePixelRun>(request, p);
}

}  // namespace

Method one_pixel() {
    return define<OnePixelParams, start_one_pixel>(
        {.id = "one_pixel",
         .family = "adversarial",
         .title = "One pixel attack",
         .question = "Can a single pixel turn the answer?",
         .formula = R"(v_i' = v_a + F\,(v_b - v_c))",
         .reference = {"Su, Vargas, Sakurai", "One Pixel Attack for Fooling Deep Neural Networks", 2019, "IEEE TEVC"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "A random search: another seed may find what this one did not.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
