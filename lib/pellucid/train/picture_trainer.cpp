#include "pellucid/train/picture_trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/optimise/seed.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/bounded.hpp"
#include "pellucid/train/state_bytes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::train {

namespace {

constexpr std::string_view picture_magic = "pellucid picture training 1\n";

}  // namespace

PictureTrainer::Learner::Learner(const Shape& input, std::span<const LayerSpec> layers, const TrainingOptions& options,
                                 std::uint32_t seed)
    : network(build_network(input, layers)), walk(network), optimiser(make_optimiser(options)) {
    optimise::he_initialise(network, seed);
    gradients = optimise::make_gradients(network);
    weights = optimise::parameter_tensors(network);
    for (std::size_t node = 0; node < network.nodes().size(); ++node) {
        for (const Parameter& parameter : network.layer(node).parameters())
            decays.push_back(parameter.name == "weight");
    }
}

void PictureTrainer::Learner::move(float rate) {
    std::vector<optimise::Slot> slots;
    for (std::size_t i = 0; i < weights.size(); ++i) slots.push_back({weights[i], &gradients[i], decays[i]});
    optimiser->step(slots, rate);
    optimise::refresh(network);
    for (Tensor& gradient : gradients) std::ranges::fill(elements(gradient), 0.0F);
}

PictureTrainer::PictureTrainer(const Recipe& recipe, const LabelledImages& data)
    : recipe_(recipe),
      data_(&data),
      steps_per_epoch_((data.images.count + recipe.training.batch - 1) / recipe.training.batch) {
    if (data.images.count == 0) fail(ErrorCode::bad_argument, "there are no images to train on");
}

void PictureTrainer::start() {
    const Network& first = learners_.front()->network;
    const Shape wanted{1, data_->images.rows, data_->images.columns, 1};
    if (first.shape(first.output()) != wanted) {
        fail(ErrorCode::bad_shape, "the network makes pictures of shape {}, the training set's are {}",
             pellucid::to_string(first.shape(first.output())), pellucid::to_string(wanted));
    }
    average_ = std::make_unique<optimise::WeightAverage>(recipe_.training.average_decay, learners_.front()->weights);
}

Progress PictureTrainer::progress() const {
    Progress progress{epoch_, recipe_.training.epochs, step_, steps_per_epoch_};
    progress.loss = step_ == 0 ? loss_ : loss_sum_ / static_cast<double>(step_);
    progress.learning_rate =
        optimise::learning_rate_at(recipe_.training.schedule, steps(), steps_per_epoch_, recipe_.training.epochs);
    return progress;
}

void PictureTrainer::fill_normal(Tensor& tensor, std::uint32_t purpose) const {
    Random random(optimise::derive_seed(recipe_.training.seed, optimise::Stream::noise, steps(), purpose));
    for (float& value : elements(tensor)) value = random.normal();
}

void PictureTrainer::step() {
    if (epoch_ == recipe_.training.epochs) return;
    if (step_ == 0) loss_sum_ = 0;
    if (step_ == 0 || order_.empty()) {
        order_.resize(data_->images.count);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        Random random(optimise::derive_seed(recipe_.training.seed, optimise::Stream::order, epoch_));
        random.shuffle(order_);
    }
    const std::size_t begin = step_ * recipe_.training.batch;
    const std::size_t count = std::min(recipe_.training.batch, order_.size() - begin);
    const Tensor pictures = to_tensor(data_->images, std::span<const std::size_t>(order_.data() + begin, count));
    const double loss = train(pictures, progress().learning_rate);
    bool sound = std::isfinite(loss);
    for (const auto& learner : learners_) {
        for (const Tensor* weights : learner->weights) sound = sound && bounded(elements(*weights));
    }
    if (!sound) {
        fail(ErrorCode::bad_argument,
             "training ran away in epoch {}, step {}: a smaller learning_rate (it is {}) may help; the checkpoint of "
             "the epoch before is sound",
             epoch_ + 1, step_ + 1, progress().learning_rate);
    }
    loss_sum_ += loss;
    average_->update(learners_.front()->weights, steps());
    if (++step_ == steps_per_epoch_) {
        loss_ = loss_sum_ / static_cast<double>(step_);
        step_ = 0;
        ++epoch_;
    }
}

Network PictureTrainer::snapshot() const {
    Network copy(learners_.front()->network);
    const std::vector<Tensor*> tensors = optimise::parameter_tensors(copy);
    for (std::size_t i = 0; i < tensors.size(); ++i) *tensors[i] = average_->values()[i];
    optimise::refresh(copy);
    return without_dropout(copy);
}

Bytes PictureTrainer::save() const {
    StateWriter writer;
    writer.raw(picture_magic.data(), picture_magic.size());
    writer.number<std::uint64_t>(data_->images.count);
    writer.number<std::uint64_t>(epoch_);
    writer.number<std::uint64_t>(step_);
    writer.number<double>(loss_sum_);
    writer.number<double>(loss_);
    writer.tensors(average_->values());
    for (const auto& learner : learners_) {
        writer.number<std::uint64_t>(learner->optimiser->steps());
        writer.tensors(learner->weights);
        writer.tensors(learner->optimiser->state());
    }
    return writer.take();
}

void PictureTrainer::restore(std::span<const std::uint8_t> state) {
    StateReader reader(state);
    std::string head(picture_magic.size(), '\0');
    reader.raw(head.data(), head.size());
    if (head != picture_magic) fail(ErrorCode::bad_file, "this is not a saved training of this version of pellucid");
    if (reader.count() != data_->images.count)
        fail(ErrorCode::bad_file, "the saved training used another number of images");
    const std::size_t epoch = reader.count(), step = reader.count();
    const auto loss_sum = reader.number<double>(), loss = reader.number<double>();
    if (epoch > recipe_.training.epochs || step >= steps_per_epoch_ || !std::isfinite(loss_sum) || !std::isfinite(loss))
        StateReader::other_network();
    std::vector<Tensor> average = reader.tensors(learners_.front()->weights, 1, largest_sound);
    struct Saved {
        std::uint64_t steps;
        std::vector<Tensor> weights, state;
    };
    std::vector<Saved> saved;
    for (const auto& learner : learners_) {
        Saved one{reader.number<std::uint64_t>(), {}, {}};
        one.weights = reader.tensors(learner->weights, 1, largest_sound);
        one.state = reader.tensors(learner->weights, one.steps == 0 ? 0 : learner->optimiser->states_per_slot(),
                                   std::numeric_limits<float>::max());
        saved.push_back(std::move(one));
    }
    if (!reader.done()) fail(ErrorCode::bad_file, "the saved training has bytes after its end");

    // Nothing is changed before everything was read.
    for (std::size_t l = 0; l < learners_.size(); ++l) {
        Learner& learner = *learners_[l];
        for (std::size_t i = 0; i < learner.weights.size(); ++i) *learner.weights[i] = std::move(saved[l].weights[i]);
        optimise::refresh(learner.network);
        learner.optimiser->restore(saved[l].steps, std::move(saved[l].state));
    }
    average_->restore(std::move(average));
    epoch_ = epoch;
    step_ = step;
    loss_sum_ = loss_sum;
    loss_ = loss;
    order_.clear();
}

}  // namespace pellucid::train
