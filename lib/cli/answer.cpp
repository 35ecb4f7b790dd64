#include "answer.hpp"

#include "layerwise_report.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/finite.hpp"
#include "progress.hpp"
#include "render.hpp"

#include <algorithm>

namespace pellucid::cli {

namespace fs = std::filesystem;

Folder::Folder(const std::string& path) : path_(path) {
    // Made one by one from above, so that it is known which were not there.
    std::vector<fs::path> missing;
    std::error_code error;
    for (fs::path folder = path_; !folder.empty() && !fs::exists(folder, error); folder = folder.parent_path()) {
        if (folder.has_filename()) missing.push_back(folder);
        if (folder == folder.parent_path()) break;
    }
    for (; !missing.empty(); missing.pop_back()) {
        if (fs::create_directory(missing.back(), error)) made_.push_back(missing.back());
        if (error) break;
    }
    if (!error && fs::is_directory(path_, error)) return;
    if (!error) error = std::make_error_code(std::errc::not_a_directory);
    const bool full = error == std::errc::no_space_on_device || error == std::errc::io_error ||
                      error == std::errc::too_many_links || error == std::errc::not_enough_memory;
    for (; !made_.empty(); made_.pop_back()) {
        std::error_code unmade;
        fs::remove(made_.back(), unmade);
    }
    fail(full ? ErrorCode::exhausted : ErrorCode::bad_file, "the folder '{}' cannot be made: {}", path,
         error.message());
}

Folder::~Folder() {
    std::error_code full;
    for (auto folder = made_.rbegin(); folder != made_.rend(); ++folder) {
        if (!fs::is_empty(*folder, full) || full) return;
        fs::remove(*folder, full);
    }
}

Answer::Answer(const Card& card, std::string out, std::size_t inputs, int rank)
    : card_(card), out_(std::move(out)), inputs_(inputs), rank_(rank) {}

void Answer::write(std::size_t at, const std::string& name, MapKind kind, const Tensor& images) {
    if (out_.empty()) return;
    if (!folder_) folder_ = std::make_unique<Folder>(out_);
    if (at == maps_.size()) {
        // The rank that results of that shape can be written with, like the input's where possible.
        const int rank = images.shape()[3] == 1 ? rank_ : 4;
        const std::string path = (folder_->path() / (name + ".npy")).string();
        maps_.push_back({name, kind, std::make_unique<NpyWriter>(path, with_batch(images.shape(), inputs_), rank)});
    }
    maps_[at].file->add(images);
}

std::string Answer::file_name(std::string_view output) const {
    return std::string(output == card_.outputs.front().name ? "result" : output);
}

void Answer::take(Result portion) {
    check_finite(portion, card_.id, done_);
    done_ += portion.value.size();
    std::size_t maps = 0;
    for (auto& [name, item] : portion.items) {
        auto* map = std::get_if<Map>(&item);
        if (map == nullptr) continue;
        write(maps++, file_name(name), find_output(card_, name)->map, map->data);
        map->data = Tensor(with_batch(map->data.shape(), 0));
    }
    layerwise_ = std::move(portion.layerwise);
    portions_.push_back(std::move(portion));
}

const Result& Answer::figures() {
    if (portions_.size() > 1) {
        Result all = joined(std::move(portions_));
        portions_.clear();
        portions_.push_back(std::move(all));
    }
    return portions_.front();
}

namespace {

/// Pictures of one channel and one size as one array, (N, frames, h, w); nothing where they are others.
std::optional<Tensor> stacked(const Frames& frames) {
    const Shape shape = frames.images.empty() ? Shape{} : Shape(frames.images.front().shape());
    if (shape[3] != 1) return std::nullopt;
    Tensor all(Shape{shape[0], frames.images.size(), shape[1], shape[2]});
    const std::size_t size = shape[1] * shape[2];
    for (std::size_t i = 0; i < frames.images.size(); ++i) {
        if (Shape(frames.images[i].shape()) != shape) return std::nullopt;
        for (std::size_t n = 0; n < shape[0]; ++n) {
            const auto picture = sample(frames.images[i], n);
            std::copy(picture.begin(), picture.end(), sample(all, n).begin() + static_cast<std::ptrdiff_t>(i * size));
        }
    }
    return all;
}

}  // namespace

/// Curves and scores as .npy, (N, 1, 1, K); a run's frames one by one, or, where they are what was asked for,
/// together.
void Answer::write_numbers() {
    for (const auto& [name, item] : figures().items) {
        const std::string path = (folder_->path() / file_name(name)).string();
        if (const auto* series = std::get_if<Series>(&item)) write_npy(path + ".npy", {series->values, 4});
        if (const auto* scores = std::get_if<Scores>(&item)) write_npy(path + ".npy", {scores->values, 4});
        const auto* frames = std::get_if<Frames>(&item);
        if (frames != nullptr && name == card_.outputs.front().name) {
            if (const std::optional<Tensor> all = stacked(*frames)) {
                write_npy(path + ".npy", {*all, 4});
                continue;
            }
        }
        for (std::size_t i = 0; frames != nullptr && i < frames->images.size(); ++i) {
            write_npy(fmt::format("{}-step{:06}.npy", path, frames->steps[i]), {frames->images[i], 4});
        }
    }
}

void Answer::keep() {
    for (const Maps& maps : maps_) maps.file->commit();
    if (out_.empty()) return;
    if (!folder_) folder_ = std::make_unique<Folder>(out_);
    write_numbers();
    if (layerwise_) write_layers(folder_->path(), *layerwise_);
}

bool Answer::draw_pictures() const {
    constexpr std::size_t at_a_time = 64;
    for (const Maps& maps : maps_) {
        const std::string path = (folder_->path() / (maps.name + ".npy")).string();
        const std::optional<NpyFile> kept = NpyFile::open(path);
        if (!kept) fail(ErrorCode::bad_file, "{} cannot be read again", path);
        const std::size_t count = kept->shape()[0];
        for (std::size_t first = 0; first < count; first += at_a_time) {
            const Tensor images = kept->read(first, std::min(at_a_time, count - first));
            for (std::size_t n = 0; n < images.shape()[0]; ++n) {
                if (interrupted()) return false;
                const std::string suffix = count == 1 ? "" : fmt::format("-{:04}", first + n);
                write_picture((folder_->path() / (maps.name + suffix + ".png")).string(), images, n, maps.kind);
            }
        }
    }
    return true;
}

}  // namespace pellucid::cli
