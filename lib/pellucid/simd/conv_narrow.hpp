/// Convolution with fewer than four outputs: lanes run over the inputs instead, and are summed at the end.
///
/// out[y, x, o] = bias[o] + Σ_row Σ_j in[row, x, j] · w[o, row, j], weights packed [out_c][kernel_h][kernel_w][in_c].
/// The input gradient of a first layer is such a convolution.
#pragma once

#include "pellucid/simd/kernels.hpp"
#include "pellucid/simd/lanes.hpp"

#include <cassert>
#include <utility>

namespace pellucid::simd {

struct NarrowJob {
    const float* in;
    float* out;
    const float* weights;
    const float* bias;
    std::size_t rows, run, row_step, in_step;
    bool relu;
};

/// P positions × O outputs, one vector of partial sums each.
template <class Isa, std::size_t P, std::size_t O>
PELLUCID_TILE void narrow_tile(const NarrowJob& job) {
    using Vector = typename Isa::Vector;
    constexpr std::size_t width = Isa::width;
    Vector acc[P][O];
    for (std::size_t p = 0; p < P; ++p) {
        for (std::size_t o = 0; o < O; ++o) acc[p][o] = Isa::zero();
    }
    const std::size_t whole = job.run / width * width;
    const std::size_t rest = job.run - whole;
    const std::size_t weight_step = job.rows * job.run;
    for (std::size_t row = 0; row < job.rows; ++row) {
        const float* in = job.in + row * job.row_step;
        const float* weights = job.weights + row * job.run;
        for (std::size_t j = 0; j < whole; j += width) {
            Vector w[O];
            for (std::size_t o = 0; o < O; ++o) w[o] = Isa::load(weights + o * weight_step + j);
            for (std::size_t p = 0; p < P; ++p) {
                const Vector x = Isa::load(in + p * job.in_step + j);
                for (std::size_t o = 0; o < O; ++o) acc[p][o] = Isa::multiply_add(x, w[o], acc[p][o]);
            }
        }
        if (rest != 0) {
            Vector w[O];
            for (std::size_t o = 0; o < O; ++o) w[o] = Isa::load_first(weights + o * weight_step + whole, rest);
            for (std::size_t p = 0; p < P; ++p) {
                const Vector x = Isa::load_first(in + p * job.in_step + whole, rest);
                for (std::size_t o = 0; o < O; ++o) acc[p][o] = Isa::multiply_add(x, w[o], acc[p][o]);
            }
        }
    }
    for (std::size_t p = 0; p < P; ++p) {
        for (std::size_t o = 0; o < O; ++o) {
            float sum = Isa::sum(acc[p][o]);
            if (job.bias != nullptr) sum += job.bias[o];
            job.out[p * O + o] = job.relu && !(sum > 0.0F) ? 0.0F : sum;
        }
    }
}

template <class Isa, std::size_t O>
PELLUCID_INLINE void narrow_rows(const ConvSizes& s, NarrowJob job) {
    constexpr std::size_t most = Isa::narrow_positions / O;
    const float* const in = job.in;
    for (std::size_t y = 0; y < s.out_h; ++y) {
        job.in = in + y * s.stride_h * job.row_step;
        std::size_t x = 0;
        for (; x + most <= s.out_w; x += most) {
            narrow_tile<Isa, most, O>(job);
            job.in += most * job.in_step;
            job.out += most * O;
        }
        for (; x < s.out_w; ++x) {
            narrow_tile<Isa, 1, O>(job);
            job.in += job.in_step;
            job.out += O;
        }
    }
}

template <class Isa>
void conv_narrow(const ConvSizes& s, const float* in, const PackedWeights& packed, const float* bias, float* out,
                 Fuse fuse) {
    const NarrowJob job{in,
                        out,
                        packed.data.data(),
                        bias,
                        s.kernel_h,
                        s.kernel_w * s.in_c,
                        s.in_w * s.in_c,
                        s.stride_w * s.in_c,
                        fuse == Fuse::relu};
    switch (s.out_c) {
        case 1: return narrow_rows<Isa, 1>(s, job);
        case 2: return narrow_rows<Isa, 2>(s, job);
        case 3: return narrow_rows<Isa, 3>(s, job);
        default: assert(s.out_c < narrow_limit);
    }
}

}  // namespace pellucid::simd
