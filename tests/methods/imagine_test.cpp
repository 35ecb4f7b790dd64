/// Syntheses: on the shipped network they find what they look for, as PyTorch does where it does the same, and say what
/// went wrong where something does.
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/rounds.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"
#include "support/results.hpp"

#if !defined(__EMSCRIPTEN__)
#include "pellucid/data/npy.hpp"
#endif

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

const std::string root = PELLUCID_SOURCE_DIR "/";

Tensor pen(std::size_t index) { return normalise(pen_digit(index).drawing).image; }

using Given = std::vector<std::pair<std::string_view, std::string_view>>;

Result run(Explainer& explainer, const char* id, const Tensor& x, std::string_view target, const Given& given = {}) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : given) params.set(name, value);
    return explain(method, {explainer, x, Target::parse(target), params});
}

std::string refusal(Explainer& explainer, const char* id, std::string_view target, const Given& given) {
    try {
        run(explainer, id, pen(3), target, given);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

std::span<const float> curve(const Result& result, std::string_view name, std::size_t n = 0) {
    const Series* series = result.find<Series>(name);
    REQUIRE(series != nullptr);
    return sample(series->values, n);
}

}  // namespace

TEST_CASE("syntheses: every run on lenet makes its objective smaller, keeps to the range, and is the same again") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const std::vector<std::pair<const char*, std::string_view>> cases = {{"activation_maximisation", "class:3"},
                                                                         {"activation_maximisation", "channel:conv2/5"},
                                                                         {"deep_dream", "norm:relu2"},
                                                                         {"fooling_image", "class:7"},
                                                                         {"inversion", "norm:conv2"},
                                                                         {"deep_image_prior", "class:3"},
                                                                         {"inpainting", "class:3"}};
    for (const auto& [id, target] : cases) {
        CAPTURE(id);
        const std::size_t digit = std::string_view(id) == "inpainting" ? 8 : 4;
        const char* const steps = std::string_view(id) == "inpainting" ? "150" : "40";
        const Result first = run(lenet, id, pen(digit), target, {{"steps", steps}});
        const auto objective = curve(first, "objective");
        CHECK(objective.size() == (std::string_view(id) == "inpainting" ? 150 : 40));
        CHECK(objective.back() < objective.front());
        CHECK(test::number(first, "diverged") == 0);
        for (const float v : elements(first.map())) CHECK((v >= 0.0F && v <= 1.0F));
        const Result again = run(lenet, id, pen(digit), target, {{"steps", steps}});
        CHECK(std::equal(first.map().data(), first.map().data() + first.map().size(), again.map().data()));
    }
}

TEST_CASE("activation_maximisation: lenet is surer than 0.99 of every class's picture") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    for (int c = 0; c < 10; c += test::stride(4)) {
        CAPTURE(c);
        const Result by_logit = run(lenet, "activation_maximisation", pen(0), fmt::format("class:{}", c));
        CHECK(test::number(by_logit, "predicted") == c);
        CHECK(test::number(by_logit, "probability") > 0.99);
        // A log-probability ends at 0: against much of a regulariser it would stop early.
        const Result by_probability =
            run(lenet, "activation_maximisation", pen(0), fmt::format("prob:{}", c), {{"l2", "0.02"}, {"tv", "0.2"}});
        CHECK(test::number(by_probability, "predicted") == c);
        CHECK(test::number(by_probability, "probability") > 0.99);
    }
}

