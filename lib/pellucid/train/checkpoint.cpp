#include "pellucid/train/checkpoint.hpp"

#include "pellucid/data/sha256.hpp"
#include "pellucid/error.hpp"

#include <algorithm>
#include <cstring>
#include <sstream>
#include <string_view>

namespace pellucid::train {

namespace {

constexpr std::string_view checkpoint_magic = "pellucid checkpoint 1\n";
constexpr std::size_t sum_size = 64;

/// The first line in which two texts differ, as the first has it.
std::string first_difference(const std::string& one, const std::string& other) {
    std::istringstream a(one);
    std::istringstream b(other);
    std::string line_a;
    std::string line_b;
    while (std::getline(a, line_a) && std::getline(b, line_b) && line_a == line_b) {
    }
    line_a.erase(0, line_a.find_first_not_of(' '));
    return line_a;
}

}  // namespace

Bytes checkpoint_body(const Recipe& recipe, const Training& training) {
    const std::string text = to_json(recipe);
    const Bytes state = training.save();
    Bytes body(sizeof(std::uint64_t));
    const std::uint64_t length = text.size();
    std::memcpy(body.data(), &length, sizeof length);
    body.insert(body.end(), text.begin(), text.end());
    body.insert(body.end(), state.begin(), state.end());
    return body;
}

Bytes seal_checkpoint(std::span<const std::uint8_t> body) {
    const std::string sum = sha256(body);
    Bytes file(checkpoint_magic.begin(), checkpoint_magic.end());
    file.insert(file.end(), sum.begin(), sum.end());
    file.insert(file.end(), body.begin(), body.end());
    return file;
}

void write_checkpoint(const std::string& path, const Recipe& recipe, const Training& training) {
    write_file(path, seal_checkpoint(checkpoint_body(recipe, training)));
}

void read_checkpoint(const std::string& path, const Recipe& recipe, Training& training) {
    parse_checkpoint(read_file(path), path, recipe, training);
}

void parse_checkpoint(std::span<const std::uint8_t> file, const std::string& path, const Recipe& recipe,
                      Training& training) {
    const std::size_t head = checkpoint_magic.size() + sum_size;
    if (file.size() < head + sizeof(std::uint64_t) ||
        !std::equal(checkpoint_magic.begin(), checkpoint_magic.end(), file.begin())) {
        fail(ErrorCode::bad_file, "{} is not a checkpoint of this version of pellucid", path);
    }
    const std::span<const std::uint8_t> rest(file.data() + head, file.size() - head);
    if (!std::equal(file.begin() + checkpoint_magic.size(), file.begin() + head, sha256(rest).begin())) {
        fail(ErrorCode::bad_file, "{} is damaged: its checksum does not fit; remove it and train from the beginning",
             path);
    }
    std::uint64_t length = 0;
    std::memcpy(&length, rest.data(), sizeof length);
    if (length > rest.size() - sizeof length) fail(ErrorCode::bad_file, "{} is damaged: it is too short", path);
    const auto text_begin = rest.begin() + sizeof length;
    const std::string text(text_begin, text_begin + static_cast<std::ptrdiff_t>(length));
    const std::string wanted = to_json(recipe);
    if (text != wanted) {
        fail(ErrorCode::bad_file, "{} was made with another recipe: it has {} where this one has {}", path,
             first_difference(text, wanted), first_difference(wanted, text));
    }
    try {
        training.restore(rest.subspan(sizeof length + static_cast<std::size_t>(length)));
    } catch (const Error& error) {
        fail(error.code(), "{}: {}", path, error.what());
    }
}

}  // namespace pellucid::train
