/// Syntheses with a generator and an expert: the shipped ones, on the shipped network.
#include "pellucid/data/idx.hpp"
#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/predictor.hpp"
#include "support/rounds.hpp"
#include "support/results.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using namespace pellucid;

namespace {

const std::string models = PELLUCID_SOURCE_DIR "/models/";

Tensor pen_image(std::size_t index) { return normalise(pen_digit(index).drawing).image; }

/// The shipped network with all that belongs to it.
struct Helped : Explainer {
    Helped() : Explainer(load_onnx(models + "lenet.onnx")) {
        attach(Role::generator, load_onnx(models + "generator.onnx"));
        attach(Role::expert, load_onnx(models + "expert.onnx"));
    }
};

using Given = std::vector<std::pair<std::string_view, std::string_view>>;

Result run_with(Explainer& explainer, const char* id, const Tensor& x, std::string_view target,
                const Given& given = {}) {
    const Method& method = find_method(id);
    Params params(method.card);
    for (const auto& [name, value] : given) params.set(name, value);
    return explain(method, {explainer, x, Target::parse(target), params});
}

std::span<const float> objective_of(const Result& result) {
    const Series* series = result.find<Series>("objective");
    REQUIRE(series != nullptr);
    return sample(series->values, 0);
}

/// ‖x − r(x)‖²: how far the expert moves a picture.
double strangeness(const Tensor& x) {
    const Network expert = load_onnx(models + "expert.onnx");
    const Tensor cleaned = predict_logits(expert, x);
    double square = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        square += std::pow(static_cast<double>(x.data()[i]) - static_cast<double>(cleaned.data()[i]), 2.0);
    return square;
}

}  // namespace

TEST_CASE("am_code_space: the generator's picture of every class is read as that class, by a second network too") {
    Helped lenet;
    Explainer second(load_onnx(models + "gap.onnx"));
    const Network generator = load_onnx(models + "generator.onnx");
    int tried = 0, code_space = 0, plain = 0;
    for (int c = 0; c < 10; c += test::stride(4)) {
        CAPTURE(c);
        const std::string target = fmt::format("class:{}", c);
        const Result result = run_with(lenet, "am_code_space", pen_image(0), target);
        CHECK(test::number(result, "predicted") == c);
        CHECK(test::number(result, "probability") > 0.9);
        CHECK(test::number(result, "diverged") == 0);
        CHECK(objective_of(result).back() <= objective_of(result).front());
        const Scores* code = result.find<Scores>("code");
        REQUIRE(code != nullptr);
        CHECK(code->groups.size() == sample_size(generator.input_shape()));
        Trace trace;
        generator.forward(code->values, trace);
        for (std::size_t i = 0; i < 784; ++i)
            CHECK(trace.values.back().data()[i] == doctest::Approx(result.map().data()[i]).epsilon(1e-4));
        const auto reads = [&](const Tensor& picture) {
            const Tensor& logits = second.plain().forward(picture).values[second.network().logits()];
            return std::max_element(logits.data(), logits.data() + 10) - logits.data() == c;
        };
        ++tried;
        code_space += reads(result.map()) ? 1 : 0;
        plain += reads(run_with(lenet, "activation_maximisation", pen_image(0), target).map()) ? 1 : 0;
    }
    MESSAGE("gap reads ", code_space, " of ", tried, " pictures of codes as lenet does, and ", plain, " plain ones");
    CHECK(10 * code_space >= 9 * tried);
}

TEST_CASE("am_expert: lenet is sure of every class's picture, and the expert finds them less strange than plain ones") {
    Helped lenet;
    double with_expert = 0, without = 0;
    for (int c = 0; c < 10; c += test::stride(4)) {
        CAPTURE(c);
        const std::string target = fmt::format("class:{}", c);
        const Result result = run_with(lenet, "am_expert", pen_image(0), target);
        CHECK(test::number(result, "predicted") == c);
        CHECK(test::number(result, "probability") > 0.9);
        CHECK(objective_of(result).back() < objective_of(result).front());
        with_expert += strangeness(result.map());
        without += strangeness(run_with(lenet, "activation_maximisation", pen_image(0), target).map());
    }
    CHECK(with_expert < 0.5 * without);
}

TEST_CASE("am_expert: from the classes' means it ends at digits that a second network reads, too") {
    Helped lenet;
    Explainer second(load_onnx(models + "gap.onnx"));
    const Tensor means = to_tensor(read_idx_images(models + "means.idx"));
    int tried = 0, agreed = 0;
    for (int c = 0; c < 10; c += test::stride(4)) {
        CAPTURE(c);
        Params params(find_method("am_expert").card);
        params.set("start", std::string_view("mean"));
        params.set("mean",
                   ParamValue(std::make_shared<const Tensor>(batch_slice(means, static_cast<std::size_t>(c), 1))));
        const Result result = explain(find_method("am_expert"), {lenet, pen_image(0), Target::of_class(c), params});
        CHECK(test::number(result, "predicted") == c);
        CHECK(test::number(result, "probability") > 0.9);
        CHECK(*std::max_element(result.map().data(), result.map().data() + 784) > 0.8F);
        const Tensor& logits = second.plain().forward(result.map()).values[second.network().logits()];
        ++tried;
        agreed += std::max_element(logits.data(), logits.data() + 10) - logits.data() == c ? 1 : 0;
    }
    MESSAGE("gap reads ", agreed, " of ", tried, " as they were meant");
    CHECK(agreed >= (test::all_rounds() ? 7 : 2));
}

