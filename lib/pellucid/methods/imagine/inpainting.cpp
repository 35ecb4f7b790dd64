/// inpainting: what was erased of the drawing is filled by the deep image prior. Ulyanov, Vedaldi, Lempitsky 2018.
///
///   min_w Σ m·(g_w(z) − x₀)² / Σ m,  result m·x₀ + (1 − m)·g_w(z)
/// m = 1 where the drawing is kept, 0 where it was erased. Values as shares of the range. `mask` is a picture of the
/// input's rows and columns (and channels, of which the first counts): ink keeps. Without one the middle quarter is
/// erased. `known_error` is the first sum's root, over what is kept.
/// Shapes: map = the filled pictures. Cost: as deep_image_prior. One part per step.
#include "pellucid/methods/imagine/prior.hpp"

#include "pellucid/error.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

namespace {

struct InpaintingParams {
    PriorParams prior;
    std::shared_ptr<const Tensor> mask;
};

void describe(Fields& f, InpaintingParams& p) {
    describe_prior(f, p.prior);
    f.image("mask", p.mask, "what is kept: ink (or 1) keeps, paper (or 0) was erased; without it the middle is erased")
        .per_input();
}

/// (N, h, w, c), each 0 or 1.
Tensor mask_of(const Request& request, const InpaintingParams& p) {
    const Shape shape = request.input.shape();
    Tensor mask = filled(shape, 1.0F);
    if (p.mask == nullptr) {
        for (std::size_t n = 0; n < shape[0]; ++n) {
            for (std::size_t y = shape[1] / 4; y < (3 * shape[1] + 3) / 4; ++y) {
                for (std::size_t x = shape[2] / 4; x < (3 * shape[2] + 3) / 4; ++x)
                    std::fill_n(&mask(n, y, x, 0), shape[3], 0.0F);
            }
        }
        return mask;
    }
    const InputRange range = input_range(request.explainer.network());
    const float middle = (range.low_of(0) + range.high_of(0)) / 2;
    for (std::size_t n = 0; n < shape[0]; ++n) {
        const auto numbers = sample(*p.mask, p.mask->shape()[0] == 1 ? 0 : n);
        double kept = 0;
        for (std::size_t i = 0; i < shape[1] * shape[2]; ++i) {
            const float keep = numbers[i * shape[3]] > middle ? 1.0F : 0.0F;
            std::fill_n(sample(mask, n).data() + i * shape[3], shape[3], keep);
            kept += static_cast<double>(keep);
        }
        if (kept == 0)
            fail(ErrorCode::bad_argument, "inpainting: the mask keeps nothing of input {}: it must keep something", n);
    }
    return mask;
}

class InpaintingRun final : public PriorRun {
public:
    InpaintingRun(const Request& request, const InpaintingParams& p, const Tensor& mask)
        : PriorRun(request, p.prior, &mask), mask_(mask) {
        for (std::size_t n = 0; n < samples(); ++n) {
            const double kept = ops::sum(sample(std::as_const(mask_), n));
            inverse_.push_back(1 /
                               (kept * static_cast<double>(range_.extent()) * static_cast<double>(range_.extent())));
        }
        objective_.add({0, 1, [this](std::size_t n, optimise::Numbers x, double scale, std::span<float> gradient) {
                            return inverse_[n] * optimise::squared_distance(x, sample(request_.input, n),
                                                                            sample(std::as_const(mask_), n),
                                                                            scale * inverse_[n], gradient);
                        }});
    }

protected:
    Tensor picture() override {
        Tensor made = PriorRun::picture();
        for (std::size_t i = 0; i < made.size(); ++i) {
            if (mask_.data()[i] > 0 && std::isfinite(made.data()[i])) made.data()[i] = request_.input.data()[i];
        }
        return made;
    }
    void add_outputs(Result& result, const Tensor&) override {
        Tensor unused;
        Scalar known;
        for (const double square : objective_(PriorRun::picture(), unused))
            known.per_sample.push_back(std::isfinite(square) ? std::sqrt(square) : 1);
        result.add("known_error", std::move(known));
    }

private:
    Tensor mask_;
    std::vector<double> inverse_;
};

std::unique_ptr<Run> start_inpainting(const Request& request, const InpaintingParams& p) {
    return std::make_unique<InpaintingRun>(request, p, mask_of(request, p));
}

}  // namespace

Method inpainting() {
    return define<InpaintingParams, start_inpainting>(
        {.id = "inpainting",
         .family = "imagine",
         .title = "Inpainting",
         .question = "How does an untrained network go on with strokes that were erased?",
         .formula = R"(\min_w \|m\odot(g_w(z)-x_0)\|^2)",
         .reference = {"Ulyanov, Vedaldi, Lempitsky", "Deep Image Prior", 2018, "CVPR"},
         .targets = any_target(),
         .outputs = synthesis_outputs("the drawing, filled",
                                      {scalar_output("known_error", "share",
                                                     "how far the generator is from what was kept, as a share of the "
                                                     "range (root mean square)")}),
         .caveat = "It continues strokes; it does not know digits.",
         .progressive = true,
         .pace = Pace::asked});
}

}  // namespace pellucid::methods
