/// carlini_wagner: the smallest change in L2 by descent on its square and a hinge on the answer. Carlini, Wagner 2017.
///
///   min over w of ‖u(w) − u₀‖² + c·max(lead of the label + κ, 0),  u(w) = (1 + tanh w)/2
/// u is the image as shares of its range, which so it never leaves; untargeted the hinge is on z_label − max others,
/// targeted on max others − z_wanted. Adam in w from x₀; c is searched for: times 10 until something is found, then
/// halving the gap. Kept is the closest image on the way that fools the network by κ. As foolbox has it, but that Adam
/// stops early sample by sample rather than for all at once (so a sample is answered as it would be alone), and only
/// where this c has found something; and that distances are measured as shares of the range. Where nothing is found the
/// image comes back as it was.
/// Shapes: map = the changed images. Cost: steps · searches forward and backward passes. One part per step.
#include "pellucid/methods/adversarial/attack.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::methods {

namespace {

struct CarliniWagnerParams {
    std::size_t steps = 100, searches = 6;
    double step_size = 0.05, confidence = 0, initial_c = 0.1;
    bool abort_early = true, targeted = false;
};

void describe(Fields& f, CarliniWagnerParams& p) {
    f.integer("steps", p.steps, {1, 100000}, "steps of Adam for each c");
    f.integer("searches", p.searches, {1, 50}, "values of c that are tried");
    f.real("step_size", p.step_size, {1e-6, 10}, "length of Adam's steps, in w");
    f.real("confidence", p.confidence, {0, 1000}, "κ: by how much the other answer must lead");
    f.real("initial_c", p.initial_c, {1e-9, 1e9}, "the first c").rarely();
    f.flag("abort_early", p.abort_early,
           "stop a search that has found something once a tenth of its steps brings nothing more")
        .rarely();
    describe_targeted(f, p.targeted);
}

/// Of one sample, what the search for c and Adam know.
struct Search {
    double c = 0, low = 0, high = std::numeric_limits<double>::infinity();
    bool found = false;                                     ///< with this c
    double loss_at_check = 0;                               ///< the loss at the last tenth
    double best = std::numeric_limits<double>::infinity();  ///< distance of the closest found so far
};

class CarliniWagnerRun final : public Run {
public:
    CarliniWagnerRun(const Request& request, const CarliniWagnerParams& p)
        : request_(request),
          params_(p),
          attacked_(attacked(request, p.targeted)),
          victim_(request.explainer.network()),
          box_(box_around(request.input, victim_.network())),
          best_(request.input),
          searches_(request.input.shape()[0]) {
        const Shape shape = request.input.shape();
        start_ = Tensor(shape);
        origin_ = Tensor(shape);
        for (std::size_t i = 0; i < start_.size(); ++i) {
            const double share = 2 * (at(request.input, i) - at(box_.low, i)) / extent(i) - 1;
            start_.data()[i] = static_cast<float>(std::atanh(share * 0.999999));
            origin_.data()[i] = std::tanh(start_.data()[i]);
        }
        for (Search& search : searches_) search.c = p.initial_c;
    }

    std::size_t most() const override { return params_.steps * params_.searches; }
    Result snapshot() override { return attack_result(request_, best_, attacked_); }

protected:
    void advance(std::size_t part) override {
        const std::size_t step = part % params_.steps;
        if (step == 0) begin(part / params_.steps);
        if (!open_.empty()) descend(step);
        if (step + 1 == params_.steps) settle();
    }

private:
    static double at(const Tensor& t, std::size_t i) { return t.data()[i]; }
    double extent(std::size_t i) const { return at(box_.high, i) - at(box_.low, i); }

    void begin(std::size_t search) {
        open_.resize(searches_.size());
        std::iota(open_.begin(), open_.end(), std::size_t{0});
        w_ = start_;
        first_ = zeros(w_.shape());
        second_ = zeros(w_.shape());
        for (Search& each : searches_) {
            // The last of many values of c is the smallest that worked, tried once more.
            if (search + 1 == params_.searches && params_.searches >= 10) each.c = std::min(each.high, 1e10);
            each.found = false;
            each.loss_at_check = std::numeric_limits<double>::infinity();
        }
    }

    void settle() {
        for (Search& each : searches_) {
            (each.found ? each.high : each.low) = each.c;
            each.c = std::isinf(each.high) ? each.c * 10 : (each.low + each.high) / 2;
        }
    }

    /// x(w), into image and as tanh w.
    void place(std::size_t n, std::span<float> tanh, std::span<float> image) const {
        const auto w = sample(w_, n);
        for (std::size_t i = 0; i < w.size(); ++i) {
            const std::size_t j = n * w.size() + i;
            tanh[i] = std::tanh(w[i]);
            const double share = (1 + static_cast<double>(tanh[i])) / 2;
            image[i] = box_.nearest(j, static_cast<float>(at(box_.low, j) + share * extent(j)));
        }
    }

