/// Properties of the gradient-like methods over random networks and over shapes that break things.
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/oracle.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"
#include "support/rounds.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;
using test::number;

namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Result ask(Explainer& explainer, const char* id, const Tensor& x, const Target& target, const Settings& settings = {},
           const Tensor* baseline = nullptr) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : settings) params.set(name, std::string_view(value));
    if (baseline != nullptr) params.set("baseline_image", ParamValue(std::make_shared<const Tensor>(*baseline)));
    return explain(method, {explainer, x, target, params});
}

double largest(const Tensor& tensor) {
    double most = 0;
    for (const float v : elements(tensor)) most = std::max(most, std::abs(static_cast<double>(v)));
    return most;
}

Tensor combined(double a, const Tensor& x, double b, const Tensor& y) {
    Tensor sum(x.shape());
    for (std::size_t i = 0; i < x.size(); ++i) {
        sum.data()[i] = static_cast<float>(a * static_cast<double>(x.data()[i]) + b * static_cast<double>(y.data()[i]));
    }
    return sum;
}

/// A convolution where the image has more than one pixel, a pool where there is room, and dense layers.
Network network_of(const Shape& input, std::uint32_t seed) {
    Random random(seed);
    Network network(input);
    const auto weights = [&](const Shape& shape, std::size_t fan) {
        return test::random_tensor(shape, random, std::sqrt(2.0F / static_cast<float>(fan)));
    };
    const auto dense = [&](const char* name, std::size_t outputs) {
        const std::size_t inputs = network.shape(network.output())[3];
        Tensor weight = weights({1, 1, inputs, outputs}, inputs),
               bias = test::random_tensor({1, 1, 1, outputs}, random, 0.3F);
        network.add(name, std::make_unique<Dense>(std::move(weight), std::move(bias)));
    };
    if (input[1] * input[2] > 1) {
        const std::size_t h = std::min<std::size_t>(3, input[1]), w = std::min<std::size_t>(3, input[2]);
        Tensor weight = weights({h, w, input[3], 17}, h * w * input[3]),
               bias = test::random_tensor({1, 1, 1, 17}, random, 0.3F);
        network.add("conv", std::make_unique<Conv2d>(std::move(weight), std::move(bias), Stride{},
                                                     Padding{h / 2, w / 2, 0, 1}));
        network.add("relu", std::make_unique<Activation>(Activation::Function::relu));
        if (input[1] >= 4 && input[2] >= 4)
            network.add("pool", std::make_unique<MaxPool2d>(Window{2, 2, {2, 2}, {}, true}));
        network.add("flatten", std::make_unique<Flatten>());
    }
    dense("dense1", 13);
    network.add("relu_of_dense", std::make_unique<Activation>(Activation::Function::relu));
    dense("dense2", 3);
    return network;
}

const std::vector<Shape> odd_shapes{{1, 1, 1, 1},  {1, 1, 1, 17}, {1, 1, 9, 1}, {1, 9, 1, 2}, {1, 2, 2, 1},
                                    {1, 5, 3, 17}, {1, 7, 11, 1}, {1, 3, 3, 3}, {1, 13, 5, 4}};

/// The Gaussian blur of integrated gradients in its plain form: one double loop, normalised without the border.
Tensor blurred(const Tensor& x) {
    const auto [n, height, width, channels] = x.shape();
    Tensor result(x.shape());
    const auto weight = [](std::ptrdiff_t d) {
        return std::abs(d) > 12 ? 0.0 : std::exp(-static_cast<double>(d * d) / 32);
    };
    double sum = 0;
    for (std::ptrdiff_t d = -12; d <= 12; ++d) sum += weight(d);
    const auto distance = [](std::size_t a, std::size_t b) {
        return static_cast<std::ptrdiff_t>(a) - static_cast<std::ptrdiff_t>(b);
    };
    for (std::size_t y = 0; y < height; ++y) {
        for (std::size_t c = 0; c < width; ++c) {
            for (std::size_t k = 0; k < channels; ++k) {
                double total = 0;
                for (std::size_t v = 0; v < height; ++v) {
                    for (std::size_t u = 0; u < width; ++u) {
                        total += weight(distance(y, v)) * weight(distance(c, u)) * static_cast<double>(x(0, v, u, k));
                    }
                }
                result(0, y, c, k) = static_cast<float>(total / (sum * sum));
            }
        }
    }
    return result;
}

}  // namespace

