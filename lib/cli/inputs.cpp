#include "inputs.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::cli {

Inputs::Inputs(const std::string& place, const InputForm& form) {
    if (form.shape.empty() && form.invert != Invert::yes) file_ = NpyFile::open(place);
    if (file_) {
        shape_ = file_->shape();
        rank_ = file_->rank();
        how_ = file_->how();
        return;
    }
    ReadInput read = read_input(place, form);
    whole_ = std::move(read.images.pixels);
    shape_ = whole_.shape();
    rank_ = read.images.rank;
    how_ = std::move(read.how);
    inverted_ = read.inverted;
}

Tensor Inputs::portion(std::size_t first, std::size_t count) const {
    return file_ ? file_->read(first, count) : batch_slice(whole_, first, count);
}

void Inputs::check(const Network& network) const {
    constexpr std::size_t at_a_time = 1024;
    const Shape& wanted = network.input_shape();
    if (Shape(with_batch(shape_, 1)) != with_batch(wanted, 1)) {
        fail(ErrorCode::bad_shape,
             "the input has shape {} (samples, rows, columns, channels); the network reads (N, {}, {}, {})",
             to_string(shape_), wanted[1], wanted[2], wanted[3]);
    }
    float least = 0, greatest = 0;
    for (std::size_t first = 0; first < count(); first += at_a_time) {
        const Tensor images = portion(first, std::min(at_a_time, count() - first));
        const auto* end = images.data() + images.size();
        const auto* wrong = std::find_if_not(images.data(), end, [](float v) { return std::isfinite(v); });
        const std::size_t before = first * sample_size(images);
        if (wrong != end) {
            fail(ErrorCode::bad_argument, "the input's element {} is {}; every element must be a finite number",
                 before + static_cast<std::size_t>(wrong - images.data()), *wrong);
        }
        check_bounds(images, network, before);
        const auto [low, high] = std::minmax_element(images.data(), end);
        least = first == 0 ? *low : std::min(least, *low);
        greatest = first == 0 ? *high : std::max(greatest, *high);
    }
    check_extent(least, greatest, input_range(network));
}

}  // namespace pellucid::cli
