/// What a network's channels did over a set of labelled images, and the file that keeps it.
///
/// A channel's activity for an image is that of its strongest unit: how much of what the channel looks for is anywhere
/// in the image. Of a layer without rows and columns a channel is a unit.
///
/// The file, little-endian, numbers without a name u32: "PELSTAT1"; fingerprint u64; images; classes; bins; layers; the
/// name of the data (length, bytes); the images of each class; then of every layer its name (length, bytes) and its
/// channels, and of every channel low, high, mean, sparsity, silent (f32), the AUC of each class (f32) and the
/// histogram, class by class, bin by bin (u16).
#pragma once

#include "pellucid/data/file.hpp"
#include "pellucid/nn/network.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pellucid::methods {

struct ChannelStatistics {
    float low = 0, high = 0;  ///< least and largest activity: the ends of the histogram, whose bins are equally wide
    float mean = 0;
    /// (1 − E[a]²/E[a²])/(1 − 1/N) for a ≥ 0, lifetime sparseness (Vinje and Gallant 2000): 0 where all images drive
    /// the channel alike, 1 where one alone does. Of activities below 0 their size counts.
    float sparsity = 0;
    float silent = 0;                   ///< share of the images with an activity of 0 or less
    std::vector<float> auc;             ///< per class: P(activity of an image of the class > of another one), ties half
    std::vector<std::uint16_t> counts;  ///< [class][bin], at most 65535 each
};

struct LayerStatistics {
    std::string layer;
    std::vector<ChannelStatistics> channels;
};

struct NetworkStatistics {
    std::uint64_t fingerprint = 0;  ///< fingerprint_of() the network
    std::uint32_t images = 0, classes = 0, bins = 0;
    std::string data;  ///< which images: "MNIST, the first 60000 training images"
    std::vector<std::uint32_t> class_images;
    std::vector<LayerStatistics> layers;

    /// Null where there is no such layer.
    const LayerStatistics* find(std::string_view layer) const;
};

Bytes write_statistics(const NetworkStatistics& statistics);
/// Throws Error(bad_file) where the bytes are no such file, are cut short, or go on behind their end.
NetworkStatistics parse_statistics(std::span<const std::uint8_t> bytes);

/// Tells networks apart: of the names of all layers and the bits of all weights.
std::uint64_t fingerprint_of(const Network& network);

/// Throws Error(bad_argument) where the statistics are those of another network.
void check_statistics(const NetworkStatistics& statistics, const Network& network);

}  // namespace pellucid::methods
