#include "pellucid/methods/imagine/synthesis.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/evidence.hpp"
#include "pellucid/nn/head.hpp"
#include "pellucid/ops.hpp"
#include "pellucid/optimise/transforms.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::methods {

namespace {

bool finite(std::span<const float> numbers) {
    return std::ranges::all_of(numbers, [](float v) { return std::isfinite(v); });
}

}  // namespace

void describe_steps(Fields& f, SynthesisParams& p, bool of_pixels) {
    f.integer("steps", p.steps, {1, 10000}, "steps");
    const Declared rate = f.real("learning_rate", p.learning_rate, {0, 1e6}, "length of a step");
    if (of_pixels) rate.share_of_range();
    f.integer("frames", p.frames, {0, 256}, "pictures to keep from the way; 0 for none").rarely();
}

std::vector<Output> synthesis_outputs(Words picture, std::vector<Output> more) {
    std::vector<Output> outputs{map_output(MapKind::image, picture),
                                series_output("objective", "", "what is made small, before each step", "step")};
    outputs.insert(outputs.end(), more.begin(), more.end());
    outputs.push_back(optional_output(scalar_output("probability", "share", "how sure the network is of its answer")));
    outputs.push_back(optional_output(scalar_output("predicted", "class", "what the network takes the picture for")));
    outputs.push_back(scalar_output("diverged", "yes",
                                    "whether the steps led away: the picture is the best one that there was; a smaller "
                                    "learning_rate helps"));
    outputs.push_back(optional_output(frames_output("frames", MapKind::image, "pictures on the way")));
    return outputs;
}

SynthesisRun::SynthesisRun(const Request& request, const SynthesisParams& params, const optimise::Adam::Options& adam)
    : request_(request),
      params_(params),
      range_(input_range(request.explainer.network())),
      adam_(adam),
      broken_(request.input.shape()[0], 0) {}

std::vector<double> SynthesisRun::descend(optimise::Parameterisation& numbers, optimise::Objective& objective) {
    std::vector<double> values = objective(numbers.image(), gradient_);
    numbers.pull(gradient_);
    adam_.step(numbers.slots(), params_.learning_rate);
    numbers.moved();
    return values;
}

void SynthesisRun::advance(std::size_t step) {
    const Tensor before = picture();
    if (good_.size() == 0) good_ = before;
    const auto frame_at = [&](std::size_t at) { return at * params_.frames / params_.steps; };
    if (params_.frames > 0 && (step == 0 || frame_at(step) != frame_at(step - 1))) {
        frames_.images.push_back(before);
        frames_.steps.push_back(static_cast<std::uint32_t>(step));
    }
    objective_.push_back(move(step));
    if (best_.empty()) best_.assign(samples(), std::numeric_limits<double>::infinity());
    for (std::size_t n = 0; n < samples(); ++n) {
        const double now = objective_.back()[n];
        const auto numbers = sample(before, n);
        if (!std::isfinite(now) || !finite(numbers)) broken_[n] = 1;
        if (broken_[n] || now >= best_[n]) continue;
        best_[n] = now;
        std::ranges::copy(numbers, sample(good_, n).begin());
    }
}

bool SynthesisRun::ended() const {
    return std::ranges::all_of(broken_, [](char broken) { return broken != 0; });
}

void SynthesisRun::begin_again() {
    objective_.clear();
    best_.clear();
}

/// Led away: no finite number any more, or at most of the last steps less than half of what was gained is left (where
/// nothing was gained: a twentieth above the start). A bad step among good ones, as jitter makes some, is none.
bool SynthesisRun::diverged(std::size_t n) const {
    constexpr std::size_t least = 10, most = 20;
    if (broken_[n] || objective_.size() <= least) return broken_[n];
    const double first = objective_.front()[n], best = best_[n];
    const double limit = best + std::max(0.05 * (1 + std::abs(first)), (first - best) / 2);
    const std::size_t last = std::min(most, objective_.size() - 1);
    const auto above = std::count_if(objective_.end() - static_cast<std::ptrdiff_t>(last), objective_.end(),
                                     [&](const std::vector<double>& values) { return values[n] > limit; });
    return 2 * static_cast<std::size_t>(above) > last;
}

/// What the last step led to, or the best picture where that is none.
Tensor SynthesisRun::sound_picture() {
    Tensor now = picture();
    for (std::size_t n = 0; n < samples(); ++n) {
        if (!finite(sample(std::as_const(now), n))) broken_[n] = 1;
        if (diverged(n)) std::ranges::copy(sample(std::as_const(good_), n), sample(now, n).begin());
    }
    return now;
}

