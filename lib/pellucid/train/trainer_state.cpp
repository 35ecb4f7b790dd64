// Trainer::save and Trainer::restore: the state of a run as bytes (numbers little-endian, as all our targets store them).
#include "pellucid/train/trainer.hpp"

#include "pellucid/error.hpp"
#include "pellucid/train/bounded.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

namespace pellucid::train {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view state_magic = "pellucid training 1\n";

class Writer {
public:
    template <typename T>
    void number(T value) {
        raw(&value, sizeof value);
    }
    void raw(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const std::uint8_t*>(data);
        bytes_.insert(bytes_.end(), bytes, bytes + size);
    }
    template <typename Tensors>
    void tensors(const Tensors& list) {
        number<std::uint64_t>(list.size());
        for (const auto& item : list) {
            const Tensor& tensor = [&]() -> const Tensor& {
                if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(item)>>)
                    return *item;
                else
                    return item;
            }();
            for (const std::size_t axis : tensor.shape()) number<std::uint64_t>(axis);
            raw(tensor.data(), tensor.size() * sizeof(float));
        }
    }
    Bytes take() { return std::move(bytes_); }

private:
    Bytes bytes_;
};

class Reader {
public:
    explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
    template <typename T>
    T number() {
        T value{};
        raw(&value, sizeof value);
        return value;
    }
    /// A number of things that were in memory once: 32 bits are enough where addresses have as many.
    std::size_t count() { return static_cast<std::size_t>(number<std::uint64_t>()); }
    void raw(void* data, std::size_t size) {
        if (size > bytes_.size()) fail(ErrorCode::bad_file, "the saved training is cut short");
        std::memcpy(data, bytes_.data(), size);
        bytes_ = bytes_.subspan(size);
    }
    /// Tensors of the same shapes as `like` repeated `times` each (optimisers keep one or two per parameter), whose numbers
    /// must not exceed `limit`.
    std::vector<Tensor> tensors(std::span<Tensor* const> like, std::size_t times, float limit) {
        const std::size_t stored = count();
        if (times == 0 ? stored != 0 : stored != like.size() * times) other_network();
        std::vector<Tensor> list;
        for (std::size_t i = 0; i < stored; ++i) {
            Shape shape{};
            for (std::size_t& axis : shape) axis = count();
            if (shape != like[i / times]->shape()) other_network();
            list.push_back(zeros(shape));
            raw(list.back().data(), list.back().size() * sizeof(float));
            if (!bounded(elements(list.back()), limit))
                fail(ErrorCode::bad_file, "the saved training holds what no sound training does: {}",
                     limit == largest_sound ? "a weight beyond 1e18" : "what is no finite number");
        }
        return list;
    }
    bool done() const { return bytes_.empty(); }
    [[noreturn]] static void other_network() {
        fail(ErrorCode::bad_file, "the saved training belongs to another network or optimiser");
    }

private:
    std::span<const std::uint8_t> bytes_;
};

}  // namespace

Bytes Trainer::save() const {
    Writer writer;
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
    Reader reader(state);
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
        Reader::other_network();
    }
    // Between two epochs the counts are those of the last.
    const std::size_t must_have_seen = step != 0 ? step * options_.batch : epoch != 0 ? data_->size() : 0;
    if (!std::isfinite(loss_sum) || seen != must_have_seen || correct > seen ||
        optimiser_steps != epoch * steps_per_epoch_ + step) {
        fail(ErrorCode::bad_file, "the saved training has seen other images than its steps say");
    }
    std::vector<Tensor> weights = reader.tensors(weights_, 1, largest_sound);
    std::vector<Tensor> average = reader.tensors(weights_, 1, largest_sound);
    std::vector<Tensor> optimiser_state =
        reader.tensors(weights_, per_weight, std::numeric_limits<float>::max());
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
