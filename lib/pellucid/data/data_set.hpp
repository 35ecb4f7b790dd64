/// Images, with a label each where these are known: what a method compares with, searches in or learns from.
#pragma once

#include "pellucid/data/mnist.hpp"
#include "pellucid/nn/range.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace pellucid {

class DataSet {
public:
    /// Bytes: 0 paper, 255 ink; as many labels as images, or none.
    explicit DataSet(LabelledImages images);
    /// Numbers as a network reads them, (N, H, W, C); as many labels as images, or none.
    explicit DataSet(Tensor images, std::vector<std::size_t> labels = {});

    std::size_t size() const { return shape_[0]; }
    /// (N, H, W, C)
    const Shape& shape() const { return shape_; }
    bool labelled() const { return !labels_.empty(); }
    /// Empty where there are none.
    const std::vector<std::size_t>& labels() const { return labels_; }

    /// Images [first, first + count), as inputs of a network of that range: bytes are spread over it, numbers are as
    /// they are. Error(bad_argument) where they do not all exist.
    Tensor images(std::size_t first, std::size_t count, const InputRange& range) const;
    /// The images with these indices, in this order.
    Tensor images(std::span<const std::size_t> indices, const InputRange& range) const;

    /// The bytes, for who trains with them; null where there are numbers.
    const LabelledImages* bytes() const { return std::get_if<LabelledImages>(&held_); }

private:
    std::variant<LabelledImages, Tensor> held_;
    std::vector<std::size_t> labels_;
    Shape shape_{};
};

/// From bytes: an IDX file of images, and behind it, where they are known, the IDX file of their labels; neither
/// packed. `name` is what messages call them. Error(bad_file).
DataSet parse_data_set(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace pellucid
