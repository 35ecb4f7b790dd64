/// What methods need beside the network: given by role, and asked for with one error.
#include "pellucid/methods/resources.hpp"

#include "pellucid/data/normalise.hpp"
#include "pellucid/data/pen_digits.hpp"
#include "pellucid/error.hpp"
#include "pellucid/methods/method.hpp"
#include "pellucid/nn/onnx.hpp"
#include "support/random_network.hpp"
#include "support/resources.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pellucid;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

Bytes idx_images(std::size_t count, std::uint8_t side) {
    Bytes bytes{0, 0, 8, 3, 0, 0, 0, static_cast<std::uint8_t>(count), 0, 0, 0, side, 0, 0, 0, side};
    for (std::size_t i = 0; i < count * side * side; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 7 % 256));
    return bytes;
}

Bytes idx_labels(std::initializer_list<std::uint8_t> labels) {
    Bytes bytes{0, 0, 8, 1, 0, 0, 0, static_cast<std::uint8_t>(labels.size())};
    bytes.insert(bytes.end(), labels);
    return bytes;
}

}  // namespace

TEST_CASE("resources: what is missing is named with how to give it") {
    const Resources none;
    for (const Role role : all_roles()) {
        CAPTURE(to_string(role));
        CHECK(!none.has(role));
        const auto ask = [&] {
            switch (role) {
                case Role::patterns: return (void)none.patterns();
                case Role::generator: return (void)none.generator();
                case Role::expert: return (void)none.expert();
                case Role::statistics: return (void)none.statistics();
                case Role::data: return (void)none.data();
                case Role::strokes: return (void)none.strokes();
                case Role::second: return (void)none.second();
            }
        };
        const std::string in_command = fmt::format("--with {}=FILE", to_string(role));
        const std::string in_package = fmt::format("attach('{}'", to_string(role));
        CHECK_THROWS_WITH_AS(ask(), doctest::Contains(in_command.c_str()), Error);
        CHECK_THROWS_WITH_AS(ask(), doctest::Contains(in_package.c_str()), Error);
        try {
            none.check_given(role, "some_method");
            FAIL("missing, and nothing thrown");
        } catch (const Error& error) {
            CHECK(error.code() == ErrorCode::unsupported);
            CHECK(std::string(error.what()).starts_with("some_method needs "));
        }
        CHECK(parse_role(to_string(role)) == role);
    }
    CHECK_THROWS_WITH_AS(parse_role("pattern"), doctest::Contains("patterns, generator, expert"), Error);
}

TEST_CASE("resources: given by bytes or as they are, by role; runs keep what there was when they started") {
    Explainer explainer(test::random_network(4));
    const std::string file = write_onnx(test::random_network(5));
    explainer.attach(Role::second, bytes_of(file));
    CHECK(explainer.resources()->second().nodes().size() == test::random_network(5).nodes().size());
    CHECK(!explainer.resources()->has(Role::generator));
    explainer.attach(Role::statistics, bytes_of("abc"));
    const std::shared_ptr<const Resources> before = explainer.resources();
    CHECK(before->statistics().bytes() == Bytes{'a', 'b', 'c'});
    std::size_t parsed = 0;
    const auto count = [&](const Bytes& bytes) { return ++parsed, bytes.size(); };
    CHECK(before->statistics().as<std::size_t>(count) == 3);
    CHECK(before->statistics().as<std::size_t>(count) == 3);
    CHECK(parsed == 1);
    explainer.attach(Role::statistics, bytes_of("de"));
    CHECK(before->statistics().bytes().size() == 3);
    CHECK(explainer.resources()->statistics().bytes().size() == 2);
    CHECK(explainer.resources()->has(Role::second));
    for (const Role role : all_roles()) {
        explainer.detach(role);
        CHECK(!explainer.resources()->has(role));
    }
    CHECK_THROWS_AS(explainer.attach(Role::second, bytes_of("no network")), Error);
    CHECK_THROWS_WITH_AS(explainer.attach(Role::strokes, bytes_of("[]")), doctest::Contains("drawing"), Error);
    CHECK_THROWS_WITH_AS(explainer.attach(Role::data, Network(explainer.network())), doctest::Contains("no network"),
                         Error);
}

TEST_CASE("resources: a method that lacks what its card names does not start, and a request may bring it") {
    Explainer with(test::random_network(3)), without(test::random_network(3));
    test::give_patterns(with);
    const Method& method = find_method("pattern_net");
    const Tensor x = test::random_batch(with.network(), 1, 2);
    Request request{without, x, Target::of_class(0), Params(method.card)};
    CHECK_THROWS_WITH_AS(start(method, request), doctest::Contains("pattern_net needs patterns"), Error);
    const Tensor wanted = explain(method, {with, x, Target::of_class(0), Params(method.card)}).map();
    request.with = with.resources();
    CHECK(explain(method, request).map() == wanted);
}

