#include "pellucid/nn/range.hpp"

#include "pellucid/error.hpp"
#include "pellucid/text.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid {

namespace {

constexpr std::string_view range_forms = "a range is low,high, as in 0,255, or that for each channel in turn";

/// Values may leave the range by this share of it: files of few digits, means of many pixels.
constexpr float rounding_share = 1e-5F;

std::string_view next_number(std::string_view& rest) {
    const std::size_t end = std::min(rest.find_first_of(",;"), rest.size());
    std::string_view number = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    while (!number.empty() && number.front() == ' ') number.remove_prefix(1);
    while (!number.empty() && number.back() == ' ') number.remove_suffix(1);
    if (!number.empty() && number.front() == '+') number.remove_prefix(1);
    return number;
}

std::string shown_range(const InputRange& range, std::size_t channel) {
    return fmt::format("{} … {}{}", range.low_of(channel), range.high_of(channel),
                       range.by_channel() ? fmt::format(" of channel {}", channel) : "");
}

}  // namespace

float InputRange::extent() const {
    float least = high_of(0) - low_of(0);
    for (std::size_t c = 1; c < low.size(); ++c) least = std::min(least, high_of(c) - low_of(c));
    return least;
}

InputRange parse_range(std::string_view text, std::size_t channels) {
    const auto refuse = [&](std::string_view why) {
        fail(ErrorCode::bad_argument, "'{}' is no range of an input: {}; {}", text, why, range_forms);
    };
    std::vector<float> numbers;
    std::string_view rest = text;
    do {
        const std::string number(next_number(rest));
        const std::optional<double> parsed = parse_number(number);
        const auto value = static_cast<float>(parsed.value_or(0));
        if (!parsed || !std::isfinite(value)) refuse(fmt::format("'{}' is no number", number));
        numbers.push_back(value);
    } while (!rest.empty());
    if (numbers.size() != 2 && numbers.size() != 2 * channels)
        refuse(fmt::format("it has {} numbers, the input {} channels", numbers.size(), channels));
    InputRange range{{}, {}};
    for (std::size_t i = 0; i < numbers.size(); i += 2) {
        if (!(numbers[i] < numbers[i + 1]) || !std::isfinite(numbers[i + 1] - numbers[i]))
            refuse(fmt::format("{} is not below {}", numbers[i], numbers[i + 1]));
        range.low.push_back(numbers[i]);
        range.high.push_back(numbers[i + 1]);
    }
    return range;
}

std::string to_string(const InputRange& range) {
    std::string text;
    for (std::size_t c = 0; c < range.low.size(); ++c)
        text += fmt::format("{}{},{}", c == 0 ? "" : ",", range.low[c], range.high[c]);
    return text;
}

std::optional<InputRange> declared_range(const Network& network) {
    const auto found = network.metadata.find(input_range_key);
    if (found == network.metadata.end()) return std::nullopt;
    try {
        return parse_range(found->second, network.input_shape()[3]);
    } catch (const Error& error) {
        fail(ErrorCode::bad_file, "the metadata's {}: {}", input_range_key, error.what());
    }
}

InputRange input_range(const Network& network) { return declared_range(network).value_or(InputRange{}); }

void set_input_range(Network& network, std::string_view text) {
    network.metadata[input_range_key] = to_string(parse_range(text, network.input_shape()[3]));
}

std::optional<InputRange> range_from_scaling(std::span<const float> scale, std::span<const float> shift) {
    // Normalised pixels reach from about −3 to 3: their extent, |scale|·high, is between ½ and 20 for every usual mean
    // and deviation, and the three candidates are further apart than that. The shift brings paper no further from 0.
    constexpr float least_extent = 0.5F, greatest_extent = 20.0F;
    if (scale.empty() || shift.empty()) return std::nullopt;
    // A mean taken away and nothing else: grey values, where it is one of these.
    const auto is_one = [](float s) { return s == 1.0F; };
    const auto is_grey = [](float t) { return t <= -2.0F && t >= -255.0F; };
    if (std::ranges::all_of(scale, is_one) && std::ranges::all_of(shift, is_grey)) return InputRange{{0.0F}, {255.0F}};
    if (std::ranges::any_of(shift, [](float t) { return std::abs(t) > greatest_extent; })) return std::nullopt;
    for (const float high : {1.0F, 255.0F, 65535.0F}) {
        const bool fits = std::ranges::all_of(scale, [&](float s) {
            const float extent = std::abs(s) * high;
            return extent >= least_extent && extent <= greatest_extent;
        });
        if (fits) return InputRange{{0.0F}, {high}};
    }
    return std::nullopt;
}

