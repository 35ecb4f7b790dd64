#include "pellucid/methods/target.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/head.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace pellucid {

namespace {

constexpr const char* forms =
    "class:3, prob:3, contrast:4-9, predicted, neuron:LAYER/c,y,x, channel:LAYER/c or norm:LAYER";

[[noreturn]] void refuse(std::string_view text) {
    fail(ErrorCode::bad_argument, "'{}' is no target; a target is {}", text, forms);
}

std::size_t whole(std::string_view digits, std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) refuse(text);
    return value;
}

std::pair<std::string_view, std::string_view> split(std::string_view text, char at, std::string_view whole_text) {
    const std::size_t place = text.rfind(at);
    if (place == std::string_view::npos) refuse(whole_text);
    return {text.substr(0, place), text.substr(place + 1)};
}

/// Index of a class of sample n that a class-like target names.
std::size_t class_of(const Target& target, std::span<const float> logits) {
    if (target.kind != TargetKind::predicted) return target.index;
    std::size_t best = 0;
    for (std::size_t c = 1; c < logits.size(); ++c) {
        if (logits[c] > logits[best]) best = c;
    }
    return best;
}

std::size_t place(const Target& target, const Shape& shape) {
    return (target.y * shape[2] + target.x) * shape[3] + target.index;
}

/// Calls body(offset) for the units of one sample that a neuron, channel or norm target is made of.
template <typename Body>
void each_unit(const Target& target, const Shape& shape, Body body) {
    if (target.kind == TargetKind::neuron) {
        body(place(target, shape));
    } else if (target.kind == TargetKind::channel) {
        for (std::size_t i = target.index; i < sample_size(shape); i += shape[3]) body(i);
    } else {
        for (std::size_t i = 0; i < sample_size(shape); ++i) body(i);
    }
}

bool reads_layer(TargetKind kind) {
    return kind == TargetKind::neuron || kind == TargetKind::channel || kind == TargetKind::norm;
}

double value_of(const Target& target, const Network& network, const Shape& shape, std::span<const float> v) {
    switch (target.kind) {
        case TargetKind::probability: return probabilities(network, v)[target.index];
        case TargetKind::contrast: return static_cast<double>(v[target.index]) - static_cast<double>(v[target.other]);
        case TargetKind::logit:
        case TargetKind::predicted: return v[class_of(target, v)];
        default: break;
    }
    double sum = 0;
    each_unit(target, shape, [&](std::size_t i) {
        const double unit = v[i];
        sum += target.kind == TargetKind::norm ? unit * unit : unit;
    });
    return sum;
}

void seed_layer(const Target& target, const Shape& shape, std::span<const float> v, SeedMode mode,
                std::span<float> seed) {
    each_unit(target, shape, [&](std::size_t i) {
        if (mode == SeedMode::relevance) {
            seed[i] = target.kind == TargetKind::norm ? v[i] * v[i] : v[i];
        } else if (target.kind == TargetKind::norm) {
            seed[i] = mode == SeedMode::gradient ? 2.0F * v[i] : (v[i] < 0.0F ? -1.0F : 1.0F);
        } else {
            seed[i] = 1.0F;
        }
    });
}

void seed_logits(const Target& target, const Network& network, std::span<const float> v, SeedMode mode,
                 std::span<float> seed) {
    const std::size_t first = class_of(target, v);
    if (target.kind == TargetKind::probability) {
        if (mode == SeedMode::gradient) return probability_gradient(network, v, first, seed);
        seed[first] = mode == SeedMode::relevance ? static_cast<float>(probabilities(network, v)[first]) : 1.0F;
        return;
    }
    seed[first] = mode == SeedMode::relevance ? v[first] : 1.0F;
    if (target.kind == TargetKind::contrast)
        seed[target.other] = mode == SeedMode::relevance ? -v[target.other] : -1.0F;
}

}  // namespace

Target Target::parse(std::string_view text) {
    if (text == "predicted") return {};
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) refuse(text);
    const std::string_view word = text.substr(0, colon);
    const std::string_view rest = text.substr(colon + 1);
    Target target;
    if (word == "class" || word == "prob") {
        target.kind = word == "class" ? TargetKind::logit : TargetKind::probability;
        target.index = whole(rest, text);
    } else if (word == "contrast") {
        target.kind = TargetKind::contrast;
        const auto [first, second] = split(rest, '-', text);
        target.index = whole(first, text);
        target.other = whole(second, text);
        if (target.index == target.other) {
            fail(ErrorCode::bad_argument, "the contrast '{}' is of a class with itself, which is always 0", text);
        }
    } else if (word == "neuron") {
        target.kind = TargetKind::neuron;
        const auto [layer, places] = split(rest, '/', text);
        target.layer = layer;
        if (places.find(',') == std::string_view::npos) {
            target.index = whole(places, text);
            target.placed = false;
        } else {
            const auto [channel_row, column] = split(places, ',', text);
            const auto [channel, row] = split(channel_row, ',', text);
            target.index = whole(channel, text);
            target.y = whole(row, text);
            target.x = whole(column, text);
        }
    } else if (word == "channel") {
        target.kind = TargetKind::channel;
        const auto [layer, channel] = split(rest, '/', text);
        target.layer = layer;
        target.index = whole(channel, text);
    } else if (word == "norm") {
        target.kind = TargetKind::norm;
        target.layer = rest;
    } else {
        refuse(text);
    }
    if (reads_layer(target.kind) && target.layer.empty()) refuse(text);
    return target;
}