#if !defined(__EMSCRIPTEN__)
TEST_CASE("activation_maximisation: twenty steps as PyTorch makes them") {
    const std::string folder = root + "tests/optimise/goldens/";
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const Result result = run(lenet, "activation_maximisation", read_npy(folder + "picture.npy").pixels, "class:3",
                              {{"steps", "20"},
                               {"start", "drawing"},
                               {"jitter", "0"},
                               {"l2", "1"},
                               {"tv", "5"},
                               {"learning_rate", "0.05"},
                               {"blur", "0"},
                               {"decay", "0"}});
    const Tensor objective = read_npy(folder + "maximise_objective.npy").pixels;
    const Tensor picture = read_npy(folder + "maximise_picture.npy").pixels;
    const auto ours = curve(result, "objective");
    for (std::size_t k = 0; k < 20; ++k) CHECK(ours[k] == doctest::Approx(objective.data()[k]).epsilon(1e-4));
    // Adam divides by the gradient's size: where that is next to nothing, its sign is a matter of rounding.
    std::size_t apart = 0;
    for (std::size_t i = 0; i < picture.size(); ++i)
        apart += std::abs(picture.data()[i] - result.map().data()[i]) > 1e-3F ? 1 : 0;
    CHECK(apart <= 4);
}
#endif

TEST_CASE("inversion: conv1 knows the digit to a tenth, and pictures of deeper layers are further from the drawing") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    Tensor x(Shape{3, 28, 28, 1});
    for (std::size_t n = 0; n < 3; ++n) std::ranges::copy(elements(pen(n + 3)), sample(x, n).begin());
    double before = 0;
    for (const char* layer : {"conv1", "conv2", "conv3", "dense1"}) {
        CAPTURE(layer);
        const Result result = run(lenet, "inversion", x, "predicted", {{"layer", layer}});
        if (std::string_view(layer) == "conv1") {
            for (const double error : result.scalar("feature_error")) CHECK(error <= 0.1);
        }
        CHECK(test::number(result, "picture_error") > before);
        before = test::number(result, "picture_error");
    }
    const Result constrained = run(lenet, "inversion", x, "norm:conv1", {{"form", "constrained"}});
    CHECK(test::number(constrained, "feature_error") <= 0.2);
}

TEST_CASE("deep_image_prior: after the same steps a digit is nearer than noise") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    Random random(8);
    const Result digit = run(lenet, "deep_image_prior", pen(5), "predicted", {{"steps", "150"}});
    const Result noise = run(lenet, "deep_image_prior", test::uniform_tensor({1, 28, 28, 1}, random, 0, 1), "predicted",
                             {{"steps", "150"}});
    const auto of_digit = curve(digit, "psnr"), of_noise = curve(noise, "psnr");
    for (const std::size_t step : {std::size_t{50}, std::size_t{149}}) {
        CAPTURE(step);
        CHECK(of_digit[step] - of_digit[0] > of_noise[step] - of_noise[0] + 3);
    }
    const Result natural = run(lenet, "deep_image_prior", pen(5), "predicted", {{"steps", "150"}, {"layer", "conv1"}});
    const auto objective = curve(natural, "objective");
    CHECK(objective.back() < 0.2F * objective.front());
}

TEST_CASE("deep_image_prior and inpainting: at their defaults no digit ends as blank paper") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const std::size_t digits = test::rounds(10);
    Tensor x(Shape{digits, 28, 28, 1});
    for (std::size_t n = 0; n < digits; ++n) std::ranges::copy(elements(pen(n)), sample(x, n).begin());
    const Result prior = run(lenet, "deep_image_prior", x, "predicted");
    for (std::size_t n = 0; n < digits; ++n) {
        CAPTURE(n);
        CHECK(curve(prior, "psnr", n).back() > 17);
        CHECK(prior.scalar("predicted")[n] == static_cast<double>(n));
    }
    const Result filled = run(lenet, "inpainting", x, "predicted");
    for (const double error : filled.scalar("known_error")) CHECK(error < 0.08);
}