TEST_CASE("counterfactual: another answer near by, on a path from the drawing's own code") {
    Helped lenet;
    const Network generator = load_onnx(models + "generator.onnx");
    for (const std::size_t digit : {std::size_t{4}, std::size_t{7}, std::size_t{3}}) {
        if (!test::all_rounds() && digit != 3) continue;
        CAPTURE(digit);
        const Result any = run_with(lenet, "counterfactual", pen_image(digit), "predicted");
        CHECK(test::number(any, "success") == 1);
        CHECK(test::number(any, "predicted") != static_cast<double>(digit));
        const Result nine = run_with(lenet, "counterfactual", pen_image(digit), "class:9");
        CHECK(test::number(nine, "success") == 1);
        CHECK(test::number(nine, "predicted") == 9);
        // Nearest: to any other answer it is no further than to that one.
        CHECK(test::number(any, "distance") <= 1.05 * test::number(nine, "distance"));
        const Scores* code = nine.find<Scores>("code");
        const Frames* path = nine.find<Frames>("path");
        REQUIRE(code != nullptr);
        REQUIRE(path != nullptr);
        CHECK(path->images.size() == 9);
        Trace trace;
        generator.forward(code->values, trace);
        const Tensor &end = path->images.back(), &map = nine.map();
        for (std::size_t i = 0; i < 784; ++i) {
            CHECK(end.data()[i] == doctest::Approx(map.data()[i]).epsilon(1e-4));
            CHECK(trace.values.back().data()[i] == doctest::Approx(map.data()[i]).epsilon(1e-4));
        }
    }
}

TEST_CASE("counterfactual: of every digit that was drawn every other answer is found") {
    Helped lenet;
    const std::size_t digits = test::rounds(10);
    Tensor x(Shape{digits, 28, 28, 1});
    for (std::size_t n = 0; n < digits; ++n) std::ranges::copy(elements(pen_image(n)), sample(x, n).begin());
    for (int c = 0; c < 10; c += test::stride(4)) {
        CAPTURE(c);
        const Result result = run_with(lenet, "counterfactual", x, fmt::format("class:{}", c),
                                       {{"fit_steps", "40"}, {"steps", "30"}, {"starts", "3"}});
        for (const double success : result.scalar("success")) CHECK(success == 1);
        for (const double predicted : result.scalar("predicted")) CHECK(predicted == c);
    }
}

TEST_CASE("inversion with a generator: a picture that it can make, by what the layer knows") {
    Helped lenet;
    const Result result = run_with(lenet, "inversion", pen_image(3), "norm:conv2", {{"form", "posterior"}});
    CHECK(objective_of(result).back() < 0.5F * objective_of(result).front());
    CHECK(test::number(result, "predicted") == 3);
}

TEST_CASE("syntheses with a generator or an expert say what they lack, and what does not fit") {
    Explainer lenet(load_onnx(models + "lenet.onnx"));
    const auto refusal = [&](const char* id, const Given& given = {}) {
        try {
            run_with(lenet, id, pen_image(3), "predicted", given);
        } catch (const Error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    for (const char* id : {"am_code_space", "counterfactual"})
        CHECK(refusal(id).find("generator") != std::string::npos);
    CHECK(refusal("am_expert").find("expert") != std::string::npos);
    CHECK(refusal("inversion", {{"form", "posterior"}}).find("generator") != std::string::npos);

    Network small({1, 1, 1, 3});
    small.add("up", std::make_unique<ConvTranspose2d>(filled({4, 4, 3, 1}, 0.1F), zeros({1, 1, 1, 1})));
    lenet.attach(Role::generator, Network(small));
    CHECK(
        refusal("am_code_space") ==
        "the generator makes pictures of shape (1, 4, 4, 1), the network reads (1, 28, 28, 1): they must be the same");
    lenet.attach(Role::expert, Network(small));
    CHECK(refusal("am_expert") ==
          "the expert makes (1, 4, 4, 1) of (1, 1, 1, 3), the network reads (1, 28, 28, 1): they must be the same");

    Helped other;
    Params params(find_method("am_code_space").card);
    params.set("code", ParamValue(std::make_shared<const Tensor>(zeros({1, 1, 1, 5}))));
    CHECK_THROWS_WITH_AS(explain(find_method("am_code_space"), {other, pen_image(3), Target{}, params}),
                         doctest::Contains("a code of shape (1, 1, 1, 5) does not fit"), Error);
}
