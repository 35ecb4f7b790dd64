/// pixel_flipping: what the answer becomes while pixels are flipped to paper one by one, the most relevant first.
/// Bach et al. 2015.
///
///   c_k = f_t(x with the first k pixels of the map's order set to the fill), k = 0 … P
///   area = Σ_k (c_{k−1} + c_k)/(2P)
/// f_t is the target's probability where it is a class. quantus begins its curve at k = 1; here step 0, the input
/// itself, comes before it. Pixels of several channels are flipped as one, by the sum of their relevance.
/// Shapes: curve (N, 1, 1, P + 1). Cost: the map, then a forward pass for each pixel that is not the fill already.
#include "pellucid/methods/judging/curve.hpp"

namespace pellucid::methods {

namespace {

struct FlippingParams {
    LensParams lens;
    BaselineParams baseline;
};

void describe(Fields& f, FlippingParams& p) {
    describe_judged(f, p.lens);
    describe(f, p.baseline);
}

std::unique_ptr<Run> start_flipping(const Request& request, const FlippingParams& p) {
    return curve_run("pixel_flipping", request, p.lens, p.baseline, Way::away, 0);
}

}  // namespace

Method pixel_flipping() {
    return define<FlippingParams, start_flipping>(
        {.id = "pixel_flipping",
         .family = "judging",
         .title = "Pixel flipping",
         .question = "How fast does the answer go as pixel after pixel is erased in the map's order?",
         .formula = R"(c_k = p_t\big(x\text{ with its }k\text{ most relevant pixels flipped}\big))",
         .reference =
             {"Bach, Binder, Montavon, Klauschen, Müller, Samek",
              "On Pixel-Wise Explanations for Non-Linear Classifier Decisions by Layer-Wise Relevance Propagation",
              2015, "PLoS ONE"},
         .targets = any_target(),
         .outputs = curve_outputs(Better::less, "area under the curve: small where the answer falls at once"),
         .caveat = "Flipped pixels make drawings that the network was never trained on. Paper that is flipped to paper "
                   "changes nothing, so maps are told apart by how they rank the ink.",
         .progressive = true,
         .subject = SubjectKind::attribution,
         .pace = Pace::rest});
}

}  // namespace pellucid::methods
