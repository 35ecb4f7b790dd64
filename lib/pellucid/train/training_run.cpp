#include "pellucid/train/training_run.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/range.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/train/state_bytes.hpp"

#include <algorithm>
#include <string_view>

namespace pellucid::train {

namespace {

constexpr std::string_view run_magic = "pellucid training run 1\n";
constexpr std::size_t most_points = 1000;

Network ready(Network network, bool fresh, std::uint32_t seed) {
    const InputRange range = input_range(network);
    if (range.by_channel() || range.low_of(0) != 0.0F || range.high_of(0) != 1.0F) {
        fail(ErrorCode::bad_argument, "the network reads {}; training is of networks that read 0 … 1",
             to_string(range));
    }
    if (fresh) optimise::he_initialise(network, seed);
    return network;
}

Series series_of(const std::vector<float>& points, std::size_t stride, std::size_t most) {
    Series series{{}, Tensor(Shape{1, 1, 1, points.size()})};
    for (std::size_t i = 0; i < points.size(); ++i) {
        series.at.push_back(static_cast<float>(std::min((i + 1) * stride, most)));
        series.values(0, 0, 0, i) = points[i];
    }
    return series;
}

}  // namespace

TrainingRun::TrainingRun(Network network, const TrainingOptions& options, LabelledImages data, bool fresh)
    : data_(std::move(data)),
      options_(options),
      trainer_(ready(std::move(network), fresh, options.seed), options, data_),
      most_(options.epochs * trainer_.progress().steps_per_epoch),
      stride_((most_ + most_points - 1) / most_points) {}

TrainingRun::Sums TrainingRun::sums_so_far() const {
    const Progress now = trainer_.progress();
    const std::size_t seen = now.step != 0 ? now.step * options_.batch : now.epoch != 0 ? data_.size() : 0;
    const auto images = static_cast<double>(seen);
    return {now.loss * images, now.accuracy * images, images};
}

std::size_t TrainingRun::steps_done() const {
    const Progress now = trainer_.progress();
    return now.epoch * now.steps_per_epoch + now.step;
}

void TrainingRun::advance(std::size_t step) {
    const Sums before = trainer_.progress().step == 0 ? Sums{} : sums_so_far();
    try {
        trainer_.step();
    } catch (...) {
        // It ran away, and stands where it last was sound.
        resume_at(steps_done());
        losses_.resize(std::min(losses_.size(), done() / stride_));
        accuracies_.resize(losses_.size());
        open_ = {};
        throw;
    }
    const Sums after = sums_so_far();
    open_.loss += after.loss - before.loss;
    open_.right += after.right - before.right;
    open_.images += after.images - before.images;
    if ((step + 1) % stride_ != 0 && step + 1 != most_) return;
    losses_.push_back(static_cast<float>(open_.loss / open_.images));
    accuracies_.push_back(static_cast<float>(open_.right / open_.images));
    open_ = {};
}

Result TrainingRun::snapshot() {
    Result result;
    result.value = {losses_.empty() ? 0.0 : static_cast<double>(losses_.back())};
    result.add("loss", series_of(losses_, stride_, most_));
    result.add("accuracy", series_of(accuracies_, stride_, most_));
    return result;
}

Bytes TrainingRun::save() const {
    StateWriter writer;
    writer.raw(run_magic.data(), run_magic.size());
    writer.number<std::uint64_t>(most_);
    writer.number<Sums>(open_);
    writer.number<std::uint64_t>(losses_.size());
    writer.raw(losses_.data(), losses_.size() * sizeof(float));
    writer.raw(accuracies_.data(), accuracies_.size() * sizeof(float));
    const Bytes trainer = trainer_.save();
    writer.number<std::uint64_t>(trainer.size());
    writer.raw(trainer.data(), trainer.size());
    return writer.take();
}

void TrainingRun::restore(std::span<const std::uint8_t> state) {
    StateReader reader(state);
    std::string head(run_magic.size(), '\0');
    reader.raw(head.data(), head.size());
    if (head != run_magic) fail(ErrorCode::bad_file, "this is not a saved training of this version of pellucid");
    if (const std::size_t most = reader.count(); most != most_)
        fail(ErrorCode::bad_file, "the saved training has {} steps, this one {}", most, most_);
    const Sums open = reader.number<Sums>();
    const std::size_t points = reader.count();
    if (points > most_points + 1) fail(ErrorCode::bad_file, "the saved training has {} points in its curve", points);
    std::vector<float> losses(points), accuracies(points);
    reader.raw(losses.data(), points * sizeof(float));
    reader.raw(accuracies.data(), points * sizeof(float));
    const std::size_t size = reader.count();
    if (size > state.size()) fail(ErrorCode::bad_file, "the saved training is cut short");
    Bytes trainer(size);
    reader.raw(trainer.data(), size);
    if (!reader.done()) fail(ErrorCode::bad_file, "the saved training has bytes after its end");
    trainer_.restore(trainer);
    open_ = open;
    losses_ = std::move(losses);
    accuracies_ = std::move(accuracies);
    resume_at(steps_done());
}

}  // namespace pellucid::train