TEST_CASE("activation_maximisation: from a class's mean it begins there") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    Params params(find_method("activation_maximisation").card);
    params.set("mean", ParamValue(std::make_shared<const Tensor>(pen(7))));
    params.set("start", std::string_view("mean"));
    params.set("frames", std::string_view("1"));
    params.set("steps", std::string_view("1"));
    const Result result = explain(find_method("activation_maximisation"), {lenet, pen(3), Target::of_class(7), params});
    const Frames* frames = result.find<Frames>("frames");
    REQUIRE(frames != nullptr);
    CHECK(std::ranges::equal(elements(frames->images[0]), elements(pen(7))));
    CHECK(refusal(lenet, "activation_maximisation", "class:3", {{"start", "mean"}}) ==
          "the start `mean` needs the picture `mean`");
}

TEST_CASE("inpainting: what was kept stays to the last bit, and what was erased is filled with ink and paper") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const Tensor x = pen(8);
    const Result result = run(lenet, "inpainting", x, "predicted");
    double filled = 0, erased = 0;
    for (std::size_t r = 0; r < 28; ++r) {
        for (std::size_t c = 0; c < 28; ++c) {
            const bool inside = r >= 7 && r < 21 && c >= 7 && c < 21;
            if (!inside) {
                CHECK(result.map()(0, r, c, 0) == x(0, r, c, 0));
                continue;
            }
            filled += std::pow(static_cast<double>(result.map()(0, r, c, 0) - x(0, r, c, 0)), 2.0);
            erased += std::pow(static_cast<double>(x(0, r, c, 0)), 2.0);
        }
    }
    CHECK(erased > 0);
    MESSAGE("what is missing of the erased part: ", std::sqrt(filled / erased));
    CHECK(test::number(result, "known_error") < 0.05);

    Params params(find_method("inpainting").card);
    Tensor mask = filled_within({1, 28, 28, 1}, InputRange{}, 1.0F);
    mask(0, 3, 4, 0) = 0;
    params.set("mask", ParamValue(std::make_shared<const Tensor>(mask)));
    params.set("steps", std::string_view("5"));
    const Result one = explain(find_method("inpainting"), {lenet, x, Target{}, params});
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (i != 3 * 28 + 4) CHECK(one.map().data()[i] == x.data()[i]);
    }
    CHECK(one.map()(0, 3, 4, 0) != x(0, 3, 4, 0));
}

TEST_CASE("fooling_image: from noise to a sure answer near where it began, and there it stays") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    for (int c = 0; c < 10; ++c) {
        CAPTURE(c);
        const Result result = run(lenet, "fooling_image", pen(1), fmt::format("class:{}", c));
        CHECK(test::number(result, "success") == 1);
        CHECK(test::number(result, "predicted") == c);
        CHECK(test::number(result, "probability") >= 0.99);
        CHECK(test::number(result, "l2") < 4);
        const Tensor& change = test::image(result, "perturbation");
        CHECK(test::number(result, "l2") ==
              doctest::Approx(
                  std::sqrt(std::inner_product(change.data(), change.data() + change.size(), change.data(), 0.0)))
                  .epsilon(1e-5));
    }
}

TEST_CASE("deep_dream: more of the layer's norm than in the drawing, from coarse to fine") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const Target target = Target::parse("norm:conv2");
    const double before = lenet.plain().values(pen(6), target)[0];
    for (const char* octaves : {"1", "3"}) {
        const Result result = run(lenet, "deep_dream", pen(6), "norm:conv2", {{"octaves", octaves}});
        CHECK(result.value[0] > 1.5 * before);
    }
}

TEST_CASE("syntheses: pictures on the way, and snapshots of a run that goes on") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const Result result = run(lenet, "deep_dream", pen(6), "norm:conv2", {{"steps", "10"}, {"frames", "4"}});
    const Frames* frames = result.find<Frames>("frames");
    REQUIRE(frames != nullptr);
    CHECK(frames->steps == std::vector<std::uint32_t>{0, 3, 5, 8});
    CHECK(std::equal(frames->images[0].data(), frames->images[0].data() + 784, pen(6).data()));

    const Method& method = find_method("activation_maximisation");
    const auto run = start(method, {lenet, pen(2), Target::of_class(3), Params(method.card)});
    CHECK_THROWS_AS(run->snapshot(), Error);
    for (int i = 0; i < 5; ++i) run->step();
    CHECK(curve(run->snapshot(), "objective").size() == 5);
    const Tensor then = run->snapshot().map();
    CHECK(std::equal(then.data(), then.data() + then.size(), run->snapshot().map().data()));
    run->step();
    CHECK(!std::equal(then.data(), then.data() + then.size(), run->snapshot().map().data()));
}

