#ifndef __EMSCRIPTEN__

#include "pellucid/data/npy.hpp"

#include "support.hpp"

#include "pellucid/data/file.hpp"

#include <cstring>
#include <numeric>

using namespace pellucid;
using namespace pellucid::test;

namespace {

/// A file as numpy.save writes it, version 1.0, padded to 64 bytes.
template <typename T>
std::vector<std::uint8_t> npy(const std::string& type, const std::string& shape, const std::vector<T>& values,
                              bool fortran = false) {
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': {}, 'shape': ({}), }}", type, fortran ? "True" : "False", shape);
    header.append(63 - (header.size() + 10) % 64, ' ');
    header += '\n';
    std::vector<std::uint8_t> bytes = bytes_of(std::string("\x93NUMPY\x01\x00", 8));
    bytes.push_back(static_cast<std::uint8_t>(header.size() & 0xffU));
    bytes.push_back(static_cast<std::uint8_t>(header.size() >> 8U));
    bytes.insert(bytes.end(), header.begin(), header.end());
    const auto* data = reinterpret_cast<const std::uint8_t*>(values.data());
    bytes.insert(bytes.end(), data, data + values.size() * sizeof(T));
    return bytes;
}

Tensor counting(const Shape& shape) {
    Tensor tensor(shape);
    std::iota(tensor.data(), tensor.data() + tensor.size(), 0.25F);
    return tensor;
}

}  // namespace

TEST_CASE("npy: every rank survives being written and read") {
    const TemporaryDirectory directory;
    const auto check_round_trip = [&](const Shape& shape, int rank) {
        const Images images{counting(shape), rank};
        write_npy(directory / "a.npy", images);
        const Images read = read_npy(directory / "a.npy");
        CHECK(read.rank == rank);
        CHECK(read.pixels == images.pixels);
    };
    check_round_trip({1, 3, 4, 1}, 2);
    check_round_trip({5, 3, 4, 1}, 3);
    check_round_trip({1, 3, 4, 1}, 3);
    check_round_trip({2, 3, 4, 3}, 4);
}

TEST_CASE("npy: what is written begins as numpy expects it") {
    const TemporaryDirectory directory;
    write_npy(directory / "a.npy", {counting({2, 3, 4, 1}), 3});
    const Bytes bytes = read_file(directory / "a.npy");
    const std::string text(bytes.begin(), bytes.end());
    CHECK(text.starts_with(std::string("\x93NUMPY\x01\x00", 8)));
    CHECK(text.find("'descr': '<f4'") != std::string::npos);
    CHECK(text.find("'fortran_order': False") != std::string::npos);
    CHECK(text.find("(2, 3, 4") != std::string::npos);
    CHECK((bytes.size() - 24 * sizeof(float)) % 16 == 0);
}

TEST_CASE("npy: element types") {
    const auto third = [](const std::vector<std::uint8_t>& bytes) {
        return parse_npy(bytes, "array").pixels(0, 1, 0, 0);
    };
    CHECK(third(npy<float>("<f4", "2, 2", {0, 0, -1.5F, 0})) == -1.5F);
    CHECK(third(npy<double>("<f8", "2, 2", {0, 0, 0.1, 0})) == 0.1F);
    CHECK(third(npy<std::uint8_t>("|u1", "2, 2", {0, 0, 51, 0})) == 0.2F);
    CHECK(third(npy<std::uint8_t>("|b1", "2, 2", {0, 0, 1, 0})) == 1.0F);
    CHECK(third(npy<std::uint8_t>("|b1", "2, 2", {0, 0, 0, 1})) == 0.0F);
    // binary16: −1.5, the least subnormal, the largest.
    CHECK(third(npy<std::uint16_t>("<f2", "2, 2", {0, 0, 0xBE00, 0})) == -1.5F);
    CHECK(third(npy<std::uint16_t>("<f2", "2, 2", {0, 0, 0x0001, 0})) == 5.9604645e-8F);
    CHECK(third(npy<std::uint16_t>("<f2", "2, 2", {0, 0, 0x7BFF, 0})) == 65504.0F);
}

