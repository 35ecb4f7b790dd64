#include "pellucid/train/rounds.hpp"

#include "pellucid/error.hpp"
#include "pellucid/optimise/seed.hpp"
#include "pellucid/parallel.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::train {

Defence Rounds::attack() const {
    return {.type = Defence::Type::pgd, .epsilon = epsilon, .step_size = step_size, .steps = steps};
}

void check(const Rounds& rounds) {
    if (rounds.count > 20) fail(ErrorCode::bad_argument, "rounds: count is {}; it must be at most 20", rounds.count);
    if (rounds.epochs < 1 || rounds.epochs > 1'000'000)
        fail(ErrorCode::bad_argument, "rounds: epochs is {}; it must be from 1 to 1000000", rounds.epochs);
    try {
        check(rounds.attack());
    } catch (const Error& error) {
        fail(ErrorCode::bad_argument, "rounds, as a {}", error.what());
    }
}

LabelledImages adversarial_images(const Network& network, const LabelledImages& data, const Rounds& rounds,
                                  std::uint32_t seed, std::size_t round) {
    constexpr std::size_t block = 32;
    const BatchAttack attack(network, rounds.attack());
    LabelledImages result = data;
    const std::size_t size = data.images.rows * data.images.columns;
    parallel_for((data.size() + block - 1) / block, 1, [&](std::size_t begin, std::size_t end) {
        BatchAttack::Workspace workspace;
        std::vector<std::uint32_t> seeds;
        for (std::size_t first = begin * block; first < std::min(end * block, data.size()); first += block) {
            const std::size_t count = std::min(block, data.size() - first);
            Tensor images = to_tensor(data.images, first, count);
            seeds.clear();
            for (std::size_t i = 0; i < count; ++i)
                seeds.push_back(optimise::derive_seed(seed, optimise::Stream::round, round, first + i));
            attack.move(images, std::span(data.labels).subspan(first, count), 1.0F, seeds, workspace);
            for (std::size_t i = 0; i < count * size; ++i) {
                // Towards the image's own byte, so that rounding does not lead beyond ε.
                const auto own = static_cast<double>(data.images.pixels[first * size + i]);
                const double value = 255.0 * static_cast<double>(images.data()[i]);
                const double whole = value > own ? std::floor(value + 1e-4) : std::ceil(value - 1e-4);
                result.images.pixels[first * size + i] = static_cast<std::uint8_t>(std::clamp(whole, 0.0, 255.0));
            }
        }
    });
    return result;
}

void append(LabelledImages& data, const LabelledImages& more) {
    if (data.images.rows != more.images.rows || data.images.columns != more.images.columns) {
        fail(ErrorCode::bad_argument, "images of {}x{} cannot be added to images of {}x{}", more.images.rows,
             more.images.columns, data.images.rows, data.images.columns);
    }
    data.images.pixels.insert(data.images.pixels.end(), more.images.pixels.begin(), more.images.pixels.end());
    data.images.count += more.images.count;
    data.labels.insert(data.labels.end(), more.labels.begin(), more.labels.end());
}

}  // namespace pellucid::train
