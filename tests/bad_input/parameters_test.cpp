// Every parameter of every method × every kind of bad value, from the cards; methods by name; inputs and images.
#include "bad_input/book.hpp"
#include "pellucid/methods/method.hpp"
#include "support/patterns.hpp"
#include "support/random_network.hpp"
#include "support/rounds.hpp"

#include <cmath>
#include <limits>

using namespace pellucid;
using namespace pellucid::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::string called(const Method& method, const ParamCard& param) {
    return fmt::format("{}: {}", method.card.id, param.name);
}

void check_texts(const Method& method, const ParamCard& param) {
    const auto text = [&](std::string_view kind, const std::string& value) {
        refuses(called(method, param), kind, value,
                [&] { Params(method.card).set(param.name, std::string_view(value)); });
    };
    if (param.type == ParamType::text) return;  // any text is one; what it says is checked at the start
    text("an empty text", "");
    text("a word", "nonsense");
    text("a word with control characters", "\x1b[31mred\n");
    text("bytes that are no UTF-8", "\xff\xfe\x80");
    text("a very long text", std::string(100'000, 'a'));
    if (param.type == ParamType::real || param.type == ParamType::integer) {
        text("NaN", "nan");
        text("infinity", "inf");
        text("below the least", fmt::format("{}", param.min - 1));
        text("above the greatest", fmt::format("{}", param.max + 1));
        text("a number that overflows", "1e400");
        text("a number and more", fmt::format("{} apples", param.min));
        if (param.type == ParamType::integer) text("a fraction", fmt::format("{}.5", param.min));
    }
    if (param.type == ParamType::choice) text("a choice in capitals", "NONE");
}

void check_values(const Method& method, const ParamCard& param) {
    const auto value = [&](std::string_view kind, std::string_view given, const ParamValue& bad) {
        refuses(called(method, param), kind, given, [&] { Params(method.card).set(param.name, bad); });
    };
    const bool is_number = param.type == ParamType::real || param.type == ParamType::integer;
    if (param.type != ParamType::flag) value("a truth value", "true", true);
    if (!is_number) value("a number", "1.5", 1.5);
    if (param.type == ParamType::flag) value("a whole number", "1", std::int64_t{1});
    if (is_number || param.type == ParamType::flag || param.type == ParamType::image)
        value("a text as a value", "text", std::string("text"));
    if (param.type != ParamType::image) value("an image", "zeros", std::make_shared<const Tensor>(zeros({1, 2, 2, 1})));
    if (is_number) {
        value("NaN as a value", "NaN", std::nan(""));
        value("infinity as a value", "inf", infinity);
        value("minus infinity as a value", "-inf", -infinity);
        value("the least whole number", "-2^63", std::numeric_limits<std::int64_t>::min());
        value("the greatest whole number", "2^63 - 1", std::numeric_limits<std::int64_t>::max());
        value("beyond float", "1e300", 1e300);
    }
    if (param.type == ParamType::image) {
        value("an image with NaN", "NaN", std::make_shared<const Tensor>(filled({1, 2, 2, 1}, std::nanf(""))));
        value("an image without pixels", "(0, 2, 2, 1)", std::make_shared<const Tensor>(zeros({0, 2, 2, 1})));
        value("an image with infinity", "inf",
              std::make_shared<const Tensor>(filled({1, 2, 2, 1}, static_cast<float>(infinity))));
    }
}

/// What only the start can see: texts without meaning and images of another size.
void check_at_start(const Method& method, const ParamCard& param, Explainer& explainer) {
    const Tensor x = random_batch(explainer.network(), 1, 3);
    const auto ask = [&](std::string_view kind, std::string_view given, const ParamValue& bad) {
        Params params(method.card);
        params.set(param.name, bad);
        // An image counts where another parameter asks for it.
        for (const ParamCard& other : method.card.params) {
            if (param.name == "baseline_image" && other.name == "baseline")
                params.set("baseline", std::string_view("image"));
            if (param.name == "baseline_image" && other.name == "towards")
                params.set("towards", std::string_view("baseline"));
        }
        refuses(called(method, param), kind, given,
                [&] { explain(method, {explainer, x, Target::of_class(0), params}); });
    };
    if (param.type == ParamType::text) {
        ask("a text without meaning", "nonsense", std::string("nonsense"));
        ask("control characters", "\x1b[31m\n", std::string("\x1b[31m\n"));
        ask("bytes that are no UTF-8", "\xff\xfe", std::string("\xff\xfe"));
        ask("a very long text", "a…", std::string(100'000, 'a'));
    }
    if (param.type == ParamType::image) {
        // Points on paths may have any shape, but not any value.
        const float value = param.name == "alphas" ? 2.0F : 0.5F;
        // How alike one input and itself are is one number.
        const Shape other = param.name == "affinity" ? Shape{1, 1, 1, 3} : Shape{1, 1, 1, 1};
        ask("an image of another size", to_string(other), std::make_shared<const Tensor>(filled(other, value)));
        ask("an image with too many channels", "(1, h, w, 7)",
            std::make_shared<const Tensor>(filled({1, x.shape()[1], x.shape()[2], 7}, value)));
    }
}

}  // namespace

TEST_CASE("bad input: parameters of every method") {
    Explainer explainer(random_network(0));
    give_patterns(explainer);
    int turn = 0;
    for (const Method& method : all_methods()) {
        for (const ParamCard& param : method.card.params) {
            if (turn++ % stride(3) != 0) continue;
            check_texts(method, param);
            check_values(method, param);
            check_at_start(method, param, explainer);
        }
        for (const std::string name : {"", "nonsense", "SEED", "seed ", "\x1b[31m\n", "\xff"}) {
            refuses(fmt::format("{}: Params::set", method.card.id), "an unknown name", name,
                    [&] { Params(method.card).set(name, std::string_view("1")); });
        }
    }
}

TEST_CASE("bad input: methods by name") {
    for (const std::string id : {"", "LRP", "lrp ", "nonsense", "\x1b[31m\n", "\xff\xfe"}) {
        refuses("find_method", "an unknown id", id, [&] { find_method(id); });
    }
    refuses("find_method", "a very long id", std::string(100'000, 'a'), [] { find_method(std::string(100'000, 'a')); });
}

TEST_CASE("bad input: inputs of every method") {
    Explainer explainer(random_network(0));
    give_patterns(explainer);
    const Tensor good = random_batch(explainer.network(), 1, 3);
    const auto [n, h, w, c] = good.shape();
    for (const Method& method : all_methods()) {
        const auto ask = [&](std::string_view kind, const Tensor& x) {
            refuses(fmt::format("{}: start", method.card.id), kind, to_string(Shape(x.shape())),
                    [&] { start(method, {explainer, x, Target::of_class(0), Params(method.card)}); });
        };
        ask("no input", zeros({0, h, w, c}));
        ask("a row too few", zeros({n, h - 1, w, c}));
        ask("a column too many", zeros({n, h, w + 1, c}));
        ask("a channel too many", zeros({n, h, w, c + 1}));
        ask("no channels", zeros({n, h, w, 0}));
        ask("a vector", zeros({n, 1, 1, h * w * c}));
        for (const float bad : {std::nanf(""), static_cast<float>(infinity), -static_cast<float>(infinity)}) {
            Tensor x = good;
            x(0, h - 1, w - 1, c - 1) = bad;
            ask(fmt::format("an input with {}", bad), x);
        }
    }
}
