#include "pellucid/methods/attribution/baseline_set.hpp"

#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"

namespace pellucid::methods {

namespace {

/// Pen digits take up to a millisecond each to draw and never change: they are kept, one set per thread.
const Tensor& pen_digit_image(std::size_t index) {
    thread_local std::vector<Tensor> drawn(pen_digit_count());
    if (drawn[index].size() == 0) drawn[index] = normalise(pen_digit(index).drawing).image;
    return drawn[index];
}

}  // namespace

BaselineSet::BaselineSet(const Request& request, std::shared_ptr<const Tensor> given)
    : given_(std::move(given)),
      shape_(with_batch(request.input.shape(), 1)),
      range_(input_range(request.explainer.network())),
      digits_(!given_ && shape_ == Shape{1, image_size, image_size, 1}) {
    if (given_ && (with_batch(given_->shape(), 1) != shape_ || given_->shape()[0] == 0)) {
        fail(ErrorCode::bad_shape, "{}: baselines of shape {} do not fit inputs of shape {}", request.params.card().id,
             to_string(Shape(given_->shape())), to_string(Shape(request.input.shape())));
    }
}

std::size_t BaselineSet::count() const { return given_ ? given_->shape()[0] : digits_ ? pen_digit_count() : 1; }

Tensor BaselineSet::operator[](std::size_t index) const {
    if (given_) return batch_slice(*given_, index, 1);
    Tensor image = digits_ ? pen_digit_image(index) : zeros(shape_);
    scale_to_range(image, range_);
    return image;
}

}  // namespace pellucid::methods
