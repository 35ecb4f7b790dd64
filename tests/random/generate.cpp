#include "generate.hpp"

#include "pellucid/error.hpp"
#include "pellucid/random.hpp"

#include <algorithm>

namespace pellucid::test {

namespace {

/// Draws layers one after another; those that do not fit the value they would read are drawn again.
class Generator {
public:
    Generator(std::uint32_t seed, const Shape& input) : random_(seed), network_({1, 1, 1, 1}) {
        plan_.seed = seed;
        plan_.input = input;
        network_ = build(plan_);
    }

    Random& random() { return random_; }
    Plan take() { return std::move(plan_); }
    bool chance(float probability) { return random_.uniform() < probability; }
    std::size_t pick(std::size_t first, std::size_t last) { return first + random_.below(last - first + 1); }
    ValueId newest() const { return plan_.layers.size(); }
    const Shape& shape(ValueId value) const { return network_.shape(value); }
    const Shape& shape() const { return shape(newest()); }

    /// False where it does not fit or would be too large; then nothing has happened.
    bool add(LayerPlan layer) {
        plan_.layers.push_back(std::move(layer));
        try {
            Network network = build(plan_);
            if (element_count(network.shape(newest())) <= most_) {
                network_ = std::move(network);
                return true;
            }
        } catch (const Error&) {
        }
        plan_.layers.pop_back();
        return false;
    }
    bool add(const char* op, std::vector<std::size_t> numbers = {}) {
        return add({op, {newest()}, std::move(numbers)});
    }

    /// Sizes where kernels have edges: few, a vector, one more or less.
    std::size_t channels() { return chance(0.5F) ? pick(1, 9) : chance(0.5F) ? 4 * pick(1, 9) : pick(1, 36); }
    std::size_t side() { return pick(1, 14); }
    std::size_t kernel() { return chance(0.4F) ? 3 : chance(0.9F) ? pick(1, 5) : pick(1, 8); }
    std::size_t stride() { return chance(0.5F) ? 1 : pick(1, 3); }
    /// Before and after along an axis: none, that which keeps the size, or anything up to two beyond the kernel.
    std::pair<std::size_t, std::size_t> padding(std::size_t kernel) {
        if (chance(0.25F)) return {0, 0};
        if (chance(0.35F)) return {(kernel - 1) / 2, kernel / 2};
        const std::size_t before = pick(0, kernel + (chance(0.3F) ? 2 : 0));
        return {before, pick(0, kernel + (chance(0.3F) ? 2 : 0))};
    }

