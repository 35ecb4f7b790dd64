#include "pellucid/methods/attribution/baseline.hpp"

#include "pellucid/error.hpp"
#include "pellucid/ops.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

// Rows first, then columns; of what each pixel has over paper, because nothing is paper beyond the border.
Tensor blurred(const Tensor& images, const InputRange& range, double sigma) {
    if (sigma <= 0) return images;
    const auto radius = static_cast<std::ptrdiff_t>(std::ceil(3 * sigma));
    std::vector<double> kernel;
    for (std::ptrdiff_t d = -radius; d <= radius; ++d) {
        kernel.push_back(std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma)));
    }
    Tensor source = images;
    const Tensor paper = filled_within(images.shape(), range, 0.0F);
    ops::subtract(elements(source), elements(paper));
    for (const std::size_t axis : {1U, 2U}) ops::smooth(source, axis, kernel, ops::Beyond::zero);
    ops::add(elements(source), elements(paper));
    return source;
}

void describe(Fields& f, BaselineParams& p) {
    f.choice("baseline", p.kind, {"paper", "ink", "blurred", "noise_mean", "image"},
             "what the drawing is compared with");
    f.image("baseline_image", p.image, "the baseline where `baseline` is image: one for all, or one per input")
        .per_input()
        .when("baseline", {"image"});
}

Tensor baseline(const Request& request, const BaselineParams& p) {
    const Tensor* given = p.image.get();
    const Shape shape = request.input.shape();
    if (p.kind == BaselineKind::image || given != nullptr) {
        if (given == nullptr) {
            fail(ErrorCode::bad_argument, "{}: baseline=image needs a baseline_image", request.params.card().id);
        }
        return given->shape()[0] == shape[0] ? *given : repeat(*given, shape[0]);
    }
    const InputRange range = input_range(request.explainer.network());
    if (p.kind == BaselineKind::blurred) return blurred(request.input, range);
    return filled_within(shape, range,
                         p.kind == BaselineKind::paper ? 0.0F
                         : p.kind == BaselineKind::ink ? 1.0F
                                                       : 0.5F);
}

}  // namespace pellucid::methods
