#include "pellucid/study/ablation.hpp"

#include "pellucid/error.hpp"
#include "pellucid/parallel.hpp"
#include "pellucid/random.hpp"
#include "pellucid/train/trainer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <numeric>

namespace pellucid::study {

namespace {

/// Makes the pixels paper for which inside(row, column) holds, both as shares of the picture.
template <typename Inside>
void blank(std::span<std::uint8_t> image, std::size_t rows, std::size_t columns, Inside inside) {
    for (std::size_t y = 0; y < rows; ++y) {
        for (std::size_t x = 0; x < columns; ++x) {
            const double v = (static_cast<double>(y) + 0.5) / static_cast<double>(rows);
            const double u = (static_cast<double>(x) + 0.5) / static_cast<double>(columns);
            if (inside(v, u)) image[y * columns + x] = 0;
        }
    }
}

bool in_middle(double v, double u) { return std::abs(v - 0.5) < 0.25 && std::abs(u - 0.5) < 0.25; }

void remove_blur(std::span<std::uint8_t> image, std::size_t, std::size_t) {
    for (std::uint8_t& v : image) v = v >= 128 ? 255 : 0;
}

/// Few enough for the sparsest of MNIST's images to be dimmed as well.
constexpr double ink_left = 20.0 * 255.0;

void remove_quantity(std::span<std::uint8_t> image, std::size_t, std::size_t) {
    const double sum = std::accumulate(image.begin(), image.end(), 0.0);
    if (sum <= 0) return;
    for (std::uint8_t& v : image) {
        v = static_cast<std::uint8_t>(std::min(std::lround(static_cast<double>(v) * ink_left / sum), 255L));
    }
}

constexpr std::array feature_list{
    Feature{"top", "the upper half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, [](double v, double) { return v < 0.5; }); }},
    Feature{"bottom", "the lower half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, [](double v, double) { return v > 0.5; }); }},
    Feature{"left", "the left half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, [](double, double u) { return u < 0.5; }); }},
    Feature{"right", "the right half",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, [](double, double u) { return u > 0.5; }); }},
    Feature{"middle", "the middle",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) { blank(i, r, c, in_middle); }},
    Feature{"rim", "all but the middle",
            [](std::span<std::uint8_t> i, std::size_t r, std::size_t c) {
                blank(i, r, c, [](double v, double u) { return !in_middle(v, u); });
            }},
    Feature{"blur", "the strokes' soft edges", remove_blur},
    Feature{"ink", "the quantity of ink", remove_quantity}};

constexpr std::size_t ranking_batch = 32;

/// Pixels by falling score; equal ones keep their order.
void order_by(std::span<const double> scores, std::span<std::uint16_t> order) {
    std::iota(order.begin(), order.end(), std::uint16_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::uint16_t a, std::uint16_t b) { return scores[a] > scores[b]; });
}

void check_size(const ByteImages& images) {
    if (images.rows * images.columns > 65536) {
        fail(ErrorCode::unsupported, "images of {} × {} pixels are not ranked; up to 65536 pixels are", images.rows, images.columns);
    }
}

}  // namespace

std::span<const Feature> features() { return feature_list; }

void remove(const Feature& feature, ByteImages& images) {
    const std::size_t size = images.rows * images.columns;
    for (std::size_t i = 0; i < images.count; ++i) {
        feature.remove(std::span(images.pixels).subspan(i * size, size), images.rows, images.columns);
    }
}

void Ranking::check(const Method& method) {
    const Output& first = method.card.outputs.front();
    if (first.kind != ItemKind::map || first.map == MapKind::image || first.map == MapKind::change) {
        fail(ErrorCode::bad_argument, "{} gives no map of what matters, by which pixels could be removed", method.card.id);
    }
    if (!method.card.needs.empty()) {
        fail(ErrorCode::unsupported, "{} needs {} beside the network, which is not given here", method.card.id,
             to_string(method.card.needs.front()));
    }
}

std::optional<Ranking> Ranking::by(const Method& method, const Network& network, const ByteImages& images,
                                   const std::function<bool()>& stop) {
    check(method);
    check_size(images);
    const std::size_t size = images.rows * images.columns;
    Ranking ranking;
    ranking.order_.resize(images.count * size);
    std::atomic<bool> stopped = false;
    parallel_for((images.count + ranking_batch - 1) / ranking_batch, 1, [&](std::size_t begin, std::size_t end) {
        Explainer explainer(network);
        std::vector<double> scores(size);
        for (std::size_t at = begin * ranking_batch; at < std::min(end * ranking_batch, images.count); at += ranking_batch) {
            if (stopped || stop()) {
                stopped = true;
                return;
            }
            const std::size_t count = std::min(ranking_batch, images.count - at);
            Tensor input = to_tensor(images, at, count);
            scale_to_range(input, input_range(network));
            const Result result = explain(method, {explainer, std::move(input), Target{}, Params(method.card)});
            for (std::size_t n = 0; n < count; ++n) {
                const auto map = sample(result.map(), n);
                std::fill(scores.begin(), scores.end(), 0.0);
                for (std::size_t i = 0; i < map.size(); ++i) {
                    scores[i * size / map.size()] += std::abs(static_cast<double>(map[i]));
                }
                order_by(scores, std::span(ranking.order_).subspan((at + n) * size, size));
            }
        }
    });
    if (stopped) return std::nullopt;
    return ranking;
}

Ranking Ranking::by_chance(const ByteImages& images, std::uint32_t seed) {
    check_size(images);
    const std::size_t size = images.rows * images.columns;
    Ranking ranking;
    ranking.order_.resize(images.count * size);
    for (std::size_t i = 0; i < images.count; ++i) {
        const auto order = std::span(ranking.order_).subspan(i * size, size);
        std::iota(order.begin(), order.end(), std::uint16_t{0});
        Random random = stream(seed, Purpose::permutation, i);
        random.shuffle(order);
    }
    return ranking;
}

void Ranking::remove_first(double share, ByteImages& images) const {
    const std::size_t size = images.rows * images.columns;
    if (order_.size() != images.count * size) {
        fail(ErrorCode::bad_argument, "a ranking of {} pixels does not fit {} images of {}", order_.size(), images.count, size);
    }
    const auto count = static_cast<std::size_t>(std::lround(share * static_cast<double>(size)));
    for (std::size_t i = 0; i < images.count; ++i) {
        for (std::size_t k = 0; k < std::min(count, size); ++k) images.pixels[i * size + order_[i * size + k]] = 0;
    }
}

std::optional<double> accuracy_without(const train::Recipe& recipe, const LabelledImages& training, const LabelledImages& test,
                                       const std::function<bool()>& stop, const std::function<void(double)>& progress) {
    train::Trainer trainer(recipe, training);
    while (!trainer.progress().finished()) {
        if (stop()) return std::nullopt;
        trainer.step();
        const train::Progress now = trainer.progress();
        progress((static_cast<double>(now.epoch) + static_cast<double>(now.step) / static_cast<double>(now.steps_per_epoch)) /
                 static_cast<double>(std::max<std::size_t>(now.epochs, 1)));
    }
    return train::accuracy(trainer.snapshot(), test);
}

LabelledImages first_of(const LabelledImages& data, std::size_t count) {
    if (count == 0 || count >= data.size()) return data;
    LabelledImages part = data;
    part.images.count = count;
    part.images.pixels.resize(count * data.images.rows * data.images.columns);
    part.labels.resize(count);
    return part;
}

}  // namespace pellucid::study
