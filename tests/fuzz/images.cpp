// Images from files: .npy, PNG, IDX, and gzip around them.
#include "targets.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/data/idx.hpp"
#include "pellucid/data/npy.hpp"
#include "pellucid/data/png.hpp"

#include <algorithm>

namespace pellucid::fuzz {

namespace {

void read_idx(Input bytes) {
    ended_well([&] {
        const ByteImages images = parse_idx_images(bytes, "images");
        expect(images.pixels.size() == images.count * images.rows * images.columns, "as many pixels as axes promise");
        expect(images.image(images.count - 1).size() == images.rows * images.columns, "the last image is there");
        const Tensor last = to_tensor(images, images.count - 1, 1);
        expect(std::ranges::all_of(elements(last), [](float v) { return v >= 0.0F && v <= 1.0F; }), "ink from 0 to 1");
        expect(!ended_well([&] { to_tensor(images, images.count, 1); }), "no image behind the last");
    });
    ended_well([&] { expect(!parse_idx_labels(bytes, "labels").empty(), "labels"); });
    (void)is_idx(bytes);
}

}  // namespace

void run_idx(Input bytes) { read_idx(bytes); }

#ifndef __EMSCRIPTEN__

void run_gzip(Input bytes) {
    ended_well([&] { read_idx(gunzip(bytes, "file")); });
    (void)is_gzip(bytes);
}

void run_npy(Input bytes) {
    ended_well([&] {
        const Images images = parse_npy(bytes, "file");
        const auto& s = images.pixels.shape();
        expect(images.rank >= 2 && images.rank <= 4, "rank 2 to 4");
        expect(images.rank == 4 || s[3] == 1, "one channel where no axis says how many");
        expect(images.rank > 2 || s[0] == 1, "one image where no axis says how many");
        expect(images.pixels.size() > 0, "pixels");
    });
}

void run_png(Input bytes) {
    // Width and height of the header; larger ones are refused by their number, which takes no fuzzing.
    constexpr std::size_t header = 24, most = 256;
    const auto size_at = [&](std::size_t at) {
        return std::size_t{bytes[at]} << 24U | std::size_t{bytes[at + 1]} << 16U | std::size_t{bytes[at + 2]} << 8U |
               bytes[at + 3];
    };
    if (bytes.size() >= header && (size_at(16) > most || size_at(20) > most) && bytes[16] < 0x40) return;
    for (const std::size_t channels : {1U, 3U}) {
        ended_well([&] {
            Tensor image = parse_png(bytes, channels, "file");
            expect(std::ranges::all_of(elements(image), [](float v) { return v >= 0.0F && v <= 1.0F; }),
                   "brightness from 0 to 1");
            // What is written has 8 bits and no alpha, and so comes back as it is.
            const std::vector<std::uint8_t> written = encode_png(image);
            expect(encode_png(parse_png(written, channels, "written")) == written, "PNG there and back");
            to_ink(image);
        });
    }
}

#endif

}  // namespace pellucid::fuzz