TEST_CASE("syntheses: steps far too long are told, and the best picture is kept") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    const Result result = run(lenet, "inversion", pen(4), "norm:conv1",
                              {{"learning_rate", "1000"}, {"steps", "30"}, {"start", "drawing"}, {"tv", "0.1"}});
    CHECK(test::number(result, "diverged") == 1);
    CHECK(test::number(result, "picture_error") == doctest::Approx(0));
    // A run that mostly loses again what it had gained tells it too, and gives the best that it had.
    for (const char* rate : {"0.05", "10", "60", "200"}) {
        CAPTURE(rate);
        const Result far = run(lenet, "inversion", pen(4), "norm:conv1", {{"learning_rate", rate}, {"steps", "120"}});
        const auto objective = curve(far, "objective");
        const float best = *std::ranges::min_element(objective);
        std::vector<float> last(objective.end() - 20, objective.end());
        std::ranges::sort(last);
        const bool away = last[9] - best > std::max(0.05F * (1 + objective[0]), (objective[0] - best) / 2);
        CHECK(test::number(far, "diverged") == (away ? 1 : 0));
        if (away) CHECK(test::number(far, "feature_error") < std::sqrt(best) + 0.01F);
        if (rate == std::string_view("0.05")) CHECK(!away);
    }
    const Result weights =
        run(lenet, "deep_image_prior", pen(4), "predicted", {{"learning_rate", "1000000"}, {"steps", "30"}});
    for (const float v : elements(weights.map())) CHECK(std::isfinite(v));
}

TEST_CASE("syntheses: what does not fit is refused with the way out") {
    Explainer lenet(load_onnx(root + "models/lenet.onnx"));
    CHECK(refusal(lenet, "inversion", "predicted", {{"layer", "conv9"}}).find("conv9") != std::string::npos);
    CHECK(refusal(lenet, "activation_maximisation", "class:3", {{"to_mean", "1"}}) ==
          "activation_maximisation: to_mean needs the picture `mean`");
    const auto with_image = [&](const char* id, std::string_view name, const Tensor& image) {
        Params params(find_method(id).card);
        params.set(name, ParamValue(std::make_shared<const Tensor>(image)));
        try {
            explain(find_method(id), {lenet, pen(3), Target{}, params});
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(with_image("inpainting", "mask", zeros({1, 28, 27, 1})) ==
          "inpainting: a mask of shape (1, 28, 27, 1) does not fit inputs of shape (1, 28, 28, 1)");
    CHECK(with_image("inpainting", "mask", zeros({1, 28, 28, 1})) ==
          "inpainting: the mask keeps nothing of input 0: it must keep something");
    CHECK(with_image("activation_maximisation", "mean", zeros({2, 28, 28, 1})).find("does not fit") !=
          std::string::npos);

    // A layer that is 0 everywhere has nothing to make a picture from.
    Network dark({1, 4, 4, 1});
    dark.add("conv", std::make_unique<Conv2d>(zeros({1, 1, 1, 1}), filled({1, 1, 1, 1}, -1.0F)));
    dark.add("relu", std::make_unique<Activation>(Activation::Function::relu));
    dark.add("flatten", std::make_unique<Flatten>());
    Explainer explainer(std::move(dark));
    CHECK_THROWS_WITH_AS(
        run(explainer, "inversion", zeros({1, 4, 4, 1}), "norm:relu"),
        "the layer 'relu' is 0 everywhere for input 0: there is nothing to make a picture from; take another layer",
        Error);
}
