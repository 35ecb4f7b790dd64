/// What mask methods are built from against their formulas and finite differences, and what the methods owe: their
/// numbers against the published definitions stand in tests/parity.
#include "methods/game_by_hand.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/perturbation/areas.hpp"
#include "pellucid/methods/perturbation/mask_grid.hpp"
#include "pellucid/methods/perturbation/pyramid.hpp"
#include "pellucid/methods/perturbation/smooth_mask.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <tuple>

using namespace pellucid;
using namespace pellucid::methods;

namespace {

std::vector<double> uniform(std::size_t count, Random& random) {
    std::vector<double> values(count);
    for (double& v : values) v = static_cast<double>(random.uniform());
    return values;
}

double product(std::span<const double> a, std::span<const double> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
}

/// `gradient` against central differences of `function` at `point`.
void check_gradient(const std::function<double(std::span<const double>)>& function, std::vector<double> point,
                    std::span<const double> gradient, double bound = 1e-5) {
    constexpr double step = 1e-5;
    for (std::size_t i = 0; i < point.size(); ++i) {
        const double at = point[i];
        point[i] = at + step;
        const double above = function(point);
        point[i] = at - step;
        const double below = function(point);
        point[i] = at;
        CHECK(std::abs((above - below) / (2 * step) - gradient[i]) <= bound * (1 + std::abs(gradient[i])));
    }
}

}  // namespace

TEST_CASE("smooth masks: smooth maxima of discs on a torus, to the formula, and their gradient") {
    for (const auto& [height, width, step, sigma] :
         {std::tuple<std::size_t, std::size_t, std::size_t, double>{12, 11, 1, 2.625},
          {13, 16, 2, 2.2},
          {17, 16, 3, 3.0},
          {3, 2, 1, 1.5},
          {40, 41, 1, 17.0}}) {
        SmoothMask mask(height, width, step, sigma);
        Random random(4);
        std::vector<double> m = uniform(mask.parameters(), random);
        m[0] = 0;
        m[1] = 1;
        const std::vector<double> made = mask.generate(m);
        REQUIRE(made.size() == height * width);
        const auto signed_of = [](std::size_t v) { return static_cast<std::ptrdiff_t>(v); };
        const std::ptrdiff_t reach =
            signed_of(step) * signed_of(1 + static_cast<std::size_t>(std::ceil(sigma / static_cast<double>(step))));
        /// The way from a parameter's row (column) to a pixel's, the shorter way around; nothing beyond the reach.
        const auto way = [&](std::size_t pixel, std::size_t parameter, std::size_t extent) -> std::optional<double> {
            std::ptrdiff_t d = (signed_of(pixel) - signed_of(parameter * step) + signed_of(extent)) % signed_of(extent);
            if (d > signed_of(extent / 2)) d -= signed_of(extent);
            if (std::abs(d) > reach) return std::nullopt;
            return static_cast<double>(d);
        };
        const std::size_t rows = (height + step - 1) / step, columns = (width + step - 1) / step;
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                double top = 0, bottom = 0;
                for (std::size_t p = 0; p < rows * columns; ++p) {
                    const auto dy = way(y, p / columns, height), dx = way(x, p % columns, width);
                    if (!dy || !dx) continue;
                    const double v =
                        std::exp(-2 * std::pow(std::max(std::hypot(*dy, *dx) / sigma - 0.5, 0.0), 2)) * m[p];
                    top += v * std::exp(20 * v);
                    bottom += std::exp(20 * v);
                }
                CHECK(made[y * width + x] == doctest::Approx(top / bottom).epsilon(1e-7));
            }
        }
        for (double& v : m) v = 0.1 + 0.8 * v;  // differences must stay within 0 … 1
        m[2] = 0;
        const std::vector<double> incoming = uniform(height * width, random);
        mask.generate(m);
        const std::vector<double> gradient = mask.backward(m, incoming);
        m[2] = 1e-4;  // at 0 itself there is no difference to the left
        if (height > 30) {
            // Large ones compute exponentials twice; a few parameters are enough to see it.
            for (const std::size_t p : {std::size_t{2}, std::size_t{700}}) {
                const double at = m[p];
                m[p] = at + 1e-5;
                const double above = product(mask.generate(m), incoming);
                m[p] = at - 1e-5;
                const double below = product(mask.generate(m), incoming);
                m[p] = at;
                CHECK((above - below) / 2e-5 == doctest::Approx(gradient[p]).epsilon(1e-2));
            }
            continue;
        }
        check_gradient([&](std::span<const double> at) { return product(mask.generate(at), incoming); }, m, gradient,
                       1e-3);
    }
    // All alike: no place is preferred by where it lies.
    SmoothMask even(12, 12, 1, 2.625);
    const std::vector<double> ones(144, 1.0);
    const std::vector<double> all = even.generate(ones), slopes = even.backward(ones, ones);
    CHECK(*std::max_element(all.begin(), all.end()) - *std::min_element(all.begin(), all.end()) < 1e-12);
    CHECK(*std::max_element(slopes.begin(), slopes.end()) - *std::min_element(slopes.begin(), slopes.end()) < 1e-12);
    CHECK_THROWS_WITH_AS(SmoothMask(28, 28, 3, 2.0), doctest::Contains("leaves gaps"), Error);
}

