/// Where a 2×2 max-pool behind a 3×3 convolution takes its maxima from: of equal ones the first, also where the fast
/// form rounds them differently, and where the form for images of many zeros adds them up in another order.
#include "conv_problem.hpp"

#include <functional>
#include <string>
#include <utility>

using namespace pellucid::simd;
using namespace pellucid::simd::test;

namespace {

/// Sums of the four outputs of one window and channel, in reading order, and their places.
struct Window {
    double values[4];
    std::uint32_t places[4];
    double scale = 0.0;
    bool undecided;  ///< whether rounding may open the ReLU

    Window(const ConvSizes& s, const std::vector<Sum>& sums, std::size_t cell, std::size_t channel, bool relu) {
        for (std::size_t i = 0; i < 4; ++i) {
            const std::size_t y = cell / (s.out_w / 2) * 2 + i / 2;
            const std::size_t x = cell % (s.out_w / 2) * 2 + i % 2;
            places[i] = static_cast<std::uint32_t>(y * s.out_w + x);
            const Sum& sum = sums[places[i] * s.out_c + channel];
            values[i] = sum.value;
            scale = std::max(scale, sum.scale);
        }
        undecided = relu && scale > 1e-8 && std::abs(values[first()]) < 2e-6 * scale;
        for (double& value : values) value = relu ? std::max(value, 0.0) : value;
    }
    std::size_t first() const { return static_cast<std::size_t>(std::max_element(values, values + 4) - values); }
};

/// Equal maxima; how often a later one was taken, one that is smaller by more than rounding, a wrong value, one for 0,
/// and how often a ReLU over nothing but its bias was on the wrong side.
struct Count {
    int ties = 0, later = 0, smaller = 0, wrong = 0, not_zero = 0, gate = 0;
};

Count compare(const Problem& problem, const std::vector<Sum>& sums, bool relu, const Floats& out,
              const Guarded<std::uint32_t>& switches) {
    const ConvSizes& s = problem.sizes;
    Count count;
    // The fast form rounds sums over a whole tile: fair is what its largest window deserves.
    double scale = 0.0;
    for (const Sum& sum : sums) scale = std::max(scale, sum.scale);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const Window window(s, sums, i / s.out_c, i % s.out_c, relu);
        if (window.undecided) continue;
        const std::size_t first = window.first();
        const double best = window.values[first];
        const auto* const found = std::find(window.places, window.places + 4, switches[i]);
        const auto at = static_cast<std::size_t>(found - window.places);
        REQUIRE(at < 4);
        count.ties += std::count(window.values, window.values + 4, best) > 1 ? 1 : 0;
        count.later += window.values[at] == best && at != first ? 1 : 0;
        count.smaller += best - window.values[at] > 2e-6 * window.scale ? 1 : 0;
        count.wrong += std::abs(out[i] - best) > 2e-6 * scale ? 1 : 0;
        count.gate += relu && window.scale < 1e-8 && (best > 0.0) != (out[i] > 0.0F) ? 1 : 0;
        count.not_zero += relu && best == 0.0 && out[i] != 0.0F ? 1 : 0;
    }
    return count;
}

}  // namespace

