/// Max-pooling: exactly the loop's values and places.
#include "reference.hpp"

#include <limits>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

void check_pool(const ConvSizes& s, const Floats& in) {
    const std::size_t count = s.out_h * s.out_w * s.in_c;
    Floats want(count);
    Guarded<std::uint32_t> places(count);
    std::size_t at = 0;
    for (std::size_t y = 0; y < s.out_h; ++y) {
        for (std::size_t x = 0; x < s.out_w; ++x) {
            for (std::size_t c = 0; c < s.in_c; ++c, ++at) {
                places[at] = static_cast<std::uint32_t>(y * s.stride_h * s.in_w + x * s.stride_w);
                want[at] = in[places[at] * s.in_c + c];
                for (std::size_t ky = 0; ky < s.kernel_h; ++ky) {
                    for (std::size_t kx = 0; kx < s.kernel_w; ++kx) {
                        const std::size_t place = (y * s.stride_h + ky) * s.in_w + x * s.stride_w + kx;
                        if (in[place * s.in_c + c] > want[at]) {
                            want[at] = in[place * s.in_c + c];
                            places[at] = static_cast<std::uint32_t>(place);
                        }
                    }
                }
            }
        }
    }
    for (const Kernels* table : available_kernels()) {
        INFO(table->name, ": ", describe(s));
        Floats plain(count, 777.0F);
        Floats out(count, 777.0F);
        Guarded<std::uint32_t> switches(count, 777U);
        table->max_pool(s, in.data(), plain.data(), nullptr);
        table->max_pool(s, in.data(), out.data(), switches.data());
        bool same = true;
        for (std::size_t i = 0; i < count; ++i) {
            same = same && plain[i] == want[i] && out[i] == want[i] && switches[i] == places[i];
        }
        CHECK(same);
        CHECK(plain.intact());
        CHECK(out.intact());
        CHECK(switches.intact());
    }
}

}  // namespace

TEST_CASE("max-pooling finds the first maximum in reading order") {
    std::uint32_t seed = 0;
    for (const std::size_t channels : {1, 3, 16, 17, 33, 48}) {
        for (std::size_t kernel_h = 1; kernel_h <= 3; ++kernel_h) {
            for (std::size_t kernel_w = 1; kernel_w <= 3; ++kernel_w) {
                for (std::size_t stride = 1; stride <= 3; ++stride) {
                    const ConvSizes s = sizes(3, 5, channels, channels, kernel_h, kernel_w, stride, 4 - stride, 1);
                    Numbers numbers(++seed);
                    Floats in(s.in_h * s.in_w * s.in_c);
                    // Few different values, so that ties are common.
                    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<float>(numbers.below(4)) - 2.0F;
                    check_pool(s, in);
                }
            }
        }
    }
}

TEST_CASE("max-pooling over padding of minus infinity") {
    const ConvSizes s = sizes(4, 4, 19, 19, 3, 3, 1, 1, 0);
    Numbers numbers(5);
    Floats in = numbers.floats(s.in_h * s.in_w * s.in_c);
    for (std::size_t y = 0; y < s.in_h; ++y) {
        for (std::size_t x = 0; x < s.in_w; ++x) {
            const bool inside = y > 0 && y + 1 < s.in_h && x > 0 && x + 1 < s.in_w;
            for (std::size_t c = 0; c < s.in_c && !inside; ++c) {
                in[(y * s.in_w + x) * s.in_c + c] = -std::numeric_limits<float>::infinity();
            }
        }
    }
    check_pool(s, in);
}

TEST_CASE("the gradient of max-pooling goes to each window's place, and to no other") {
    std::uint32_t seed = 100;
    for (const std::size_t channels : {1, 3, 16, 17, 33}) {
        for (std::size_t kernel = 1; kernel <= 3; ++kernel) {
            for (const std::size_t gap : {0, 1}) {
                for (const std::size_t spare : {0, 1, 2}) {
                    const ConvSizes s =
                        sizes(3, 4, channels, channels, kernel, kernel, kernel + gap, kernel + 1 - gap, spare);
                    Numbers numbers(++seed);
                    const Floats in = numbers.floats(s.in_h * s.in_w * channels);
                    const std::size_t count = s.out_h * s.out_w * channels;
                    const Floats grad = numbers.floats(count);
                    for (const Kernels* table : available_kernels()) {
                        INFO(table->name, ": ", describe(s));
                        Floats maxima(count);
                        Guarded<std::uint32_t> switches(count);
                        table->max_pool(s, in.data(), maxima.data(), switches.data());
                        Floats want(in.size());
                        for (std::size_t i = 0; i < count; ++i) want[switches[i] * channels + i % channels] = grad[i];
                        Floats out(in.size(), 777.0F);
                        table->max_pool_gradient(s, switches.data(), grad.data(), out.data());
                        bool same = true;
                        for (std::size_t i = 0; i < out.size(); ++i) same = same && out[i] == want[i];
                        CHECK(same);
                        CHECK(out.intact());
                    }
                }
            }
        }
    }
}

TEST_CASE("the gradient of max-pooling with a partial last window") {
    // 5 rows and columns under windows of 2: the third window holds one row, one column.
    const ConvSizes s{5, 5, 3, 3, 3, 3, 2, 2, 2, 2};
    Guarded<std::uint32_t> switches(27);
    Floats grad(27);
    for (std::size_t i = 0; i < 27; ++i) {
        switches[i] = static_cast<std::uint32_t>((i / 9 * 2) * 5 + i / 3 % 3 * 2);
        grad[i] = static_cast<float>(i + 1);
    }
    for (const Kernels* table : available_kernels()) {
        INFO(table->name);
        Floats out(75, 777.0F);
        table->max_pool_gradient(s, switches.data(), grad.data(), out.data());
        float sum = 0.0F;
        for (std::size_t i = 0; i < 75; ++i) sum += out[i];
        CHECK(sum == 27.0F * 28.0F / 2.0F);
        CHECK(out[(4 * 5 + 4) * 3 + 2] == 27.0F);
        CHECK(out.intact());
    }
}