void infer_input_range(Network& network) {
    if (declared_range(network)) return;
    const Node* reader = nullptr;
    ValueId value = 0;
    for (std::size_t i = 0; i < network.nodes().size(); ++i) {
        const Node& node = network.nodes()[i];
        if (node.inputs.front() != value) continue;
        if (node.layer->kind() != Kind::pass_through) {
            reader = &node;
            break;
        }
        value = i + 1;  // a Dropout or Flatten: what reads its output reads the input's numbers
    }
    if (reader == nullptr || reader->layer->op() != "Affine") return;
    // y(0) is the shift, y(1) − y(0) the scale.
    const Shape& shape = network.shape(reader->inputs.front());
    Tensor at_paper(shape), at_one(shape);
    for (const auto& [x, y] : {std::pair{0.0F, &at_paper}, std::pair{1.0F, &at_one}}) {
        const Tensor input = filled(shape, x);
        const Tensor* inputs = &input;
        Record record;
        reader->layer->forward({&inputs, 1}, *y, record);
    }
    std::vector<float> scale, shift;
    for (std::size_t c = 0; c < shape[3]; ++c) {
        shift.push_back(at_paper.data()[c]);
        scale.push_back(at_one.data()[c] - at_paper.data()[c]);
    }
    if (const auto range = range_from_scaling(scale, shift)) network.metadata[input_range_key] = to_string(*range);
}

void check_bounds(const Tensor& input, const Network& network, std::size_t before) {
    const std::optional<InputRange> declared = declared_range(network);
    const InputRange range = declared.value_or(InputRange{});
    const std::size_t channels = input.shape()[3];
    for (std::size_t i = 0; i < input.size(); ++i) {
        const std::size_t c = i % channels;
        const float low = range.low_of(c), high = range.high_of(c), slack = rounding_share * (high - low);
        const float value = input.data()[i];
        if (value >= low - slack && value <= high + slack) continue;
        const auto [least, greatest] = std::minmax_element(input.data(), input.data() + input.size());
        fail(
            ErrorCode::bad_argument,
            "the input's element {} is {}, outside the range {} that the network {} (the input reaches from {} to {}): "
            "scale the input, or say the range that the network was trained on, with --range low,high or as the "
            "model's metadata \"{}\"",
            before + i, value, shown_range(range, c), declared ? "reads" : "is taken to read, as it declares none",
            *least, *greatest, input_range_key);
    }
}

void check_range(const Tensor& input, const Network& network) {
    check_bounds(input, network);
    const auto [least, greatest] = std::minmax_element(input.data(), input.data() + input.size());
    check_extent(*least, *greatest, input_range(network));
}

void check_extent(float least, float greatest, const InputRange& range) {
    const bool grey = range.extent() >= 255.0F && range.low[0] == 0.0F;
    if (!grey || greatest > 1.0F || greatest <= 0.0F || least < 0.0F) return;
    fail(ErrorCode::bad_argument,
         "the input reaches from {} to {}, as good as nothing of the range {} that the network reads: scale it to that "
         "range, or say --range 0,1 where that is what the network was trained on",
         least, greatest, shown_range(range, 0));
}

void scale_to_range(Tensor& shares, const InputRange& range) {
    if (range == InputRange{}) return;
    const std::size_t channels = shares.shape()[3];
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const float low = range.low_of(i % channels), high = range.high_of(i % channels), share = shares.data()[i];
        shares.data()[i] = share == 1.0F ? high : low + (high - low) * share;
    }
}

Tensor filled_within(const Shape& shape, const InputRange& range, float share) {
    Tensor image = filled(shape, share);
    scale_to_range(image, range);
    return image;
}

}  // namespace pellucid