TEST_CASE("integrated_gradients: contributions are complete to 1e-3, whatever the quadrature and the baseline") {
    for (std::uint32_t seed = 0; seed < test::rounds(5); ++seed) {
        Explainer explainer(test::random_network(seed));
        Random random(seed + 80);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        const Tensor own = test::random_tensor(explainer.network().input_shape(), random);
        const Target target = Target::of_class(seed % explainer.network().classes());
        for (const char* baseline : {"paper", "ink", "blurred", "noise_mean", "image"}) {
            for (const char* quadrature :
                 {"gauss_legendre", "riemann_right", "riemann_left", "riemann_middle", "trapezoid"}) {
                CAPTURE(seed);
                CAPTURE(baseline);
                CAPTURE(quadrature);
                // One-sided sums converge with 1/n, the others faster.
                const bool one_sided =
                    std::string_view(quadrature) == "riemann_right" || std::string_view(quadrature) == "riemann_left";
                const bool image = std::string_view(baseline) == "image";
                if (one_sided && !image && !test::all_rounds()) continue;
                const Result result =
                    ask(explainer, "integrated_gradients", x, target,
                        {{"points", one_sided ? "8000" : "1000"}, {"quadrature", quadrature}, {"baseline", baseline}},
                        image ? &own : nullptr);
                double sum = 0, size = 0;
                for (const float v : elements(result.map())) {
                    sum += static_cast<double>(v);
                    size += std::abs(static_cast<double>(v));
                }
                // Relative to what is added up: the difference itself may be next to nothing.
                CHECK(std::abs(sum - (result.value[0] - number(result, "baseline_value"))) <= 1e-3 * size);
            }
        }
    }
}

TEST_CASE("integrated_gradients: the baselines are what they are called") {
    Explainer explainer(test::random_network(6));
    Random random(81);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Tensor own = test::random_tensor(explainer.network().input_shape(), random);
    const Target target = Target::of_class(1);
    const auto value_at = [&](const Tensor& baseline) { return explainer.plain().values(baseline, target)[0]; };
    const auto reported = [&](const char* name, const Tensor* image = nullptr) {
        return number(ask(explainer, "integrated_gradients", x, target, {{"points", "3"}, {"baseline", name}}, image),
                      "baseline_value");
    };
    CHECK(reported("paper") == doctest::Approx(value_at(zeros(x.shape()))));
    CHECK(reported("ink") == doctest::Approx(value_at(filled(x.shape(), 1))));
    CHECK(reported("noise_mean") == doctest::Approx(value_at(filled(x.shape(), 0.5F))));
    CHECK(reported("blurred") == doctest::Approx(value_at(blurred(x))).epsilon(1e-5));
    CHECK(reported("image", &own) == doctest::Approx(value_at(own)));
    CHECK(reported("paper", &own) == doctest::Approx(value_at(own)));  // an image that is given is meant
    CHECK_THROWS_WITH_AS(reported("image"), doctest::Contains("needs a baseline_image"), Error);
}

TEST_CASE("compat=captum: its habits, unless a parameter says otherwise") {
    Explainer explainer(test::random_network(3));
    Random random(82);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const Target target = Target::of_class(0);
    const Tensor plain = ask(explainer, "gradient", x, target).map();
    const Tensor captum = ask(explainer, "gradient", x, target, {{"compat", "captum"}}).map();
    const Tensor told = ask(explainer, "gradient", x, target, {{"compat", "captum"}, {"absolute", "false"}}).map();
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(captum.data()[i] == std::abs(plain.data()[i]));
        CHECK(told.data()[i] == plain.data()[i]);
    }
    for (const char* quadrature : {"trapezoid", "riemann_left", "gauss_legendre"}) {
        const Settings ours{{"points", "8"}, {"quadrature", quadrature}};
        Settings theirs = ours;
        theirs.emplace_back("compat", "captum");
        const Tensor a = ask(explainer, "integrated_gradients", x, target, ours).map();
        const Tensor b = ask(explainer, "integrated_gradients", x, target, theirs).map();
        const double share = std::string_view(quadrature) == "trapezoid" ? 7.0 / 8.0 : 1.0;
        CHECK(largest(combined(share, a, -1, b)) <= 1e-6 * largest(a));
    }
}

TEST_CASE("smoothgrad: captum's noise has its own size, and its gradients no sign") {
    Explainer explainer(test::random_network(3));
    Random random(84);
    const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
    const auto [low, high] = std::minmax_element(x.data(), x.data() + x.size());
    const Target target = Target::of_class(0);
    // The same noise either way, told as a share of the range and in pixels' unit.
    const Tensor captum = ask(explainer, "smoothgrad", x, target, {{"compat", "captum"}, {"absolute", "false"}}).map();
    const Tensor ours =
        ask(explainer, "smoothgrad", x, target, {{"samples", "5"}, {"sigma", std::to_string(1.0F / (*high - *low))}})
            .map();
    CHECK(largest(combined(1, captum, -1, ours)) <= 1e-4 * largest(ours));
    const Tensor magnitudes = ask(explainer, "smoothgrad", x, target, {{"compat", "captum"}}).map();
    double above = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(magnitudes.data()[i] >= std::abs(captum.data()[i]) * 0.9999F);
        above = std::max(above, static_cast<double>(magnitudes.data()[i] - std::abs(captum.data()[i])));
    }
    CHECK(above > 0.01 * largest(captum));  // of both signs among the copies
    const Tensor square = ask(explainer, "smoothgrad", x, target, {{"compat", "captum"}, {"variant", "squared"}}).map();
    const Tensor variance =
        ask(explainer, "smoothgrad", x, target, {{"compat", "captum"}, {"variant", "variance"}}).map();
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(std::abs(square.data()[i] - magnitudes.data()[i] * magnitudes.data()[i] - variance.data()[i]) <=
              1e-5 * largest(square));
    }
}

