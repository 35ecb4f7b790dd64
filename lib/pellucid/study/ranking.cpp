#include "pellucid/study/ranking.hpp"

#include "pellucid/error.hpp"
#include "pellucid/order.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/random.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pellucid::study {

namespace {

constexpr std::size_t ranking_batch = 32;

/// Images of one step: a batch for each thread.
std::size_t images_at_once() { return ranking_batch * std::max<std::size_t>(thread_limit(), 1); }

/// Pixels by falling score; equal ones keep their order.
void order_by(std::span<const double> scores, std::span<std::uint16_t> order) {
    const auto places =
        sorted_places(order.size(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    std::ranges::transform(places, order.begin(), [](std::size_t place) { return static_cast<std::uint16_t>(place); });
}

}  // namespace

void Ranking::check(const Method& method) {
    const Output& first = method.card.outputs.front();
    if (first.kind != ItemKind::map || first.map == MapKind::image || first.map == MapKind::change) {
        fail(ErrorCode::bad_argument, "{} gives no map of what matters, by which pixels could be removed",
             method.card.id);
    }
    if (!method.card.needs.empty()) {
        fail(ErrorCode::unsupported, "{} needs {} beside the network, which is not given here", method.card.id,
             to_string(method.card.needs.front()));
    }
}

Ranking::Ranking(const ByteImages& images) : images_(&images) {
    const std::size_t size = images.rows * images.columns;
    if (size > 65536) {
        fail(ErrorCode::unsupported, "images of {} × {} pixels are not ranked; up to 65536 pixels are", images.rows,
             images.columns);
    }
    order_.resize(images.count * size);
}

Ranking::Ranking(const Method& method, const Network& network, const ByteImages& images) : Ranking(images) {
    check(method);
    method_ = &method;
    network_ = &network;
}

Ranking Ranking::by_chance(const ByteImages& images, std::uint32_t seed) {
    const std::size_t size = images.rows * images.columns;
    Ranking ranking(images);
    for (std::size_t i = 0; i < images.count; ++i) {
        const auto order = std::span(ranking.order_).subspan(i * size, size);
        std::iota(order.begin(), order.end(), std::uint16_t{0});
        Random random = stream(seed, Purpose::permutation, i);
        random.shuffle(order);
    }
    ranking.ranked_ = images.count;
    return ranking;
}

std::size_t Ranking::parts() const {
    return method_ == nullptr ? 0 : (images_->count + images_at_once() - 1) / images_at_once();
}

bool Ranking::step() {
    if (ranked_ == images_->count) return false;
    const std::size_t count = std::min(images_at_once(), images_->count - ranked_);
    parallel_for((count + ranking_batch - 1) / ranking_batch, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t batch = begin; batch < end; ++batch) {
            const std::size_t first = batch * ranking_batch;
            rank(ranked_ + first, std::min(ranking_batch, count - first));
        }
    });
    ranked_ += count;
    return true;
}

void Ranking::rank(std::size_t first, std::size_t count) {
    const std::size_t size = images_->rows * images_->columns;
    Explainer explainer(*network_);
    Tensor input = to_tensor(*images_, first, count);
    scale_to_range(input, input_range(*network_));
    const Result result = explain(*method_, {explainer, std::move(input), Target{}, Params(method_->card)});
    std::vector<double> scores(size);
    for (std::size_t n = 0; n < count; ++n) {
        const auto map = sample(result.map(), n);
        std::fill(scores.begin(), scores.end(), 0.0);
        for (std::size_t i = 0; i < map.size(); ++i) {
            scores[i * size / map.size()] += std::abs(static_cast<double>(map[i]));
        }
        order_by(scores, std::span(order_).subspan((first + n) * size, size));
    }
}

void Ranking::remove_first(double share, ByteImages& images) const {
    const std::size_t size = images.rows * images.columns;
    if (order_.size() != images.count * size || ranked_ != images.count) {
        fail(ErrorCode::bad_argument, "a ranking of {} images does not fit {} images of {} pixels", ranked_,
             images.count, size);
    }
    const auto count = static_cast<std::size_t>(std::lround(share * static_cast<double>(size)));
    for (std::size_t i = 0; i < images.count; ++i) {
        for (std::size_t k = 0; k < std::min(count, size); ++k) images.pixels[i * size + order_[i * size + k]] = 0;
    }
}

}  // namespace pellucid::study
