#include "pellucid/methods/inside/computed.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/layers.hpp"

namespace pellucid::methods {

namespace {

using Place = std::ptrdiff_t;

/// A unit's place in its layer.
struct UnitPlace {
    std::size_t row, column, channel;
    static UnitPlace of(std::size_t unit, const Shape& shape) {
        return {unit / shape[3] / shape[2], unit / shape[3] % shape[2], unit % shape[3]};
    }
    FieldRect rect() const {
        const auto top = static_cast<Place>(row), left = static_cast<Place>(column);
        return {top, left, top + 1, left + 1};
    }
};

/// The part of a tensor of one sample.
Tensor cut(const Tensor& all, const FieldRect& rect, std::size_t first, std::size_t channels) {
    Tensor part(Shape{1, static_cast<std::size_t>(rect.height()), static_cast<std::size_t>(rect.width()), channels});
    std::size_t to = 0;
    for (Place y = rect.top; y < rect.bottom; ++y) {
        for (Place x = rect.left; x < rect.right; ++x) {
            const float* from =
                all.data() +
                (static_cast<std::size_t>(y) * all.shape()[2] + static_cast<std::size_t>(x)) * all.shape()[3] + first;
            std::copy_n(from, channels, part.data() + to);
            to += channels;
        }
    }
    return part;
}

Tensor shaped(const Tensor& tensor, const Shape& shape) {
    Tensor same(with_batch(shape, 1));
    std::copy_n(tensor.data(), tensor.size(), same.data());
    return same;
}

Computation computation_of(const Layer& layer) {
    switch (layer.kind()) {
        case Kind::activation: return Computation::function;
        case Kind::max_pool: return Computation::largest;
        case Kind::softmax: return Computation::share;
        case Kind::pass_through:
        case Kind::concat: return Computation::same;
        default: return Computation::sum;
    }
}

/// What is added to the products: the output where every input is 0, which for a linear layer needs no pass.
double bias_of(const Layer& layer, const Shape& input, std::size_t unit, std::size_t channel, const Shape& output) {
    if (const auto* weighted = dynamic_cast<const WeightedLayer*>(&layer)) {
        return static_cast<double>(weighted->bias().data()[channel]);
    }
    if (const auto* map = dynamic_cast<const ChannelMap*>(&layer)) return static_cast<double>(map->offset()[channel]);
    if (layer.kind() != Kind::resample) return 0;
    const Tensor nothing = zeros(with_batch(input, 1));
    const Tensor* inputs[] = {&nothing};
    Tensor answer(with_batch(output, 1));
    Record record;
    layer.forward(inputs, answer, record);
    return static_cast<double>(answer.data()[unit]);
}

class UnitReader {
public:
    UnitReader(const Network& network, const Trace& trace, Computed& computed)
        : network_(network), trace_(trace), out_(computed), node_(network.nodes()[computed.value - 1]) {}

    void read() {
        switch (out_.computation) {
            case Computation::same: return same();
            case Computation::function: return window(place().channel, 1, false);
            case Computation::share: return window(0, network_.shape(out_.value)[3], false);
            default: break;
        }
        const bool all_channels = dynamic_cast<const WeightedLayer*>(node_.layer.get()) != nullptr;
        const std::size_t channels = network_.shape(node_.inputs.front())[3];
        window(all_channels ? 0 : place().channel, all_channels ? channels : 1, true);
    }

private:
    UnitPlace place() const { return UnitPlace::of(out_.unit, network_.shape(out_.value)); }

    /// One unit of one of the values that are read, in the same place of the memory, or of the channels.
    void same() {
        ValueId from = node_.inputs.front();
        std::size_t unit = out_.unit;
        if (node_.layer->kind() == Kind::concat) {
            UnitPlace at = place();
            const std::size_t first = network_.shape(from)[3];
            if (at.channel >= first) {
                from = node_.inputs[1];
                at.channel -= first;
            }
            const Shape& shape = network_.shape(from);
            unit = (at.row * shape[2] + at.column) * shape[3] + at.channel;
        }
        const UnitPlace at = UnitPlace::of(unit, network_.shape(from));
        out_.reads.push_back({from, at.rect(), at.channel, cut(trace_.values[from], at.rect(), at.channel, 1), {}});
    }

