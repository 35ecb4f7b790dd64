/// PNG files of every kind, byte by byte, for tests of reading them.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

namespace pellucid::test {

struct PngFile {
    std::uint32_t width, height;
    std::uint8_t bits;               ///< per sample
    std::uint8_t colour;             ///< 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
    std::vector<std::uint8_t> rows;  ///< without filter bytes
    std::vector<std::uint8_t> palette = {};
    std::vector<std::uint8_t> transparency = {};

    std::vector<std::uint8_t> bytes() const {
        std::vector<std::uint8_t> file{0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
        std::vector<std::uint8_t> header;
        append(header, width);
        append(header, height);
        for (const std::uint8_t byte : {bits, colour, std::uint8_t{0}, std::uint8_t{0}, std::uint8_t{0}})
            header.push_back(byte);
        chunk(file, "IHDR", header);
        if (!palette.empty()) chunk(file, "PLTE", palette);
        if (!transparency.empty()) chunk(file, "tRNS", transparency);
        std::vector<std::uint8_t> filtered;
        const std::size_t row = rows.size() / height;
        for (std::size_t y = 0; y < height; ++y) {
            filtered.push_back(0);
            filtered.insert(filtered.end(), rows.begin() + static_cast<std::ptrdiff_t>(y * row),
                            rows.begin() + static_cast<std::ptrdiff_t>((y + 1) * row));
        }
        uLongf size = compressBound(static_cast<uLong>(filtered.size()));
        std::vector<std::uint8_t> packed(size);
        compress(packed.data(), &size, filtered.data(), static_cast<uLong>(filtered.size()));
        packed.resize(size);
        chunk(file, "IDAT", packed);
        chunk(file, "IEND", {});
        return file;
    }

private:
    static void append(std::vector<std::uint8_t>& to, std::uint32_t word) {
        for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<std::uint8_t>(word >> shift));
    }
    static void chunk(std::vector<std::uint8_t>& file, const std::string& name, const std::vector<std::uint8_t>& data) {
        append(file, static_cast<std::uint32_t>(data.size()));
        std::vector<std::uint8_t> checked(name.begin(), name.end());
        checked.insert(checked.end(), data.begin(), data.end());
        file.insert(file.end(), checked.begin(), checked.end());
        append(file, static_cast<std::uint32_t>(crc32(0, checked.data(), static_cast<uInt>(checked.size()))));
    }
};

}  // namespace pellucid::test