TEST_CASE("pyramids: 1 shows the image, 0 the blur or paper, and the gradient is the slope between levels") {
    Random random(3);
    const Tensor image = test::uniform_tensor({1, 8, 9, 2}, random, 0.0F, 1.0F);
    const InputRange range;
    for (const Perturbing kind : {Perturbing::blur, Perturbing::fade}) {
        const Pyramid pyramid(image, kind, 5, 1.5, range);
        std::vector<float> out(image.size());
        pyramid.apply(std::vector<double>(72, 1.0), out);
        CHECK(std::equal(out.begin(), out.end(), image.data()));
        pyramid.apply(std::vector<double>(72, 0.0), out);
        if (kind == Perturbing::fade) CHECK(std::all_of(out.begin(), out.end(), [](float v) { return v == 0.0F; }));
        std::vector<double> mask = uniform(72, random);
        const Tensor incoming = test::random_tensor({1, 8, 9, 2}, random);
        const std::vector<double> gradient = pyramid.backward(mask, elements(incoming));
        for (std::size_t i = 0; i < mask.size(); ++i) {
            // Where a difference would cross a level, there is no one slope.
            if (std::abs(4 * mask[i] - std::round(4 * mask[i])) < 0.01) continue;
            const auto value = [&](double at) {
                std::vector<double> moved = mask;
                moved[i] = at;
                pyramid.apply(moved, out);
                double sum = 0;
                for (std::size_t c = 2 * i; c < 2 * i + 2; ++c) sum += static_cast<double>(out[c] * incoming.data()[c]);
                return sum;
            };
            CHECK((value(mask[i] + 1e-3) - value(mask[i] - 1e-3)) / 2e-3 == doctest::Approx(gradient[i]).epsilon(1e-2));
        }
    }
}

TEST_CASE("mask grids: enlarging and gathering are each other's transpose; the variation's gradient") {
    Random random(8);
    const MaskGrid grid(9, 7, 2);
    CHECK(grid.size() == 5 * 4);
    const std::vector<double> m = uniform(grid.size(), random), pixels = uniform(63, random);
    CHECK(product(grid.enlarged(m), pixels) == doctest::Approx(product(m, grid.gathered(pixels))));
    for (const double v : grid.enlarged(std::vector<double>(20, 0.7))) CHECK(v == doctest::Approx(0.7));
    for (const double beta : {1.0, 2.0, 3.0}) {
        std::vector<double> gradient(20, 0.0), ignored(20);
        grid.add_variation(m, beta, 1.0, gradient);
        check_gradient([&](std::span<const double> at) { return grid.add_variation(at, beta, 0.0, ignored); }, m,
                       gradient);
    }
}