    bool conv(std::size_t bias) {
        const std::size_t h = kernel(), w = chance(0.6F) ? h : kernel();
        const auto [top, bottom] = padding(h);
        const auto [left, right] = padding(w);
        const std::size_t down = stride(), across = chance(0.6F) ? down : stride();
        return add("conv", {h, w, channels(), down, across, top, left, bottom, right, bias});
    }
    bool deconv(std::size_t bias) {
        const std::size_t h = kernel(), w = kernel(), down = stride(), across = stride();
        const auto [top, bottom] = padding(h);
        const auto [left, right] = padding(w);
        return add("deconv", {h, w, channels(), down, across, top, left, bottom, right, pick(0, down - 1),
                              pick(0, across - 1), bias});
    }
    /// Tiles, overlapping windows, gaps; padding stays below the window, as it must.
    bool pool(bool maximum) {
        if (chance(0.25F))
            return maximum ? add("max", {2, 2, 2, 2, 0, 0, 0, 0, 0}) : add("average", {2, 2, 2, 2, 0, 0, 0, 0, 0, 0});
        const std::size_t h = pick(1, 4), w = chance(0.5F) ? h : pick(1, 4);
        const std::size_t down = pick(1, 3), across = chance(0.6F) ? down : pick(1, 3);
        std::vector<std::size_t> numbers{h, w, down, across, 0, 0, 0, 0, pick(0, 1)};
        if (chance(0.5F)) {
            for (std::size_t i = 4; i < 8; ++i) numbers[i] = pick(0, (i % 2 == 0 ? h : w) - 1);
        }
        if (!maximum) numbers.push_back(pick(0, 1));
        return add(maximum ? "max" : "average", std::move(numbers));
    }
    bool resize() { return add(chance(0.5F) ? "nearest" : "linear", {pick(1, 10), pick(1, 10)}); }
    bool activation() {
        static const char* const names[] = {"relu", "relu", "relu", "leaky", "sigmoid", "tanh"};
        return add(names[random_.below(6)]);
    }

private:
    static constexpr std::size_t most_ = 14 * 14 * 36;
    Random random_;
    Plan plan_;
    Network network_;
};

void draw_layer(Generator& g) {
    switch (g.pick(0, 15)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5: g.conv(g.pick(0, 1)); break;
        case 6:
        case 7:
        case 8: g.deconv(g.pick(0, 1)); break;
        case 9: g.add("flatten"), g.add("dense", {g.chance(0.9F) ? g.channels() : g.pick(1, 140), g.pick(0, 1)}); break;
        case 10:
        case 11: g.pool(true); break;
        case 12: g.pool(false); break;
        case 13: g.resize(); break;
        case 14: g.add(g.chance(0.4F) ? "gap" : g.chance(0.5F) ? "norm" : "softmax"); break;
        default: g.chance(0.3F) ? g.add({"add", {0, 0}, {}}) : g.activation();
    }
}

/// A value of the newest one's shape, or one that a convolution makes of it, is added to the newest one.
void draw_sum(Generator& g, std::size_t bias) {
    const ValueId newest = g.newest();
    for (ValueId other = 0; other < newest; ++other) {
        if (g.shape(other) == g.shape() && g.chance(0.5F)) {
            g.add({"add", {newest, other}, {}});
            return;
        }
    }
    const std::size_t kernel = 2 * g.pick(0, 1) + 1, half = kernel / 2;
    if (!g.add("conv", {kernel, kernel, g.shape()[3], 1, 1, half, half, half, half, bias})) return;
    if (g.chance(0.5F)) g.add("relu");
    g.add({"add", {newest, g.newest()}, {}});
}

}  // namespace

Plan random_layer_plan(std::uint32_t seed) {
    for (std::uint32_t again = 0;; ++again) {
        Random sizes(seed + again * 1000003U);
        const auto below = [&](std::size_t count) { return sizes.below(count); };
        const std::size_t batch = 1 + below(3), h = 1 + below(14), w = below(2) == 0 ? h : 1 + below(14);
        const std::size_t channels = below(2) == 0 ? 1 + below(9) : below(2) == 0 ? 4 * (1 + below(9)) : 1 + below(36);
        Generator g(seed + again * 1000003U, {batch, h, w, channels});
        draw_layer(g);
        if (g.newest() == 0) continue;
        if (g.chance(0.4F)) g.add("relu");
        if (g.chance(0.3F)) g.chance(0.5F) ? g.pool(true) : g.add("max", {2, 2, 2, 2, 0, 0, 0, 0, 0});
        if (g.chance(0.2F)) g.add("relu");
        return g.take();
    }
}

Plan random_network_plan(std::uint32_t seed) {
    Random sizes(seed * 7919U + 1U);
    const std::size_t h = 4 + sizes.below(11), w = sizes.below(2) == 0 ? h : 3 + sizes.below(12);
    Generator g(seed, {1 + sizes.below(3), h, w, 1 + sizes.below(5)});
    const bool plain = g.chance(0.35F);  // without bias, piecewise linear
    const auto bias = [&] { return plain ? 0 : g.pick(0, 1); };
    const auto norm = [&](float probability) {
        if (!plain && g.chance(probability)) g.add("norm");
    };
    norm(0.1F);
    const std::size_t blocks = g.pick(1, 4);
    for (std::size_t i = 0; i < blocks; ++i) {
        g.chance(0.88F) ? g.conv(bias()) : g.deconv(bias());
        norm(0.25F);
        if (g.chance(0.8F)) plain ? g.add("relu") : g.activation();
        norm(0.1F);
        if (g.chance(0.5F)) g.pool(g.chance(0.75F));
        norm(0.1F);
        if (g.chance(0.1F)) g.resize();
        if (g.chance(0.1F)) g.add("dropout");
        if (g.chance(0.3F)) draw_sum(g, bias());
        if (g.chance(0.3F)) g.add("relu");
    }
    g.add(g.chance(0.3F) ? "gap" : "flatten");
    norm(0.1F);
    if (g.chance(0.3F)) {
        g.add("dense", {g.channels(), bias()});
        norm(0.15F);
        g.add("relu");
    }
    g.add("dense", {g.pick(2, 10), bias()});
    norm(0.05F);
    if (!plain && g.chance(0.25F)) g.add("softmax");
    return g.take();
}

bool homogeneous(const Plan& plan) {
    static const std::string_view others[] = {"norm", "sigmoid", "tanh", "softmax"};
    return std::all_of(plan.layers.begin(), plan.layers.end(), [&](const LayerPlan& layer) {
        const bool weighted = layer.op == "conv" || layer.op == "deconv" || layer.op == "dense";
        return std::find(std::begin(others), std::end(others), layer.op) == std::end(others) &&
               (!weighted || layer.numbers.back() == 0);
    });
}

}  // namespace pellucid::test
