#include "pellucid/nn/predictor.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/check_input.hpp"
#include "pellucid/nn/fusing.hpp"
#include "pellucid/nn/layers/dense.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>

namespace pellucid {

namespace {

/// Samples whose largest value takes half a megabyte: two neighbouring values stay in the second-level cache. Not below
/// 8, because a dense layer reads all of its weights once per piece.
std::size_t piece_for(std::size_t largest) {
    constexpr std::size_t floats = std::size_t{1} << 17U;
    return std::clamp<std::size_t>(floats / largest, 8, 64);
}

}  // namespace

Predictor::Predictor(const Network& network, ValueId until) : network_(network), until_(until) {
    if (until > network.output()) {
        fail(ErrorCode::bad_argument, "there is no value {}: the last one is {}", until, network.output());
    }
    std::vector<bool> done(until, false);
    std::size_t largest = sample_size(network.input_shape());
    for (std::size_t node = 0; node < until; ++node) {
        if (done[node]) continue;
        Stage stage = stage_from(node);
        for (std::size_t next = follow(stage); next != detail::no_such_node; next = follow(stage)) {
            stage.value = next + 1;
            done[next] = true;
        }
        largest = std::max(largest, sample_size(network.shape(stage.value)));
        stages_.push_back(stage);
    }
    piece_ = piece_for(largest);
}

Predictor::Stage Predictor::stage_from(std::size_t node) const {
    const Layer& layer = *network_.nodes()[node].layer;
    Stage stage{.node = node, .value = node + 1};
    if (const auto* conv = dynamic_cast<const Conv2d*>(&layer)) {
        stage.conv = conv;
        stage.weights = &conv->fast_forward();
        stage.bias = detail::data_or_null(conv->prepared().bias);
    } else if (const auto* dense = dynamic_cast<const Dense*>(&layer)) {
        stage.weights = &dense->prepared().forward;
        stage.bias = detail::data_or_null(dense->prepared().bias);
    }
    return stage;
}

/// The node that can join the stage: it alone reads the stage's value.
std::size_t Predictor::follow(Stage& stage) const {
    if (stage.weights == nullptr) return detail::no_such_node;
    const std::size_t node = detail::only_reader(network_, stage.value, until_);
    if (node == detail::no_such_node) return node;
    const Layer& next = *network_.nodes()[node].layer;
    if (next.kind() == Kind::pass_through) return node;  // the same numbers in the same order
    if (detail::rectifies(next)) {
        stage.then.fuse = simd::Fuse::relu;  // also behind the pooling: the two commute
        return node;
    }
    if (stage.conv != nullptr && !stage.then.pool && detail::halves(next, network_.shape(stage.value))) {
        stage.then.pool = true;
        return node;
    }
    return detail::no_such_node;
}

/// One that had as many samples the last time, whose memory fits; only where there are many lanes, another.
std::unique_ptr<Predictor::Lane> Predictor::take_lane(std::size_t count) {
    constexpr std::size_t many = 8;
    const std::lock_guard guard(lock_);
    auto found = std::find_if(idle_.begin(), idle_.end(), [count](const auto& lane) { return lane->count == count; });
    if (found == idle_.end()) {
        if (idle_.size() < many) {
            return std::make_unique<Lane>(Lane{count, std::vector<Tensor>(until_ + 1), std::vector<Record>(until_)});
        }
        found = idle_.begin();
    }
    std::unique_ptr<Lane> lane = std::move(*found);
    idle_.erase(found);
    lane->count = count;
    return lane;
}

void Predictor::give_back(std::unique_ptr<Lane> lane) {
    const std::lock_guard guard(lock_);
    idle_.push_back(std::move(lane));
}

void Predictor::evaluate(const Stage& stage, std::span<const Tensor* const> inputs, Tensor& output,
                         Record& record) const {
    if (stage.conv != nullptr) {
        const Shape before = with_batch(network_.shape(stage.node + 1), output.shape()[0]);
        detail::correlate(detail::correlation_of(*stage.conv, inputs[0]->shape(), before), *inputs[0], *stage.weights,
                          stage.bias, output, stage.then);
    } else if (stage.weights != nullptr) {
        detail::multiply(*inputs[0], *stage.weights, stage.bias, output, stage.then.fuse);
    } else {
        network_.nodes()[stage.node].layer->forward(inputs, output, record);
    }
}

const Tensor& Predictor::run(Lane& lane, const Tensor& all, std::size_t first, std::size_t count) const {
    const Tensor* input = &all;
    if (count != all.shape()[0]) {
        reshape_to(lane.values[0], with_batch(network_.input_shape(), count));
        std::copy_n(sample(all, first).data(), lane.values[0].size(), lane.values[0].data());
        input = lane.values.data();
    }
    const Tensor* output = input;
    for (const Stage& stage : stages_) {
        LayerInputs storage;
        const Node& node = network_.nodes()[stage.node];
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            storage[i] = node.inputs[i] == 0 ? input : &lane.values[node.inputs[i]];
        }
        Tensor& to = lane.values[stage.value];
        reshape_to(to, with_batch(network_.shape(stage.value), count));
        evaluate(stage, {storage.data(), node.inputs.size()}, to, lane.records[stage.node]);
        output = &to;
    }
    return *output;
}

const Tensor& Predictor::operator()(const Tensor& input) {
    detail::check_input(network_, input);
    const std::size_t batch = input.shape()[0];
    reshape_to(answer_, with_batch(network_.shape(until_), batch));
    const std::size_t pieces = (batch + piece_ - 1) / piece_;
    const std::size_t piece = (batch + pieces - 1) / pieces;  // all alike but the last
    parallel_for(pieces, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t i = first; i < last; ++i) {
            const std::size_t begin = piece * i;
            const std::size_t count = std::min(piece, batch - begin);
            std::unique_ptr<Lane> lane = take_lane(count);
            const Tensor& part = run(*lane, input, begin, count);
            std::copy_n(part.data(), part.size(), sample(answer_, begin).data());
            give_back(std::move(lane));
        }
    });
    return answer_;
}

}  // namespace pellucid