TEST_CASE("data sets: IDX images and labels behind them, spread over the network's range") {
    Bytes bytes = idx_images(3, 4);
    const DataSet alone = parse_data_set(bytes, "images");
    CHECK(alone.size() == 3);
    CHECK(!alone.labelled());
    const Bytes labels = idx_labels({7, 0, 2});
    bytes.insert(bytes.end(), labels.begin(), labels.end());
    const DataSet set = parse_data_set(bytes, "images");
    CHECK(set.labels() == std::vector<std::size_t>{7, 0, 2});
    CHECK(set.shape() == Shape{3, 4, 4, 1});
    const Tensor wide = set.images(1, 2, InputRange{{-1.0F}, {3.0F}});
    CHECK(wide(0, 0, 1, 0) == doctest::Approx(-1 + 4 * (17 * 7 % 256) / 255.0));
    const std::vector<std::size_t> indices{2, 0};
    const Tensor chosen = set.images(indices, InputRange{});
    CHECK(chosen(1, 3, 3, 0) == doctest::Approx(15 * 7 / 255.0));
    CHECK(chosen(0, 0, 0, 0) == doctest::Approx(32 * 7 % 256 / 255.0));
    CHECK_THROWS_AS(set.images(2, 2, InputRange{}), Error);
    bytes.pop_back();
    CHECK_THROWS_WITH_AS(parse_data_set(bytes, "images"), doctest::Contains("labels"), Error);
    for (std::size_t cut = 0; cut < 20; ++cut)
        CHECK_THROWS_AS(parse_data_set(std::span(bytes).first(cut), "images"), Error);
    CHECK_THROWS_WITH_AS(DataSet(zeros({2, 3, 3, 1}), {0}), doctest::Contains("1 labels for 2 images"), Error);
}

TEST_CASE("data sets: images of another shape and labels that are no classes are refused") {
    const Network network = test::random_network(6);
    Resources with;
    with.set(test::random_data(network, 4, 1));
    CHECK_NOTHROW(with.check_fits(network));
    Shape wrong = with_batch(network.input_shape(), 4);
    ++wrong[1];
    with.set(DataSet(zeros(wrong)));
    CHECK_THROWS_WITH_AS(with.check_fits(network), doctest::Contains("the network reads"), Error);
    with.set(DataSet(zeros(with_batch(network.input_shape(), 1)), {network.classes()}));
    CHECK_THROWS_WITH_AS(with.check_fits(network), doctest::Contains("label 0"), Error);
}

TEST_CASE("strokes: what each draws alone lies where it lies in the whole image") {
    std::size_t several = 0;
    for (std::size_t i = 0; i < 60; ++i) {
        CAPTURE(i);
        const Drawing drawing = pen_digit(i).drawing;
        const Tensor image = normalise(drawing).image;
        const Strokes strokes(drawing);
        REQUIRE(strokes.count() == drawing.strokes.size());
        several += strokes.count() > 1 ? 1 : 0;
        for (std::size_t p = 0; p < image.size(); ++p) {
            float most = 0, sum = 0;
            for (std::size_t s = 0; s < strokes.count(); ++s) {
                const float ink = sample(strokes.alone, s)[p];
                most = std::max(most, ink);
                sum += ink;
            }
            // The union of the strokes covers what each covers, and no more than all together.
            REQUIRE(image.data()[p] >= most - 1e-6F);
            REQUIRE(image.data()[p] <= sum + 1e-6F);
        }
    }
    CHECK(several > 5);
    // An eraser has no picture, and takes from the strokes before it alone.
    Drawing drawing{280.0F, 280.0F, {}};
    drawing.strokes.push_back({{{40.0F, 60.0F}, {240.0F, 60.0F}}, 20.0F});
    drawing.strokes.push_back({{{140.0F, 20.0F}, {140.0F, 100.0F}}, 60.0F, true});
    drawing.strokes.push_back({{{40.0F, 220.0F}, {240.0F, 220.0F}}, 20.0F});
    const Strokes strokes(drawing);
    CHECK(strokes.count() == 2);
    CHECK(strokes.index == std::vector<std::size_t>{0, 2});
    const Tensor image = normalise(drawing).image;
    for (std::size_t p = 0; p < image.size(); ++p)
        REQUIRE(image.data()[p] == doctest::Approx(sample(strokes.alone, 0)[p] + sample(strokes.alone, 1)[p]));
}
