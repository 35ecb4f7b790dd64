/// deletion: what the answer becomes while pixels go, the most relevant first. Petsiuk, Das, Saenko 2018.
///
///   c_k = f_t(x with the first ⌊k·P/K⌋ pixels of the map's order replaced by the baseline), k = 0 … K
///   area = Σ_k (c_{k−1} + c_k)/(2K);  small: the pixels that go first are those that the answer hangs on
/// f_t is the target's probability where it is a class. Pixels count once, whatever their channels: a pixel's relevance
/// is the sum over them; equals go in reading order. Step 0, the input itself, is included (xplique's definition).
/// Shapes: curve (N, 1, 1, K + 1). Cost: the map, then at most `steps` + 1 forward passes per input, in batches.
#include "pellucid/methods/judging/curve.hpp"

namespace pellucid::methods {

namespace {

struct DeletionParams {
    LensParams lens;
    std::size_t steps = 28;
    BaselineParams baseline;
};

void describe(Fields& f, DeletionParams& p) {
    describe_judged(f, p.lens);
    f.integer("steps", p.steps, {0, 1e6}, "steps in which all pixels go; 0: pixel by pixel");
    describe(f, p.baseline);
}

std::unique_ptr<Run> start_deletion(const Request& request, const DeletionParams& p) {
    return curve_run("deletion", request, p.lens, p.baseline, Way::away, p.steps);
}

}  // namespace

Method deletion() {
    return define<DeletionParams, start_deletion>(
        {.id = "deletion",
         .family = "judging",
         .title = "Deletion",
         .question = "Does the answer fall when what the map points at is erased?",
         .formula = R"(\frac1K\sum_{k=1}^{K}\tfrac12\big(c_{k-1}+c_k\big),\quad c_k=p_t\big(x\text{ without the first )"
                    R"(}k\text{ portions}\big))",
         .reference = {"Petsiuk, Das, Saenko", "RISE: Randomized Input Sampling for Explanation of Black-box Models",
                       2018, "BMVC"},
         .targets = any_target(),
         .outputs = curve_outputs(Better::less, "area under the curve: small where the answer falls at once"),
         .caveat =
             "Drawings with holes are like nothing the network was trained on, and it may answer them by chance. The "
             "order alone is judged, not the map's numbers.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
