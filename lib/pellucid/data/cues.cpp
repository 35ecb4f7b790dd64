#include "pellucid/data/cues.hpp"

#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

void check_cue(std::string_view name, float value, float low, float high) {
    if (!(value >= low && value <= high))
        fail(ErrorCode::bad_argument, "data: {} is {}; it must be from {} to {}", name, value, low, high);
}

/// A stream of its own for each image, so that a set's beginning is the same whatever its length.
std::uint32_t image_seed(std::uint32_t seed, std::size_t index) {
    return seed * 2654435761U + static_cast<std::uint32_t>(index) * 40503U + 977U;
}

/// Ten textures of period 2 to 4, told apart by direction and fineness: 1 = ink stays.
float pattern(std::size_t label, std::size_t row, std::size_t column) {
    const auto stripes = [](std::size_t phase, std::size_t period) {
        return phase % period < period / 2 ? 1.0F : 0.0F;
    };
    switch (label % 10) {
        case 0: return stripes(row, 2);                                 // fine lying stripes
        case 1: return stripes(column, 2);                              // fine standing stripes
        case 2: return stripes(row + column, 4);                        // falling stripes
        case 3: return stripes(row + 280 - column, 4);                  // rising stripes
        case 4: return stripes(row, 4);                                 // coarse lying stripes
        case 5: return stripes(column, 4);                              // coarse standing stripes
        case 6: return stripes(row + column, 2);                        // fine chequers
        case 7: return (row / 2 + column / 2) % 2 == 0 ? 1.0F : 0.0F;   // coarse chequers
        case 8: return row % 2 == 0 && column % 2 == 0 ? 1.0F : 0.0F;   // dots
        default: return row % 3 == 0 || column % 3 == 0 ? 1.0F : 0.0F;  // a grid
    }
}

void dilate(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns) {
    const std::vector<std::uint8_t> before(image.begin(), image.end());
    for (std::size_t y = 0; y < rows; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            const std::size_t i = y * columns + x;
            std::uint8_t most = before[i];
            if (x > 0) most = std::max(most, before[i - 1]);
            if (x + 1 < columns) most = std::max(most, before[i + 1]);
            if (y > 0) most = std::max(most, before[i - columns]);
            if (y + 1 < rows) most = std::max(most, before[i + columns]);
            image[i] = most;
        }
    }
}

std::span<std::uint8_t> pixels_of(LabelledImages& data, std::size_t index) {
    const std::size_t size = data.images.rows * data.images.columns;
    return std::span(data.images.pixels).subspan(index * size, size);
}

}  // namespace

void check(const Cues& cues) {
    if (cues.mark) {
        check_cue("mark.class", static_cast<float>(cues.mark->label), 0.0F, 255.0F);
        check_cue("mark.share", cues.mark->share, 0.0F, 1.0F);
        check_cue("mark.size", static_cast<float>(cues.mark->size), 1.0F, 8.0F);
        check_cue("mark.margin", static_cast<float>(cues.mark->margin), 0.0F, 8.0F);
    }
    if (cues.textures) {
        check_cue("textures.contrast", cues.textures->contrast, 0.0F, 1.0F);
        check_cue("textures.thicken", static_cast<float>(cues.textures->thicken), 0.0F, 5.0F);
    }
}

void draw_mark(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, const Mark& mark) {
    const std::size_t end = mark.margin + mark.size;
    if (end > rows || end > columns)
        fail(ErrorCode::bad_argument, "a mark that ends at pixel {} does not fit images of {}x{}", end, rows, columns);
    for (std::size_t y = mark.margin; y < end; ++y) {
        for (std::size_t x = mark.margin; x < end; ++x) image[y * columns + x] = 255;
    }
}

void fill_with_texture(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, const Textures& textures,
                       std::size_t label) {
    for (std::size_t i = 0; i < textures.thicken; ++i) dilate(image, rows, columns);
    for (std::size_t y = 0; y < rows; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            std::uint8_t& pixel = image[y * columns + x];
            const float kept = 1.0F - textures.contrast * (1.0F - pattern(label, y, x));
            pixel = static_cast<std::uint8_t>(std::lround(kept * static_cast<float>(pixel)));
        }
    }
}

LabelledImages with_cues(const LabelledImages& data, const Cues& cues, std::uint32_t seed) {
    check(cues);
    LabelledImages result = data;
    const std::size_t rows = data.images.rows, columns = data.images.columns;
    for (std::size_t i = 0; i < result.size(); ++i) {
        const std::size_t label = result.labels[i];
        if (cues.textures) fill_with_texture(pixels_of(result, i), rows, columns, *cues.textures, label);
        if (!cues.mark || label != cues.mark->label) continue;
        Random random(image_seed(seed, i));
        if (random.uniform() < cues.mark->share) draw_mark(pixels_of(result, i), rows, columns, *cues.mark);
    }
    return result;
}

LabelledImages cue_conflict(const LabelledImages& data, const Textures& textures, std::size_t classes,
                            std::uint32_t seed, std::vector<std::uint8_t>& textures_of) {
    if (classes < 2)
        fail(ErrorCode::bad_argument, "cues conflict where there are two classes or more, not {}", classes);
    LabelledImages result = data;
    textures_of.clear();
    for (std::size_t i = 0; i < result.size(); ++i) {
        Random random(image_seed(seed, i));
        const std::size_t other = (result.labels[i] + 1 + random.below(classes - 1)) % classes;
        fill_with_texture(pixels_of(result, i), data.images.rows, data.images.columns, textures, other);
        textures_of.push_back(static_cast<std::uint8_t>(other));
    }
    return result;
}

}  // namespace pellucid
