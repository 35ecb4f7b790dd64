/// What mask methods are built from against their formulas and finite differences, and what the methods owe: their numbers
/// against the published definitions stand in tests/parity.
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
                    std::span<const double> gradient) {
    constexpr double step = 1e-5;
    for (std::size_t i = 0; i < point.size(); ++i) {
        const double at = point[i];
        point[i] = at + step;
        const double above = function(point);
        point[i] = at - step;
        const double below = function(point);
        point[i] = at;
        CHECK(std::abs((above - below) / (2 * step) - gradient[i]) <= 1e-5 * (1 + std::abs(gradient[i])));
    }
}

}  // namespace

TEST_CASE("smooth masks: smooth maxima of discs, to the formula, and their gradient") {
    for (const auto& [height, width, step, sigma] :
         {std::tuple<std::size_t, std::size_t, std::size_t, double>{9, 11, 1, 2.625}, {10, 7, 2, 2.2}, {12, 12, 3, 6.0}}) {
        SmoothMask mask(height, width, step, sigma);
        Random random(4);
        std::vector<double> m = uniform(mask.parameters(), random);
        m[0] = 0;
        m[1] = 1;
        mask.generate(m);
        const std::vector<double> inner = mask.cropped();
        REQUIRE(inner.size() == height * width);
        const auto s = static_cast<double>(step);
        const auto radius = static_cast<std::ptrdiff_t>(1 + std::ceil(sigma / s));
        const auto margin = static_cast<std::ptrdiff_t>(std::lround(sigma));
        const auto padding = 1 + static_cast<std::ptrdiff_t>(std::ceil((static_cast<double>(margin) + sigma) / s));
        const auto rows = static_cast<std::ptrdiff_t>((height + step - 1) / step);
        const auto columns = static_cast<std::ptrdiff_t>((width + step - 1) / step);
        for (std::size_t y = 0; y < height; ++y) {
            for (std::size_t x = 0; x < width; ++x) {
                // As TorchRay has it: of the full mask's pixel (uy, ux), the parameters from its own cell on.
                const auto uy = static_cast<std::ptrdiff_t>(y) + margin, ux = static_cast<std::ptrdiff_t>(x) + margin;
                double top = 0, bottom = 0;
                for (std::ptrdiff_t ky = 0; ky <= 2 * radius; ++ky) {
                    for (std::ptrdiff_t kx = 0; kx <= 2 * radius; ++kx) {
                        const std::ptrdiff_t iy = uy / static_cast<std::ptrdiff_t>(step) + ky - padding;
                        const std::ptrdiff_t ix = ux / static_cast<std::ptrdiff_t>(step) + kx - padding;
                        const double d = std::hypot(static_cast<double>(uy - margin) - s * static_cast<double>(iy),
                                                    static_cast<double>(ux - margin) - s * static_cast<double>(ix));
                        const bool inside = iy >= 0 && iy < rows && ix >= 0 && ix < columns;
                        const double v = !inside ? 0
                                                 : std::exp(-2 * std::pow(std::max(d / sigma - 0.5, 0.0), 2)) *
                                                       m[static_cast<std::size_t>(iy * columns + ix)];
                        top += v * std::exp(20 * v);
                        bottom += std::exp(20 * v);
                    }
                }
                CHECK(inner[y * width + x] == doctest::Approx(top / bottom).epsilon(1e-7));
            }
        }
        for (double& v : m) v = 0.1 + 0.8 * v;  // differences must stay within 0 … 1
        const std::vector<double> incoming = uniform(mask.full_size(), random);
        mask.generate(m);
        const std::vector<double> gradient = mask.backward(m, incoming);
        check_gradient([&](std::span<const double> at) { return product(mask.generate(at), incoming); }, m, gradient);
    }
    CHECK_THROWS_WITH_AS(SmoothMask(28, 28, 8, 1.0), doctest::Contains("leaves gaps"), Error);
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
        check_gradient([&](std::span<const double> at) { return grid.add_variation(at, beta, 0.0, ignored); }, m, gradient);
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
    for (const char* wrong : {"", "5,", "five", "0", "100", "5;10", "nan", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"}) {
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
        for (std::size_t c = 0; c < 16; ++c) (y < 8 && c >= 8 ? inside : outside) += static_cast<double>(result.map()(0, y, c, 0)) / 64;
    }
    CHECK(inside > 0.2);
    CHECK(outside / 3 < 0.3 * inside);
    CHECK(result.scalar("area")[0] < 0.5);
    CHECK_THROWS_WITH_AS(test::ask("meaningful_perturbation", explainer, x, Target::of_class(0),
                                   {{"start", test::tensor_value(zeros({1, 3, 3, 1}))}}),
                         doctest::Contains("(1, 8, 8, 1) does"), Error);
}
