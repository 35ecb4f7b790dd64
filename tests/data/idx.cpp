#include "pellucid/data/idx.hpp"

#include "support.hpp"

#include "pellucid/data/file.hpp"

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// Two images of 2×3.
std::vector<std::uint8_t> two_images() {
    return {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 51, 102, 153, 204, 255, 1, 2, 3, 4, 5, 6};
}

std::vector<std::uint8_t> three_labels() { return {0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9}; }

/// three_labels() as Python's gzip module packs it.
constexpr std::uint8_t packed_labels[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0x63,
                                          0x60, 0xe0, 0x60, 0x64, 0x60, 0x60, 0x60, 0x66, 0x67, 0xe0, 0x04,
                                          0x00, 0xa5, 0x12, 0xd3, 0x72, 0x0b, 0x00, 0x00, 0x00};

}  // namespace

TEST_CASE("idx: images and labels from bytes") {
    const ByteImages images = parse_idx_images(two_images(), "two");
    CHECK(images.count == 2);
    CHECK(images.rows == 2);
    CHECK(images.columns == 3);
    CHECK(images.image(1)[5] == 6);
    CHECK(parse_idx_labels(three_labels(), "labels") == std::vector<std::uint8_t>{7, 0, 9});
    CHECK(is_idx(two_images()));
    CHECK(is_idx(three_labels()));
    CHECK_FALSE(is_idx(packed_labels));
}

TEST_CASE("idx: images become tensors with ink 1 and paper 0") {
    const ByteImages images = parse_idx_images(two_images(), "two");
    const Tensor all = to_tensor(images);
    CHECK(all.shape() == Shape{2, 2, 3, 1});
    CHECK(all(0, 0, 0, 0) == 0.0F);
    CHECK(all(0, 0, 1, 0) == 0.2F);
    CHECK(all(0, 1, 2, 0) == 1.0F);
    CHECK(all(1, 0, 0, 0) == 1.0F / 255.0F);

    const Tensor second = to_tensor(images, 1, 1);
    CHECK(second.shape() == Shape{1, 2, 3, 1});
    CHECK(second(0, 1, 2, 0) == 6.0F / 255.0F);

    const std::size_t order[] = {1, 0, 1};
    const Tensor batch = to_tensor(images, order);
    CHECK(batch.shape() == Shape{3, 2, 3, 1});
    CHECK(batch(0, 0, 0, 0) == all(1, 0, 0, 0));
    CHECK(batch(1, 1, 2, 0) == 1.0F);
    CHECK(batch(2, 1, 2, 0) == all(1, 1, 2, 0));
}

TEST_CASE("idx: damaged files end in a sentence") {
    const auto images_fail = [](std::vector<std::uint8_t> bytes, std::initializer_list<std::string_view> words) {
        check_fails(ErrorCode::bad_file, words, [&] { parse_idx_images(bytes, "digits"); });
    };
    const auto changed = [](std::size_t at, std::uint8_t value) {
        std::vector<std::uint8_t> bytes = two_images();
        bytes[at] = value;
        return bytes;
    };
    images_fail({}, {"digits", "cut short"});
    images_fail(changed(0, 0x89), {"digits", "not an IDX file", "89 00"});
    images_fail(changed(2, 0x0d), {"digits", "0x0d", "unsigned bytes"});
    images_fail(changed(3, 2), {"digits", "2 axes", "3"});
    images_fail(three_labels(), {"1 axes", "images have 3"});
    images_fail(changed(7, 3), {"digits", "cut short", "3 × 2 × 3", "12"});
    images_fail(changed(7, 1), {"digits", "longer", "12", "6"});
    images_fail(changed(7, 0), {"digits", "axis 0 is 0"});
    images_fail(changed(11, 0), {"digits", "axis 1 is 0"});
    // Sizes whose product overflows 64 bits must not pass for small ones.
    std::vector<std::uint8_t> huge = two_images();
    std::fill(huge.begin() + 4, huge.begin() + 16, std::uint8_t{0xff});
    images_fail(huge, {"cut short", "4294967295"});
    std::vector<std::uint8_t> headless = two_images();
    headless.resize(9);
    images_fail(headless, {"header", "16", "9"});
    check_fails(ErrorCode::bad_file, {"labels", "3 axes"}, [] { parse_idx_labels(two_images(), "labels"); });
}

TEST_CASE("idx: every cut of a good file fails, none crashes") {
    const std::vector<std::uint8_t> good = two_images();
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_THROWS_AS(parse_idx_images(std::span(good).first(size), "cut"), Error);
    }
}

TEST_CASE("idx: indices out of range") {
    const ByteImages images = parse_idx_images(two_images(), "two");
    check_fails(ErrorCode::bad_argument, {"2"}, [&] { images.image(2); });
    check_fails(ErrorCode::bad_argument, {"1", "3", "2"}, [&] { to_tensor(images, 1, 2); });
    check_fails(ErrorCode::bad_argument, {"2"}, [&] { to_tensor(images, static_cast<std::size_t>(-1), 2); });
    const std::size_t order[] = {0, 5};
    check_fails(ErrorCode::bad_argument, {"5"}, [&] { to_tensor(images, order); });
}

TEST_CASE("idx: from a path") {
    const TemporaryDirectory directory;
    write_file(directory / "images", two_images());
    CHECK(read_idx_images(directory / "images").pixels.size() == 12);
    check_fails(ErrorCode::bad_file, {"nowhere-idx3", "No such file"},
                [&] { read_idx_images(directory / "nowhere-idx3"); });
    check_fails(ErrorCode::bad_file, {directory.path()}, [&] { read_idx_images(directory.path()); });
}

#ifdef PELLUCID_HAS_ZLIB

TEST_CASE("gzip: unpacked natively, whatever the file is called") {
    const TemporaryDirectory directory;
    write_file(directory / "labels", packed_labels);
    CHECK(read_idx_labels(directory / "labels") == std::vector<std::uint8_t>{7, 0, 9});

    // Two members one after another unpack to both.
    std::vector<std::uint8_t> twice(std::begin(packed_labels), std::end(packed_labels));
    twice.insert(twice.end(), std::begin(packed_labels), std::end(packed_labels));
    CHECK(gunzip(twice, "twice").size() == 22);
}

TEST_CASE("gzip: damaged data end in a sentence") {
    for (std::size_t size = 2; size < std::size(packed_labels); ++size) {
        check_fails(ErrorCode::bad_file, {"labels.gz"},
                    [&] { gunzip(std::span(packed_labels).first(size), "labels.gz"); });
    }
    std::vector<std::uint8_t> wrong_sum(std::begin(packed_labels), std::end(packed_labels));
    wrong_sum[24] ^= 1;
    check_fails(ErrorCode::bad_file, {"labels.gz", "damaged"}, [&] { gunzip(wrong_sum, "labels.gz"); });
}

#else

TEST_CASE("gzip: refused with advice where there is no zlib") {
    const TemporaryDirectory directory;
    write_file(directory / "labels.gz", packed_labels);
    check_fails(ErrorCode::unsupported, {"labels.gz", "gunzip"}, [&] { read_idx_labels(directory / "labels.gz"); });
}

#endif
