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

const Trace& Evaluator::trace(const Tensor& input) {
    const bool same = traced_ && trace_.values.front().shape() == input.shape() &&
                      std::memcmp(trace_.values.front().data(), input.data(), input.size() * sizeof(float)) == 0;
    if (!same) {
        traced_ = false;  // stays so if the pass throws
        gradients_of_.clear();
        network_.forward(input, trace_);
        traced_ = true;
    }
    return trace_;
}

const Trace& Evaluator::forward(const Tensor& input) {
    network_.forward(input, passing_);
    return passing_;
}

std::vector<double> Evaluator::values(const Tensor& input, const Target& target) {
    const bool same = !valued_.target.empty() && valued_.target == target.text() &&
                      valued_.input.shape() == input.shape() &&
                      std::memcmp(valued_.input.data(), input.data(), input.size() * sizeof(float)) == 0;
    if (same) return valued_.values;
    valued_.target.clear();  // stays so if the pass throws
    const ValueId value = target_value(target, network_);
    if (!predictor_ || predicted_ != value) predictor_.emplace(network_, value);
    predicted_ = value;
    valued_.values = target_values(target, network_, (*predictor_)(input));
    reshape_to(valued_.input, input.shape());
    std::copy_n(input.data(), input.size(), valued_.input.data());
    valued_.target = target.text();
    return valued_.values;
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

const Tensor& Evaluator::carry(const Trace& trace, const Composite& composite, ValueId from, const Tensor& seed,
                               ValueId to, Ledger* ledger) {
    const std::vector<const Rule*> rules = composite.assign(network_);
    run({network_, trace, rules, workspace_, nullptr, false}, composite, from, seed, to, ledger);
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