    void descend(std::size_t step) {
        const Shape shape = with_batch(w_.shape(), open_.size());
        reshape_to(tanh_, shape);
        reshape_to(image_, shape);
        for (std::size_t i = 0; i < open_.size(); ++i) place(open_[i], sample(tanh_, i), sample(image_, i));
        const Tensor& z = victim_.logits(image_);
        reshape_to(seed_, z.shape());
        std::fill_n(seed_.data(), seed_.size(), 0.0F);
        std::vector<double> losses(open_.size());
        for (std::size_t i = 0; i < open_.size(); ++i) losses[i] = hinge(i, sample(z, i)) + squared_distance(i);
        const Tensor& gradient = victim_.gradient(seed_);
        const std::size_t tenth = (params_.steps + 9) / 10;
        std::vector<std::size_t> still;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const std::size_t n = open_[i];
            if (done() == 0 && std::ranges::any_of(sample(seed_, i), [](float v) { return v != 0.0F; }))
                check_gradient(sample(gradient, i), n);
            move(n, sample(tanh_, i), sample(gradient, i), step);
            Search& search = searches_[n];
            if (params_.abort_early && step % tenth == 0) {
                if (search.found && !(losses[i] <= 0.9999 * search.loss_at_check)) continue;
                search.loss_at_check = losses[i];
            }
            keep(i, sample(z, i));
            still.push_back(n);
        }
        open_ = std::move(still);
    }

    /// c·max(−lead + κ, 0), and its seed.
    double hinge(std::size_t i, std::span<const float> z) {
        const std::size_t n = open_[i], label = attacked_.labels[n];
        const double lacking = params_.confidence - victim_.lead(z, label, attacked_.targeted);
        // At a tie, where it is still taken for the label, the hinge pulls.
        if (lacking < 0 || (lacking == 0 && victim_.fooled(z, label, attacked_.targeted))) return 0;
        const auto weight = static_cast<float>(attacked_.targeted ? -searches_[n].c : searches_[n].c);
        victim_.add_score(label, weight, sample(seed_, i));
        victim_.add_score(victim_.best_other(z, label), -weight, sample(seed_, i));
        return searches_[n].c * lacking;
    }

    double squared_distance(std::size_t i) const {
        const auto now = sample(tanh_, i), before = sample(origin_, open_[i]);
        double square = 0;
        for (std::size_t j = 0; j < now.size(); ++j) {
            const double d = static_cast<double>(now[j] - before[j]) / 2;
            square += d * d;
        }
        return square;
    }

    /// Adam with β₁ 0.9, β₂ 0.999; ∂/∂w through tanh.
    void move(std::size_t n, std::span<const float> tanh, std::span<const float> gradient, std::size_t step) {
        const auto t = static_cast<double>(step + 1);
        const auto rate = static_cast<float>(params_.step_size / (1 - std::pow(0.9, t)));
        const auto unbias = static_cast<float>(1 / (1 - std::pow(0.999, t)));
        const auto w = sample(w_, n), m = sample(first_, n), v = sample(second_, n);
        const auto before = sample(std::as_const(origin_), n);
        const float* const low = sample(box_.low, n).data();
        const float* const high = sample(box_.high, n).data();
        for (std::size_t i = 0; i < w.size(); ++i) {
            const float half = (high[i] - low[i]) / 2;
            // In shares of the range: u = (1 + tanh w)/2, ∂u/∂w = (1 − tanh² w)/2.
            const float g = (tanh[i] - before[i] + gradient[i] * 2 * half) * (1 - tanh[i] * tanh[i]) / 2;
            m[i] = 0.9F * m[i] + 0.1F * g;
            v[i] = 0.999F * v[i] + 0.001F * g * g;
            w[i] -= rate * m[i] / (std::sqrt(v[i] * unbias) + 1e-8F);
        }
    }

    /// The image, where it fools the network by κ and is closer than the closest so far.
    void keep(std::size_t i, std::span<const float> z) {
        const std::size_t n = open_[i], label = attacked_.labels[n];
        if (!victim_.fooled(z, label, attacked_.targeted) ||
            victim_.lead(z, label, attacked_.targeted) < params_.confidence)
            return;
        Search& search = searches_[n];
        search.found = true;
        const double away = distance(sample(image_, i), sample(request_.input, n));
        if (away >= search.best) return;
        search.best = away;
        std::ranges::copy(sample(image_, i), sample(best_, n).begin());
    }

    Request request_;
    CarliniWagnerParams params_;
    Attacked attacked_;
    Victim victim_;
    Box box_;
    Tensor best_, start_, origin_;  // the closest so far; w and tanh w of the input
    std::vector<Search> searches_;
    std::vector<std::size_t> open_;  // samples whose search with this c goes on
    Tensor w_, first_, second_;      // where Adam is, and its moments
    Tensor tanh_, image_, seed_;
};

std::unique_ptr<Run> start_carlini_wagner(const Request& request, const CarliniWagnerParams& p) {
    return std::make_unique<CarliniWagnerRun>(request, p);
}

}  // namespace

Method carlini_wagner() {
    return define<CarliniWagnerParams, start_carlini_wagner>(
        {.id = "carlini_wagner",
         .family = "adversarial",
         .title = "Carlini and Wagner, L2",
         .question = "What is the smallest change that fools the network?",
         .formula = R"(\min_w \lVert x(w) - x_0\rVert_2^2 + c\,\max\big(z_l - \max_{k\neq l} z_k + \kappa,\,0\big),\quad
x(w) = \tfrac12(1 + \tanh w))",
         .reference = {"Carlini, Wagner", "Towards Evaluating the Robustness of Neural Networks", 2017, "IEEE S&P"},
         .targets = {TargetKind::logit, TargetKind::predicted},
         .outputs = attack_outputs(),
         .caveat = "Slow, and its smallest change is the smallest that was found: with more steps it is often smaller.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