TEST_CASE("grad_cam: of itself it takes the activation behind the last convolution") {
    Explainer explainer(load_onnx(PELLUCID_SOURCE_DIR "/models/lenet.onnx"));
    const Tensor drawing = normalise(pen_digit(3).drawing).image;
    const Tensor map = ask(explainer, "grad_cam", drawing, Target::of_class(1), {}).map();
    CHECK(map == ask(explainer, "grad_cam", drawing, Target::of_class(1), {{"layer", "relu3"}}).map());
    CHECK(map != ask(explainer, "grad_cam", drawing, Target::of_class(1), {{"layer", "conv3"}}).map());
}

TEST_CASE("gradient-like methods: a contrast's map is the difference of its two logits' maps") {
    const std::vector<std::pair<const char*, Settings>> linear{{"gradient", {}},
                                                               {"input_x_gradient", {}},
                                                               {"integrated_gradients", {{"points", "7"}}},
                                                               {"smoothgrad", {{"samples", "6"}}},
                                                               {"expected_gradients", {{"samples", "6"}}},
                                                               {"occlusion", {{"stride", "3"}}},
                                                               {"grad_cam", {{"relu", "false"}}}};
    std::size_t compared = 0;
    for (std::uint32_t seed = 0; seed < 6; ++seed) {
        Explainer explainer(test::random_network(seed));
        Random random(seed + 83);
        const Tensor x = test::random_tensor(explainer.network().input_shape(), random);
        for (const auto& [id, settings] : linear) {
            CAPTURE(id);
            CAPTURE(seed);
            const Tensor first = ask(explainer, id, x, Target::of_class(2), settings).map();
            const Tensor second = ask(explainer, id, x, Target::of_class(0), settings).map();
            const Tensor contrast = ask(explainer, id, x, Target::parse("contrast:2-0"), settings).map();
            const double scale = std::max(largest(first), largest(second));
            CHECK(largest(combined(1, first, -1, second)) > 0.01 * scale);
            CHECK(largest(combined(1, contrast, -1, combined(1, first, -1, second))) <= 1e-5 * scale);
            ++compared;
        }
    }
    CHECK(compared == 6 * linear.size());
}

TEST_CASE("gradient-like methods: one pixel, one channel, 17 channels, odd sizes and dense layers alone") {
    for (std::size_t i = 0; i < odd_shapes.size(); ++i) {
        Explainer explainer(network_of(odd_shapes[i], static_cast<std::uint32_t>(i)));
        const Network& network = explainer.network();
        CAPTURE(to_string(odd_shapes[i]));
        Random random(static_cast<std::uint32_t>(i) + 90);
        const Tensor x = test::random_tensor(network.input_shape(), random);
        const Target target = Target::of_class(1);
        test::Array at(x);
        const auto value = [&] { return test::reference_forward(network, at)[network.logits()].data[1]; };
        const test::Array slope = test::numeric_gradient(value, at, 1e-7);
        const Tensor gradient = ask(explainer, "gradient", x, target).map();
        CHECK(test::relative_error(gradient, slope) <= 1e-4);
        const Tensor product = ask(explainer, "input_x_gradient", x, target).map();
        for (std::size_t j = 0; j < x.size(); ++j) CHECK(product.data()[j] == gradient.data()[j] * x.data()[j]);
        // No noise: the gradient itself, with no error; its square; no variance.
        const Result still = ask(explainer, "smoothgrad", x, target, {{"sigma", "0"}, {"samples", "9"}});
        CHECK(largest(combined(1, still.map(), -1, gradient)) <= 1e-6 * largest(gradient));
        CHECK(largest(still.map("standard_error")) <= 1e-5 * largest(gradient));
        const Tensor variance =
            ask(explainer, "smoothgrad", x, target, {{"sigma", "0"}, {"variant", "variance"}}).map();
        CHECK(largest(variance) <= 1e-10 * largest(gradient) * largest(gradient));
        const Result path = ask(explainer, "integrated_gradients", x, target, {{"points", "2000"}});
        CHECK(number(path, "completeness_gap") <= 2e-3);
        for (const char* id : {"simple_taylor", "expected_gradients", "guided_backprop", "deconvnet", "occlusion"}) {
            CAPTURE(id);
            const Result result = ask(explainer, id, x, target);
            CHECK(result.map().shape() == x.shape());
            for (const float v : elements(result.map())) CHECK(std::isfinite(v));
            CHECK(largest(result.map()) > 0);
        }
    }
}
