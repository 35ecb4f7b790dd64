/// pgd: many small steps up the loss, each followed by projection onto the ε-ball and the input's range. Madry et al.
/// 2018.
///
/// linf: step·sign(g), clipped to ±ε per pixel. l2: step·g/‖g‖₂, shrunk to ‖δ‖₂ ≤ ε per sample. Both bounds hold to the
/// last bit; the loss is that of the network's head (nn/head.hpp).
/// Shapes: map = the adversarial images. Cost: a forward and a backward pass per step. One part per step.
#include "pellucid/methods/adversarial/attack.hpp"

#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

enum class Norm : std::uint8_t { linf, l2 };

struct PgdParams {
    AttackParams attack;
    float step_size = 0.025F;
    std::size_t steps = 10;
    Norm norm = Norm::linf;
    bool random_start = false;
    std::uint32_t seed = 0;
};

void describe(Fields& f, PgdParams& p) {
    describe_epsilon(f, p.attack);
    f.real("step_size", p.step_size, {0, 1e6}, "length of a step").share_of_range();
    f.integer("steps", p.steps, {1, 10000}, "steps").at_most_while_drawing(4);
    describe_targeted(f, p.attack);
    f.choice("norm", p.norm, {"linf", "l2"}, "what ε bounds");
    f.flag("random_start", p.random_start, "start from a random place within ε");
    f.random_seed("seed", p.seed, "seed of the random start").when("random_start", {"true"});
}

class PgdRun final : public Run {
public:
    PgdRun(const Request& request, const PgdParams& p)
        : request_(request),
          params_(p),
          attacked_(attacked(request)),
          adversarial_(request.input),
          epsilon_(p.attack.epsilon),
          l2_(p.norm == Norm::l2),
          bounds_(request_.input, request.explainer.network(), epsilon_) {
        if (p.random_start) start_at_random();
    }

    std::size_t most() const override { return params_.steps; }
    Result snapshot() override { return attack_result(request_, adversarial_, attacked_, params_.attack.targeted); }

protected:
    void advance(std::size_t) override {
        const Tensor direction =
            attack_direction(request_.explainer.plain(), adversarial_, attacked_, params_.attack.targeted);
        const float step = params_.step_size;
        for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
            const auto g = sample(direction, n);
            auto x = sample(adversarial_, n);
            const float scale = l2_ ? step / std::max(norm(g), 1e-12F) : step;
            for (std::size_t i = 0; i < x.size(); ++i) {
                const float sign = g[i] > 0.0F ? 1.0F : g[i] < 0.0F ? -1.0F : 0.0F;
                x[i] += scale * (l2_ ? g[i] : sign);
            }
        }
        project();
    }

private:
    static float norm(std::span<const float> v) {
        double square = 0;
        for (const float e : v) square += static_cast<double>(e) * static_cast<double>(e);
        return static_cast<float>(std::sqrt(square));
    }

    void project() {
        for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
            const auto from = sample(request_.input, n);
            auto x = sample(adversarial_, n);
            const std::size_t first = n * x.size();
            double shrink = l2_ ? std::min(1.0, epsilon_ / std::max(distance(x, from), 1e-300)) : 1.0;
            const std::vector<float> moved(x.begin(), x.end());
            do {
                for (std::size_t i = 0; i < x.size(); ++i) {
                    const auto origin = static_cast<double>(from[i]);
                    x[i] = bounds_.nearest(first + i, origin + (static_cast<double>(moved[i]) - origin) * shrink);
                }
                // Rounding may have made it longer by a last bit.
                shrink *= 1 - 1e-6;
            } while (l2_ && distance(x, from) > epsilon_);
        }
    }

    static double distance(std::span<const float> a, std::span<const float> b) {
        double square = 0;
        for (std::size_t i = 0; i < a.size(); ++i) {
            // As float32 has it, and as it is: the larger.
            const double exact = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
            const double d = std::max(exact, std::abs(static_cast<double>(a[i] - b[i])));
            square += d * d;
        }
        return std::sqrt(square);
    }

    /// Uniform in the ε-cube (linf), or uniform in direction and radius (l2). Every sample draws the same numbers, so that
    /// it starts where it would start alone.
    void start_at_random() {
        for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
            Random random = stream(params_.seed, Purpose::start);
            auto x = sample(adversarial_, n);
            std::vector<float> change(x.size());
            const auto epsilon = static_cast<float>(epsilon_);
            for (float& c : change) c = l2_ ? random.normal() : random.uniform(-epsilon, epsilon);
            const float scale = l2_ ? epsilon * random.uniform() / std::max(norm(change), 1e-12F) : 1.0F;
            for (std::size_t i = 0; i < x.size(); ++i) x[i] += scale * change[i];
        }
        project();
    }

    Request request_;
    PgdParams params_;
    Attacked attacked_;
    Tensor adversarial_;
    double epsilon_;
    bool l2_;
    Bounds bounds_;
};

std::unique_ptr<Run> start_pgd(const Request& request, const PgdParams& p) {
    return std::make_unique<PgdRun>(request, p);
}

}  // namespace

Method pgd() {
    return define<PgdParams, start_pgd>({.id = "pgd",
             .family = "adversarial",
             .title = "Projected gradient descent",
             .question = "Is there any drawing within ε of this one that the network gets wrong?",
             .formula =
                 R"(x_{k+1} = \Pi_{\|x-x_0\|\le\varepsilon}\big(x_k + \alpha\,\mathrm{sign}(\nabla_x L(x_k, t))\big))",
             .reference = {"Madry, Makelov, Schmidt, Tsipras, Vladu",
                           "Towards Deep Learning Models Resistant to Adversarial Attacks", 2018, "ICLR"},
             .targets = {TargetKind::logit, TargetKind::predicted},
             .outputs = attack_outputs(),
             .caveat = "It finds wrong answers, it cannot prove that there are none.",
             .progressive = true});
}

}  // namespace pellucid::methods
