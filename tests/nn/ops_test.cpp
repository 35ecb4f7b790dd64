/// ops, orders and samples of batches, against plain loops: the same bits, of zeros with either sign and of numbers at
/// the bounds as well.
#include "pellucid/ops.hpp"

#include "pellucid/gather.hpp"
#include "pellucid/order.hpp"
#include "pellucid/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

using namespace pellucid;

namespace {

using Floats = std::vector<float>;

Floats drawn(std::uint32_t seed, std::size_t count) {
    Random random(seed);
    Floats x(count);
    for (float& v : x) v = random.normal();
    // What bounds and signs turn on.
    const float edges[] = {0.0F, -0.0F, 1.0F, -1.0F, 0.5F, 1e-30F, -1e30F};
    for (std::size_t i = 0; i < std::min(count, std::size(edges)); ++i) x[(3 * i + seed) % count] = edges[i];
    return x;
}

template <typename Change, typename Loop>
void same(Change change, Loop loop) {
    for (const std::size_t count : {0U, 1U, 3U, 64U, 785U}) {
        CAPTURE(count);
        Floats ours = drawn(1, count), theirs = ours;
        change(std::span(ours));
        for (std::size_t i = 0; i < count; ++i) theirs[i] = loop(theirs[i], i);
        CHECK((count == 0 || std::memcmp(ours.data(), theirs.data(), count * sizeof(float)) == 0));
    }
}

}  // namespace

TEST_CASE("ops: element by element, the bits of a plain loop") {
    const Floats other = drawn(2, 785), low = drawn(3, 785);
    Floats high = low;
    for (float& v : high) v += 0.5F;
    const auto first = [](const Floats& of, std::span<float> x) { return std::span(of).first(x.size()); };
    same([&](auto x) { ops::add(x, first(other, x)); }, [&](float v, std::size_t i) { return v + other[i]; });
    same([&](auto x) { ops::subtract(x, first(other, x)); }, [&](float v, std::size_t i) { return v - other[i]; });
    same([&](auto x) { ops::multiply(x, first(other, x)); }, [&](float v, std::size_t i) { return v * other[i]; });
    same([&](auto x) { ops::scale(x, 0.3F); }, [&](float v, std::size_t) { return v * 0.3F; });
    same([&](auto x) { ops::add_scaled(x, -0.7F, first(other, x)); },
         [&](float v, std::size_t i) { return v - 0.7F * other[i]; });
    same([&](auto x) { ops::mix(x, 0.9F, 0.1F, first(other, x)); },
         [&](float v, std::size_t i) { return 0.9F * v + 0.1F * other[i]; });
    same([&](auto x) { ops::absolute(x); }, [&](float v, std::size_t) { return std::abs(v); });
    same([&](auto x) { ops::rectify(x); }, [&](float v, std::size_t) { return std::max(v, 0.0F); });
    same([&](auto x) { ops::clamp(x, -0.5F, 0.0F); },
         [&](float v, std::size_t) { return std::min(std::max(v, -0.5F), 0.0F); });
    same([&](auto x) { ops::clamp(x, first(low, x), first(high, x)); },
         [&](float v, std::size_t i) { return std::min(std::max(v, low[i]), high[i]); });
    same([&](auto x) { ops::step_by_sign(x, 0.1F, first(other, x)); },
         [&](float v, std::size_t i) {
             return v + (other[i] > 0 ? 0.1F : other[i] < 0 ? -0.1F : 0.0F);
         });
    same([&](auto x) { ops::draw_to(x, first(other, x), 0.4F); },
         [&](float v, std::size_t i) { return other[i] + 0.4F * (v - other[i]); });
}

TEST_CASE("ops: sums are in double, one number after the other") {
    for (const std::size_t count : {0U, 1U, 785U}) {
        Floats x = drawn(4, count), y = drawn(5, count);
        for (float& v : x) v = std::clamp(v, -3.0F, 3.0F);
        for (float& v : y) v = std::clamp(v, -3.0F, 3.0F);
        double sum = 0, absolutes = 0, squares = 0, away = 0, largest = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const double v = x[i], d = v - static_cast<double>(y[i]);
            sum += v;
            absolutes += std::abs(v);
            squares += v * v;
            away += d * d;
            largest = std::max(largest, std::abs(v));
        }
        CHECK(ops::sum(x) == sum);
        CHECK(ops::sum_of_absolutes(x) == absolutes);
        CHECK(ops::sum_of_squares(x) == squares);
        CHECK(ops::sum_of_squares(x, y) == away);
        CHECK(ops::length(x) == std::sqrt(squares));
        CHECK(ops::largest(x) == largest);
    }
}