/// A run that has ended early stays where it is, so that all portions of a batch have curves of one length.
Series SynthesisRun::objective_series() const {
    const std::size_t left = finished() ? most() - done() : 0, length = objective_.size() + left;
    Series series{{}, Tensor(Shape{samples(), 1, 1, length})};
    for (std::size_t k = 0; k < length; ++k) {
        series.at.push_back(static_cast<float>(k));
        for (std::size_t n = 0; n < samples(); ++n) {
            constexpr double largest = std::numeric_limits<float>::max();
            const double value = objective_[std::min(k, objective_.size() - 1)][n];
            series.values(n, 0, 0, k) =
                static_cast<float>(std::isnan(value) ? largest : std::clamp(value, -largest, largest));
        }
    }
    return series;
}

Result SynthesisRun::snapshot() {
    if (done() == 0) fail(ErrorCode::bad_argument, "nothing has been computed yet: step the run first");
    const Tensor pictures = sound_picture();
    Result result;
    result.add("map", Map{pictures});
    result.add("objective", objective_series());
    add_outputs(result, pictures);
    const Tensor& logits = evaluator().forward(pictures).values[network().logits()];
    result.value = evaluator().values(pictures, request_.target);
    if (logits.shape()[1] * logits.shape()[2] == 1) {
        Scalar probability, predicted;
        const std::vector<std::size_t> answers = decisions(network(), logits);
        for (std::size_t n = 0; n < samples(); ++n) {
            const std::vector<double> p = probabilities(network(), sample(logits, n));
            predicted.per_sample.push_back(static_cast<double>(answers[n]));
            probability.per_sample.push_back(p.size() == 1 ? (answers[n] == 1 ? p[0] : 1 - p[0]) : p[answers[n]]);
        }
        result.add("probability", std::move(probability));
        result.add("predicted", std::move(predicted));
    }
    Scalar away;
    for (std::size_t n = 0; n < samples(); ++n) away.per_sample.push_back(diverged(n) ? 1 : 0);
    result.add("diverged", std::move(away));
    if (!frames_.images.empty()) {
        Frames frames = frames_;
        while (finished() && frames.images.size() < std::min(params_.frames, params_.steps)) {
            frames.images.push_back(pictures);
            frames.steps.push_back(static_cast<std::uint32_t>(done()));
        }
        result.add("frames", std::move(frames));
    }
    return result;
}

std::size_t class_of(const Request& request, std::size_t n) {
    Evaluator& evaluator = request.explainer.plain();
    const Target target = settle(request.target, evaluator.network(), evaluator.trace(request.input), n);
    if (target.kind != TargetKind::logit && target.kind != TargetKind::probability) {
        fail(ErrorCode::bad_argument, "the target '{}' names no class", target.text());
    }
    return target.index;
}

optimise::Term target_term(const Request& request, double weight) {
    Evaluator& evaluator = request.explainer.plain();
    const Network& network = evaluator.network();
    const ValueId value = target_value(request.target, network);
    std::vector<Target> targets;
    for (std::size_t n = 0; n < request.input.shape()[0]; ++n) {
        targets.push_back(request.target.kind == TargetKind::predicted
                              ? settle(request.target, network, evaluator.trace(request.input), n)
                              : request.target);
    }
    Tensor one(with_batch(network.shape(value), 1)), seed;
    return {value, weight,
            [&network, targets, one, seed](std::size_t n, optimise::Numbers numbers, double scale,
                                           std::span<float> gradient) mutable {
                const Target& target = targets[n];
                if (target.kind == TargetKind::probability && decides_singly(network)) {
                    return -optimise::log_sigmoid(numbers[target.index], true, -scale, gradient[target.index]);
                }
                if (target.kind == TargetKind::probability && evidence_of(network) != Evidence::none) {
                    std::vector<float> slope(gradient.size());
                    loss_gradient(network, numbers, target.index, slope);
                    for (std::size_t i = 0; i < gradient.size(); ++i)
                        gradient[i] += static_cast<float>(scale * static_cast<double>(slope[i]));
                    return -std::log(probabilities(network, numbers)[target.index]);
                }
                if (target.kind == TargetKind::probability)
                    return -optimise::log_softmax_at(numbers, target.index, -scale, gradient);
                std::ranges::copy(numbers, one.data());
                target_seed(target, network, one, SeedMode::gradient, seed);
                for (std::size_t i = 0; i < gradient.size(); ++i)
                    gradient[i] -= static_cast<float>(scale * static_cast<double>(seed.data()[i]));
                return -target_values(target, network, one)[0];
            }};
}

