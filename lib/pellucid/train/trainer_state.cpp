// Trainer::save and Trainer::restore: the state of a run as bytes.
#include "pellucid/train/trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/train/state_bytes.hpp"

#include <cmath>
#include <limits>
#include <string_view>

namespace pellucid::train {

namespace {

constexpr std::string_view state_magic = "pellucid training 1\n";

}  // namespace

Bytes Trainer::save() const {
    StateWriter writer;
    writer.raw(state_magic.data(), state_magic.size());
    writer.number<std::uint64_t>(data_->size());
    writer.number<std::uint64_t>(options_.batch);
    writer.number<std::uint64_t>(epoch_);
    writer.number<std::uint64_t>(step_);
    writer.number<double>(loss_sum_);
    writer.number<std::uint64_t>(correct_);
    writer.number<std::uint64_t>(seen_);
    writer.number<std::uint64_t>(optimiser_->steps());
    const std::size_t per_weight = optimiser_->state().size() / std::max<std::size_t>(weights_.size(), 1);
    writer.number<std::uint64_t>(per_weight);
    writer.tensors(weights_);
    writer.tensors(average_.values());
    writer.tensors(optimiser_->state());
    return writer.take();
}

void Trainer::restore(std::span<const std::uint8_t> state) {
    StateReader reader(state);
    std::string head(state_magic.size(), '\0');
    reader.raw(head.data(), head.size());
    if (head != state_magic) fail(ErrorCode::bad_file, "this is not a saved training of this version of pellucid");
    const auto samples = reader.number<std::uint64_t>();
    const auto batch = reader.number<std::uint64_t>();
    if (samples != data_->size() || batch != options_.batch) {
        fail(ErrorCode::bad_file,
             "the saved training used {} images in batches of {}, this one uses {} in batches of {}", samples, batch,
             data_->size(), options_.batch);
    }
    const std::size_t epoch = reader.count();
    const std::size_t step = reader.count();
    const auto loss_sum = reader.number<double>();
    const std::size_t correct = reader.count();
    const std::size_t seen = reader.count();
    const auto optimiser_steps = reader.number<std::uint64_t>();
    const std::size_t per_weight = reader.count();
    const std::size_t per_weight_here = optimiser_steps == 0 ? 0 : optimiser_->states_per_slot();
    if (epoch > options_.epochs || step >= steps_per_epoch_ || (epoch == options_.epochs && step != 0) ||
        per_weight != per_weight_here) {
        StateReader::other_network();
    }
    // Between two epochs the counts are those of the last.
    const std::size_t must_have_seen = step != 0 ? step * options_.batch : epoch != 0 ? data_->size() : 0;
    if (!std::isfinite(loss_sum) || seen != must_have_seen || correct > seen ||
        optimiser_steps != epoch * steps_per_epoch_ + step) {
        fail(ErrorCode::bad_file, "the saved training has seen other images than its steps say");
    }
    std::vector<Tensor> weights = reader.tensors(weights_, 1, largest_sound);
    std::vector<Tensor> average = reader.tensors(weights_, 1, largest_sound);
    std::vector<Tensor> optimiser_state = reader.tensors(weights_, per_weight, std::numeric_limits<float>::max());
    if (!reader.done()) fail(ErrorCode::bad_file, "the saved training has bytes after its end");

    // Nothing is changed before everything was read.
    for (std::size_t i = 0; i < weights_.size(); ++i) *weights_[i] = std::move(weights[i]);
    for (std::size_t node = 0; node < network_.nodes().size(); ++node) network_.layer(node).refresh();
    average_.restore(std::move(average));
    optimiser_->restore(optimiser_steps, std::move(optimiser_state));
    epoch_ = epoch;
    step_ = step;
    loss_sum_ = loss_sum;
    correct_ = correct;
    seen_ = seen;
    order_.clear();
    sound_.clear();
}

}  // namespace pellucid::train