TEST_CASE("a max-pool behind the fast or the sparse 3×3 convolution takes the first of equal maxima") {
    using Picture = std::function<std::size_t(std::size_t y, std::size_t x)>;
    const std::pair<std::string, Picture> pictures[] = {
        {"noise", [](std::size_t y, std::size_t x) { return 64 * y + x; }},
        {"one colour", [](std::size_t, std::size_t) { return 1; }},
        {"columns", [](std::size_t, std::size_t x) { return x; }},
        {"rows", [](std::size_t y, std::size_t) { return y; }},
        {"diagonals", [](std::size_t y, std::size_t x) { return 64 + y - x; }},
        {"other diagonals", [](std::size_t y, std::size_t x) { return y + x; }},
        {"stairs", [](std::size_t y, std::size_t x) { return x > y ? 1 : 2; }},
        {"blocks", [](std::size_t y, std::size_t x) { return y / 5 * 8 + x / 5; }},
        {"far columns", [](std::size_t, std::size_t x) { return x % 3 == 0 ? x + 1 : 0; }},
        {"far rows", [](std::size_t y, std::size_t) { return y % 3 == 0 ? y + 1 : 0; }},
        {"blocks, rectified", [](std::size_t y, std::size_t x) { return y / 5 * 8 + x / 5; }},
        {"noise, rectified", [](std::size_t y, std::size_t x) { return 64 * y + x + 1; }},
        {"one line on nothing", [](std::size_t y, std::size_t) { return y == 4 ? 1 : 0; }},
        {"one spot on nothing", [](std::size_t y, std::size_t x) { return y == 5 && x == 6 ? 1 : 0; }},
        {"one spot, hardly a bias", [](std::size_t y, std::size_t x) { return y == 5 && x == 6 ? 1 : 0; }},
    };
    std::vector<ConvSizes> cases;
    for (const std::size_t hw : {4, 7, 14, 17}) {
        cases.push_back(with_padding(sizes(hw, hw, 16, 32, 3, 3, 1, 1, 0), 1, 1, 1, 1));
        cases.push_back(sizes(hw, hw + 3, 16, 20, 3, 3, 1, 1, 1));
    }
    cases.push_back(with_padding(sizes(14, 12, 34, 23, 3, 3, 1, 1, 0), 1, 1, 1, 1));
    cases.push_back(with_padding(sizes(15, 30, 12, 48, 3, 3, 1, 1, 1), 2, 0, 0, 2));
    std::uint32_t seed = 7000;
    int ties = 0;
    for (const ConvSizes& s : cases) {
        for (const auto& [name, picture] : pictures) {
            Problem problem(s, ++seed);
            for (std::size_t i = 0; i < problem.in.size(); ++i) {
                const std::size_t pixel = i / s.in_c;
                const auto colour = static_cast<std::uint32_t>(picture(pixel / s.in_w, pixel % s.in_w));
                Numbers numbers(seed + 4096 * colour + static_cast<std::uint32_t>(i % s.in_c));
                problem.in[i] = colour == 0 ? 0.0F : numbers.next();
                // Less than half of them are left: few enough for the form that goes from value to value.
                if (name.ends_with("rectified")) problem.in[i] = std::max(problem.in[i] - 0.3F, 0.0F);
            }
            const bool on_nothing = name.ends_with("nothing");
            if (on_nothing) std::fill_n(problem.bias.data(), problem.bias.size(), 0.0F);
            for (std::size_t o = 0; name.ends_with("bias") && o < s.out_c; ++o) {
                problem.bias[o] = o % 2 == 0 ? 1e-9F : -1e-9F;
            }
            PackedWeights fast;
            pack_weights(problem.weights.data(), 3, 3, s.in_c, s.out_c, fast);
            PackedWeights sparse = fast;
            pack_winograd(fast);
            pack_by_input(sparse);
            const std::vector<Sum> sums = problem.forward(true);
            const std::size_t cells = (s.out_h / 2) * (s.out_w / 2);
            for (const Kernels* table : available_kernels()) {
                for (const bool relu : {false, true}) {
                    for (const PackedWeights* packed : {&fast, &sparse}) {
                        INFO(std::string(table->name), ": ", describe(s), ", ", name, relu ? ", ReLU" : "",
                             packed == &fast ? ", fast" : ", sparse");
                        Floats out(cells * s.out_c, 777.0F);
                        Guarded<std::uint32_t> switches(cells * s.out_c, 777U);
                        table->conv_pool_traced(s, problem.in.data(), *packed, problem.bias.data(), out.data(),
                                                switches.data(), relu ? Fuse::relu : Fuse::none);
                        const Count count = compare(problem, sums, relu, out, switches);
                        CHECK(count.later == 0);
                        CHECK(count.smaller == 0);
                        CHECK(count.wrong == 0);
                        CHECK(count.not_zero == 0);
                        CHECK(count.gate == 0);
                        CHECK(out.intact());
                        CHECK(switches.intact());
                        ties += count.ties;
                    }
                }
            }
        }
    }
    CHECK(ties > 10'000);
}
