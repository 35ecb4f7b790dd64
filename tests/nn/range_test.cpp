#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/layers.hpp"
#include "pellucid/nn/onnx.hpp"
#include "pellucid/nn/range.hpp"
#include "support/random_network.hpp"
#include "support/random_tensor.hpp"

#include <doctest/doctest.h>

using namespace pellucid;

TEST_CASE("range: texts are read and written back") {
    for (const char* text : {"0,255", "-1,1", "-0.42,2.82", "0,1,-1,1,2.5,3"})
        CHECK(to_string(parse_range(text, 3)) == text);
    CHECK(parse_range(" -2 ; +2.5", 1) == InputRange{{-2.0F}, {2.5F}});
    for (const char* text :
         {"", "1", "0,", ",1", "1,0", "1,1", "0,x", "0,1,2", "0,1,0,1", "nan,1", "0,inf", "0,1e39", "-3e38,3e38"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(parse_range(text, 3), doctest::Contains("low,high"), Error);
    }
}

TEST_CASE("range: a property of the model that its file keeps") {
    Network network = test::random_network(3);
    CHECK_FALSE(declared_range(network));
    CHECK(input_range(network) == InputRange{});
    set_input_range(network, "0,255");
    const std::string file = write_onnx(network);
    const Network read = read_onnx(std::as_bytes(std::span(file)));
    CHECK(input_range(read) == InputRange{{0.0F}, {255.0F}});
    CHECK(input_range(merge_batch_norm(read)) == InputRange{{0.0F}, {255.0F}});
    network.metadata[input_range_key] = "wide";
    const std::string wrong = write_onnx(network);
    CHECK_THROWS_WITH_AS(read_onnx(std::as_bytes(std::span(wrong))), doctest::Contains("input_range"), Error);
}

TEST_CASE("range: an input outside is refused by the first element, within rounding it is not") {
    Network network(Shape{1, 2, 2, 2});
    network.add("flat", std::make_unique<Flatten>());
    Tensor x = filled({1, 2, 2, 2}, 0.5F);
    check_range(x, network);
    x.data()[3] = 1.000001F;
    check_range(x, network);
    x.data()[3] = 1.01F;
    CHECK_THROWS_WITH_AS(check_range(x, network), doctest::Contains("element 3 is 1.01"), Error);
    set_input_range(network, "0,1,-2,2");
    check_range(x, network);
    x.data()[2] = -0.5F;
    CHECK_THROWS_WITH_AS(check_range(x, network), doctest::Contains("element 2 is -0.5"), Error);
}

TEST_CASE("range: numbers of 0 to 1 are no grey values") {
    Network network(Shape{1, 2, 2, 1});
    network.add("flat", std::make_unique<Flatten>());
    set_input_range(network, "0,255");
    check_range(zeros({1, 2, 2, 1}), network);
    check_range(filled({1, 2, 2, 1}, 1.5F), network);
    CHECK_THROWS_WITH_AS(check_range(filled({1, 2, 2, 1}, 1.0F), network), doctest::Contains("as good as nothing"),
                         Error);
}

TEST_CASE("range: shares of ink become values between the ends, exactly at both") {
    Tensor shares = zeros({1, 1, 3, 2});
    for (std::size_t i = 0; i < 6; ++i) shares.data()[i] = 0.5F * static_cast<float>(i / 2);
    scale_to_range(shares, parse_range("0,255,-0.3,0.9", 2));
    CHECK(std::vector<float>(shares.begin(), shares.end()) ==
          std::vector<float>{0.0F, -0.3F, 127.5F, -0.3F + (0.9F + 0.3F) * 0.5F, 255.0F, 0.9F});
}

TEST_CASE("range: a scaling at the beginning of a network gives it, and z_box reads its bounds behind it") {
    const auto tail = [](Network& network) {
        // Padded: the scaling cannot be merged into the convolution.
        Random random(4);
        network.add("conv", std::make_unique<Conv2d>(test::random_tensor({3, 3, 1, 2}, random), zeros({1, 1, 1, 2}),
                                                     Stride{}, Padding{1, 1, 1, 1}));
        network.add("flat", std::make_unique<Flatten>());
        network.add("dense", std::make_unique<Dense>(test::random_tensor({1, 1, 32, 3}, random), zeros({1, 1, 1, 3})));
    };
    Network scaled(Shape{1, 4, 4, 1}), plain(Shape{1, 4, 4, 1});
    scaled.add("scale", std::make_unique<Affine>(std::vector{2.0 / 255.0}, std::vector{-1.0}));
    tail(scaled);
    tail(plain);
    set_input_range(plain, "-1,1");
    const std::string file = write_onnx(scaled);
    Explainer inside(read_onnx(std::as_bytes(std::span(file)))), outside(std::move(plain));
    CHECK(to_string(input_range(inside.network())) == "0,255");
    Random random(8);
    const Tensor x = test::uniform_tensor({1, 4, 4, 1}, random, 0.0F, 255.0F);
    Tensor y = x;
    for (float& v : elements(y)) v = 2.0F / 255.0F * v - 1.0F;
    for (const char* id : {"lrp", "deep_taylor"}) {
        const Method& method = find_method(id);
        Params params(method.card);
        if (std::string_view(id) == "lrp") params.set("rule", std::string_view("z_box"));
        const Tensor a = explain(method, {inside, x, Target::of_class(1), params}).map();
        const Tensor b = explain(method, {outside, y, Target::of_class(1), params}).map();
        for (std::size_t i = 0; i < a.size(); ++i)
            CHECK(a.data()[i] == doctest::Approx(b.data()[i]).epsilon(1e-4).scale(0.1));
    }
}

TEST_CASE("range: read off the scaling that a graph begins with") {
    const auto from = [](std::vector<float> scale, std::vector<float> shift) {
        const auto range = range_from_scaling(scale, shift);
        return range ? to_string(*range) : std::string("none");
    };
    CHECK(from({1.0F / 255.0F}, {0.0F}) == "0,255");
    CHECK(from({1.0F / 127.5F}, {-1.0F}) == "0,255");
    CHECK(from({1.0F / 0.3081F}, {-0.1307F / 0.3081F}) == "0,1");
    CHECK(from({2.0F}, {-1.0F}) == "0,1");
    CHECK(from({1 / 0.229F, 1 / 0.224F, 1 / 0.225F}, {-2.1F, -2.0F, -1.8F}) == "0,1");
    CHECK(from({1 / 58.4F, 1 / 57.1F, 1 / 57.4F}, {-2.1F, -2.0F, -1.8F}) == "0,255");
    CHECK(from({1.0F / 65535.0F}, {0.0F}) == "0,65535");
    CHECK(from({1.0F, 1.0F, 1.0F}, {-123.7F, -116.8F, -103.9F}) == "0,255");
    CHECK(from({1.0F}, {-0.5F}) == "0,1");
    CHECK(from({1.0F}, {300.0F}) == "none");
    CHECK(from({1e-9F}, {0.0F}) == "none");
    CHECK(from({2.0F, 1.0F / 255.0F}, {0.0F, 0.0F}) == "none");
    CHECK(from({0.0F}, {1.0F}) == "none");
}