TEST_CASE("ops: rows and columns") {
    Floats x = drawn(6, 60);
    for (float& v : x) v = std::clamp(v, -3.0F, 3.0F);
    std::vector<double> sums(5, 0.25), by_hand = sums, rows(12, 0.0);
    Floats sizes(5, 0.5F), sizes_by_hand = sizes, mean(5), mean_by_hand(5);
    for (std::size_t i = 0; i < x.size(); ++i) {
        by_hand[i % 5] += static_cast<double>(x[i]);
        sizes_by_hand[i % 5] += std::abs(x[i]);
        rows[i / 5] += static_cast<double>(x[i]);
    }
    ops::add_rows(sums, x);
    ops::add_absolute_rows(sizes, x);
    CHECK(sums == by_hand);
    CHECK(sizes == sizes_by_hand);
    CHECK(ops::row_sums(x, 5) == rows);
    ops::mean_of(sums, 7, mean);
    for (std::size_t i = 0; i < 5; ++i) mean_by_hand[i] = static_cast<float>(by_hand[i] / 7);
    CHECK(mean == mean_by_hand);
}

TEST_CASE("ops: smoothing along an axis, with nothing beyond the border or without what is beyond it") {
    Random random(8);
    Tensor images(Shape{2, 5, 4, 3});
    for (float& v : elements(images)) v = random.normal();
    const std::vector<double> weights{0.2, 0.7, 1.0, 0.6, 0.1};
    for (const std::size_t axis : {1U, 2U}) {
        for (const ops::Beyond beyond : {ops::Beyond::zero, ops::Beyond::left_out}) {
            Tensor ours = images;
            ops::smooth(ours, axis, weights, beyond);
            for (std::size_t n = 0; n < 2; ++n) {
                for (std::size_t y = 0; y < 5; ++y) {
                    for (std::size_t c = 0; c < 4; ++c) {
                        for (std::size_t k = 0; k < 3; ++k) {
                            double sum = 0, inside = 0;
                            for (std::size_t d = 0; d < 5; ++d) {
                                const std::size_t place =
                                    (axis == 1 ? y : c) + d - 2;  // wraps far beyond where negative
                                if (place >= (axis == 1 ? 5U : 4U)) continue;
                                inside += weights[d];
                                sum += weights[d] *
                                       static_cast<double>(axis == 1 ? images(n, place, c, k) : images(n, y, place, k));
                            }
                            const double all = beyond == ops::Beyond::zero ? 2.6 : inside;
                            CHECK(ours(n, y, c, k) == doctest::Approx(sum / all).epsilon(1e-6));
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("places in order: equal ones stay in theirs, and only those that were given are moved") {
    const std::vector<int> numbers{5, 2, 5, 1, 2, 9};
    const auto smaller = [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; };
    const auto larger = [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; };
    CHECK(sorted_places(6, smaller) == std::vector<std::size_t>{3, 1, 4, 0, 2, 5});
    CHECK(sorted_places(6, larger) == std::vector<std::size_t>{5, 0, 2, 1, 4, 3});
    CHECK(sorted_places(0, larger).empty());
    std::vector<std::size_t> some{4, 2, 1, 0};
    sort_places(some, smaller);
    CHECK(some == std::vector<std::size_t>{4, 1, 2, 0});
}

TEST_CASE("samples of a batch are gathered, one several times where it is asked for, and scattered to their places") {
    Tensor batch(Shape{4, 1, 2, 1});
    for (std::size_t i = 0; i < batch.size(); ++i) batch.data()[i] = static_cast<float>(i);
    const std::vector<std::size_t> places{3, 0, 3};
    Tensor some = gather(batch, places);
    CHECK(Floats(some.begin(), some.end()) == Floats{6, 7, 0, 1, 6, 7});
    for (float& v : elements(some)) v = -v;
    scatter(some, places, batch);
    CHECK(Floats(batch.begin(), batch.end()) == Floats{0, -1, 2, 3, 4, 5, -6, -7});
}
