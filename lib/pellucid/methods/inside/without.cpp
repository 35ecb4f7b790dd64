#include "pellucid/methods/inside/without.hpp"

#include "pellucid/error.hpp"
#include "pellucid/methods/inside/ablation.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/random.hpp"
#include "pellucid/text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

namespace pellucid::methods {

namespace {

/// y = factor·x + offset for each unit.
class UnitMap final : public Layer {
public:
    UnitMap(std::vector<float> factors, std::vector<float> offsets)
        : factors_(std::move(factors)), offsets_(std::move(offsets)) {}
    std::string_view op() const override { return "UnitMap"; }
    /// For rules a linear layer without weights, as a padding with a value is.
    Kind kind() const override { return Kind::resample; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override {
        const float* x = inputs[0]->data();
        for (std::size_t i = 0; i < output.size(); ++i) {
            const std::size_t unit = i % factors_.size();
            output.data()[i] = factors_[unit] * x[i] + offsets_[unit];
        }
    }
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override {
        if (gradients[0] == nullptr) return;
        for (std::size_t i = 0; i < incoming.size(); ++i) {
            gradients[0]->data()[i] = factors_[i % factors_.size()] * incoming.data()[i];
        }
    }
    std::unique_ptr<Layer> clone() const override { return std::make_unique<UnitMap>(*this); }

private:
    std::vector<float> factors_, offsets_;
};

/// What becomes of a value's units, in memory order.
struct UnitChange {
    std::vector<double> factors, offsets;
    bool none() const {
        return std::ranges::all_of(factors, [](double f) { return f == 1.0; }) &&
               std::ranges::all_of(offsets, [](double o) { return o == 0.0; });
    }
};

std::unique_ptr<Layer> layer_of(const UnitChange& change, std::size_t channels) {
    const auto of_channel = [&](const std::vector<double>& values) {
        for (std::size_t u = 0; u < values.size(); ++u) {
            if (values[u] != values[u % channels]) return false;
        }
        return true;
    };
    if (of_channel(change.factors) && of_channel(change.offsets)) {
        const auto first = [&](const std::vector<double>& values) {
            return std::vector<double>(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(channels));
        };
        return std::make_unique<Affine>(first(change.factors), first(change.offsets));
    }
    return std::make_unique<UnitMap>(std::vector<float>(change.factors.begin(), change.factors.end()),
                                     std::vector<float>(change.offsets.begin(), change.offsets.end()));
}

Network with_changes(const Network& network, const std::map<ValueId, UnitChange>& changes) {
    Network result(network.input_shape());
    result.metadata = network.metadata;
    std::vector<ValueId> place(network.nodes().size() + 1, 0);
    const auto damage = [&](ValueId value) {
        const auto found = changes.find(value);
        if (found == changes.end() || found->second.none()) return;
        place[value] = result.add(std::string(network.name(value)) + "_without",
                                  layer_of(found->second, network.shape(value)[3]), {place[value]});
    };
    damage(0);
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        const Node& own = network.nodes()[node];
        std::vector<ValueId> inputs;
        for (const ValueId input : own.inputs) inputs.push_back(place[input]);
        place[node + 1] = result.add(own.name, own.layer->clone(), inputs);
        damage(node + 1);
    }
    return result;
}

UnitChange& change_of(std::map<ValueId, UnitChange>& changes, const Network& network, ValueId layer) {
    UnitChange& change = changes[layer];
    if (change.factors.empty()) {
        change.factors.assign(sample_size(network.shape(layer)), 1.0);
        change.offsets.assign(change.factors.size(), 0.0);
    }
    return change;
}

/// A finite number from `least` to `most` that is all of the text.
double change_number(std::string_view change, std::string_view what, const std::string& text, double least,
                     double most) {
    const std::optional<double> value = parse_number(text);
    if (!value || !(*value >= least && *value <= most)) {
        fail(ErrorCode::bad_argument, "without: in '{}' the {} is '{}'; it must be a number from {} to {}",
             escaped(change.substr(0, 80)), what, escaped(text.substr(0, 20)), least, most);
    }
    return *value;
}

struct ChangeText {
    std::string units;
    double factor = 0, noise = 0;
    std::uint32_t seed = 0;
};

/// UNITS[*FACTOR][~NOISE[:SEED]]
ChangeText read_change(std::string_view change, std::string_view text) {
    ChangeText read;
    const std::size_t tilde = text.find('~');
    if (tilde != std::string_view::npos) {
        const std::string_view noise = text.substr(tilde + 1);
        const std::size_t colon = noise.find(':');
        read.factor = 1;
        read.noise = change_number(change, "noise", std::string(noise.substr(0, colon)), 0, 1e6);
        if (colon != std::string_view::npos) {
            const double seed = change_number(change, "seed", std::string(noise.substr(colon + 1)), 0, 4294967295.0);
            read.seed = static_cast<std::uint32_t>(seed);
        }
        text = text.substr(0, tilde);
    }
    const std::size_t star = text.find('*');
    if (star != std::string_view::npos) {
        read.factor = change_number(change, "factor", std::string(text.substr(star + 1)), 0, 1000);
        text = text.substr(0, star);
    }
    read.units = text;
    return read;
}

void add_change(std::map<ValueId, UnitChange>& changes, const Network& network, std::string_view text) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos || slash == 0 || slash + 1 == text.size()) {
        fail(ErrorCode::bad_argument,
             "'{}' names no units of a layer; LAYER/UNITS does, as conv2/3;7, conv2/3,4,4 or conv2/all, with *0.5 "
             "behind it for half of their activity and ~0.2 for noise",
             escaped(text.substr(0, 60)));
    }
    const ValueId layer = network.find(text.substr(0, slash));
    const ChangeText read = read_change(text, text.substr(slash + 1));
    const std::vector<std::size_t> units = named_units("without", network, layer, read.units);
    if (units.empty()) {
        fail(ErrorCode::bad_argument, "without: '{}' names a layer, but none of its units",
             escaped(text.substr(0, 60)));
    }
    UnitChange& change = change_of(changes, network, layer);
    // A unit's noise depends on its place and the seed, not on which others are disturbed.
    std::vector<double> noise(change.factors.size(), 0.0);
    if (read.noise > 0) {
        Random random = stream(read.seed, Purpose::noise);
        for (double& each : noise) each = read.noise * static_cast<double>(random.normal());
    }
    for (const std::size_t unit : units) {
        change.factors[unit] *= read.factor;
        change.offsets[unit] = read.factor * change.offsets[unit] + noise[unit];
    }
}

}  // namespace

Network without_channels(const Network& network, ValueId layer, std::span<const std::size_t> channels, double factor) {
    const std::size_t count = network.shape(layer)[3];
    std::map<ValueId, UnitChange> changes;
    UnitChange& change = change_of(changes, network, layer);
    for (const std::size_t channel : channels) {
        if (channel >= count) {
            fail(ErrorCode::bad_argument, "the layer '{}' has channels 0 to {}, and no channel {}", network.name(layer),
                 count - 1, channel);
        }
        for (std::size_t u = channel; u < change.factors.size(); u += count) change.factors[u] = factor;
    }
    return with_changes(network, changes);
}

Network without(const Network& network, std::span<const std::string> changes) {
    std::map<ValueId, UnitChange> by_layer;
    for (const std::string& change : changes) add_change(by_layer, network, change);
    return with_changes(network, by_layer);
}

Network without(const Network& network, std::string_view change) {
    const std::string text(change);
    return without(network, std::span(&text, 1));
}

}  // namespace pellucid::methods
