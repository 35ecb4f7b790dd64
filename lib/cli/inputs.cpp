#include "inputs.hpp"

#include "pellucid/data/input.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::cli {

Inputs::Inputs(const std::string& place) : file_(NpyFile::open(place)) {
    if (file_) {
        shape_ = file_->shape();
        rank_ = file_->rank();
        return;
    }
    Images images = load_input(place);
    whole_ = std::move(images.pixels);
    shape_ = whole_.shape();
    rank_ = images.rank;
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
    for (std::size_t first = 0; first < count(); first += at_a_time) {
        const Tensor images = portion(first, std::min(at_a_time, count() - first));
        const auto* end = images.data() + images.size();
        const auto* wrong = std::find_if_not(images.data(), end, [](float v) { return std::isfinite(v); });
        if (wrong == end) continue;
        fail(ErrorCode::bad_argument, "the input's element {} is {}; every element must be a finite number",
             first * sample_size(images) + static_cast<std::size_t>(wrong - images.data()), *wrong);
    }
}

}  // namespace pellucid::cli
