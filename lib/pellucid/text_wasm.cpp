/// What messages need of fmt in WebAssembly, and the double that a text is, without fmt's and the C library's own code:
/// these were 30 KB of the download. Digits come from JavaScript, whose numbers are the same doubles.
///
/// fmt's headers still check every format at compile time and pack the arguments; this is what reads both at run time.
/// Understood are {}, numbered arguments ({0}) and, for numbers, [0][width][.precision] with d, x, f or g.
#ifdef __EMSCRIPTEN__

#include "pellucid/error.hpp"

#include <emscripten/em_js.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <type_traits>

// clang-format off
EM_JS_DEPS(pellucid_numbers, "$UTF8ToString,$stringToUTF8");

EM_JS(double, pellucid_read_number, (const char* text), { return Number(UTF8ToString(text)); });

// Writes d.ddde±x (form 0: as many digits as tell the double from others, 1: the float, 2: `digits` behind the point),
// or the digits as they stand, `digits` behind the point (form 3). 128 characters hold any.
EM_JS(void, pellucid_write_number, (double value, int form, int digits, char* out), {
    let text = form === 3 ? value.toFixed(digits) : value.toExponential(form === 2 ? digits : undefined);
    for (let d = 0; form === 1 && d < 9; ++d) {
        const shorter = value.toExponential(d);
        if (Math.fround(Number(shorter)) === value) {
            text = shorter;
            break;
        }
    }
    stringToUTF8(text, out, 128);
});
// clang-format on

namespace pellucid {

double nearest_double(const char* decimal) { return pellucid_read_number(decimal); }

namespace {

struct NumberFormat {
    bool zeros = false;
    std::size_t width = 0;
    int precision = -1;
    char type = 0;
};

/// From behind the colon to before the brace.
NumberFormat number_format(std::string_view text) {
    NumberFormat format;
    std::size_t at = 0;
    const auto number = [&] {
        int value = 0;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') value = 10 * value + (text[at++] - '0');
        return value;
    };
    if (text.starts_with('0')) format.zeros = true;
    format.width = static_cast<std::size_t>(number());
    if (at < text.size() && text[at] == '.') {
        ++at;
        format.precision = number();
    }
    if (at < text.size()) format.type = text[at++];
    if (at != text.size() || std::string_view("\0dxfg", 5).find(format.type) == std::string_view::npos) {
        throw Error(ErrorCode::internal, "a message's format {:" + std::string(text) + "} is not known");
    }
    return format;
}

/// As fmt lays numbers out: 0.0001 and 1000000 as they are, 1e-05 and 1e+16 with an exponent.
std::string real_text(double value, const NumberFormat& format, bool is_float) {
    if (!std::isfinite(value)) return std::isnan(value) ? "nan" : "inf";
    char written[128];
    if (format.type == 'f') {
        pellucid_write_number(value, 3, format.precision < 0 ? 6 : format.precision, written);
        return written;
    }
    const bool shortest = format.type == 0 && format.precision < 0;
    const int wanted = format.precision < 0 ? 6 : format.precision == 0 ? 1 : format.precision;
    pellucid_write_number(value, shortest ? (is_float ? 1 : 0) : 2, wanted - 1, written);
    const std::string_view parts = written;
    const std::size_t mark = parts.find('e');
    std::string digits(parts.substr(0, 1));
    if (mark > 1) digits += parts.substr(2, mark - 2);
    while (digits.size() > 1 && digits.back() == '0') digits.pop_back();
    int exponent = 0;
    for (const char c : parts.substr(mark + 2)) exponent = 10 * exponent + (c - '0');
    if (parts[mark + 1] == '-') exponent = -exponent;

    if (exponent < -4 || exponent >= (shortest ? 16 : wanted)) {
        std::string text = digits.substr(0, 1);
        if (digits.size() > 1) text += '.' + digits.substr(1);
        const std::string size = std::to_string(std::abs(exponent));
        return text + (exponent < 0 ? "e-" : "e+") + (size.size() < 2 ? "0" : "") + size;
    }
    if (exponent < 0) return "0." + std::string(static_cast<std::size_t>(-1 - exponent), '0') + digits;
    const std::size_t whole = static_cast<std::size_t>(exponent) + 1;
    if (digits.size() <= whole) return digits + std::string(whole - digits.size(), '0');
    return digits.insert(whole, 1, '.');
}

/// Adds an argument to the text.
class ArgumentWriter {
public:
    ArgumentWriter(std::string& text, std::string_view format) : text_(text), format_(number_format(format)) {}

    template <typename T>
    void operator()(T value) {
        if constexpr (std::is_same_v<T, bool>) {
            words(value ? "true" : "false");
        } else if constexpr (std::is_same_v<T, char>) {
            words({&value, 1});
        } else if constexpr (std::is_integral_v<T>) {
            whole(value < 0, value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
        } else if constexpr (std::is_same_v<T, float> || std::is_same_v<T, double>) {
            number(std::signbit(value),
                   real_text(std::abs(static_cast<double>(value)), format_, std::is_same_v<T, float>));
        } else if constexpr (std::is_convertible_v<T, fmt::string_view>) {
            const fmt::string_view view = value;
            words({view.data(), view.size()});
        } else {
            throw Error(ErrorCode::internal, "a message's argument is no text and no number");
        }
    }

private:
    void words(std::string_view value) {
        text_ += value;
        if (value.size() < format_.width) text_.append(format_.width - value.size(), ' ');
    }
    void whole(bool negative, std::uint64_t size) {
        char digits[24];
        const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), size, format_.type == 'x' ? 16 : 10);
        number(negative, {digits, static_cast<std::size_t>(end - digits)});
    }
    void number(bool negative, std::string_view digits) {
        const std::size_t length = digits.size() + (negative ? 1 : 0);
        const std::size_t missing = length < format_.width ? format_.width - length : 0;
        if (!format_.zeros) text_.append(missing, ' ');
        if (negative) text_ += '-';
        if (format_.zeros) text_.append(missing, '0');
        text_ += digits;
    }

    std::string& text_;
    NumberFormat format_;
};

}  // namespace
}  // namespace pellucid

FMT_BEGIN_NAMESPACE

std::string vformat(string_view format, format_args args) {
    const std::string_view source(format.data(), format.size());
    std::string text;
    int next = 0;
    for (std::size_t at = 0; at < source.size(); ++at) {
        const char c = source[at];
        if ((c != '{' && c != '}') || source[at + 1] == c) {
            if (c == '{' || c == '}') ++at;
            text += c;
            continue;
        }
        // The compiler has checked that a brace is closed and has its argument.
        const std::size_t end = source.find('}', at);
        const std::string_view inside = source.substr(at + 1, end - at - 1);
        const std::size_t colon = std::min(inside.find(':'), inside.size());
        int wanted = 0;
        for (const char digit : inside.substr(0, colon)) wanted = 10 * wanted + (digit - '0');
        const std::string_view layout = inside.substr(std::min(colon + 1, inside.size()));
        visit_format_arg(pellucid::ArgumentWriter(text, layout), args.get(colon == 0 ? next++ : wanted));
        at = end;
    }
    return text;
}

FMT_END_NAMESPACE

#endif
