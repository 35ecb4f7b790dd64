#include "pellucid/methods/inside/statistics.hpp"

#include "pellucid/error.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace pellucid::methods {

namespace {

constexpr std::string_view statistics_magic = "PELSTAT1";
/// Beyond these a file is damaged, not large.
constexpr std::uint32_t most_classes = 4096, most_bins = 1024, most_named = 65536, most_channels = 1U << 20U,
                        most_name = 1024;

class StatisticsWriter {
public:
    template <typename Number>
    void put(Number number) {
        for (std::size_t i = 0; i < sizeof(Number); ++i) bytes.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
    }
    void put(float number) { put(std::bit_cast<std::uint32_t>(number)); }
    void put(std::string_view text) {
        put(static_cast<std::uint32_t>(text.size()));
        bytes.insert(bytes.end(), text.begin(), text.end());
    }
    Bytes bytes;
};

class StatisticsReader {
public:
    explicit StatisticsReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    [[noreturn]] static void refuse(std::string_view why) {
        fail(ErrorCode::bad_file, "these are no statistics of a network: {}; `pellucid statistics` makes them", why);
    }
    std::span<const std::uint8_t> take(std::size_t count) {
        if (count > bytes_.size()) refuse("the file ends early");
        const auto taken = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return taken;
    }
    template <typename Number>
    Number number() {
        const auto from = take(sizeof(Number));
        Number value = 0;
        for (std::size_t i = 0; i < sizeof(Number); ++i) {
            value = static_cast<Number>(value | static_cast<Number>(static_cast<Number>(from[i]) << (8 * i)));
        }
        return value;
    }
    std::uint32_t number(std::uint32_t most, std::string_view what) {
        const auto value = number<std::uint32_t>();
        if (value > most) refuse(fmt::format("{} {}", value, what));
        return value;
    }
    float real() {
        const auto value = std::bit_cast<float>(number<std::uint32_t>());
        if (!std::isfinite(value)) refuse("a number in it is not finite");
        return value;
    }
    std::string text() {
        const auto from = take(number(most_name, "letters of a name"));
        return {from.begin(), from.end()};
    }
    std::size_t left() const { return bytes_.size(); }

private:
    std::span<const std::uint8_t> bytes_;
};

ChannelStatistics read_channel(StatisticsReader& in, std::uint32_t classes, std::uint32_t bins) {
    ChannelStatistics channel{.low = in.real(),
                              .high = in.real(),
                              .mean = in.real(),
                              .sparsity = in.real(),
                              .silent = in.real(),
                              .auc = {},
                              .counts = {}};
    if (channel.high < channel.low) StatisticsReader::refuse("a channel's largest activity is below its least one");
    for (std::uint32_t c = 0; c < classes; ++c) channel.auc.push_back(in.real());
    const auto counts = in.take(std::size_t{2} * classes * bins);
    for (std::size_t i = 0; i < counts.size(); i += 2) {
        channel.counts.push_back(static_cast<std::uint16_t>(counts[i] | counts[i + 1] << 8U));
    }
    return channel;
}

}  // namespace

const LayerStatistics* NetworkStatistics::find(std::string_view layer) const {
    for (const LayerStatistics& one : layers) {
        if (one.layer == layer) return &one;
    }
    return nullptr;
}

Bytes write_statistics(const NetworkStatistics& s) {
    StatisticsWriter out;
    out.bytes.assign(statistics_magic.begin(), statistics_magic.end());
    out.put(s.fingerprint);
    for (const std::uint32_t number : {s.images, s.classes, s.bins, static_cast<std::uint32_t>(s.layers.size())})
        out.put(number);
    out.put(std::string_view(s.data));
    for (const std::uint32_t count : s.class_images) out.put(count);
    for (const LayerStatistics& layer : s.layers) {
        out.put(std::string_view(layer.layer));
        out.put(static_cast<std::uint32_t>(layer.channels.size()));
        for (const ChannelStatistics& channel : layer.channels) {
            for (const float v : {channel.low, channel.high, channel.mean, channel.sparsity, channel.silent})
                out.put(v);
            for (const float v : channel.auc) out.put(v);
            for (const std::uint16_t count : channel.counts) out.put(count);
        }
    }
    return std::move(out.bytes);
}

NetworkStatistics parse_statistics(std::span<const std::uint8_t> bytes) {
    StatisticsReader in(bytes);
    const auto magic =
        bytes.size() < statistics_magic.size() ? std::span<const std::uint8_t>() : in.take(statistics_magic.size());
    if (!std::equal(magic.begin(), magic.end(), statistics_magic.begin(), statistics_magic.end())) {
        StatisticsReader::refuse("they do not begin with PELSTAT1");
    }
    NetworkStatistics s;
    s.fingerprint = in.number<std::uint64_t>();
    s.images = in.number<std::uint32_t>();
    s.classes = in.number(most_classes, "classes are more than there can be");
    s.bins = in.number(most_bins, "bins are more than there can be");
    const std::uint32_t layers = in.number(most_named, "layers are more than there can be");
    if (s.images == 0 || s.classes == 0 || s.bins == 0)
        StatisticsReader::refuse("they are of no images, classes or bins");
    s.data = in.text();
    for (std::uint32_t c = 0; c < s.classes; ++c) s.class_images.push_back(in.number<std::uint32_t>());
    for (std::uint32_t l = 0; l < layers; ++l) {
        LayerStatistics layer{in.text(), {}};
        const std::uint32_t channels = in.number(most_channels, "channels are more than there can be");
        for (std::uint32_t k = 0; k < channels; ++k) layer.channels.push_back(read_channel(in, s.classes, s.bins));
        s.layers.push_back(std::move(layer));
    }
    if (in.left() != 0) StatisticsReader::refuse(fmt::format("{} bytes follow their end", in.left()));
    return s;
}

// FNV-1a, over bytes in the order that is written above, so that it is the same on every platform.
std::uint64_t fingerprint_of(const Network& network) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    const auto add = [&](std::uint64_t bits, std::size_t bytes) {
        for (std::size_t i = 0; i < bytes; ++i) hash = (hash ^ (bits >> (8 * i) & 0xFFU)) * 0x100000001b3U;
    };
    for (const Node& node : network.nodes()) {
        for (const char letter : node.name) add(static_cast<unsigned char>(letter), 1);
        const std::unique_ptr<Layer> layer = node.layer->clone();
        for (const Parameter& parameter : layer->parameters()) {
            for (const float v : elements(*parameter.value)) add(std::bit_cast<std::uint32_t>(v), 4);
        }
    }
    return hash;
}

void check_statistics(const NetworkStatistics& statistics, const Network& network) {
    if (statistics.fingerprint == fingerprint_of(network)) return;
    fail(ErrorCode::bad_argument,
         "the statistics are those of another network ({} layers, over {}); `pellucid statistics --model MODEL.onnx` "
         "makes this one's",
         statistics.layers.size(), statistics.data);
}

}  // namespace pellucid::methods
