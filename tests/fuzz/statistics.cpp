// Statistics of channels: a file that is read can be written, byte for byte, and says what its header promises.
#include "targets.hpp"

#include "pellucid/methods/inside/statistics.hpp"

#include <algorithm>

namespace pellucid::fuzz {

void run_statistics(Input bytes) {
    ended_well([&] {
        const methods::NetworkStatistics statistics = methods::parse_statistics(bytes);
        const Bytes written = methods::write_statistics(statistics);
        expect(std::equal(written.begin(), written.end(), bytes.begin(), bytes.end()), "statistics there and back");
        for (const methods::LayerStatistics& layer : statistics.layers) {
            for (const methods::ChannelStatistics& channel : layer.channels) {
                expect(channel.auc.size() == statistics.classes, "an AUC for each class");
                expect(channel.counts.size() == std::size_t{statistics.classes} * statistics.bins,
                       "a count for each bin");
                expect(channel.low <= channel.high, "a range");
            }
        }
    });
}

}  // namespace pellucid::fuzz
