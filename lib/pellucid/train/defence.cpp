#include "pellucid/train/defence.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/divergence.hpp"
#include "pellucid/optimise/loss.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pellucid::train {

namespace {

void check_member(std::string_view name, float value, float low, float high) {
    if (!(value >= low && value <= high))
        fail(ErrorCode::bad_argument, "defence: {} is {}; it must be from {} to {}", name, value, low, high);
}

// TRADES starts from a small normal step: at the image itself the divergence is 0 and so is its gradient.
constexpr float trades_start = 0.001F;

}  // namespace

std::span<const std::string_view> defence_types() {
    static constexpr std::array<std::string_view, 5> names = {"none", "fgsm", "pgd", "trades", "gradient_penalty"};
    return names;
}

std::span<const std::string_view> penalty_subjects() {
    static constexpr std::array<std::string_view, 2> names = {"loss", "logits"};
    return names;
}

void check(const Defence& defence) {
    if (!(defence.epsilon > 0.0F && defence.epsilon <= 1.0F))
        fail(ErrorCode::bad_argument, "defence: epsilon is {}; it must be above 0 and at most 1", defence.epsilon);
    check_member("step_size", defence.step_size, 0.0F, 1.0F);
    if (defence.steps < 1 || defence.steps > 1000)
        fail(ErrorCode::bad_argument, "defence: steps is {}; it must be from 1 to 1000", defence.steps);
    check_member("weight", defence.weight, 0.0F, 1e6F);
    check_member("warm_up_epochs", defence.warm_up_epochs, 0.0F, 1e6F);
}

float Defence::share_at(std::uint64_t step, std::uint64_t steps_per_epoch) const {
    const double whole = static_cast<double>(warm_up_epochs) * static_cast<double>(steps_per_epoch);
    const double now = static_cast<double>(step) + 1.0;
    return now >= whole ? 1.0F : static_cast<float>(now / whole);
}

BatchAttack::BatchAttack(const Network& network, const Defence& defence)
    : defence_(defence), stages_(network, network.logits(), Stages::Forms::fast) {
    if (defence_.type == Defence::Type::fgsm) defence_.steps = 1;
    if (defence_.step_size == 0.0F) {
        const bool once = defence_.type == Defence::Type::fgsm;
        defence_.step_size = defence_.epsilon * (once ? 1.25F : 2.5F / static_cast<float>(defence_.steps));
    }
}

void BatchAttack::start(Tensor& images, float epsilon, std::span<const std::uint32_t> seeds,
                        const Tensor& clean) const {
    const bool near = defence_.type == Defence::Type::trades;
    for (std::size_t n = 0; n < seeds.size(); ++n) {
        Random random(seeds[n]);
        const auto from = sample(clean, n);
        const auto to = sample(images, n);
        for (std::size_t i = 0; i < to.size(); ++i) {
            const float change = near ? trades_start * random.normal() : random.uniform(-epsilon, epsilon);
            to[i] = std::clamp(from[i] + std::clamp(change, -epsilon, epsilon), 0.0F, 1.0F);
        }
    }
}

void BatchAttack::move(Tensor& images, std::span<const std::uint8_t> labels, float share,
                       std::span<const std::uint32_t> seeds, Workspace& workspace) const {
    const float epsilon = share * defence_.epsilon, step = share * defence_.step_size;
    const bool trades = defence_.type == Defence::Type::trades;
    Trace& trace = workspace.trace;
    reshape_to(workspace.clean, images.shape());
    std::ranges::copy(elements(images), elements(workspace.clean).begin());
    if (trades) {
        stages_.forward(images, trace);
        workspace.probabilities = softmax(trace.values[stages_.until()]);
    }
    start(images, epsilon, seeds, workspace.clean);
    for (std::size_t k = 0; k < defence_.steps; ++k) {
        stages_.forward(images, trace);
        Tensor& top = stages_.begin(workspace.signals);
        const Tensor& logits = trace.values[stages_.until()];
        if (trades)
            optimise::divergence_gradient(workspace.probabilities, logits, top);
        else
            (void)optimise::cross_entropy(logits, labels, 0.0F, 1.0F, top);
        stages_.backward(trace, workspace.signals);
        if (!workspace.signals.known[0]) return;
        const float* const slope = workspace.signals.values[0].data();
        const float* const clean = workspace.clean.data();
        float* const x = images.data();
        for (std::size_t i = 0; i < images.size(); ++i) {
            const float sign = static_cast<float>(slope[i] > 0.0F) - static_cast<float>(slope[i] < 0.0F);
            const float low = std::max(clean[i] - epsilon, 0.0F), high = std::min(clean[i] + epsilon, 1.0F);
            x[i] = std::min(std::max(x[i] + step * sign, low), high);
        }
    }
}

}  // namespace pellucid::train