    /// The same window of every value that the layer reads.
    void window(std::size_t first, std::size_t channels, bool weighted) {
        const std::vector<Tensor> weights = weighted ? weights_of() : std::vector<Tensor>(node_.inputs.size());
        for (std::size_t i = 0; i < node_.inputs.size(); ++i) {
            const ValueId from = node_.inputs[i];
            const FieldRect rect = window_under(*node_.layer, network_.shape(from), place().rect());
            ReadWindow read{from, rect, first, cut(trace_.values[from], rect, first, channels), {}};
            if (weighted) read.weight = cut(weights[i], rect, first, channels);
            out_.reads.push_back(std::move(read));
            if (node_.layer->kind() == Kind::dense) unflatten(out_.reads.back());
        }
    }

    /// ∂(unit)/∂(every input): of a linear layer its weights.
    std::vector<Tensor> weights_of() const {
        Tensor one = zeros(with_batch(network_.shape(out_.value), 1));
        one.data()[out_.unit] = 1.0F;
        std::vector<Tensor> weights;
        std::vector<Tensor*> wanted;
        for (const ValueId input : node_.inputs) weights.emplace_back(zeros(with_batch(network_.shape(input), 1)));
        for (Tensor& weight : weights) wanted.push_back(&weight);
        LayerInputs storage;
        node_.layer->input_gradient(network_.step(trace_, out_.value - 1, storage), one, wanted);
        return weights;
    }

    /// What a Flatten made a vector of is shown as the picture that it was.
    void unflatten(ReadWindow& read) const {
        if (read.value == 0) return;
        const Node& before = network_.nodes()[read.value - 1];
        if (before.layer->op() != "Flatten") return;
        read.value = before.inputs.front();
        const Shape& shape = network_.shape(read.value);
        read.rect = {0, 0, static_cast<Place>(shape[1]), static_cast<Place>(shape[2])};
        read.input = shaped(read.input, shape);
        read.weight = shaped(read.weight, shape);
    }

    const Network& network_;
    const Trace& trace_;
    Computed& out_;
    const Node& node_;
};

}  // namespace

std::string_view to_string(Computation computation) {
    switch (computation) {
        case Computation::sum: return "sum";
        case Computation::largest: return "largest";
        case Computation::function: return "function";
        case Computation::share: return "share";
        case Computation::same: break;
    }
    return "same";
}

Computed computed(const Network& network, const Trace& trace, const Target& unit) {
    check_target(unit, network);
    const ValueId value = target_value(unit, network);
    const Shape& shape = network.shape(value);
    const std::size_t index = (unit.y * shape[2] + unit.x) * shape[3] + unit.index;
    Computed result{.value = value,
                    .unit = index,
                    .computation = Computation::same,
                    .reads = {},
                    .activity = static_cast<double>(trace.values[value].data()[index]),
                    .field = receptive_rect(network, unit)};
    result.sum = result.activity;
    if (value == 0) return result;
    const Layer& layer = *network.nodes()[value - 1].layer;
    result.computation = computation_of(layer);
    UnitReader(network, trace, result).read();
    if (result.computation == Computation::sum) {
        result.bias =
            bias_of(layer, network.shape(network.nodes()[value - 1].inputs.front()), index, unit.index, shape);
    }
    if (result.computation == Computation::sum || result.computation == Computation::largest) {
        result.sum = result.bias;
        for (const ReadWindow& read : result.reads) {
            for (std::size_t i = 0; i < read.input.size(); ++i) {
                result.sum += static_cast<double>(read.input.data()[i]) * static_cast<double>(read.weight.data()[i]);
            }
        }
    } else if (result.computation == Computation::function || result.computation == Computation::same) {
        result.sum = static_cast<double>(result.reads.front().input.data()[0]);
    }
    return result;
}

}  // namespace pellucid::methods