namespace {

/// A value as a share of the range, and what a change of it is of that share's.
std::vector<float> shares_of(optimise::Numbers x, const InputRange& range, std::size_t channels) {
    std::vector<float> shares(x.begin(), x.end());
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const std::size_t c = i % channels;
        shares[i] = (shares[i] - range.low_of(c)) / (range.high_of(c) - range.low_of(c));
    }
    return shares;
}

/// A term of shares as a term of values.
template <typename Of>
double of_shares(optimise::Numbers x, const InputRange& range, std::size_t channels, std::span<float> gradient,
                 const Of& of) {
    const std::vector<float> shares = shares_of(x, range, channels);
    std::vector<float> by_share(x.size(), 0.0F);
    const double value = of(optimise::Numbers(shares), std::span<float>(by_share));
    for (std::size_t i = 0; i < x.size(); ++i) {
        const std::size_t c = i % channels;
        gradient[i] += by_share[i] / (range.high_of(c) - range.low_of(c));
    }
    return value;
}

}  // namespace

optimise::Term ink_term(const InputRange& range, const Shape& shape, double weight) {
    const double mean = 1.0 / static_cast<double>(sample_size(shape));
    return {0, weight, [=](std::size_t, optimise::Numbers x, double scale, std::span<float> gradient) {
                return of_shares(x, range, shape[3], gradient, [&](optimise::Numbers shares, std::span<float> g) {
                    return mean * optimise::squared_distance(shares, {}, scale * mean, g);
                });
            }};
}

optimise::Term variation_term(const InputRange& range, const Shape& shape, double weight, double beta) {
    const double mean = 1.0 / static_cast<double>(sample_size(shape));
    return {0, weight, [=](std::size_t, optimise::Numbers x, double scale, std::span<float> gradient) {
                return of_shares(x, range, shape[3], gradient, [&](optimise::Numbers shares, std::span<float> g) {
                    return mean * optimise::total_variation(shape, shares, beta, scale * mean, g);
                });
            }};
}

optimise::Term distance_term(Tensor to, const InputRange& range, double weight) {
    const std::size_t channels = to.shape()[3];
    const double mean = 1.0 / static_cast<double>(sample_size(to));
    return {0, weight, [=](std::size_t n, optimise::Numbers x, double scale, std::span<float> gradient) {
                const std::vector<float> goal = shares_of(sample(to, to.shape()[0] == 1 ? 0 : n), range, channels);
                return of_shares(x, range, channels, gradient, [&](optimise::Numbers shares, std::span<float> g) {
                    return mean * optimise::squared_distance(shares, goal, scale * mean, g);
                });
            }};
}

Tensor start_picture(const Request& request, StartFrom start, double share, std::uint32_t seed, const Tensor* mean) {
    const Shape shape = request.input.shape();
    if (mean != nullptr) {
        const Shape given = mean->shape();
        if (with_batch(given, 1) != with_batch(shape, 1) || (given[0] != 1 && given[0] != shape[0])) {
            fail(ErrorCode::bad_shape, "a mean of shape {} does not fit inputs of shape {}", to_string(given),
                 to_string(shape));
        }
    }
    if (start == StartFrom::drawing) return request.input;
    if (start == StartFrom::mean) {
        if (mean == nullptr) fail(ErrorCode::bad_argument, "the start `mean` needs the picture `mean`");
        return mean->shape()[0] == 1 ? repeat(*mean, shape[0]) : *mean;
    }
    Tensor one = zeros(with_batch(shape, 1));
    if (start == StartFrom::noise) {
        Random random = stream(seed, Purpose::start);
        for (float& v : elements(one)) v = random.uniform(0.0F, static_cast<float>(share));
    }
    scale_to_range(one, input_range(request.explainer.network()));
    return repeat(one, shape[0]);
}

std::vector<double> SynthesisRun::at_shifted(const Tensor& pictures, std::size_t step, std::size_t jitter,
                                             optimise::Objective& objective, Tensor& gradient) {
    const optimise::Shift shift = optimise::random_shift(params_.seed, step, jitter);
    optimise::roll(pictures, shift, shifted_);
    std::vector<double> values = objective(shifted_, gradient_);
    optimise::roll(gradient_, {-shift.rows, -shift.columns}, gradient);
    return values;
}

Scalar relative_differences(const Tensor& a, const Tensor& b) {
    Scalar differences;
    for (std::size_t n = 0; n < a.shape()[0]; ++n) {
        const auto of = sample(b, n);
        differences.per_sample.push_back(
            std::sqrt(ops::sum_of_squares(sample(a, n), of) / std::max(ops::sum_of_squares(of), 1e-30)));
    }
    return differences;
}

}  // namespace pellucid::methods
