#include "pellucid/nn/onnx/data_files.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/array.hpp"

#include <charconv>
#include <filesystem>
#include <map>

namespace pellucid::onnx {
namespace {

constexpr const char* inside_remedy =
    "or write the model in one file: torch.onnx.export(…, external_data=False), or onnx.save_model(onnx.load(path), "
    "path) where the data file lies beside it";

class GivenFiles final : public DataSource {
public:
    explicit GivenFiles(const DataFiles& files) : files_(files) {
        for (const auto& [name, bytes] : files_) size_ += bytes.size();
    }
    std::optional<std::span<const std::byte>> find(std::string_view location) override {
        auto found = files_.find(location);
        if (found == files_.end() && location.starts_with("./")) found = files_.find(location.substr(2));
        if (found == files_.end() && files_.size() == 1 && files_.begin()->first.empty()) found = files_.begin();
        return found == files_.end() ? std::nullopt : std::optional(found->second);
    }
    std::string remedy(std::string_view location) const override {
        std::string names;
        for (const auto& [name, bytes] : files_) names += fmt::format("{}'{}'", names.empty() ? "" : ", ", shown(name));
        return fmt::format("{}: hand over the bytes of '{}' together with the model's, {}",
                           names.empty() ? "it was not handed over" : "handed over were " + names, shown(location),
                           inside_remedy);
    }
    std::size_t size() const override { return size_; }

private:
    const DataFiles& files_;
    std::size_t size_ = 0;
};

class FilesBeside final : public DataSource {
public:
    explicit FilesBeside(const std::string& path) : folder_(std::filesystem::path(path).parent_path()) {
        if (folder_.empty()) folder_ = ".";
    }
    std::optional<std::span<const std::byte>> find(std::string_view location) override {
        const auto known = files_.find(location);
        if (known != files_.end()) return std::as_bytes(std::span(known->second));
        const std::filesystem::path path = folder_ / std::filesystem::path(location);
        std::error_code none;
        if (!std::filesystem::is_regular_file(path, none)) return std::nullopt;
        // A link may lead out of the folder though its name does not.
        const auto real = std::filesystem::weakly_canonical(path, none);
        const auto relative = real.lexically_relative(std::filesystem::weakly_canonical(folder_, none));
        if (none || relative.empty() || *relative.begin() == "..") {
            fail(ErrorCode::bad_file, "the data file '{}' is a link that leads out of the model's folder",
                 shown(location));
        }
        const Bytes& bytes = files_.emplace(location, read_file(path.string())).first->second;
        size_ += bytes.size();
        return std::as_bytes(std::span(bytes));
    }
    std::string remedy(std::string_view location) const override {
        return fmt::format("it is not there: put '{}' beside the model, {}", shown(location), inside_remedy);
    }
    std::size_t size() const override { return size_; }

private:
    std::filesystem::path folder_;
    std::map<std::string, Bytes, std::less<>> files_;
    std::size_t size_ = 0;
};

/// Refuses what is no name of a file in the model's folder or below it, on any system.
void check_location(std::string_view location, const TensorProto& array) {
    bool outside = location.empty() || location.front() == '/' || location.find_first_of("\\:") != location.npos ||
                   location.find('\0') != location.npos;
    for (std::string_view rest = location; !rest.empty();) {
        const std::size_t end = std::min(rest.find('/'), rest.size());
        outside |= rest.substr(0, end) == "..";
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    if (outside) {
        fail(ErrorCode::bad_file,
             "array '{}' is stored in '{}', which is no file in the model's own folder; only such are read",
             shown(array.name), shown(location));
    }
}

std::uint64_t number(const TensorProto& array, std::string_view key, std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        fail(ErrorCode::bad_file, "array '{}' is stored in another file at {} '{}', which is no number",
             shown(array.name), key, shown(text));
    }
    return value;
}

void read_one(TensorProto& array, DataSource& source) {
    std::string_view location;
    std::uint64_t offset = 0;
    std::optional<std::uint64_t> length;
    for (const auto& [key, text] : array.external) {
        if (key == "location") location = text;
        if (key == "offset") offset = number(array, key, text);
        if (key == "length") length = number(array, key, text);
    }
    check_location(location, array);
    const auto bytes = source.find(location);
    if (!bytes) {
        fail(ErrorCode::bad_file, "array '{}' is stored in another file, '{}', and {}", shown(array.name),
             shown(location), source.remedy(location));
    }
    if (offset > bytes->size() || length.value_or(0) > bytes->size() - offset) {
        fail(ErrorCode::bad_file,
             "array '{}' is stored in '{}' from byte {}{}, but that file has {} bytes: is it the model's?",
             shown(array.name), shown(location), offset, length ? fmt::format(" on, {} of them", *length) : "",
             bytes->size());
    }
    const auto part = bytes->subspan(static_cast<std::size_t>(offset),
                                     length ? static_cast<std::size_t>(*length) : std::dynamic_extent);
    array.raw = std::string_view(reinterpret_cast<const char*>(part.data()), part.size());
    array.is_external = false;
}

}  // namespace

std::unique_ptr<DataSource> given_files(const DataFiles& files) { return std::make_unique<GivenFiles>(files); }
std::unique_ptr<DataSource> files_beside(const std::string& path) { return std::make_unique<FilesBeside>(path); }

void read_external(ModelProto& model, DataSource& source) {
    if (!model.graph) return;
    for (TensorProto& array : model.graph->initializers) {
        if (array.is_external) read_one(array, source);
    }
    for (NodeProto& node : model.graph->nodes) {
        for (AttributeProto& attribute : node.attributes) {
            if (attribute.t != nullptr && attribute.t->is_external) read_one(*attribute.t, source);
        }
    }
}

}  // namespace pellucid::onnx
