#include "pellucid/methods/inside/reference_drawings.hpp"

#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/nn/range.hpp"

#include <algorithm>

namespace pellucid::methods {

namespace {

/// All of the built-in digits as a network of the range 0 … 1 reads them; made once.
const ReferenceDrawings& all_pen_digits() {
    static const ReferenceDrawings all = [] {
        ReferenceDrawings digits{Tensor(Shape{pen_digit_count(), image_size, image_size, 1}), {}};
        for (std::size_t i = 0; i < pen_digit_count(); ++i) {
            const PenDigit digit = pen_digit(i);
            const Tensor image = normalise(digit.drawing).image;
            std::copy_n(image.data(), image.size(), sample(digits.images, i).data());
            digits.labels.push_back(static_cast<std::size_t>(digit.label));
        }
        return digits;
    }();
    return all;
}

}  // namespace

ReferenceDrawings reference_drawings(const Request& request, std::size_t most) {
    const Network& network = request.explainer.network();
    if (request.with->has(Role::data)) {
        request.with->check_fits(network);
        const DataSet& data = request.with->data();
        const std::size_t count = std::min(most, data.size());
        ReferenceDrawings some{data.images(0, count, input_range(network)), data.labels()};
        if (!some.labels.empty()) some.labels.resize(count);
        return some;
    }
    const Shape& shape = network.input_shape();
    if (Shape(with_batch(shape, 1)) != Shape{1, image_size, image_size, 1}) return {Tensor(with_batch(shape, 0)), {}};
    const ReferenceDrawings& all = all_pen_digits();
    const std::size_t count = std::min(most, all.labels.size());
    ReferenceDrawings some{batch_slice(all.images, 0, count),
                           {all.labels.begin(), all.labels.begin() + static_cast<std::ptrdiff_t>(count)}};
    scale_to_range(some.images, input_range(network));
    return some;
}

}  // namespace pellucid::methods