TEST_CASE("npy: integers of every type are grey values of 0 to 255, or refused") {
    const auto check = [](auto zero, const char* type, const char* spoken) {
        using T = decltype(zero);
        CAPTURE(type);
        const std::vector<T> numbers{T{0}, T{51}, T{102}, T{127}};
        const Images images = parse_npy(npy<T>(type, "2, 2", numbers), "array");
        for (std::size_t i = 0; i < 4; ++i) CHECK(images.pixels.data()[i] == static_cast<float>(numbers[i]) / 255.0F);
        const std::vector<T> binary{T{0}, T{1}, T{1}, T{0}};
        check_fails(ErrorCode::bad_file, {"array", spoken, "0 and 1", "astype(bool)"},
                    [&] { parse_npy(npy<T>(type, "2, 2", binary), "array"); });
        CHECK(parse_npy(npy<T>(type, "2, 2", std::vector<T>(4, T{0})), "array").pixels == zeros({1, 2, 2, 1}));
        if constexpr (sizeof(T) > 1) {
            const std::vector<T> large{T{0}, T{1}, T{256}, T{0}};
            check_fails(ErrorCode::bad_file, {"array", spoken, "256", "0 … 255"},
                        [&] { parse_npy(npy<T>(type, "2, 2", large), "array"); });
        }
        if constexpr (std::is_signed_v<T>) {
            const std::vector<T> negative{T{0}, T{100}, T{-3}, T{0}};
            check_fails(ErrorCode::bad_file, {"array", spoken, "-3"},
                        [&] { parse_npy(npy<T>(type, "2, 2", negative), "array"); });
        }
    };
    check(std::uint8_t{}, "|u1", "uint8");
    check(std::int8_t{}, "|i1", "int8");
    check(std::uint16_t{}, "<u2", "uint16");
    check(std::int16_t{}, "<i2", "int16");
    check(std::uint32_t{}, "<u4", "uint32");
    check(std::int32_t{}, "<i4", "int32");
    check(std::uint64_t{}, "<u8", "uint64");
    check(std::int64_t{}, "<i8", "int64");
}

TEST_CASE("npy: what cannot be read is named") {
    const auto fails = [](const std::vector<std::uint8_t>& bytes, std::initializer_list<std::string_view> words) {
        check_fails(ErrorCode::bad_file, words, [&] { parse_npy(bytes, "array"); });
    };
    const std::vector<float> four(4, 1.0F);
    fails(bytes_of("PK"), {"array", "not an .npy"});
    fails(npy<float>(">f4", "2, 2", four), {"array", ">f4", "byte order"});
    fails(npy<float>("<f16", "2, 1", four), {"array", "<f16", "float32"});
    fails(npy<float>("<c8", "2, 1", four), {"array", "<c8"});
    fails(npy<float>("<f4", "4,", four), {"array", "rank 1", "(4)", "(H, W)"});
    fails(npy<float>("<f4", "", four), {"array", "rank 0"});
    fails(npy<float>("<f4", "1, 1, 1, 2, 2", four), {"array", "rank 5"});
    fails(npy<float>("<f4", "2, 2", four, true), {"array", "Fortran"});
    fails(npy<float>("<f4", "3, 2", four), {"array", "cut short", "16", "3, 2"});
    fails(npy<float>("<f4", "0, 2", four), {"array", "no size"});
    fails(npy<float>("<f4", "2, x", four), {"array", "shape"});
    fails(npy<float>("<f4", "4294967296, 4294967296, 4294967296", four), {"array", "cut short"});
    std::vector<std::uint8_t> version = npy<float>("<f4", "2, 2", four);
    version[6] = 9;
    fails(version, {"array", "version 9"});
    check_fails(ErrorCode::bad_file, {"missing.npy"}, [] { read_npy("missing.npy"); });
}

TEST_CASE("npy: every cut of a good file fails, none crashes") {
    const std::vector<std::uint8_t> good = npy<float>("<f4", "2, 2", {1, 2, 3, 4});
    for (std::size_t size = 0; size < good.size(); ++size) {
        CHECK_THROWS_AS(parse_npy(std::span(good).first(size), "cut"), Error);
    }
}

TEST_CASE("npy: a rank that cannot hold the pixels is refused") {
    const TemporaryDirectory directory;
    const auto fails = [&](const Shape& shape, int rank) {
        check_fails(ErrorCode::bad_shape, {to_string(shape), std::to_string(rank)},
                    [&] { write_npy(directory / "a.npy", {counting(shape), rank}); });
    };
    fails({2, 3, 4, 1}, 2);
    fails({1, 3, 4, 3}, 2);
    fails({1, 3, 4, 3}, 3);
    fails({1, 3, 4, 1}, 5);
    check_fails(ErrorCode::bad_file, {"no/such/place.npy"},
                [] { write_npy("no/such/place.npy", {counting({1, 2, 2, 1}), 2}); });
}

#endif
