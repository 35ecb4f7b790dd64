#include "pellucid/methods/adversarial/climbing_run.hpp"

#include "pellucid/gather.hpp"

#include <numeric>

namespace pellucid::methods {

namespace {

class ClimbingRun final : public Run {
public:
    ClimbingRun(const Request& request, const ClimbingRunParams& p)
        : request_(request),
          params_(p),
          attacked_((check_epsilon(p.epsilon, p.how.norm, request.explainer.network()), attacked(request, p.targeted))),
          victim_(request.explainer.network()),
          best_(request.input),
          leads_(request.input.shape()[0], -std::numeric_limits<double>::infinity()),
          open_(request.input.shape()[0]) {
        std::iota(open_.begin(), open_.end(), std::size_t{0});
    }

    std::size_t most() const override { return params_.steps * starts(); }
    bool finished() const override { return Run::finished() || open_.empty(); }

    Result snapshot() override {
        Tensor adversarial = best_;
        // Of a later start only what it ends with is known to be better.
        if (climb_ && started_ == 1) scatter(climb_->place(), open_, adversarial);
        return attack_result(request_, adversarial, attacked_);
    }

protected:
    void advance(std::size_t part) override {
        if (part % params_.steps == 0) begin(part / params_.steps);
        if (open_.empty()) return;
        climb_->step();
        if ((part + 1) % params_.steps == 0 && starts() > 1) settle();
    }

private:
    std::size_t starts() const { return params_.random_start ? params_.starts : 1; }

    void begin(std::size_t number) {
        started_ = number + 1;
        climb_.reset();
        if (open_.empty()) return;
        Attacked as{{}, attacked_.targeted};
        for (const std::size_t n : open_) as.labels.push_back(attacked_.labels[n]);
        climb_.emplace(victim_, gather(request_.input, open_), as, params_.how, params_.epsilon, params_.step_size);
        if (params_.random_start) climb_->start_at_random(params_.seed, number);
    }

    /// Keeps what this start has reached, and gives up on none but those that it has fooled.
    void settle() {
        const Tensor& z = victim_.logits(climb_->place());
        std::vector<std::size_t> still_open;
        for (std::size_t i = 0; i < open_.size(); ++i) {
            const std::size_t n = open_[i], label = attacked_.labels[n];
            const double lead = victim_.lead(sample(z, i), label, attacked_.targeted);
            const bool fooled = victim_.fooled(sample(z, i), label, attacked_.targeted);
            if (fooled || lead > leads_[n]) {
                leads_[n] = lead;
                std::ranges::copy(sample(climb_->place(), i), sample(best_, n).begin());
            }
            if (!fooled) still_open.push_back(n);
        }
        open_ = std::move(still_open);
        climb_.reset();
    }

    Request request_;
    ClimbingRunParams params_;
    Attacked attacked_;
    Victim victim_;
    Tensor best_;
    std::vector<double> leads_;
    std::vector<std::size_t> open_;  // samples that no start has fooled
    std::optional<Climb> climb_;
    std::size_t started_ = 0;
};

}  // namespace

std::unique_ptr<Run> climbing_run(const Request& request, const ClimbingRunParams& params) {
    return std::make_unique<ClimbingRun>(request, params);
}

void describe_steps(Fields& f, double& step_size, std::size_t& steps) {
    f.real("step_size", step_size, {0, 1e6}, "length of a step").share_of_range();
    f.integer("steps", steps, {1, 10000}, "steps").at_most_while_drawing(4);
}

}  // namespace pellucid::methods
