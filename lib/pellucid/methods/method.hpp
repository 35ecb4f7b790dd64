/// A method: its card, and how a run of it starts. The list of all of them is methods/list.inc.
#pragma once

#include "pellucid/methods/card.hpp"
#include "pellucid/methods/evaluator.hpp"
#include "pellucid/methods/fields.hpp"
#include "pellucid/methods/run.hpp"
#include "pellucid/methods/target.hpp"

#include <span>
#include <string_view>

namespace pellucid {

/// What a run works on. The explainer must outlive the run.
struct Request {
    Explainer& explainer;
    Tensor input;   ///< (N, H, W, C)
    Target target;  ///< of every sample
    Params params;
    bool layerwise = false;  ///< keep the relevance of every layer, see Result::layerwise
    /// One target for each sample, in place of `target`; empty: that one for all. start() answers them one after
    /// another, so that methods see `target` alone.
    std::vector<Target> targets = {};
    /// What there is beside the network. Null: what was attached to the explainer; otherwise it is attached in its
    /// place. Methods find here what their card says they need.
    std::shared_ptr<const Resources> with = nullptr;
};

struct Method {
    Card card;
    /// The work: a run, or, where it has one part only, its result. The other is null.
    std::unique_ptr<Run> (*run)(const Request& request) = nullptr;
    Result (*answer)(const Request& request) = nullptr;

    /// Starts a run without checking the request; start() below checks.
    std::unique_ptr<Run> start(Request request) const;
};

/// What define() does for methods of all types.
Method method_of(Card&& card, void (*declare)(Fields&), std::unique_ptr<Run> (*run)(const Request& request));
Method method_of(Card&& card, void (*declare)(Fields&), Result (*answer)(const Request& request));

/// The method of that card whose parameters are a struct P with its describe(); `work` gives its run, or, where it has
/// one part only, its result.
///
///     Method fgsm() { return define<FgsmParams, run_fgsm>({.id = "fgsm", …}); }
///
/// This is instantiated for every method, so it holds only what depends on the method's types.
template <typename P, auto work>
Method define(Card&& card) {
    const auto declare = [](Fields& fields) {
        P defaults;
        describe(fields, defaults);
    };
    return method_of(std::move(card), declare,
                     [](const Request& request) { return work(request, values_of<P>(request.params)); });
}

/// All methods, in the list's order.
std::span<const Method> all_methods();

/// The method of that id. Throws Error(bad_argument) that lists the ids there are.
const Method& find_method(std::string_view id);

/// Throws Error where a batch does not fit the network or holds what is no finite number.
void check_input(const Tensor& input, const Network& network);

/// Starts a run, after checking that input, target and parameters fit network and card. An input outside the range that
/// the model declares is refused. Where it declares none, 0 … 1 is taken for bounds, and who takes inputs from outside,
/// as the command and the package do, checks against it (check_range).
/// Throws Error that names what was wrong and what would be right.
std::unique_ptr<Run> start(const Method& method, Request request);

/// Starts it, runs it to the end and gives its result.
Result explain(const Method& method, Request request);

}  // namespace pellucid
