#include "pellucid/methods/attribution/baseline.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

// Rows first, then columns; of what each pixel has over paper, because nothing is paper beyond the border.
Tensor blurred(const Tensor& images, const InputRange& range, double sigma) {
    if (sigma <= 0) return images;
    const auto radius = static_cast<std::ptrdiff_t>(std::ceil(3 * sigma));
    std::vector<double> kernel;
    double sum = 0;
    for (std::ptrdiff_t d = -radius; d <= radius; ++d) {
        sum += kernel.emplace_back(std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma)));
    }
    const auto [count, height, width, channels] = images.shape();
    Tensor source = images;
    const Tensor paper = filled_within(images.shape(), range, 0.0F);
    for (std::size_t i = 0; i < source.size(); ++i) source.data()[i] -= paper.data()[i];
    Tensor target(images.shape());
    for (const bool rows : {true, false}) {
        const auto extent = static_cast<std::ptrdiff_t>(rows ? height : width);
        for (std::size_t n = 0; n < count; ++n) {
            for (std::size_t y = 0; y < height; ++y) {
                for (std::size_t x = 0; x < width; ++x) {
                    for (std::size_t c = 0; c < channels; ++c) {
                        double total = 0;
                        for (std::ptrdiff_t d = -radius; d <= radius; ++d) {
                            const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(rows ? y : x) + d;
                            if (at < 0 || at >= extent) continue;
                            const auto place = static_cast<std::size_t>(at);
                            total += kernel[static_cast<std::size_t>(d + radius)] *
                                     static_cast<double>(rows ? source(n, place, x, c) : source(n, y, place, c));
                        }
                        target(n, y, x, c) = static_cast<float>(total / sum);
                    }
                }
            }
        }
        std::swap(source, target);
    }
    for (std::size_t i = 0; i < source.size(); ++i) source.data()[i] += paper.data()[i];
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
    return filled_within(shape, range, p.kind == BaselineKind::paper ? 0.0F : p.kind == BaselineKind::ink ? 1.0F : 0.5F);
}

}  // namespace pellucid::methods
