#include "pellucid/train/augment.hpp"

#include "pellucid/error.hpp"
#include "pellucid/tensor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

using namespace pellucid;
using namespace pellucid::train;

namespace {

constexpr std::size_t side = 20;
using Image = std::vector<float>;

/// A bar with soft ends, off the centre.
Image bar() {
    Image image(side * side, 0.0F);
    for (std::size_t y = 4; y < 15; ++y) {
        image[y * side + 8] = 1.0F;
        image[y * side + 9] = 0.6F;
    }
    return image;
}

Image augmented(const Augmentation& options, const Image& image, std::uint32_t seed) {
    Augmenter augmenter(options, side, side);
    Random random(seed);
    Image out(image.size(), -1.0F);
    augmenter.apply(image, out, random);
    return out;
}

float ink(const Image& image) { return std::accumulate(image.begin(), image.end(), 0.0F); }

/// Mean column and row of the ink.
std::pair<float, float> centre(const Image& image) {
    float x = 0.0F;
    float y = 0.0F;
    for (std::size_t i = 0; i < image.size(); ++i) {
        x += image[i] * static_cast<float>(i % side);
        y += image[i] * static_cast<float>(i / side);
    }
    return {x / ink(image), y / ink(image)};
}

const Augmentation everything{.rotation = 15,
                              .scale = 0.2F,
                              .stretch = 0.2F,
                              .shear = 0.3F,
                              .translation = 3,
                              .elastic = 1.5F,
                              .elastic_grid = 5,
                              .thicken = 1.5F,
                              .thin = 0.8F};

}  // namespace

TEST_CASE("augmentation that is off changes nothing") {
    const Image image = bar();
    CHECK(Augmentation{}.off());
    CHECK(augmented({}, image, 1) == image);
}

TEST_CASE("augmentation: same seed, same image; another seed, another image; values stay in [0, 1]") {
    const Image image = bar();
    for (std::uint32_t seed = 0; seed < 50; ++seed) {
        const Image out = augmented(everything, image, seed);
        CHECK(out == augmented(everything, image, seed));
        CHECK(out != augmented(everything, image, seed + 1));
        CHECK(*std::ranges::min_element(out) >= 0.0F);
        CHECK(*std::ranges::max_element(out) <= 1.0F);
        CHECK(ink(out) > 1.0F);
    }
}

TEST_CASE("augmentation: the memory of one image does not leak into the next") {
    Augmenter augmenter(everything, side, side);
    const Image image = bar();
    Image first(image.size());
    Image again(image.size());
    Image other(image.size());
    Random random(7);
    augmenter.apply(image, first, random);
    Random between(8);
    augmenter.apply(Image(image.size(), 1.0F), other, between);
    random = Random(7);
    augmenter.apply(image, again, random);
    CHECK(first == again);
}

TEST_CASE("augmentation: each range does what its name says") {
    const Image image = bar();
    const auto [x, y] = centre(image);
    float widest_shift = 0.0F;
    float most_ink = 0.0F;
    float least_ink = 1e9F;
    float largest = 0.0F;
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        // Moved as a whole: the ink stays, its centre moves by at most two pixels.
        const Image moved = augmented({.translation = 2}, image, seed);
        const auto [moved_x, moved_y] = centre(moved);
        CHECK(ink(moved) == doctest::Approx(ink(image)).epsilon(1e-4));
        CHECK(std::abs(moved_x - x) <= 2.001F);
        CHECK(std::abs(moved_y - y) <= 2.001F);
        widest_shift = std::max(widest_shift, std::abs(moved_x - x));
        // Turned or sheared: areas stay.
        CHECK(ink(augmented({.rotation = 20}, image, seed)) == doctest::Approx(ink(image)).epsilon(0.05));
        CHECK(ink(augmented({.shear = 0.3F}, image, seed)) == doctest::Approx(ink(image)).epsilon(0.05));
        CHECK(ink(augmented({.stretch = 0.3F}, image, seed)) == doctest::Approx(ink(image)).epsilon(0.05));
        largest = std::max(largest, ink(augmented({.scale = 0.2F}, image, seed)));
        CHECK(ink(augmented({.thicken = 1}, image, seed)) >= ink(image));
        most_ink = std::max(most_ink, ink(augmented({.thicken = 1}, image, seed)));
        least_ink = std::min(least_ink, ink(augmented({.thin = 1}, image, seed)));
    }
    CHECK(widest_shift > 1.5F);
    CHECK(largest == doctest::Approx(ink(image) * 1.44F).epsilon(0.08));
    CHECK(most_ink > 1.7F * ink(image));
    CHECK(least_ink < 0.3F * ink(image));
}

TEST_CASE("elastic displacement has the deviation that was asked for") {
    // On a ramp, value = column/side: a shift of d columns changes a value by d/side.
    Image ramp(side * side);
    for (std::size_t i = 0; i < ramp.size(); ++i) ramp[i] = static_cast<float>(i % side) / side;
    double sum = 0.0;
    std::size_t count = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        const Image out = augmented({.elastic = 0.8F, .elastic_grid = 6}, ramp, seed);
        for (std::size_t y = 6; y < side - 6; ++y) {
            for (std::size_t x = 6; x < side - 6; ++x) {
                const double shift = side * static_cast<double>(out[y * side + x] - ramp[y * side + x]);
                sum += shift * shift;
                ++count;
            }
        }
    }
    CHECK(std::sqrt(sum / static_cast<double>(count)) == doctest::Approx(0.8).epsilon(0.06));
}

TEST_CASE("augmentation ranges out of bounds are refused by name") {
    CHECK_THROWS_WITH_AS(check(Augmentation{.scale = 1.0F}), "augmentation: scale is 1; it must be from 0 to 0.9",
                         Error);
    CHECK_THROWS_AS(check(Augmentation{.elastic_grid = 1.0F}), Error);
    CHECK_THROWS_AS(check(Augmentation{.rotation = std::nanf("")}), Error);
}
