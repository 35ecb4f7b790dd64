/// shift_invariance: does a map change when a constant is added to the input and taken back in the first layer?
/// Kindermans et al. 2017.
///
///   g(x + s) = f(x) for all x: the network g has the bias b − s·Σw in its first layer, and s for its padding
///   difference = ‖map_g(x + s) − map_f(x)‖₂ / ‖map_f(x)‖₂
/// Both networks answer alike, so a map of what the answer depends on must be the same. What methods compare with (a
/// baseline, z_box's bounds) stays where it was, as in the paper; with `range_follows` it moves along.
/// Patterns are those of the same directions: covariances do not see the shift. (The reveal_cancel rule of deeplift
/// takes the padding for changed.)
/// Shapes: moved as the map. Cost: two maps and a copy of the network.
#include "pellucid/methods/judging/changed_network.hpp"
#include "pellucid/methods/judging/lens.hpp"
#include "pellucid/methods/judging/similarity.hpp"

#include "pellucid/methods/patterns.hpp"
#include "pellucid/nn/range.hpp"

namespace pellucid::methods {

namespace {

struct ShiftParams {
    LensParams lens;
    float shift = 0.5F;
    bool range_follows = false;
};

void describe(Fields& f, ShiftParams& p) {
    describe_lens(f, p.lens);
    f.real("shift", p.shift, {-1e6, 1e6}, "what is added to every pixel").share_of_range();
    f.flag("range_follows", p.range_follows, "baselines and bounds move along with the input");
}

InputRange moved(InputRange range, float shift) {
    for (float& v : range.low) v += shift;
    for (float& v : range.high) v += shift;
    return range;
}

Result run_shift(const Request& request, const ShiftParams& p) {
    const Lens lens("shift_invariance", p.lens);
    const SettledTargets settled = settle_targets(request, request.explainer.plain());
    Network network = shifted(request.explainer.network(), p.shift);
    if (p.range_follows) set_input_range(network, to_string(moved(input_range(network), p.shift)));
    Explainer explainer(std::move(network));
    lens.hand_on(request.explainer, explainer);
    if (needs(lens.card(), Role::patterns)) {
        Network patterns = shifted(request.explainer.patterns(), p.shift, false);
        patterns.metadata[patterns_of_key] = fingerprint(explainer.merged().network());
        explainer.attach(Role::patterns, std::move(patterns));
    }
    Tensor there = request.input;
    for (float& v : elements(there)) v += p.shift;
    const Tensor maps = lens.ask(request.explainer, request.input, settled.targets);
    Tensor shown = lens.ask(explainer, there, settled.targets);
    Scalar difference, rank;
    for (std::size_t n = 0; n < maps.shape()[0]; ++n) {
        difference.per_sample.push_back(relative_distance(sample(maps, n), sample(std::as_const(shown), n)));
        rank.per_sample.push_back(spearman(sample(maps, n), sample(std::as_const(shown), n)));
    }
    Result result;
    result.value = settled.values;
    result.add("difference", std::move(difference));
    result.add("spearman", std::move(rank));
    result.add("moved", Map{std::move(shown)});
    return result;
}

}  // namespace

Method shift_invariance() {
    return define<ShiftParams, run_shift>(
        {.id = "shift_invariance",
         .family = "judging",
         .title = "Shifted input",
         .question = "Does the map stay when the same drawing is written in other numbers?",
         .formula = R"(\frac{\|R_g(x+s)-R_f(x)\|_2}{\|R_f(x)\|_2},\quad g(x+s)=f(x))",
         .reference = {"Kindermans, Hooker, Adebayo, Alber, Schütt, Dähne, Erhan, Kim",
                       "The (Un)reliability of saliency methods", 2017, "arXiv:1711.00867"},
         .targets = any_target(),
         .outputs = {judging_output("difference", "share", Better::less,
                                    "how far the map moves, in lengths of the map: 0 is invariant"),
                     scalar_output("spearman", "similarity", "rank correlation of the two maps"),
                     map_output(MapKind::signed_values, "the map of the shifted drawing", "moved")},
         .caveat =
             "It finds methods that depend on how pixels are written down. That need not make their maps useless: "
             "what is compared with paper must know what paper is.",
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
