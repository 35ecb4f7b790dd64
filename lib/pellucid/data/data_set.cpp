#include "pellucid/data/data_set.hpp"

#include "pellucid/data/file.hpp"
#include "pellucid/error.hpp"

#include <algorithm>

namespace pellucid {

namespace {

void check_label_count(std::size_t labels, std::size_t images) {
    if (labels != 0 && labels != images) {
        fail(ErrorCode::bad_argument, "there are {} labels for {} images; each image has one", labels, images);
    }
}

}  // namespace

DataSet::DataSet(LabelledImages images)
    : labels_(images.labels.begin(), images.labels.end()),
      shape_{images.images.count, images.images.rows, images.images.columns, 1} {
    check_label_count(labels_.size(), size());
    held_ = std::move(images);
}

DataSet::DataSet(Tensor images, std::vector<std::size_t> labels) : labels_(std::move(labels)), shape_(images.shape()) {
    check_label_count(labels_.size(), size());
    held_ = std::move(images);
}

Tensor DataSet::images(std::size_t first, std::size_t count, const InputRange& range) const {
    if (first > size() || count > size() - first) {
        fail(ErrorCode::bad_argument, "images {} to {} were asked of {}", first, first + count, size());
    }
    if (const auto* tensor = std::get_if<Tensor>(&held_)) return batch_slice(*tensor, first, count);
    Tensor batch = to_tensor(bytes()->images, first, count);
    scale_to_range(batch, range);
    return batch;
}

Tensor DataSet::images(std::span<const std::size_t> indices, const InputRange& range) const {
    Tensor batch(with_batch(shape_, indices.size()));
    for (std::size_t n = 0; n < indices.size(); ++n) {
        const Tensor image = images(indices[n], 1, range);
        std::ranges::copy(elements(image), sample(batch, n).begin());
    }
    return batch;
}

DataSet parse_data_set(std::span<const std::uint8_t> bytes, const std::string& name) {
    constexpr std::size_t header = 16;
    std::size_t images = bytes.size();
    // How long the images are, as their header has it; where that is more than there is, parse_idx_images() says so.
    if (is_idx(bytes) && bytes.size() >= header) {
        std::uint64_t size = header;
        std::uint64_t product = 1;
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const std::uint8_t* b = bytes.data() + 4 + 4 * axis;
            const std::uint64_t extent =
                (std::uint64_t{b[0]} << 24U) | (std::uint64_t{b[1]} << 16U) | (std::uint64_t{b[2]} << 8U) | b[3];
            product = extent != 0 && product > most_file_bytes / extent ? most_file_bytes : product * extent;
        }
        size += product;
        images = static_cast<std::size_t>(std::min<std::uint64_t>(size, images));
    }
    LabelledImages set;
    set.images = parse_idx_images(bytes.first(images), name);
    if (images < bytes.size()) set.labels = parse_idx_labels(bytes.subspan(images), name + " (the labels)");
    return DataSet(std::move(set));
}

}  // namespace pellucid