TEST_CASE("areas: the pull is the gradient of the distance to the sorted reference; ties share") {
    Random random(2);
    const std::vector<double> m = uniform(40, random);
    const std::vector<double> pull = area_pull(m, 0.3, 5.0);
    const auto regulariser = [](std::span<const double> at) {
        std::vector<double> sorted(at.begin(), at.end());
        std::sort(sorted.begin(), sorted.end());
        double sum = 0;
        for (std::size_t i = 0; i < sorted.size(); ++i) sum += std::pow(sorted[i] - (i < 28 ? 0.0 : 1.0), 2);
        return -5.0 * sum / static_cast<double>(sorted.size());
    };
    check_gradient(regulariser, m, pull);
    for (const double v : area_pull(std::vector<double>(10, 0.9), 0.3, 5.0)) {
        CHECK(v == doctest::Approx(-2 * 5.0 * (0.9 - 0.3) / 10));
    }
    CHECK(parse_areas("5,10.5") == std::vector<double>{0.05, 0.105});
    for (const char* wrong :
         {"", "5,", "five", "0", "100", "5;10", "nan", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(parse_areas(wrong), Error);
    }
}

TEST_CASE("extremal_perturbation: masks keep to their areas, and the region that matters is found") {
    // The answer is the ink in a corner's 4 × 4 pixels of a picture that is ink everywhere.
    Network network({1, 16, 16, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weights = zeros({1, 1, 256, 2});
    for (std::size_t y = 2; y < 7; ++y) {
        for (std::size_t x = 9; x < 14; ++x) weights(0, 0, y * 16 + x, 0) = 1.0F;
    }
    network.add("dense", std::make_unique<Dense>(weights, zeros({1, 1, 1, 2})));
    Explainer explainer(std::move(network));
    const Tensor x = filled({1, 16, 16, 1}, 1.0F);
    for (const char* game : {"preserve", "delete"}) {
        CAPTURE(game);
        const Result result = test::ask("extremal_perturbation", explainer, x, Target::of_class(0),
                                        {{"areas", std::string("5,15,30")},
                                         {"game", std::string(game)},
                                         {"perturbation", std::string("fade")},
                                         {"sigma", 1.5},
                                         {"steps", std::int64_t{600}}});
        const auto& response = *result.find<Series>("response");
        const auto& masks = *result.find<Frames>("masks");
        CHECK(response.at == std::vector<float>{0.05F, 0.15F, 0.3F});
        CHECK(masks.steps == std::vector<std::uint32_t>{5, 15, 30});
        for (std::size_t a = 0; a < 3; ++a) {
            const auto mask = elements(masks.images[a]);
            const double shown = std::accumulate(mask.begin(), mask.end(), 0.0) / 256;
            CAPTURE(a);
            CHECK(shown <= 1.6 * static_cast<double>(response.at[a]) + 0.02);
            double inside = 0;
            for (std::size_t y = 2; y < 7; ++y) {
                for (std::size_t c = 9; c < 14; ++c) inside += static_cast<double>(masks.images[a](0, y, c, 0));
            }
            CHECK(inside >= 0.5 * std::min(25.0, shown * 256));
        }
        // 25 is all of it; the larger the mask, the more is kept, or destroyed.
        const float* kept = response.values.data();
        if (std::string_view(game) == "preserve") {
            CHECK(kept[0] < kept[1]);
            CHECK(kept[2] > 20.0F);
        } else {
            CHECK(kept[0] > kept[1]);
            CHECK(kept[2] < 5.0F);
        }
    }
}

TEST_CASE("meaningful_perturbation: what has to go goes, and little else") {
    // The answer is the ink of one quarter, through a softmax: a probability.
    Network network({1, 16, 16, 1});
    network.add("flatten", std::make_unique<Flatten>());
    Tensor weights = zeros({1, 1, 256, 2});
    for (std::size_t y = 0; y < 8; ++y) {
        for (std::size_t x = 8; x < 16; ++x) weights(0, 0, y * 16 + x, 0) = 0.5F;
    }
    Tensor bias = zeros({1, 1, 1, 2});
    bias(0, 0, 0, 1) = 20.0F;
    network.add("dense", std::make_unique<Dense>(weights, bias));
    Explainer explainer(std::move(network));
    const Tensor x = filled({1, 16, 16, 1}, 1.0F);
    const Result result = test::ask("meaningful_perturbation", explainer, x, Target::of_class(0),
                                    {{"baseline", std::string("paper")}, {"steps", std::int64_t{400}}, {"area", 1e-3}});
    CHECK(result.scalar("left")[0] < 0.1);
    double inside = 0, outside = 0;
    for (std::size_t y = 0; y < 16; ++y) {
        for (std::size_t c = 0; c < 16; ++c)
            (y < 8 && c >= 8 ? inside : outside) += static_cast<double>(result.map()(0, y, c, 0)) / 64;
    }
    CHECK(inside > 0.2);
    CHECK(outside / 3 < 0.3 * inside);
    CHECK(result.scalar("area")[0] < 0.5);
    CHECK_THROWS_WITH_AS(test::ask("meaningful_perturbation", explainer, x, Target::of_class(0),
                                   {{"start", test::tensor_value(zeros({1, 3, 3, 1}))}}),
                         doctest::Contains("(1, 8, 8, 1) does"), Error);
}
