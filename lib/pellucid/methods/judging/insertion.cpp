/// insertion: what the answer becomes while pixels come, the most relevant first. Petsiuk, Das, Saenko 2018.
///
///   c_k = f_t(baseline with the first ⌊k·P/K⌋ pixels of the map's order taken from x), k = 0 … K
///   area = Σ_k (c_{k−1} + c_k)/(2K);  large: few pixels are enough for the answer
/// As deletion in everything else (xplique's definition; its baseline is paper, Petsiuk's a blurred input).
/// Shapes: curve (N, 1, 1, K + 1). Cost: the map, then at most `steps` + 1 forward passes per input, in batches.
#include "pellucid/methods/judging/curve.hpp"

namespace pellucid::methods {

namespace {

struct InsertionParams {
    LensParams lens;
    std::size_t steps = 28;
    BaselineParams baseline;
};

void describe(Fields& f, InsertionParams& p) {
    describe_judged(f, p.lens);
    f.integer("steps", p.steps, {0, 1e6}, "steps in which all pixels come; 0: pixel by pixel");
    describe(f, p.baseline);
}

std::unique_ptr<Run> start_insertion(const Request& request, const InsertionParams& p) {
    return curve_run("insertion", request, p.lens, p.baseline, Way::towards, p.steps);
}

}  // namespace

Method insertion() {
    return define<InsertionParams, start_insertion>(
        {.id = "insertion",
         .family = "judging",
         .title = "Insertion",
         .question = "How little of what the map points at is enough for the answer?",
         .formula = R"(\frac1K\sum_{k=1}^{K}\tfrac12\big(c_{k-1}+c_k\big),\quad c_k=p_t\big(\text{the first }k\text{ )"
                    R"(portions of }x\text{ alone}\big))",
         .reference = {"Petsiuk, Das, Saenko", "RISE: Randomized Input Sampling for Explanation of Black-box Models",
                       2018, "BMVC"},
         .targets = any_target(),
         .outputs = curve_outputs(Better::more, "area under the curve: large where a few pixels suffice"),
         .caveat =
             "A few scattered pixels are like nothing the network was trained on, and it may answer them by chance. "
             "The order alone is judged, not the map's numbers.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
