#include "pellucid/optimise/transforms.hpp"

#include "pellucid/ops.hpp"
#include "pellucid/random.hpp"

#include <cmath>
#include <vector>

namespace pellucid::optimise {

Shift random_shift(std::uint32_t seed, std::uint64_t step, std::size_t most) {
    Random random = stream(seed, Purpose::transform, 0, step);
    const auto draw = [&] {
        return static_cast<std::ptrdiff_t>(random.below(2 * most + 1)) - static_cast<std::ptrdiff_t>(most);
    };
    Shift shift;
    shift.rows = draw();
    shift.columns = draw();
    return shift;
}

void roll(const Tensor& x, const Shift& shift, Tensor& out) {
    reshape_to(out, x.shape());
    const auto [count, rows, columns, channels] = x.shape();
    const auto around = [](std::size_t i, std::ptrdiff_t by, std::size_t size) {
        const auto n = static_cast<std::ptrdiff_t>(size);
        return static_cast<std::size_t>(((static_cast<std::ptrdiff_t>(i) + by) % n + n) % n);
    };
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t y = 0; y < rows; ++y) {
            const std::size_t to_y = around(y, shift.rows, rows);
            for (std::size_t c = 0; c < columns; ++c) {
                const std::size_t to_c = around(c, shift.columns, columns);
                std::copy_n(&x(n, y, c, 0), channels, &out(n, to_y, to_c, 0));
            }
        }
    }
}

void blur(Tensor& x, double sigma) {
    if (sigma <= 0) return;
    const auto reach = static_cast<std::size_t>(std::ceil(3 * sigma));
    std::vector<double> weights(2 * reach + 1);
    for (std::size_t d = 0; d <= reach; ++d) {
        const double t = static_cast<double>(d) / sigma;
        weights[reach + d] = weights[reach - d] = std::exp(-t * t / 2);
    }
    for (const std::size_t axis : {2U, 1U}) ops::smooth(x, axis, weights, ops::Beyond::left_out);
}

void decay(Tensor& x, const InputRange& range, double share) {
    if (share <= 0) return;
    const std::size_t channels = x.shape()[3];
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double low = range.low_of(i % channels);
        x.data()[i] = static_cast<float>(low + (1 - share) * (static_cast<double>(x.data()[i]) - low));
    }
}

}  // namespace pellucid::optimise
