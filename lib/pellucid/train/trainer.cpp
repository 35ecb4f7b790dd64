#include "pellucid/train/trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/predictor.hpp"
#include "pellucid/optimise/initialise.hpp"
#include "pellucid/optimise/seed.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/random.hpp"
#include "pellucid/simd/kernels.hpp"
#include "pellucid/train/bounded.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::train {

namespace {

// A chunk is what one thread works at; its gradients are summed with the other chunks' in order. Within it, pieces go
// through the network one after another so that a piece's values stay in the cache.
constexpr std::size_t chunk_size = 32;
constexpr std::size_t piece_size = 8;

// A copy of the state takes as long as a tenth of a step or so.
constexpr std::size_t steps_between_copies = 100;

Network fresh_network(const Recipe& recipe) {
    Network network = build_network(recipe.input, recipe.layers);
    optimise::he_initialise(network, recipe.training.seed);
    return network;
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, const LabelledImages& data)
    : Trainer(fresh_network(recipe), recipe.training, data) {}

Trainer::Trainer(Network network, const TrainingOptions& options, const LabelledImages& data)
    : options_(options),
      data_(&data),
      network_(std::move(network)),
      loss_(network_, options.defence, options.label_smoothing, options.loss),
      weights_(optimise::parameter_tensors(network_)),
      optimiser_(make_optimiser(options)),
      average_(options.average_decay, weights_),
      steps_per_epoch_((data.size() + options.batch - 1) / options.batch) {
    const Shape expected{1, data.images.rows, data.images.columns, 1};
    if (data.size() == 0) fail(ErrorCode::bad_argument, "there are no images to train on");
    if (data.size() != data.images.count) {
        fail(ErrorCode::bad_argument, "{} labels do not fit {} images: there must be one each", data.size(),
             data.images.count);
    }
    if (network_.input_shape() != expected) {
        fail(ErrorCode::bad_shape, "the network takes images of shape {}, the training set's are {}",
             pellucid::to_string(network_.input_shape()), pellucid::to_string(expected));
    }
    for (const Tensor* weights : weights_) {
        if (!bounded(elements(*weights)))
            fail(ErrorCode::bad_argument, "the network holds weights that are no numbers from -1e18 to 1e18");
    }
    // What the logits mean goes by what they are trained for.
    if (options_.loss.type == Loss::Type::evidential) {
        network_.metadata[evidence_key] = evidence_names()[static_cast<std::size_t>(options_.loss.evidence)];
        (void)evidence_of(network_);  // refuses networks of one class
    } else {
        network_.metadata.erase(evidence_key);
    }
    for (std::size_t node = 0; node < network_.nodes().size(); ++node) {
        for (const Parameter& parameter : network_.layer(node).parameters())
            decays_.push_back(parameter.name == "weight");
    }
}

Progress Trainer::progress() const {
    const auto seen = static_cast<double>(std::max<std::size_t>(seen_, 1));
    const std::size_t steps = epoch_ * steps_per_epoch_ + step_;
    return {epoch_,
            options_.epochs,
            step_,
            steps_per_epoch_,
            loss_sum_ / seen,
            static_cast<double>(correct_) / seen,
            optimise::learning_rate_at(options_.schedule, steps, steps_per_epoch_, options_.epochs)};
}

void Trainer::begin_epoch() {
    // Before the first step, not where the wrong one happens to come up.
    if (const auto most = std::ranges::max(data_->labels); most >= network_.classes()) {
        fail(ErrorCode::bad_argument, "the label {} is no class: the network has {}, from 0", most, network_.classes());
    }
    order_.resize(data_->size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    Random random(optimise::derive_seed(options_.seed, optimise::Stream::order, epoch_));
    random.shuffle(order_);
    if (step_ == 0) {
        loss_sum_ = 0.0;
        correct_ = 0;
        seen_ = 0;
    }
}

std::unique_ptr<Trainer::Worker> Trainer::take_worker() {
    const std::lock_guard guard(idle_lock_);
    if (idle_.empty()) {
        const ByteImages& images = data_->images;
        return std::make_unique<Worker>(Worker{{},
                                               Augmenter(options_.augmentation, images.rows, images.columns),
                                               std::vector<float>(images.rows * images.columns)});
    }
    std::unique_ptr<Worker> worker = std::move(idle_.back());
    idle_.pop_back();
    return worker;
}

optimise::LossSum Trainer::run_chunk(std::span<const std::size_t> samples, std::size_t chunk,
                                     optimise::Gradients& gradients) {
    for (Tensor& gradient : gradients) std::ranges::fill(elements(gradient), 0.0F);
    const std::size_t batch = std::min(options_.batch, data_->size() - step_ * options_.batch);
    const std::uint64_t steps = epoch_ * steps_per_epoch_ + step_;
    const std::size_t first = chunk * chunk_size;
    const std::size_t last = std::min(first + chunk_size, samples.size());
    std::unique_ptr<Worker> worker = take_worker();
    optimise::LossSum sum;
    std::vector<std::uint8_t> labels;
    std::vector<std::uint32_t> seeds;
    for (std::size_t piece = first; piece < last; piece += piece_size) {
        const std::size_t count = std::min(piece_size, last - piece);
        reshape_to(worker->memory.workspace.images, with_batch(network_.input_shape(), count));
        labels.clear();
        seeds.clear();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t index = samples[piece + i];
            std::ranges::transform(data_->images.image(index), worker->image.begin(),
                                   [](std::uint8_t byte) { return static_cast<float>(byte) * (1.0F / 255.0F); });
            Random random(optimise::derive_seed(options_.seed, optimise::Stream::augmentation, epoch_, index));
            worker->augmenter.apply(worker->image, sample(worker->memory.workspace.images, i), random);
            labels.push_back(data_->labels[index]);
            seeds.push_back(optimise::derive_seed(options_.seed, optimise::Stream::defence, epoch_, index));
        }
        const optimise::LossSum part = loss_.add_gradients(
            worker->memory,
            {labels, 1.0F / static_cast<float>(batch), options_.defence.share_at(steps, steps_per_epoch_),
             optimise::derive_seed(options_.seed, optimise::Stream::dropout, steps, piece), seeds,
             options_.loss.weight_at(steps, steps_per_epoch_)},
            gradients);
        sum.loss += part.loss;
        sum.correct += part.correct;
    }
    const std::lock_guard guard(idle_lock_);
    idle_.push_back(std::move(worker));
    return sum;
}

void Trainer::sum_gradients(std::size_t chunks) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        float* total = gradients_.front()[i].data();
        parallel_for(weights_[i]->size(), 16384, [&](std::size_t first, std::size_t last) {
            for (std::size_t chunk = 1; chunk < chunks; ++chunk) {
                const float* part = gradients_[chunk][i].data();
                simd::kernels().add(last - first, total + first, part + first, total + first);
            }
        });
    }
}

