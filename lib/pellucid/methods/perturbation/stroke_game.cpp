#include "pellucid/methods/perturbation/stroke_game.hpp"

#include <algorithm>

namespace pellucid::methods {

StrokeGame::StrokeGame(const Request& request)
    : request_(request),
      alone_(stroke_pictures(request)),
      evaluator_(request.explainer.plain()),
      settled_(settle_targets(request, evaluator_)),
      paper_(filled_within(with_batch(request.input.shape(), 1), input_range(evaluator_.network()), 0.0F)) {
    const Coalition none(players(), 0);
    const std::size_t channels = request.input.shape()[3], pixels = sample_size(request.input) / channels;
    for (std::size_t n = 0; n < inputs(); ++n) {
        const Tensor rest = shown(n, {&none, 1});
        at_paper_.push_back(evaluator_.values(rest, settled_.targets[n]).front());
        double nobodys = 0, all = 0;
        for (std::size_t i = 0; i < pixels * channels; ++i) {
            nobodys += static_cast<double>(rest.data()[i] - paper_.data()[i]);
            all += static_cast<double>(sample(request.input, n)[i] - paper_.data()[i]);
        }
        nobodys_.push_back(all > 0 ? nobodys / all : 0.0);
    }
}

Tensor StrokeGame::shown(std::size_t n, std::span<const Coalition> coalitions) const {
    const Shape shape = request_.input.shape();
    const std::size_t channels = shape[3], pixels = shape[1] * shape[2];
    const InputRange range = input_range(evaluator_.network());
    const auto x = sample(request_.input, n);
    std::vector<float> of_all(pixels, 0.0F), drawn(pixels);
    for (std::size_t s = 0; s < players(); ++s) {
        const auto stroke = sample(alone_, s);
        for (std::size_t p = 0; p < pixels; ++p) of_all[p] += stroke[p];
    }
    Tensor images(with_batch(shape, coalitions.size()));
    for (std::size_t i = 0; i < coalitions.size(); ++i) {
        std::fill(drawn.begin(), drawn.end(), 0.0F);
        for (std::size_t s = 0; s < players(); ++s) {
            if (coalitions[i][s] == 0) continue;
            const auto stroke = sample(alone_, s);
            for (std::size_t p = 0; p < pixels; ++p) drawn[p] += stroke[p];
        }
        const auto to = sample(images, i);
        for (std::size_t j = 0; j < x.size(); ++j) {
            const float extent = range.high_of(j % channels) - range.low_of(j % channels);
            const float ink = x[j] - paper_.data()[j];
            const float rest = std::max(ink - extent * of_all[j / channels], 0.0F);
            to[j] = paper_.data()[j] + rest + std::min(ink - rest, extent * drawn[j / channels]);
        }
    }
    return images;
}

std::vector<double> StrokeGame::worth(std::size_t n, std::span<const Coalition> coalitions) {
    if (coalitions.empty()) return {};
    return evaluator_.values(shown(n, coalitions), settled_.targets[n]);
}

Tensor StrokeGame::painted(const Tensor& scores) const {
    const Shape shape = request_.input.shape();
    const std::size_t pixels = shape[1] * shape[2];
    Tensor map = zeros({shape[0], shape[1], shape[2], 1});
    for (std::size_t n = 0; n < shape[0]; ++n) {
        for (std::size_t p = 0; p < pixels; ++p) {
            double sum = 0, ink = 0;
            for (std::size_t s = 0; s < players(); ++s) {
                const auto a = static_cast<double>(sample(alone_, s)[p]);
                sum += a * static_cast<double>(sample(scores, n)[s]);
                ink += a;
            }
            if (ink > 0) sample(map, n)[p] = static_cast<float>(sum / std::max(ink, 1.0));
        }
    }
    return map;
}

std::vector<std::string> StrokeGame::names() const {
    std::vector<std::string> names;
    for (std::size_t s = 0; s < players(); ++s) names.push_back(fmt::format("stroke {}", s + 1));
    return names;
}

}  // namespace pellucid::methods
