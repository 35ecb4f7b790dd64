/// deep_taylor: every unit's relevance, expanded to first order at a root point of its own. Montavon et al. 2017.
///
/// Rules: z_box on the first layer with weights, whose inputs are pixels in [low, high]; z_plus on all others, dense
/// layers included; relevance passes activations, max-pools give it to the winner. BatchNorm is merged first.
/// Seed: f_t(x) at the units that the target is made of, or 1. Shapes: map as the input; the ledger of every layer.
/// `compat` takes over another library's habits for what is not given: zennit starts from 1; innvestigate leaves biases
/// out, has 1e-7, only where a denominator is 0, and crosses average pools and sums with their gradient. Not taken
/// over: innvestigate explains the score's positive part.
/// Cost: one forward pass, then two to six passes per layer with weights.
#include "pellucid/methods/relevance/relevance.hpp"

namespace pellucid::methods {

namespace {

struct DeepTaylorParams {
    PixelBounds bounds;
    StartParams start;
    HabitParams habit;
    bool gradient_at_averages = false;
};

void describe(Fields& f, DeepTaylorParams& p) {
    describe(f, p.bounds);
    describe(f, p.start);
    describe(f, p.habit);
    f.choice("averages", p.gradient_at_averages, {"shares", "gradient"},
             "what average pools and sums give down: shares of their inputs, or the gradient")
        .rarely();
    f.compat([] {
        using std::string;
        return std::vector<Preset>{{"zennit", {{"start", string("one")}}},
                                   {"innvestigate",
                                    {{"stabiliser", 1e-7},
                                     {"bias", string("none")},
                                     {"stabilise", string("zero_only")},
                                     {"averages", string("gradient")}}}};
    });
}

Result run_deep_taylor(const Request& request, const DeepTaylorParams& p) {
    rules::RuleOptions options;
    choose_bounds(request, p.bounds, options);
    choose_habit(p.habit, options);
    options.gradient_at_averages = p.gradient_at_averages;
    return propagate(request, composites::deep_taylor(options), p.start.start);
}

}  // namespace

Method deep_taylor() {
    return define<DeepTaylorParams, run_deep_taylor>(
        {.id = "deep_taylor",
         .family = "relevance",
         .title = "Deep Taylor decomposition",
         .question = "Which pixels is the score made of if every unit is explained by its distance from silence?",
         .formula =
             R"(R_j = \sum_k \frac{a_j w_{jk}^+}{\sum_i a_i w_{ik}^+} R_k,\quad R_p = \sum_j \frac{x_p w_{pj} - )"
             R"(l\,w_{pj}^+ - h\,w_{pj}^-}{\sum_i x_i w_{ij} - l\,w_{ij}^+ - h\,w_{ij}^-} R_j)",
         .reference = {"Montavon, Lapuschkin, Binder, Samek, Müller",
                       "Explaining NonLinear Classification Decisions with Deep Taylor Decomposition", 2017,
                       "Pattern Recognition 65"},
         .targets = any_target(),
         .outputs = {map_output(MapKind::signed_values)},
         .caveat = "It only follows what excites, so the map of a positive score is positive everywhere: it cannot "
                   "show what speaks against the answer."});
}

}  // namespace pellucid::methods
