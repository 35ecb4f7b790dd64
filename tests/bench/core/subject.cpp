#include "subject.hpp"

#include <algorithm>

namespace pellucid::bench {

Subject::Subject(Network network, std::size_t target)
    : explainer_(std::move(network)),
      target_(Target::of_class(target)),
      patches_(explainer_.network(), explainer_.network().logits()),
      paper_(zeros(explainer_.network().input_shape())),
      predictor_(explainer_.network()) {}

const Tensor& Subject::forward(const Tensor& images) { return predictor_(images); }

std::span<const float> Subject::occlusion(const Tensor& image, std::size_t window) {
    constexpr std::size_t at_once = 56;
    const auto [batch, rows, columns, channels] = explainer_.network().input_shape();
    const Trace& base = explainer_.plain().trace(image);
    values_.clear();
    std::vector<Patch> patches;
    for (std::size_t first = 0; first < rows * columns; first += at_once) {
        patches.clear();
        for (std::size_t i = first; i < std::min(first + at_once, rows * columns); ++i) {
            const std::size_t top = i / columns, left = i % columns;
            patches.push_back(
                {{top, left, std::min(top + window, rows), std::min(left + window, columns)}, paper_.data()});
        }
        const Tensor& logits = patches_.evaluate(base, 0, patches);
        for (std::size_t i = 0; i < patches.size(); ++i) values_.push_back(sample(logits, i)[target_.index]);
    }
    return values_;
}

const Tensor& Subject::gradient(const Tensor& image) { return explainer_.plain().input_gradient(image, target_); }

const Tensor& Subject::trace(const Tensor& image) {
    return explainer_.plain().forward(image).values[explainer_.network().logits()];
}

const Tensor& Subject::explain(std::string_view method, std::string_view params, const Tensor& image) {
    const Method& found = find_method(method);
    Params set(found.card);
    while (!params.empty()) {
        const std::string_view entry = params.substr(0, params.find(','));
        const std::size_t equals = entry.find('=');
        set.set(entry.substr(0, equals), entry.substr(equals + 1));
        params.remove_prefix(std::min(entry.size() + 1, params.size()));
    }
    result_ = pellucid::explain(found, {explainer_, image, target_, set});
    return result_.map();
}

void Subject::start_training(std::span<const std::uint8_t> images, std::span<const std::uint8_t> labels) {
    data_.images.count = labels.size();
    data_.images.rows = explainer_.network().input_shape()[1];
    data_.images.columns = explainer_.network().input_shape()[2];
    data_.images.pixels.assign(images.begin(), images.end());
    data_.labels.assign(labels.begin(), labels.end());
    train::TrainingOptions options;
    options.epochs = 1'000'000;
    options.batch = labels.size();
    options.optimiser = optimise::Adam::Options{};
    options.schedule = {.learning_rate = 1e-3F, .cosine = false};
    trainer_.emplace(Network(explainer_.network()), options, data_);
}

double Subject::train() {
    trainer_->step();
    return trainer_->progress().loss;
}

}  // namespace pellucid::bench
