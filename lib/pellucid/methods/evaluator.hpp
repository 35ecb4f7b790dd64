/// One network with everything that repeated questions about it can share.
#pragma once

#include "pellucid/backward/layerwise.hpp"
#include "pellucid/function_ref.hpp"
#include "pellucid/methods/resources.hpp"
#include "pellucid/methods/target.hpp"
#include "pellucid/nn/predictor.hpp"

#include <any>
#include <map>
#include <memory>
#include <optional>

namespace pellucid {

/// The backward passes with a ledger that an explainer's evaluators have made while it was wanted.
struct KeptPasses {
    bool wanted = false;
    std::size_t count = 0;
    std::shared_ptr<const Layerwise> last = nullptr;
};

class InputGradient;

/// Answers forward and backward questions about one network, reusing memory, and remembers the last traced input and
/// its last gradient, so that all methods asked for the same drawing share them. Not thread-safe: one per thread.
/// References returned stay valid until the next call of the same function.
class Evaluator {
public:
    /// The network must outlive the evaluator and keep its weights.
    explicit Evaluator(const Network& network, KeptPasses* kept = nullptr);
    ~Evaluator();

    const Network& network() const { return network_; }
    Workspace& workspace() { return workspace_; }

    /// The recorded forward pass of a batch; remembered, so that asking again for the same numbers costs nothing.
    const Trace& trace(const Tensor& input);

    /// The same, remembered apart: of what inputs are compared with, which is mostly the same for all of them.
    const Trace& reference(const Tensor& input);

    /// The recorded forward pass of a passing batch (samples, neighbours, …): not remembered, leaves trace() alone.
    const Trace& forward(const Tensor& input);

    /// f_t of every sample of a passing batch; nothing is recorded (nn/predictor.hpp), but the last answer is
    /// remembered: methods ask for the same baseline again and again.
    std::vector<double> values(const Tensor& input, const Target& target);

    /// The value that the target is read from, by the same path; remembered, and valid until the next call.
    const Tensor& outputs(const Tensor& input, const Target& target);

    /// Carries a seed of value `from` down to `to` by a composite's rules. With a ledger, the pass is kept where passes
    /// are, unless the ledger has a `sum` of its own: then the signals are no relevances.
    const Signals& backward(const Trace& trace, const Composite& composite, ValueId from, const Tensor& seed,
                            ValueId to = 0, Ledger* ledger = nullptr, const SignalSum* sum = nullptr);

    /// The same where of all signals only that of `to` is asked for.
    const Tensor& carry(const Trace& trace, const Composite& composite, ValueId from, const Tensor& seed,
                        ValueId to = 0, Ledger* ledger = nullptr);
    const Tensor& carry(const Trace& trace, const AssignedComposite& composite, ValueId from, const Tensor& seed,
                        ValueId to = 0, Ledger* ledger = nullptr);

    /// The composite that `make` makes, which must follow from the network and `by` alone: the one of the last call
    /// where that asked for the same. Valid until the next call.
    template <typename By>
    const AssignedComposite& composite(const By& by, FunctionRef<Composite()> make) {
        const By* last = std::any_cast<By>(&composite_by_);
        if (last == nullptr || !(*last == by)) {
            keep_composite(make());
            composite_by_ = by;
        }
        return *composite_;
    }

    /// ∂f_t/∂(every value below the target) at an input; remembered like trace().
    const Signals& gradients(const Tensor& input, const Target& target);

    /// ∂f_t/∂x alone, on the fast path, and f_t; remembered.
    struct Slope {
        Tensor gradient;
        std::vector<double> values;
    };
    const Slope& slope(const Tensor& input, const Target& target);

    /// ∂f_t/∂x of every sample of a passing batch.
    const Tensor& input_gradient(const Tensor& input, const Target& target);

    /// The gradient by the input of whatever has one by a value: ∂(Σ seed·values[value])/∂x of a passing batch, on the
    /// fast path. `seed_of` reads the trace, of which `value` is there, and adds to a seed of zeros shaped like it.
    const Tensor& pullback(const Tensor& input, ValueId value, FunctionRef<void(const Trace&, Tensor& seed)> seed_of);

    /// Σ_k weights[k]·∂f_t/∂x at the points from + alphas[k]·(to − from) of the line between two inputs.
    const Tensor& line_gradient(const Tensor& from, const Tensor& to, std::span<const float> alphas,
                                std::span<const float> weights, const Target& target);

private:
    const Tensor& predict(const Tensor& input, ValueId value);
    void keep_composite(Composite composite);
    void run(Backward pass, const Composite& composite, ValueId from, const Tensor& seed, ValueId to, Ledger* ledger);

