/// Candidate B: planes of one channel each (NCHW), lanes along the row.
///
/// Planes are stored padded, and a convolution runs over a plane as over one long row: with the padded width as pitch,
/// out[q] = Σ in[q + ky·pitch + kx] · w, so that vectors are full even where rows are shorter than they; what falls
/// between rows is wasted (2 of 9 columns at width 7). A tile holds O output channels × X vectors in registers: per tap
/// X loads and O single weights for O·X multiply-adds. Tile shapes are tried for each layer before the measurement.
#pragma once

#include "pellucid/simd/lanes.hpp"

#include <algorithm>
#include <vector>

namespace layout {

using pellucid::simd::store_lanes;

struct Planes {
    std::size_t channels, size, pad;  ///< square
    std::vector<float> data;

    /// Vectors may read and write past a plane's end.
    static constexpr std::size_t slack = 256;
    Planes(std::size_t c, std::size_t s, std::size_t p) : channels(c), size(s), pad(p), data(c * plane() + slack) {}
    std::size_t pitch() const { return size + 2 * pad; }
    std::size_t plane() const { return pitch() * pitch(); }
    float* channel(std::size_t c) { return data.data() + c * plane(); }
    const float* channel(std::size_t c) const { return data.data() + c * plane(); }
};

struct TileArgs {
    const float* in;
    const float* weights;  ///< [in_c][kernel][kernel][O]
    const float* bias;
    float* out;
    std::size_t in_c, kernel, plane, pitch, out_step;
};

template <class Isa, std::size_t O, std::size_t X>
PELLUCID_TILE void nchw_tile(const TileArgs& a) {
    using Vector = typename Isa::Vector;
    Vector acc[O][X];
    for (std::size_t o = 0; o < O; ++o) {
        for (std::size_t x = 0; x < X; ++x) acc[o][x] = Isa::splat(a.bias[o]);
    }
    const float* weights = a.weights;
    for (std::size_t i = 0; i < a.in_c; ++i) {
        for (std::size_t ky = 0; ky < a.kernel; ++ky) {
            const float* in = a.in + i * a.plane + ky * a.pitch;
            for (std::size_t kx = 0; kx < a.kernel; ++kx, ++in, weights += O) {
                Vector v[X];
                for (std::size_t x = 0; x < X; ++x) v[x] = Isa::load(in + x * Isa::width);
                for (std::size_t o = 0; o < O; ++o) {
                    const Vector w = Isa::splat(weights[o]);
                    for (std::size_t x = 0; x < X; ++x) acc[o][x] = Isa::multiply_add(v[x], w, acc[o][x]);
                }
            }
        }
    }
    for (std::size_t o = 0; o < O; ++o) {
        for (std::size_t x = 0; x < X; ++x) {
            Isa::store(a.out + o * a.out_step + x * Isa::width, Isa::max(acc[o][x], Isa::zero()));
        }
    }
}

/// Convolution and ReLU of `size`² outputs, then a 2×2 maximum where `pool`; the result goes to the inside of `out`.
template <class Isa>
class NchwConv {
public:
    NchwConv(std::size_t in_c, std::size_t out_c, std::size_t kernel, std::size_t size, bool pool)
        : in_c_(in_c), out_c_(out_c), kernel_(kernel), size_(size), pool_(pool) {
        weights_.resize(kernel * kernel * in_c * out_c);
        bias_.assign(out_c, 0.01F);
        for (std::size_t i = 0; i < weights_.size(); ++i) {
            weights_[i] = static_cast<float>(i * 2654435761U % 1024U) / 5120.0F - 0.1F;
        }
        rows_.resize(8 * (size + 2) * (size + 8) + Planes::slack);
    }

    static constexpr std::size_t shapes = 7;
    void use_shape(std::size_t shape) { shape_ = shape; }
    const char* shape_name() const {
        static constexpr const char* names[shapes] = {"8×3", "8×2", "8×1", "4×4", "4×3", "4×2", "4×1"};
        return names[shape_];
    }

    void run(const Planes& in, Planes& out) {
        switch (shape_) {
            case 0: return blocks<8, 3>(in, out);
            case 1: return blocks<8, 2>(in, out);
            case 2: return blocks<8, 1>(in, out);
            case 3: return blocks<4, 4>(in, out);
            case 4: return blocks<4, 3>(in, out);
            case 5: return blocks<4, 2>(in, out);
            default: return blocks<4, 1>(in, out);
        }
    }

private:
    template <std::size_t O, std::size_t X>
    void blocks(const Planes& in, Planes& out) {
        const std::size_t pitch = in.pitch();
        const std::size_t length = (size_ - 1) * pitch + size_;
        constexpr std::size_t width = Isa::width;
        const std::size_t vectors = (length + width - 1) / width;
        const std::size_t step = (vectors + X) * width;
        if (rows_.size() < O * step) rows_.resize(O * step);
        TileArgs args{};
        args.in_c = in_c_;
        args.kernel = kernel_;
        args.plane = in.plane();
        args.pitch = pitch;
        args.out_step = step;
        for (std::size_t o = 0; o < out_c_; o += O) {
            args.weights = weights_.data() + o * in_c_ * kernel_ * kernel_;
            args.bias = bias_.data() + o;
            std::size_t v = 0;
            const auto at = [&](std::size_t vector) {
                args.in = in.data.data() + vector * width;
                args.out = rows_.data() + vector * width;
            };
            for (; v + X <= vectors; v += X) {
                at(v);
                nchw_tile<Isa, O, X>(args);
            }
            for (; v < vectors; ++v) {
                at(v);
                nchw_tile<Isa, O, 1>(args);
            }
            for (std::size_t c = 0; c < O; ++c) put(rows_.data() + c * step, pitch, out, o + c);
        }
    }

    void put(const float* from, std::size_t pitch, Planes& out, std::size_t c) const {
        float* to = out.channel(c) + out.pad * out.pitch() + out.pad;
        if (!pool_) {
            for (std::size_t y = 0; y < size_; ++y) std::copy_n(from + y * pitch, size_, to + y * out.pitch());
            return;
        }
        for (std::size_t y = 0; y < size_ / 2; ++y, to += out.pitch(), from += 2 * pitch) {
            // The compiler vectorises this with shuffles.
            for (std::size_t x = 0; x < size_ / 2; ++x) {
                const float upper = from[2 * x] < from[2 * x + 1] ? from[2 * x + 1] : from[2 * x];
                const float a = from[pitch + 2 * x];
                const float b = from[pitch + 2 * x + 1];
                const float lower = a < b ? b : a;
                to[x] = upper < lower ? lower : upper;
            }
        }
    }

    std::size_t in_c_, out_c_, kernel_, size_;
    bool pool_;
    std::size_t shape_ = 0;
    std::vector<float> weights_, bias_, rows_;
};

}  // namespace layout
