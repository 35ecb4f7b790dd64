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

class PgdRun final : public Run {
public:
    explicit PgdRun(const Request& request)
        : request_(request),
          attacked_(attacked(request)),
          adversarial_(request.input),
          epsilon_(request.params.real("epsilon")),
          l2_(request.params.text("norm") == "l2"),
          bounds_(request_.input, request.explainer.network(), epsilon_) {
        if (request.params.flag("random_start")) start_at_random();
    }

    std::size_t parts() const override { return request_.params.count("steps"); }
    Result snapshot() override { return attack_result(request_, adversarial_, attacked_); }

protected:
    void advance(std::size_t) override {
        const Tensor direction =
            attack_direction(request_.explainer.plain(), adversarial_, attacked_, request_.params.flag("targeted"));
        const float step = request_.params.number("step_size");
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

    /// Uniform in the ε-cube (linf), or uniform in direction and radius (l2).
    void start_at_random() {
        Random random(static_cast<std::uint32_t>(request_.params.integer("seed")));
        for (std::size_t n = 0; n < attacked_.labels.size(); ++n) {
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
    Attacked attacked_;
    Tensor adversarial_;
    double epsilon_;
    bool l2_;
    Bounds bounds_;
};

}  // namespace

Method pgd() {
    return {{.id = "pgd",
             .family = "adversarial",
             .title = "Projected gradient descent",
             .question = "Is there any drawing within ε of this one that the network gets wrong?",
             .formula =
                 R"(x_{k+1} = \Pi_{\|x-x_0\|\le\varepsilon}\big(x_k + \alpha\,\mathrm{sign}(\nabla_x L(x_k, t))\big))",
             .reference = {"Madry, Makelov, Schmidt, Tsipras, Vladu",
                           "Towards Deep Learning Models Resistant to Adversarial Attacks", 2018, "ICLR"},
             .targets = {TargetKind::logit, TargetKind::predicted},
             .params = {epsilon_param(0.1), from_range(FromRange::share, real_param("step_size", 0.025, 0, 1e6, "length of a step")),
                        integer_param("steps", 10, 1, 10000, "steps"), targeted_param(),
                        choice_param("norm", "linf", {"linf", "l2"}, "what ε bounds"),
                        flag_param("random_start", false, "start from a random place within ε"),
                        integer_param("seed", 0, 0, 1000000, "seed of the random start")},
             .result = ResultKind::image,
             .caveat = "It finds wrong answers, it cannot prove that there are none.",
             .progressive = true},
            [](const Request& request) -> std::unique_ptr<Run> { return std::make_unique<PgdRun>(request); }};
}

}  // namespace pellucid::methods
