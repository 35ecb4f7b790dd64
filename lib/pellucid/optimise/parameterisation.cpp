#include "pellucid/optimise/parameterisation.hpp"

#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid::optimise {

namespace {

/// How much a picture changes with a generator's output, which is a share of the range.
float extent_of(const InputRange& range, std::size_t channel) { return range.high_of(channel) - range.low_of(channel); }

}  // namespace

Pixels::Pixels(Tensor start, InputRange range)
    : pixels_(std::move(start)), gradient_(zeros(pixels_.shape())), range_(std::move(range)) {}

void Pixels::moved() {
    const std::size_t channels = pixels_.shape()[3];
    for (std::size_t i = 0; i < pixels_.size(); ++i) {
        const std::size_t channel = i % channels;
        pixels_.data()[i] = std::clamp(pixels_.data()[i], range_.low_of(channel), range_.high_of(channel));
    }
}

Code::Code(const Network& generator, Tensor code, InputRange range)
    : generator_(generator),
      passes_(generator),
      range_(std::move(range)),
      code_(std::move(code)),
      gradient_(zeros(code_.shape())) {}

const Tensor& Code::image() {
    if (rendered_) return image_;
    rendered_ = true;
    image_ = passes_.forward(code_, generator_.output()).values[generator_.output()];
    scale_to_range(image_, range_);
    return image_;
}

void Code::pull(const Tensor& gradient) {
    seed_ = gradient;
    const std::size_t channels = seed_.shape()[3];
    for (std::size_t i = 0; i < seed_.size(); ++i) seed_.data()[i] *= extent_of(range_, i % channels);
    gradient_ = passes_.backward(seed_);
}

GeneratorWeights::GeneratorWeights(std::span<const Network> starts, const Tensor& input, const Shape& picture,
                                   InputRange range)
    : picture_(picture), range_(std::move(range)), image_(picture) {
    const Shape& made = starts.front().shape(starts.front().output());
    if (made[1] < picture[1] || made[2] < picture[2] || made[3] != picture[3]) {
        fail(ErrorCode::bad_shape, "a generator of pictures {} cannot make {}", to_string(made), to_string(picture));
    }
    for (std::size_t n = 0; n < picture[0]; ++n) {
        own_.push_back(std::make_unique<Own>(starts[n]));
        own_.back()->workspace.images = input;
        own_.back()->gradients = make_gradients(own_.back()->network);
    }
}

const Tensor& GeneratorWeights::image() {
    if (rendered_) return image_;
    rendered_ = true;
    for (std::size_t n = 0; n < own_.size(); ++n) {
        const Tensor& made = own_[n]->walk.forward(own_[n]->workspace);
        for (std::size_t y = 0; y < picture_[1]; ++y) {
            std::copy_n(&made(0, y, 0, 0), picture_[2] * picture_[3], &image_(n, y, 0, 0));
        }
    }
    scale_to_range(image_, range_);
    return image_;
}

void GeneratorWeights::pull(const Tensor& gradient) {
    for (std::size_t n = 0; n < own_.size(); ++n) {
        Own& own = *own_[n];
        Tensor& seed = own.walk.seed(own.workspace);
        std::ranges::fill(elements(seed), 0.0F);
        for (std::size_t y = 0; y < picture_[1]; ++y) {
            const float* from = &gradient(n, y, 0, 0);
            float* to = &seed(0, y, 0, 0);
            for (std::size_t i = 0; i < picture_[2] * picture_[3]; ++i)
                to[i] = from[i] * extent_of(range_, i % picture_[3]);
        }
        for (Tensor& g : own.gradients) std::ranges::fill(elements(g), 0.0F);
        own.walk.add(own.workspace, own.gradients);
    }
}

std::vector<Slot> GeneratorWeights::slots() {
    std::vector<Slot> slots;
    for (const auto& own : own_) {
        const std::vector<Tensor*> weights = parameter_tensors(own->network);
        for (std::size_t i = 0; i < weights.size(); ++i) slots.push_back({weights[i], &own->gradients[i], false});
    }
    return slots;
}

void GeneratorWeights::moved() {
    rendered_ = false;
    for (const auto& own : own_) refresh(own->network);
}

Mask::Mask(Tensor mask, Tensor shown, Tensor hidden)
    : mask_(std::move(mask)),
      shown_(std::move(shown)),
      hidden_(std::move(hidden)),
      gradient_(zeros(mask_.shape())),
      image_(shown_.shape()) {
    const Shape wanted{shown_.shape()[0], shown_.shape()[1], shown_.shape()[2], 1};
    if (Shape(mask_.shape()) != wanted || shown_.shape() != hidden_.shape()) {
        fail(ErrorCode::bad_shape, "a mask of shape {} does not fit pictures of {} and {}",
             to_string(Shape(mask_.shape())), to_string(Shape(shown_.shape())), to_string(Shape(hidden_.shape())));
    }
}

const Tensor& Mask::image() {
    const std::size_t channels = shown_.shape()[3];
    for (std::size_t i = 0; i < shown_.size(); ++i) {
        const float m = mask_.data()[i / channels];
        image_.data()[i] = m * shown_.data()[i] + (1 - m) * hidden_.data()[i];
    }
    return image_;
}

void Mask::pull(const Tensor& gradient) {
    std::ranges::fill(elements(gradient_), 0.0F);
    const std::size_t channels = shown_.shape()[3];
    for (std::size_t i = 0; i < shown_.size(); ++i)
        gradient_.data()[i / channels] += gradient.data()[i] * (shown_.data()[i] - hidden_.data()[i]);
}

void Mask::moved() {
    for (float& m : elements(mask_)) m = std::clamp(m, 0.0F, 1.0F);
}

}  // namespace pellucid::optimise
