#include "pellucid/nn/onnx/site.hpp"

#include "pellucid/nn/onnx/fold.hpp"

#include <algorithm>
#include <cmath>

namespace pellucid::onnx {
namespace {

constexpr std::int64_t most_size = 10'000;  // of a stride, kernel or padding; keeps all arithmetic on sizes in range

}  // namespace

const Value& Site::any_value(std::size_t input) const {
    if (!has(input)) unsound("input {} is missing", input);
    const std::string_view name = node_.inputs[input];
    if (scope_.constants.has(name))
        unsupported("input '{}' is a constant, the network's values are supported", shown(name));
    const auto found = scope_.values.find(name);
    if (found == scope_.values.end()) {
        unsound("it reads '{}', which no earlier node writes (nor is it the network's input or a stored array)",
                shown(name));
    }
    return found->second;
}

const Value& Site::value(std::size_t input) const {
    const Value& found = any_value(input);
    if (found.is_pending) {
        unsupported(
            "it reads '{}', a product or power of the network's values; supported are those that make up a "
            "known activation ({})",
            shown(node_.inputs[input]), known_curves());
    }
    return found;
}

bool Site::is_known(std::size_t input) const {
    if (!has(input)) return false;
    const auto found = scope_.sizes.find(node_.inputs[input]);
    return is_constant(input) || (found != scope_.sizes.end() && !found->second.is_open());
}

const Array& Site::constant(std::size_t input) const {
    if (!has(input)) unsound("input {} is missing", input);
    const std::string_view name = node_.inputs[input];
    if (scope_.constants.has(name)) return scope_.constants.get(name);
    if (const auto found = scope_.sizes.find(name); found != scope_.sizes.end() && !found->second.is_open())
        return found->second;
    if (scope_.values.contains(name))
        unsupported("input '{}' has to be a stored array, here the network computes it", shown(name));
    unsound("it reads '{}', which the file does not hold", shown(name));
}

const std::vector<float>& Site::floats(std::size_t input, std::initializer_list<std::int64_t> dims) const {
    const Array& array = constant(input);
    const bool fits =
        !array.is_integer && array.dims.size() == dims.size() &&
        std::equal(dims.begin(), dims.end(), array.dims.begin(), [](std::int64_t wanted, std::size_t dim) {
            return wanted < 0 ? dim >= 1 : static_cast<std::size_t>(wanted) == dim;
        });
    if (!fits) {
        std::string wanted;
        for (const std::int64_t dim : dims)
            wanted += (wanted.empty() ? "" : ", ") + (dim < 0 ? "any" : fmt::format("{}", dim));
        unsound("input '{}' has the axes ({}){}, expected are floats with the axes ({})", shown(node_.inputs[input]),
                comma_separated(array.dims), array.is_integer ? " of integers" : "", wanted);
    }
    return array.floats;
}

const std::vector<std::int64_t>& Site::ints(std::size_t input) const {
    const Array& array = constant(input);
    if (!array.is_integer) unsound("input '{}' has to hold integers", shown(node_.inputs[input]));
    return array.ints;
}

bool Site::flag(std::size_t input) const {
    if (!is_constant(input)) unsupported("input {} has to be a stored truth value", input);
    return scope_.constants.flag(node_.inputs[input]);
}

const Array& Site::sizes_of(std::size_t input) const {
    if (has(input)) {
        const auto found = scope_.sizes.find(node_.inputs[input]);
        if (found != scope_.sizes.end()) return found->second;
        if (scope_.values.contains(node_.inputs[input])) {
            unsupported(
                "it is supported for sizes only, as in the shape of a Reshape, and '{}' is a value of the network",
                shown(node_.inputs[input]));
        }
    }
    ints(input);
    return constant(input);
}

double Site::scalar(std::size_t input, double otherwise) const {
    if (!has(input)) return otherwise;
    const Array& array = constant(input);
    if (array.size() != 1) unsupported("input '{}' has to be one number", shown(node_.inputs[input]));
    return number_at(array, 0);
}

std::optional<std::vector<double>> Site::per_channel(std::size_t input, const Form& form, const Shape& shape) const {
    const Array& array = constant(input);
    const bool vector = form.axes == Axes::vector;
    const std::size_t rank = vector ? 2 : 4, channel_axis = form.axes == Axes::nhwc ? 3 : 1, channels = shape[3];
    std::vector<std::size_t> dims = array.dims;
    while (dims.size() > rank && dims.front() == 1) dims.erase(dims.begin());
    if (dims.size() > rank || array.size() == 0) return std::nullopt;
    dims.insert(dims.begin(), rank - dims.size(), 1);
    const std::size_t own = dims[channel_axis];
    if (own != 1 && own != channels) return std::nullopt;
    std::size_t inner = 1;
    for (std::size_t axis = channel_axis + 1; axis < rank; ++axis) inner *= dims[axis];
    // Several numbers for one channel, as of a whole picture, have to be the same.
    std::vector<double> stored(own);
    for (std::size_t i = 0; i < array.size(); ++i) {
        double& number = stored[i / inner % own];
        if (i >= inner * own || i % inner != 0) {
            if (number_at(array, i) != number) return std::nullopt;
        } else {
            number = number_at(array, i);
        }
    }
    for (std::size_t axis = 1; axis < rank; ++axis) {
        const std::size_t size = vector                    ? channels
                                 : form.axes == Axes::nhwc ? shape[axis]
                                 : axis == 1               ? channels
                                                           : shape[axis - 1];
        if (dims[axis] != 1 && dims[axis] != size) return std::nullopt;
    }
    if (dims[0] != 1) return std::nullopt;
    std::vector<double> result(channels, stored.front());
    const auto places = form.is_reordered() ? our_places(form.flattened) : std::vector<std::size_t>{};
    if (own == channels) {
        for (std::size_t i = 0; i < channels; ++i) result[places.empty() ? i : places[i]] = stored[i];
    }
    return result;
}

void Site::require_image() const {
    const Form& form = value(0).form;
    if (form.axes == Axes::vector) unsound("it reads a vector, expected is an image (N, C, H, W)");
    if (form.axes == Axes::nhwc)
        unsupported("it reads an image (N, H, W, C); a Transpose to (N, C, H, W) has to come first");
}

void Site::require_vector() const {
    if (value(0).form.axes != Axes::vector) unsupported("it reads an image; a Flatten to (N, F) has to come first");
}

std::vector<float> Site::with_added(std::vector<float> bias, std::size_t rank) const {
    if (adder_ == nullptr) return bias;
    const Array& array = scope_.constants.get(adder_->inputs[scope_.constants.has(adder_->inputs[0]) ? 0 : 1]);
    // Per output: (O), or (O, 1, 1), with any number of ones before it, as far as the output has axes.
    std::vector<std::size_t> dims(rank - std::min(rank, array.dims.size()), 1);
    dims.insert(dims.end(), array.dims.begin(), array.dims.end());
    const bool of_outputs =
        dims.size() == rank && (dims[1] == bias.size() || dims[1] == 1) && !array.is_integer && array.size() == dims[1];
    if (!of_outputs) {
        fail(ErrorCode::unsupported,
             "{}: of constants only one number per output of the layer before it can be added, here the "
             "axes are ({})",
             describe(*adder_), comma_separated(array.dims));
    }
    for (std::size_t i = 0; i < bias.size(); ++i) bias[i] += array.floats[array.size() == 1 ? 0 : i];
    return bias;
}

const AttributeProto* Site::find(std::string_view name) const {
    const auto found = std::ranges::find(node_.attributes, name, &AttributeProto::name);
    return found == node_.attributes.end() ? nullptr : &*found;
}

const AttributeProto* Site::ask(std::string_view name) {
    asked_.insert(name);
    return find(name);
}

std::int64_t Site::integer(std::string_view name, std::int64_t otherwise) {
    const AttributeProto* attribute = ask(name);
    return attribute == nullptr ? otherwise : attribute->i.value_or(0);  // proto3 writers leave a 0 out
}

float Site::number(std::string_view name, float otherwise) {
    const AttributeProto* attribute = ask(name);
    const float result = attribute == nullptr ? otherwise : attribute->f.value_or(0.0F);
    if (!std::isfinite(result)) unsound("attribute {} is no finite number", name);
    return result;
}

std::string_view Site::word(std::string_view name, std::string_view otherwise) {
    const AttributeProto* attribute = ask(name);
    return attribute == nullptr ? otherwise : attribute->s.value_or("");
}

std::vector<std::int64_t> Site::integers(std::string_view name) {
    const AttributeProto* attribute = ask(name);
    return attribute == nullptr ? std::vector<std::int64_t>{} : attribute->ints;
}

std::vector<float> Site::numbers(std::string_view name) {
    const AttributeProto* attribute = ask(name);
    return attribute == nullptr ? std::vector<float>{} : attribute->floats;
}

std::vector<std::size_t> Site::sizes(std::string_view name, std::size_t count, std::size_t least,
                                     std::optional<std::size_t> otherwise) {
    const AttributeProto* attribute = ask(name);
    if (attribute == nullptr) {
        if (!otherwise) unsound("attribute {} is missing", name);
        return std::vector<std::size_t>(count, *otherwise);
    }
    if (attribute->ints.size() != count) {
        unsupported("attribute {} has {} numbers, supported are {} (images with rows and columns)", name,
                    attribute->ints.size(), count);
    }
    for (const std::int64_t size : attribute->ints) {
        if (size < static_cast<std::int64_t>(least) || size > most_size) {
            unsound("attribute {} holds {}; right is {} … {}", name, size, least, most_size);
        }
    }
    return {attribute->ints.begin(), attribute->ints.end()};
}

void Site::require(std::string_view name, std::int64_t supported) {
    if (const std::int64_t found = integer(name, supported); found != supported) {
        unsupported("{} = {} is not supported; supported: {}", name, found, supported);
    }
}

void Site::refuse_unknown_attributes() const {
    for (const AttributeProto& attribute : node_.attributes) {
        if (!asked_.contains(attribute.name)) unsupported("attribute '{}' is not supported", shown(attribute.name));
    }
}

void Site::refuse(ErrorCode code, fmt::string_view format, Arguments args) const {
    throw Error(code, describe(node_) + ": " + sentence(format, args));
}

}  // namespace pellucid::onnx
