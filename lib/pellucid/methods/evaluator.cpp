#include "pellucid/methods/evaluator.hpp"

#include "pellucid/backward/input_gradient.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/patterns.hpp"

#include <algorithm>
#include <cstring>

namespace pellucid {

Evaluator::Evaluator(const Network& network, KeptPasses* kept)
    : network_(network),
      kept_(kept),
      gradient_(composites::gradient()),
      gradient_rules_(gradient_.assign(network)),
      input_gradient_(std::make_unique<InputGradient>(network)) {}

Evaluator::~Evaluator() = default;

namespace {

bool same_numbers(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::memcmp(a.data(), b.data(), b.size() * sizeof(float)) == 0;
}

}  // namespace

bool Evaluator::Asked::is(const Tensor& other, const Target& of) const {
    return !target.empty() && target == of.text() && same_numbers(input, other);
}

void Evaluator::Asked::set(const Tensor& other, const Target& of) {
    reshape_to(input, other.shape());
    std::copy_n(other.data(), other.size(), input.data());
    target = of.text();
}

bool Evaluator::Traced::is_of(const Tensor& input) const { return valid && same_numbers(trace.values.front(), input); }

void Evaluator::record(Traced& place, const Tensor& input) const {
    place.valid = false;  // stays so if the pass throws
    network_.forward(input, place.trace);
    place.valid = true;
}

const Trace& Evaluator::trace(const Tensor& input) {
    if (!traced_.is_of(input)) {
        gradients_of_.clear();
        record(traced_, input);
    }
    return traced_.trace;
}

const Trace& Evaluator::reference(const Tensor& input) {
    if (!reference_.is_of(input)) record(reference_, input);
    return reference_.trace;
}

const Trace& Evaluator::forward(const Tensor& input) {
    network_.forward(input, passing_);
    return passing_;
}

std::vector<double> Evaluator::values(const Tensor& input, const Target& target) {
    // Baselines are asked for again and again, many neighbours at once are not.
    constexpr std::size_t most_remembered = 8;
    const bool remembered = input.shape()[0] <= most_remembered;
    if (remembered && valued_.is(input, target)) return values_;
    const ValueId value = target_value(target, network_);
    if (!remembered) return target_values(target, network_, predict(input, value));
    valued_.target.clear();  // stays so if the pass throws
    values_ = target_values(target, network_, predict(input, value));
    valued_.set(input, target);
    return values_;
}

const Tensor& Evaluator::predict(const Tensor& input, ValueId value) {
    if (!predictor_ || predicted_ != value) predictor_.emplace(network_, value);
    predicted_ = value;
    return (*predictor_)(input);
}

const Tensor& Evaluator::outputs(const Tensor& input, const Target& target) {
    if (put_out_.is(input, target)) return outputs_;
    put_out_.target.clear();
    outputs_ = predict(input, target_value(target, network_));
    put_out_.set(input, target);
    return outputs_;
}

const Evaluator::Slope& Evaluator::slope(const Tensor& input, const Target& target) {
    // So few samples at a time that what their passes leave stays in the cache.
    constexpr std::size_t piece = 16;
    if (sloped_.is(input, target)) return slope_;
    sloped_.target.clear();
    const std::size_t count = input.shape()[0];
    const ValueId value = target_value(target, network_);
    reshape_to(slope_.gradient, input.shape());
    slope_.values.clear();
    for (std::size_t first = 0; first < count; first += piece) {
        const Tensor some = batch_slice(input, first, std::min(piece, count - first));
        const Trace& trace = input_gradient_->forward(some, value);
        target_seed(target, network_, trace, SeedMode::gradient, seed_);
        const std::vector<double> values = target_values(target, network_, trace);
        slope_.values.insert(slope_.values.end(), values.begin(), values.end());
        const Tensor& gradient = input_gradient_->backward(seed_);
        std::copy_n(gradient.data(), gradient.size(), sample(slope_.gradient, first).data());
    }
    sloped_.set(input, target);
    return slope_;
}

void Evaluator::run(Backward pass, const Composite& composite, ValueId from, const Tensor& seed, ValueId to,
                    Ledger* ledger) {
    const bool keep = ledger != nullptr && pass.sum == nullptr && kept_ != nullptr && kept_->wanted;
    pass.inner = pass.inner || keep;
    run_backward(pass, from, seed, to, signals_, ledger);
    if (keep) {
        ++kept_->count;
        kept_->last =
            std::make_shared<const RelevanceWalk>(network_, pass.trace, composite, signals_, from, to, workspace_);
    }
}

const Signals& Evaluator::backward(const Trace& trace, const Composite& composite, ValueId from, const Tensor& seed,
                                   ValueId to, Ledger* ledger, const SignalSum* sum) {
    const std::vector<const Rule*> rules = composite.assign(network_);
    run({network_, trace, rules, workspace_, sum}, composite, from, seed, to, ledger);
    return signals_;
}

void Evaluator::keep_composite(Composite composite) {
    composite_by_.reset();  // stays so if this throws
    composite_.emplace(std::move(composite), network_);
}

const Tensor& Evaluator::carry(const Trace& trace, const Composite& composite, ValueId from, const Tensor& seed,
                               ValueId to, Ledger* ledger) {
    return carry(trace, AssignedComposite(composite, network_), from, seed, to, ledger);
}

const Tensor& Evaluator::carry(const Trace& trace, const AssignedComposite& composite, ValueId from, const Tensor& seed,
                               ValueId to, Ledger* ledger) {
    const Backward pass{network_, trace, composite.rules, workspace_, nullptr, false};
    run(pass, composite.composite, from, seed, to, ledger);
    return signals_.values[to];
}

const Signals& Evaluator::gradients(const Tensor& input, const Target& target) {
    const Trace& recorded = trace(input);
    const std::string name = target.text();
    if (gradients_of_ != name) {
        gradients_of_.clear();
        target_seed(target, network_, recorded, SeedMode::gradient, seed_);
        run_backward({network_, recorded, gradient_rules_, workspace_}, target_value(target, network_), seed_, 0,
                     gradients_);
        gradients_of_ = name;
    }
    return gradients_;
}

const Tensor& Evaluator::input_gradient(const Tensor& input, const Target& target) {
    const Trace& trace = input_gradient_->forward(input, target_value(target, network_));
    target_seed(target, network_, trace, SeedMode::gradient, seed_);
    return input_gradient_->backward(seed_);
}

const Tensor& Evaluator::pullback(const Tensor& input, ValueId value,
                                  FunctionRef<void(const Trace&, Tensor& seed)> seed_of) {
    return input_gradient_->pullback(input, value, seed_of);
}

const Tensor& Evaluator::line_gradient(const Tensor& from, const Tensor& to, std::span<const float> alphas,
                                       std::span<const float> weights, const Target& target) {
    const Trace& trace = input_gradient_->forward({from, to, alphas}, target_value(target, network_));
    target_seed(target, network_, trace, SeedMode::gradient, seed_);
    return input_gradient_->backward(seed_, weights);
}

Explainer::Explainer(Network network) : network_(std::move(network)), plain_(network_, &kept_) {}

Explainer& Explainer::relative(const std::string& name, FunctionRef<Network()> make) {
    constexpr std::size_t most_parameters = std::size_t{1} << 21U, most = 32;
    auto found = relatives_.find(name);
    if (found == relatives_.end()) {
        const std::size_t count = relatives_.size() + 1;
        if (count > most || count * network_.parameter_count() > most_parameters) relatives_.clear();
        found = relatives_.emplace(name, std::make_unique<Explainer>(make())).first;
    }
    return *found->second;
}

namespace {

bool has_batch_norm(const Network& network) {
    return std::any_of(network.nodes().begin(), network.nodes().end(),
                       [](const Node& node) { return node.layer->kind() == Kind::batch_norm; });
}

}  // namespace

Evaluator& Explainer::merged() {
    if (merged_) return merged_->evaluator;
    if (!has_batch_norm(network_)) return plain_;
    merged_ = std::make_unique<Derived>(merge_batch_norm(network_), &kept_);
    return merged_->evaluator;
}

Evaluator& Explainer::merged(const Target& target) {
    const ValueId top = target_value(target, network_);
    if (top == network_.logits() || top == 0 || !has_batch_norm(network_)) return merged();
    // What lies above the target goes, so that a rule is only asked for what the pass can meet.
    auto& derived = merged_below_[top];
    if (!derived) derived = std::make_unique<Derived>(merge_batch_norm(network_below(network_, top)), &kept_);
    return derived->evaluator;
}

void Explainer::set_resources(std::shared_ptr<const Resources> resources) {
    const auto& patterns = resources->networks_[Resources::place(Role::patterns)];
    if (patterns != resources_->networks_[Resources::place(Role::patterns)]) {
        if (patterns != nullptr) check_patterns(*patterns, merged().network());
        weighted_patterns_.reset();
        patterns_below_.clear();
    }
    resources_ = std::move(resources);
}

const Network& Explainer::patterns() { return resources_->patterns(); }

const Network& Explainer::patterns(const Target& target) {
    const Network& below = merged(target).network();
    const Network& whole = merged().network();
    if (&below == &whole) return patterns();
    const ValueId top = target_value(target, network_);
    auto found = patterns_below_.find(top);
    if (found == patterns_below_.end()) {
        found = patterns_below_.emplace(top, scaled_patterns(patterns(), whole, below)).first;
    }
    return found->second;
}

const Network& Explainer::weighted_patterns() {
    if (weighted_patterns_ == nullptr) {
        weighted_patterns_ = std::make_unique<Network>(times_weights(patterns(), merged().network()));
    }
    return *weighted_patterns_;
}

}  // namespace pellucid
