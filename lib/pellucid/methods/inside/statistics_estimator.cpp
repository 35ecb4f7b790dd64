#include "pellucid/methods/inside/statistics_estimator.hpp"

#include "pellucid/error.hpp"
#include "pellucid/order.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::methods {

std::vector<float> strongest_units(std::span<const float> units, std::size_t channels) {
    std::vector<float> strongest(units.begin(), units.begin() + static_cast<std::ptrdiff_t>(channels));
    for (std::size_t u = channels; u < units.size(); ++u) {
        strongest[u % channels] = std::max(strongest[u % channels], units[u]);
    }
    return strongest;
}

StatisticsEstimator::StatisticsEstimator(const Network& network, std::size_t classes, std::size_t bins)
    : network_(network), classes_(classes), bins_(bins) {
    for (ValueId value = 1; value <= network.output(); ++value) {
        const std::size_t channels = network.shape(value)[3];
        if (channels <= most_layer_channels) watched_.push_back({value, std::vector<std::vector<float>>(channels)});
    }
}

void StatisticsEstimator::add(const Tensor& images, std::span<const std::uint8_t> labels) {
    network_.forward(images, trace_);
    for (std::size_t n = 0; n < images.shape()[0]; ++n) {
        for (Watched& watched : watched_) {
            const std::vector<float> strongest =
                strongest_units(sample(trace_.values[watched.value], n), watched.activities.size());
            for (std::size_t k = 0; k < strongest.size(); ++k) watched.activities[k].push_back(strongest[k]);
        }
        labels_.push_back(labels[n]);
    }
}

namespace {

/// Per class: of all pairs of an image of the class with one of another, the share in which the first is more active;
/// ties count half. By ranks: Σ ranks of the class = pairs won + what it has against itself (Mann and Whitney).
std::vector<float> areas_under_curves(const std::vector<float>& activities, const std::vector<std::uint8_t>& labels,
                                      std::size_t classes) {
    const auto order =
        sorted_places(activities.size(), [&](std::size_t a, std::size_t b) { return activities[a] < activities[b]; });
    std::vector<double> ranks(classes, 0.0), counts(classes, 0.0);
    for (std::size_t first = 0; first < order.size();) {
        std::size_t end = first;
        while (end < order.size() && activities[order[end]] == activities[order[first]]) ++end;
        const double middle = 0.5 * static_cast<double>(first + end + 1);  // ranks from 1, the mean of equal ones
        for (; first < end; ++first) {
            ranks[labels[order[first]]] += middle;
            counts[labels[order[first]]] += 1;
        }
    }
    std::vector<float> areas;
    for (std::size_t c = 0; c < classes; ++c) {
        const double others = static_cast<double>(activities.size()) - counts[c];
        const bool both = counts[c] > 0 && others > 0;
        areas.push_back(both ? static_cast<float>((ranks[c] - counts[c] * (counts[c] + 1) / 2) / (counts[c] * others))
                             : 0.5F);
    }
    return areas;
}

}  // namespace

ChannelStatistics StatisticsEstimator::channel(const std::vector<float>& activities) const {
    const auto [low, high] = std::minmax_element(activities.begin(), activities.end());
    ChannelStatistics result{.low = *low, .high = *high, .auc = {}, .counts = {}};
    const auto count = static_cast<double>(activities.size());
    double sum = 0, size = 0, square = 0, silent = 0;
    std::vector<std::uint32_t> counts(classes_ * bins_, 0);
    const float width = *high - *low;
    for (std::size_t i = 0; i < activities.size(); ++i) {
        const double a = activities[i];
        sum += a;
        size += std::abs(a);
        square += a * a;
        silent += a <= 0 ? 1 : 0;
        const float place = width > 0 ? (activities[i] - *low) / width * static_cast<float>(bins_) : 0.0F;
        ++counts[labels_[i] * bins_ + std::min(static_cast<std::size_t>(place), bins_ - 1)];
    }
    result.mean = static_cast<float>(sum / count);
    result.silent = static_cast<float>(silent / count);
    if (square > 0 && count > 1) {
        const double alike = size / count * (size / count) / (square / count);
        result.sparsity = static_cast<float>(std::clamp((1 - alike) / (1 - 1 / count), 0.0, 1.0));
    }
    result.auc = areas_under_curves(activities, labels_, classes_);
    for (const std::uint32_t c : counts) result.counts.push_back(static_cast<std::uint16_t>(std::min(c, 65535U)));
    return result;
}

NetworkStatistics StatisticsEstimator::statistics(std::string data) const {
    if (labels_.empty()) fail(ErrorCode::bad_argument, "statistics need at least one image");
    NetworkStatistics result{.fingerprint = fingerprint_of(network_),
                             .images = static_cast<std::uint32_t>(labels_.size()),
                             .classes = static_cast<std::uint32_t>(classes_),
                             .bins = static_cast<std::uint32_t>(bins_),
                             .data = std::move(data),
                             .class_images = std::vector<std::uint32_t>(classes_, 0),
                             .layers = {}};
    for (const std::uint8_t label : labels_) ++result.class_images[label];
    for (const Watched& watched : watched_) {
        LayerStatistics layer{std::string(network_.name(watched.value)), {}};
        for (const std::vector<float>& activities : watched.activities) layer.channels.push_back(channel(activities));
        result.layers.push_back(std::move(layer));
    }
    return result;
}

}  // namespace pellucid::methods
