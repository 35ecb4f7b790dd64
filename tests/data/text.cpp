/// Numbers and texts in messages, and numbers read from texts: the same natively and in WebAssembly, where neither
/// comes from fmt or the C library.
#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace pellucid;

namespace {

template <typename... Args>
std::string said(fmt::format_string<Args...> format, const Args&... args) {
    try {
        fail(ErrorCode::internal, format, args...);
    } catch (const Error& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("messages: numbers are as short as tells them apart, in the one layout") {
    CHECK(said("{} {} {}", 0.1F, 0.1, 0.1F + 0.2F) == "0.1 0.1 0.3");
    CHECK(said("{} {}", 0.1 + 0.2, 1.0 / 3) == "0.30000000000000004 0.3333333333333333");
    CHECK(said("{} {} {} {}", 0.0001, 0.00001, 1e15, 1e16) == "0.0001 1e-05 1000000000000000 1e+16");
    CHECK(said("{} {}", 16777216.0F, 3.4028235e38F) == "16777216 3.4028235e+38");
    CHECK(said("{} {} {}", 1.5e-300, 1.7976931348623157e308, 5e-324) == "1.5e-300 1.7976931348623157e+308 5e-324");
    CHECK(said("{} {} {}", 0.0, -0.0, -12.5) == "0 -0 -12.5");
    CHECK(said("{} {} {}", std::numeric_limits<double>::infinity(), -std::numeric_limits<float>::infinity(),
               std::abs(std::numeric_limits<float>::quiet_NaN())) == "inf -inf nan");
    CHECK(said("{:.6g} {:.6g} {:.3g} {:.0f} {:.2f}", 0.123456789, 1234567.0, 100.0F, 2.6, -1.005) ==
          "0.123457 1.23457e+06 100 3 -1.00");
}

TEST_CASE("messages: whole numbers, texts, flags") {
    CHECK(said("{} {} {}", std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::uint64_t>::max(), -1) ==
          "-9223372036854775808 18446744073709551615 -1");
    CHECK(said("{:02x}{:02x} {:08x} {:5}|{:05}", 7, 255, 0xbeefU, -42, -42) == "07ff 0000beef   -42|-0042");
    CHECK(said("{{{}}} {} {} {}", std::string("a"), std::string_view("b"), "c", static_cast<const char*>("d")) ==
          "{a} b c d");
    CHECK(said("{} {} {}", true, 'x', std::string()) == "true x ");
    CHECK(fmt::format("{:6}|{}", "ab", 3) == "ab    |3");
    CHECK(said("{1}/{0} {1} {0:.2f} {2}", 2.5, std::string("conv1"), 'x') == "conv1/2.5 conv1 2.50 x");
}

TEST_CASE("parse_number: the nearest double of a decimal, and of nothing else") {
    CHECK(parse_number("12") == 12.0);
    CHECK(parse_number("-0.5") == -0.5);
    CHECK(parse_number("+.25") == 0.25);
    CHECK(parse_number("5.") == 5.0);
    CHECK(parse_number("1e-3") == 0.001);
    CHECK(parse_number("0.1") == 0.1);
    CHECK(parse_number("2.2250738585072011e-308") == 2.2250738585072011e-308);
    CHECK(parse_number("9007199254740993") == 9007199254740992.0);
    CHECK(std::isinf(parse_number("1e999").value()));
    for (const char* text :
         {"", " 1", "1 ", "0x10", "inf", "nan", ".", "-", "1e", "1e+", "1,5", "1.2.3", "--1", "e5"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_number(text).has_value());
    }
}

TEST_CASE("exp, log, pow, sin and cos of doubles: within a few units in the last place of the right numbers") {
    const auto close = [](double ours, double right, double units = 4) {
        CAPTURE(right);
        CHECK(std::abs(ours - right) <=
              units * std::numeric_limits<double>::epsilon() * std::max(std::abs(right), 1e-300));
    };
    const double exps[][2] = {{-700.5, 5.980196118639791e-305},
                              {-30.25, 7.287724095819692e-14},
                              {-0.6, 0.5488116360940264},
                              {-0.5, 0.6065306597126334},
                              {-1e-09, 0.999999999},
                              {0.3, 1.3498588075760032},
                              {1.0, 2.718281828459045},
                              {88.7, 3.325986980250579e+38},
                              {709.5, 1.3549863193146328e+308},
                              {0.0, 1.0}};
    // Volatile, or the compiler computes them itself.
    volatile double x = 0, y = 0;
    for (const auto& row : exps) {
        x = row[0];
        const double z = x;
        close(std::exp(z), row[1]);
    }
    const double logs[][2] = {{1e-300, -690.7755278982137},
                              {5e-324, -744.4400719213812},
                              {0.3, -1.2039728043259361},
                              {0.70710678, -0.3465735919580042},
                              {0.9999999, -1.0000000494736474e-07},
                              {1.0000001, 9.999999505838704e-08},
                              {1.5, 0.4054651081081644},
                              {10.0, 2.302585092994046},
                              {123456.789, 11.723646487185881},
                              {1e300, 690.7755278982137},
                              {1.0, 0.0}};
    for (const auto& row : logs) {
        x = row[0];
        const double z = x;
        close(std::log(z), row[1]);
    }
    const double powers[][3] = {{2.0, 0.5, 1.4142135623730951},
                                {0.9, 1234.0, 3.4297040645643714e-57},
                                {10.0, -3.0, 0.001},
                                {1.7, -2.3, 0.29509882538342097},
                                {-2.0, 3.0, -8.0},
                                {0.25, 1.5, 0.125},
                                {1e-05, 0.1, 0.31622776601683794},
                                {0.0, 2.0, 0.0}};
    for (const auto& row : powers) {
        x = row[0];
        y = row[1];
        const double a = x, b = y;
        close(std::pow(a, b), row[2], 500);
    }
    const double turns[][3] = {{1e-09, 1e-09, 1.0},
                               {0.5, 0.479425538604203, 0.8775825618903728},
                               {0.7853981633974483, 0.7071067811865475, 0.7071067811865476},
                               {1.5707963267948966, 1.0, 6.123233995736766e-17},
                               {2.0, 0.9092974268256817, -0.4161468365471424},
                               {3.141592653589793, 1.2246467991473532e-16, -1.0},
                               {6.25, -0.03317921654755682, 0.9994494182244994},
                               {-4.2, 0.8715757724135882, -0.4902608213406994},
                               {1000.5, 0.9952739571052135, 0.09710690144438526},
                               {-99999.25, -0.7073600591498447, -0.706853412469324}};
    for (const auto& row : turns) {
        x = row[0];
        const double angle = x;
        close(std::sin(angle), row[1]);
        close(std::cos(angle), row[2]);
    }
    CHECK(std::isnan(std::log(-1.0)));
    CHECK(std::isinf(std::log(0.0)));
    CHECK(std::isnan(std::pow(-2.0, 0.5)));
    CHECK(std::isinf(std::exp(800.0)));
    CHECK(std::exp(-800.0) == 0.0);
    CHECK(std::isnan(std::exp(std::numeric_limits<double>::quiet_NaN())));
}
