/// What the tests of DeepLIFT and of DeepSHAP share.
#pragma once

#include "pellucid/methods/method.hpp"
#include "support/check_walk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

namespace pellucid::test {

/// The walk adds up, and so do the products that it tells: all of layers with weights, unless they are means.
inline void check_messages(const Layerwise& walk, bool products) {
    check_walk(walk);
    const std::vector<ValueId> values = walk.values();
    for (const ValueId value : values) {
        const std::size_t step = std::max<std::size_t>(1, walk.relevance(value).size() / 6);
        for (std::size_t unit = 0; unit < walk.relevance(value).size() && value != values.front(); unit += step) {
            for (const ReceivedThrough& through : walk.received(value, unit).through) {
                const Layer& layer = *walk.network().nodes()[through.value - 1].layer;
                const bool told = products && (layer.kind() == Kind::convolution || layer.kind() == Kind::dense);
                for (const Message& message : through.messages.list) {
                    CHECK(message.relevance == static_cast<double>(walk.relevance(through.value).data()[message.unit]));
                    REQUIRE(message.terms.size() == (told ? 1 : 0));
                    REQUIRE(message.multiplier.has_value() == told);
                    if (!told) continue;
                    const MessageTerm& term = message.terms.front();
                    CHECK(std::abs(term.input * term.weight / term.denominator * *message.multiplier - message.value) <=
                          1e-9 * std::abs(message.value));
                }
            }
        }
    }
}

inline Params params_with(const Method& method, const Tensor& reference, std::string_view rule) {
    Params params(method.card);
    params.set("rule", rule);
    params.set("baseline", std::string_view("image"));
    params.set("baseline_image", ParamValue(std::make_shared<const Tensor>(reference)));
    return params;
}

}  // namespace pellucid::test
