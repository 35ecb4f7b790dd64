/// Which memory layout is the faster one for small CNNs: A, NHWC with lanes along the output channels (the library's
/// kernels), or B, NCHW with lanes along the row (nchw.hpp)?
///
/// The network is lenet: conv 5×5 pad 2, 1→16 at 28×28, ReLU, max-pool 2; conv 3×3 pad 1, 16→32 at 14×14, ReLU,
/// max-pool 2; conv 3×3 pad 1, 32→48 at 7×7, ReLU; dense 2352→64→10. Both candidates share the dense layers, pool
/// right after each block of the convolution, and are timed in turns. One instruction set per build; see `run`.
#include "nchw.hpp"
#include "pellucid/simd/tables.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>

using namespace pellucid::simd;

namespace {

#if defined(__wasm__)
const Kernels& kernel_table = wasm_kernels;
struct Isa : XsimdLanes<xsimd::wasm> {
    static constexpr std::size_t sums = 12;
#ifdef __wasm_relaxed_simd__
    static PELLUCID_INLINE Vector multiply_add(const Vector& a, const Vector& b, const Vector& c) {
        return wasm_f32x4_relaxed_madd(a, b, c);
    }
#endif
};
#elif defined(__AVX512F__)
const Kernels& kernel_table = avx512_kernels;
struct Isa : XsimdLanes<xsimd::avx512f> {
    static constexpr std::size_t sums = 14;
};
#else
const Kernels& kernel_table = avx2_kernels;
struct Isa : XsimdLanes<xsimd::fma3<xsimd::avx2> > {
    static constexpr std::size_t sums = 12;
};
#endif

double microseconds() {
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

AlignedVector numbers(std::size_t count) {
    AlignedVector result(count);
    for (std::size_t i = 0; i < count; ++i) result[i] = static_cast<float>(i * 2654435761U % 1024U) / 5120.0F - 0.1F;
    return result;
}

/// The machine's limit: independent multiply-adds that stay in registers. Lanes × sums × rounds of them.
PELLUCID_TILE float saturate(std::size_t rounds, float factor) {
    Isa::Vector sums[Isa::sums];
    for (std::size_t i = 0; i < Isa::sums; ++i) sums[i] = Isa::splat(static_cast<float>(i));
    const Isa::Vector a = Isa::splat(factor);
    for (std::size_t r = 0; r < rounds; ++r) {
        for (std::size_t i = 0; i < Isa::sums; ++i) sums[i] = Isa::multiply_add(sums[i], a, a);
    }
    float total = 0.0F;
    for (std::size_t i = 0; i < Isa::sums; ++i) total += Isa::sum(sums[i]);
    return total;
}

double peak_gmacs() {
    constexpr std::size_t rounds = 2000;
    constexpr int calls = 20;
    // Volatile: otherwise one call would do for all.
    volatile float factor = 0.5F;
    volatile float sink = 0.0F;
    const double start = microseconds();
    for (int i = 0; i < calls; ++i) sink = sink + saturate(rounds, factor);
    return static_cast<double>(calls * rounds * Isa::sums * Isa::width) / (microseconds() - start) / 1e3;
}

struct Dense {
    std::size_t in, out;
    PackedWeights packed;
    AlignedVector bias;
    Dense(std::size_t i, std::size_t o) : in(i), out(o), bias(numbers(o)) {
        pack_weights(numbers(i * o).data(), 1, 1, i, o, packed);
    }
    void run(std::size_t n, const float* from, float* to, Fuse fuse) const {
        kernel_table.dense(n, from, packed, bias.data(), to, fuse);
    }
};

constexpr std::size_t features = 7 * 7 * 48;
constexpr double multiply_adds = 784.0 * 25 * 16 + 196.0 * 9 * 16 * 32 + 49.0 * 9 * 32 * 48 + features * 64 + 640;

struct Head {
    Dense hidden{features, 64};
    Dense logits{64, 10};
    AlignedVector between;
    void run(std::size_t n, const float* from, float* to) {
        between.resize(n * 64);
        hidden.run(n, from, between.data(), Fuse::relu);
        logits.run(n, between.data(), to, Fuse::none);
    }
};

class CandidateA {
public:
    CandidateA() {
        add(1, 16, 5, 28);
        add(16, 32, 3, 14);
        add(32, 48, 3, 7);
    }
    void run(std::size_t n, const float* in, float* out) {
        flat_.resize(n * features);
        for (std::size_t i = 0; i < n; ++i) {
            kernel_table.conv_pool(layers_[0].sizes, in + i * 784, layers_[0].packed, bias_.data(), first_.data(),
                                   Fuse::relu);
            kernel_table.conv_pool(layers_[1].sizes, first_.data(), layers_[1].packed, bias_.data(), second_.data(),
                                   Fuse::relu);
            kernel_table.conv(layers_[2].sizes, second_.data(), layers_[2].packed, bias_.data(),
                              flat_.data() + i * features, Fuse::relu);
        }
        head_.run(n, flat_.data(), out);
    }

private:
    struct Layer {
        ConvSizes sizes;
        PackedWeights packed;
    };
    void add(std::size_t in_c, std::size_t out_c, std::size_t kernel, std::size_t size) {
        Layer layer{{size, size, in_c, size, size, out_c, kernel, kernel, 1, 1, kernel / 2, kernel / 2}, {}};
        pack_weights(numbers(kernel * kernel * in_c * out_c).data(), kernel, kernel, in_c, out_c, layer.packed);
        layers_.push_back(layer);
    }
    std::vector<Layer> layers_;
    AlignedVector bias_ = numbers(48);
    AlignedVector first_ = AlignedVector(14 * 14 * 16), second_ = AlignedVector(7 * 7 * 32), flat_;
    Head head_;
};

class CandidateB {
public:
    void run(std::size_t n, const float* in, float* out) {
        flat_.resize(n * features);
        for (std::size_t i = 0; i < n; ++i) {
            for (std::size_t y = 0; y < 28; ++y)
                std::copy_n(in + i * 784 + y * 28, 28, image_.channel(0) + (y + 2) * 32 + 2);
            conv1_.run(image_, first_);
            conv2_.run(first_, second_);
            conv3_.run(second_, third_);
            for (std::size_t c = 0; c < 48; ++c)
                std::copy_n(third_.channel(c), 49, flat_.data() + i * features + c * 49);
        }
        head_.run(n, flat_.data(), out);
    }

    /// Takes for each layer the tile shape that is fastest here.
    void tune() {
        tune(conv1_, image_, first_);
        tune(conv2_, first_, second_);
        tune(conv3_, second_, third_);
        std::printf("B's tiles (channels × vectors): %s, %s, %s\n", conv1_.shape_name(), conv2_.shape_name(),
                    conv3_.shape_name());
    }

private:
    using Conv = layout::NchwConv<Isa>;
    static void tune(Conv& conv, const layout::Planes& in, layout::Planes& out) {
        double best = 1e30;
        std::size_t best_shape = 0;
        for (std::size_t shape = 0; shape < Conv::shapes; ++shape) {
            conv.use_shape(shape);
            double least = 1e30;
            for (int i = 0; i < 300; ++i) {
                const double start = microseconds();
                conv.run(in, out);
                least = std::min(least, microseconds() - start);
            }
            if (least < best) {
                best = least;
                best_shape = shape;
            }
        }
        conv.use_shape(best_shape);
    }
    layout::Planes image_{1, 28, 2}, first_{16, 14, 1}, second_{32, 7, 1}, third_{48, 7, 0};
    Conv conv1_{1, 16, 5, 28, true}, conv2_{16, 32, 3, 14, true}, conv3_{32, 48, 3, 7, false};
    AlignedVector flat_;
    Head head_;
};

double median(std::vector<double>& times) {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

}  // namespace

int main() {
    CandidateA a;
    CandidateB b;
    b.tune();
    const AlignedVector in = numbers(784 * 784);
    AlignedVector out(784 * 10);
    for (const auto& [n, repeats] : {std::pair<std::size_t, int>{1, 3001}, {784, 31}}) {
        std::vector<double> times_a, times_b, peaks, ratios;
        for (int r = -repeats / 5; r < repeats; ++r) {
            const double t0 = microseconds();
            a.run(n, in.data(), out.data());
            const double t1 = microseconds();
            b.run(n, in.data(), out.data());
            const double t2 = microseconds();
            if (r < 0) continue;
            times_a.push_back(t1 - t0);
            times_b.push_back(t2 - t1);
            ratios.push_back((t2 - t1) / (t1 - t0));
            if (r % (repeats / 15) == 0) peaks.push_back(peak_gmacs());
        }
        const double peak = median(peaks);
        const double time_a = median(times_a);
        const double time_b = median(times_b);
        const auto share = [&](double time) {
            return 100.0 * multiply_adds * static_cast<double>(n) / time / 1e3 / peak;
        };
        std::printf("| %s | %zu | %.1f | %.0f %% | %.1f | %.0f %% | %.2f | %.0f |\n", kernel_table.name, n, time_a,
                    share(time_a), time_b, share(time_b), median(ratios), peak);
    }
}
