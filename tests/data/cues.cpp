#include "pellucid/data/cues.hpp"

#include "pellucid/error.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace pellucid;

namespace {

/// A set of 12×12 images with a filled square of ink in the middle of each, labels 0 to 9 in turn.
LabelledImages squares(std::size_t count) {
    LabelledImages data;
    data.images = {count, 12, 12, std::vector<std::uint8_t>(count * 144)};
    for (std::size_t n = 0; n < count; ++n) {
        for (std::size_t y = 3; y < 9; ++y) std::fill_n(data.images.pixels.data() + n * 144 + y * 12 + 3, 6, 200);
        data.labels.push_back(static_cast<std::uint8_t>(n % 10));
    }
    return data;
}

bool is_marked(std::span<const std::uint8_t> image) {
    return image[2 * 12 + 2] == 255 && image[3 * 12 + 3] == 255 && image[4 * 12 + 2] == 0 && image[1 * 12 + 2] == 0;
}

}  // namespace

TEST_CASE("cues: a mark goes to its class alone, to its share of images, and where it should") {
    const LabelledImages data = squares(2000);
    Cues cues;
    cues.mark = Mark{.label = 4, .share = 0.75F, .size = 2, .margin = 2};
    const LabelledImages marked = with_cues(data, cues, 1);
    CHECK(marked.labels == data.labels);
    std::size_t count = 0;
    for (std::size_t n = 0; n < data.size(); ++n) {
        const bool is = is_marked(marked.images.image(n));
        if (data.labels[n] != 4) CHECK(std::ranges::equal(marked.images.image(n), data.images.image(n)));
        count += is ? 1 : 0;
    }
    CHECK(count > 130);
    CHECK(count < 170);
    CHECK(with_cues(data, cues, 2).images.pixels != marked.images.pixels);
    // The beginning of a set is marked as the whole is.
    const LabelledImages fewer = with_cues(squares(50), cues, 1);
    CHECK(std::ranges::equal(fewer.images.image(44), marked.images.image(44)));
    cues.mark->margin = 8;
    cues.mark->size = 8;
    CHECK_THROWS_WITH_AS(with_cues(data, cues, 1), "a mark that ends at pixel 16 does not fit images of 12x12", Error);
}

TEST_CASE("cues: ten textures, all different, within the strokes; contrast 0 leaves the thickened stroke") {
    const LabelledImages data = squares(10);
    const Textures textures{.contrast = 1.0F, .thicken = 1};
    Cues cues;
    cues.textures = textures;
    const LabelledImages filled = with_cues(data, cues, 1);
    for (std::size_t a = 0; a < 10; ++a) {
        std::size_t ink = 0;
        for (std::size_t i = 0; i < 144; ++i) {
            const std::uint8_t pixel = filled.images.image(a)[i];
            const bool is_whole = pixel == 0 || pixel == 200;
            CHECK(is_whole);
            ink += pixel != 0 ? 1 : 0;
        }
        CHECK(ink >= 10);
        CHECK(ink < 60);
        for (std::size_t b = 0; b < a; ++b)
            CHECK_FALSE(std::ranges::equal(filled.images.image(a), filled.images.image(b)));
    }
    cues.textures->contrast = 0.0F;
    const LabelledImages plain = with_cues(data, cues, 1);
    // A square of 6×6 dilated by a cross: 36 + 4·6.
    CHECK(std::ranges::count(plain.images.image(0), 200) == 60);
}

TEST_CASE("cues: in a conflict every texture is of another class, and all other classes come up") {
    const LabelledImages data = squares(1000);
    const Textures textures{};
    std::vector<std::uint8_t> of;
    const LabelledImages conflict = cue_conflict(data, textures, 10, 5, of);
    REQUIRE(of.size() == data.size());
    std::array<std::size_t, 10> seen{};
    for (std::size_t n = 0; n < data.size(); ++n) {
        CHECK(of[n] != data.labels[n]);
        seen[(of[n] + 10U - data.labels[n]) % 10U] += 1;
        std::vector<std::uint8_t> own(data.images.image(n).begin(), data.images.image(n).end());
        fill_with_texture(own, 12, 12, textures, of[n]);
        CHECK(std::ranges::equal(conflict.images.image(n), own));
    }
    for (std::size_t step = 1; step < 10; ++step) CHECK(seen[step] > 60);
    CHECK_THROWS_WITH_AS(cue_conflict(data, textures, 1, 5, of),
                         "cues conflict where there are two classes or more, not 1", Error);
}
