/// The walk down a network: what every unit received adds up.
#pragma once

#include "pellucid/backward/layerwise.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace pellucid::test {

/// In every layer but the first, of about twelve units: their messages sum to their relevance.
inline void check_walk(const Layerwise& walk) {
    const std::vector<ValueId> values = walk.values();
    double flow = 0;  // the scale of what goes through the layer above
    for (const ValueId value : values) {
        CAPTURE(walk.network().name(value));
        const Tensor& relevance = walk.relevance(value);
        double size = 0;
        for (const float r : elements(relevance)) size += std::abs(static_cast<double>(r));
        const std::size_t step = std::max<std::size_t>(1, relevance.size() / 12);
        for (std::size_t unit = 0; unit < relevance.size() && value != values.front(); unit += step) {
            const Received received = walk.received(value, unit);
            CHECK(received.relevance == static_cast<double>(relevance.data()[unit]));
            CHECK(!received.through.empty());
            double sum = 0, total = 0;
            for (const ReceivedThrough& through : received.through) {
                for (const Message& message : through.messages.list) {
                    sum += message.value;
                    total += std::abs(message.value);
                }
            }
            CHECK(std::abs(sum - received.relevance) <= 2e-5 * total + 1e-6 * std::min(size, flow));
        }
        flow = size;
    }
}

}  // namespace pellucid::test