std::string Target::text() const {
    const char* word = to_string(kind);
    switch (kind) {
        case TargetKind::predicted: return word;
        case TargetKind::contrast: return fmt::format("{}:{}-{}", word, index, other);
        case TargetKind::neuron: return fmt::format("{}:{}/{},{},{}", word, layer, index, y, x);
        case TargetKind::channel: return fmt::format("{}:{}/{}", word, layer, index);
        case TargetKind::norm: return fmt::format("{}:{}", word, layer);
        default: return fmt::format("{}:{}", word, index);
    }
}

void check_target(const Target& target, const Network& network) {
    const Shape& shape = network.shape(target_value(target, network));
    if (!reads_layer(target.kind)) {
        if (shape[1] * shape[2] != 1) {
            fail(ErrorCode::bad_argument,
                 "the network ends in {}, not in classes: take a neuron, channel or norm as target", to_string(shape));
        }
        for (const std::size_t index : {target.index, target.other}) {
            if (target.kind == TargetKind::predicted) break;
            if (index >= shape[3]) {
                fail(ErrorCode::bad_argument, "the target '{}' names class {}; the network has classes 0 to {}",
                     target.text(), index, shape[3] - 1);
            }
        }
        return;
    }
    if (target.kind == TargetKind::norm) return;
    if (target.kind == TargetKind::neuron && !target.placed && shape[1] * shape[2] != 1) {
        fail(ErrorCode::bad_argument,
             "the target 'neuron:{0}/{1}' does not say which of the layer's {2} rows and {3} columns; say "
             "neuron:{0}/{1},ROW,COLUMN, or channel:{0}/{1} for all of them",
             target.layer, target.index, shape[1], shape[2]);
    }
    if (target.index >= shape[3] || target.y >= shape[1] || target.x >= shape[2]) {
        fail(ErrorCode::bad_argument,
             "the target '{}' lies outside the layer '{}', which has {} channels of {} rows and {} columns",
             target.text(), target.layer, shape[3], shape[1], shape[2]);
    }
}

ValueId target_value(const Target& target, const Network& network) {
    return reads_layer(target.kind) ? network.find(target.layer) : network.logits();
}

std::vector<double> target_values(const Target& target, const Network& network, const Trace& trace) {
    return target_values(target, network, trace.values[target_value(target, network)]);
}

std::vector<double> target_values(const Target& target, const Network& network, const Tensor& values) {
    std::vector<double> result;
    for (std::size_t n = 0; n < values.shape()[0]; ++n) {
        result.push_back(value_of(target, network, values.shape(), sample(values, n)));
    }
    return result;
}

Tensor target_seed(const Target& target, const Network& network, const Trace& trace, SeedMode mode) {
    Tensor seed;
    target_seed(target, network, trace, mode, seed);
    return seed;
}

void target_seed(const Target& target, const Network& network, const Trace& trace, SeedMode mode, Tensor& seed) {
    target_seed(target, network, trace.values[target_value(target, network)], mode, seed);
}

void target_seed(const Target& target, const Network& network, const Tensor& values, SeedMode mode, Tensor& seed) {
    reshape_to(seed, values.shape());
    std::fill_n(seed.data(), seed.size(), 0.0F);
    for (std::size_t n = 0; n < values.shape()[0]; ++n) {
        if (reads_layer(target.kind)) {
            seed_layer(target, values.shape(), sample(values, n), mode, sample(seed, n));
        } else {
            seed_logits(target, network, sample(values, n), mode, sample(seed, n));
        }
    }
}

Target settle(const Target& target, const Network& network, const Trace& trace, std::size_t n) {
    return settle(target, trace.values[target_value(target, network)], n);
}

Target settle(const Target& target, const Tensor& value, std::size_t n) {
    if (target.kind != TargetKind::predicted) return target;
    return Target::of_class(class_of(target, sample(value, n)));
}

}  // namespace pellucid