    const Network& network_;
    KeptPasses* kept_;
    Composite gradient_;
    std::vector<const Rule*> gradient_rules_;
    std::unique_ptr<InputGradient> input_gradient_;
    std::optional<Predictor> predictor_;
    ValueId predicted_ = 0;  // the value that predictor_ evaluates
    /// What was asked last, and with which target (its text; empty = nothing was).
    struct Asked {
        Tensor input;
        std::string target;
        bool is(const Tensor& other, const Target& of) const;
        void set(const Tensor& other, const Target& of);
    };
    Asked valued_, put_out_, sloped_;
    std::vector<double> values_;
    Tensor outputs_;
    Slope slope_;
    Workspace workspace_;
    std::any composite_by_;
    std::optional<AssignedComposite> composite_;
    Tensor seed_;
    /// A forward pass that is there, or none.
    struct Traced {
        Trace trace;
        bool valid = false;
        bool is_of(const Tensor& input) const;
    };
    void record(Traced& place, const Tensor& input) const;
    Traced traced_, reference_;
    Trace passing_;
    Signals signals_;
    Signals gradients_;
    std::string gradients_of_;  // text of the target whose gradients at trace_ are remembered; empty = none
};

/// A network's evaluators: as it is, and with every BatchNorm merged, as relevance methods want it.
class Explainer {
public:
    explicit Explainer(Network network);

    const Network& network() const { return network_; }
    Evaluator& plain() { return plain_; }
    /// The same evaluator as plain() where there is no BatchNorm.
    Evaluator& merged();
    /// As a relevance method of that target wants it: with the BatchNorms below the target merged, and those alone. A
    /// target that is read from a BatchNorm means the merged layer's output; one read from the layer before keeps the
    /// value that it has in the network, since nothing above it is merged into it. A BatchNorm that only a layer above
    /// the target could take in stays, and relevance passes it unchanged, as in zennit.
    /// Targets at the logits, and networks without BatchNorm: merged(), so that one trace serves all.
    Evaluator& merged(const Target& target);

    KeptPasses& kept_passes() { return kept_; }

    /// The explainer of a network made from this one; `name` says how, to the last number. A few small ones are kept,
    /// since judges ask for the same ones with every input. Valid until the next call.
    Explainer& relative(const std::string& name, FunctionRef<Network()> make);

    /// What methods have beside this network. Runs keep what there was when they started.
    const std::shared_ptr<const Resources>& resources() const { return resources_; }
    /// Replaces all of it. Patterns must be those of this very network (see check_patterns()).
    void set_resources(std::shared_ptr<const Resources> resources);
    /// Adds one thing, or replaces what has its role: attach(Role::generator, network), attach(DataSet(…)).
    template <typename... What>
    void attach(What&&... what) {
        Resources more = *resources_;
        more.set(std::forward<What>(what)...);
        set_resources(std::make_shared<const Resources>(std::move(more)));
    }
    /// Forgets what has that role.
    void detach(Role role) {
        Resources less = *resources_;
        less.remove(role);
        set_resources(std::make_shared<const Resources>(std::move(less)));
    }
    /// The patterns a, shaped as the merged network, or w ⊙ a. Throws Error(unsupported) that says how to make them
    /// where there are none.
    const Network& patterns();
    const Network& weighted_patterns();
    /// The patterns a, shaped and scaled as the layers of merged(target): wᵀa = 1 for their weights as well. (w ⊙ a is
    /// the same for both.)
    const Network& patterns(const Target& target);

private:
    /// A network made from another, and its evaluator.
    struct Derived {
        Derived(Network of, KeptPasses* kept) : network(std::move(of)), evaluator(network, kept) {}
        Network network;
        Evaluator evaluator;
    };

    Network network_;
    KeptPasses kept_;
    Evaluator plain_;
    std::unique_ptr<Derived> merged_;
    std::map<ValueId, std::unique_ptr<Derived>> merged_below_;
    std::shared_ptr<const Resources> resources_ = std::make_shared<const Resources>();
    std::unique_ptr<Network> weighted_patterns_;
    std::map<ValueId, Network> patterns_below_;
    std::map<std::string, std::unique_ptr<Explainer>> relatives_;
};

}  // namespace pellucid