void Trainer::go_back(std::string_view what) {
    const Progress at = progress();
    restore(Bytes(sound_));
    fail(ErrorCode::bad_argument,
         "training ran away in epoch {}, step {}: {}; it is back at epoch {}, step {}. A smaller learning_rate (it is "
         "{}) may help",
         at.epoch + 1, at.step + 1, what, epoch_ + 1, step_ + 1, at.learning_rate);
}

void Trainer::step() {
    if (epoch_ == options_.epochs) return;
    if (sound_.empty() || (epoch_ * steps_per_epoch_ + step_) % steps_between_copies == 0) sound_ = save();
    if (step_ == 0 || order_.empty()) begin_epoch();

    const std::size_t begin = step_ * options_.batch;
    const std::size_t count = std::min(options_.batch, order_.size() - begin);
    const std::span<const std::size_t> samples(order_.data() + begin, count);
    const std::size_t chunks = (count + chunk_size - 1) / chunk_size;
    while (gradients_.size() < chunks) gradients_.push_back(optimise::make_gradients(network_));
    std::vector<optimise::LossSum> sums(chunks);
    parallel_for(chunks, 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t chunk = first; chunk < last; ++chunk)
            sums[chunk] = run_chunk(samples, chunk, gradients_[chunk]);
    });
    for (const optimise::LossSum& sum : sums) {
        loss_sum_ += sum.loss;
        correct_ += sum.correct;
    }
    seen_ += count;
    if (!std::isfinite(loss_sum_)) go_back("the loss is no finite number");
    sum_gradients(chunks);
    for (const Tensor& gradient : gradients_.front()) {
        if (!bounded(elements(gradient))) go_back("gradients are beyond 1e18, or no numbers");
    }

    const std::size_t steps = epoch_ * steps_per_epoch_ + step_;
    std::vector<optimise::Slot> slots;
    for (std::size_t i = 0; i < weights_.size(); ++i)
        slots.push_back({weights_[i], &gradients_.front()[i], decays_[i]});
    optimiser_->step(slots, optimise::learning_rate_at(options_.schedule, steps, steps_per_epoch_, options_.epochs));
    for (const Tensor* weights : weights_) {
        if (!bounded(elements(*weights))) go_back("weights are beyond 1e18, or no numbers");
    }
    average_.update(weights_, steps);
    parallel_for(network_.nodes().size(), 1, [&](std::size_t first, std::size_t last) {
        for (std::size_t node = first; node < last; ++node) network_.layer(node).refresh();
    });

    if (++step_ == steps_per_epoch_) {
        step_ = 0;
        ++epoch_;
    }
}

Network Trainer::snapshot() const { return options_.keep_dropout ? averaged() : without_dropout(averaged()); }

Network Trainer::averaged() const {
    Network copy(network_);
    const std::vector<Tensor*> tensors = optimise::parameter_tensors(copy);
    for (std::size_t i = 0; i < tensors.size(); ++i) *tensors[i] = average_.values()[i];
    for (std::size_t node = 0; node < copy.nodes().size(); ++node) copy.layer(node).refresh();
    return copy;
}

std::vector<std::size_t> answers(const Network& network, const ByteImages& images) {
    constexpr std::size_t block = 1000;
    Predictor predictor(network);
    std::vector<std::size_t> all;
    for (std::size_t first = 0; first < images.count; first += block) {
        const std::vector<std::size_t> some =
            argmax(predictor(to_tensor(images, first, std::min(block, images.count - first))));
        all.insert(all.end(), some.begin(), some.end());
    }
    return all;
}

double share_right(std::span<const std::size_t> answers, std::span<const std::uint8_t> labels) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < labels.size(); ++i) right += answers[i] == labels[i] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(labels.size(), 1));
}

double accuracy(const Network& network, const LabelledImages& data) {
    return share_right(answers(network, data.images), data.labels);
}

}  // namespace pellucid::train
