#include "pellucid/nn/onnx/array.hpp"

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/fold.hpp"
#include "pellucid/text.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace pellucid::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian and is copied as it is");

/// Number of elements that the axes promise, which must be what the file holds.
std::size_t checked_count(const TensorProto& stored, std::size_t held) {
    std::uint64_t count = 1;  // size_t has 32 bits in WebAssembly, and would wrap to a number that fits
    for (const std::int64_t dim : stored.dims) {
        if (dim < 0) fail(ErrorCode::bad_file, "array '{}' has an axis of {} elements", shown(stored.name), dim);
        const auto elements = static_cast<std::uint64_t>(dim);
        if (elements != 0 && count > std::numeric_limits<std::uint64_t>::max() / elements) {
            fail(ErrorCode::bad_file, "the axes of array '{}' promise more numbers than can be", shown(stored.name));
        }
        count *= elements;
    }
    if (count != held) {
        fail(ErrorCode::bad_file, "array '{}' has to hold {} numbers by its axes, the file holds {}",
             shown(stored.name), count, held);
    }
    return held;
}

/// The numbers of raw bytes of element type T, or of the list `listed` where there are none.
template <typename T, typename Result>
std::vector<Result> numbers(const TensorProto& stored, const std::vector<T>& listed) {
    if (!stored.raw) {
        checked_count(stored, listed.size());
        return {listed.begin(), listed.end()};
    }
    if (stored.raw->size() % sizeof(T) != 0) {
        fail(ErrorCode::bad_file, "array '{}' has {} bytes of data, which is no multiple of {}", shown(stored.name),
             stored.raw->size(), sizeof(T));
    }
    std::vector<Result> result(checked_count(stored, stored.raw->size() / sizeof(T)));
    for (std::size_t i = 0; i < result.size(); ++i) {
        T number;
        std::memcpy(&number, stored.raw->data() + i * sizeof(T), sizeof(T));
        result[i] = static_cast<Result>(number);
    }
    return result;
}

/// Integers of element type T, which the list has as int64.
template <typename T>
std::vector<std::int64_t> integers(const TensorProto& stored) {
    return stored.raw ? numbers<T, std::int64_t>(stored, {}) : numbers<std::int64_t, std::int64_t>(stored, stored.ints);
}

/// Double to float; what does not fit becomes an infinity, which a cast alone would not promise.
std::vector<float> rounded(const std::vector<double>& values) {
    constexpr double most = std::numeric_limits<float>::max();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    std::vector<float> result;
    result.reserve(values.size());
    for (const double value : values) {
        result.push_back(value > most ? infinity : value < -most ? -infinity : static_cast<float>(value));
    }
    return result;
}

const char* type_name(std::int32_t type) {
    constexpr const char* names[] = {"undefined", "float",  "uint8",     "int8",       "uint16",  "int16",
                                     "int32",     "int64",  "string",    "bool",       "float16", "double",
                                     "uint32",    "uint64", "complex64", "complex128", "bfloat16"};
    const bool known = type >= 0 && type < static_cast<std::int32_t>(std::size(names));
    return known ? names[type] : "another type";
}

Array of_floats(std::vector<std::size_t> dims, std::vector<float> values) {
    return {std::move(dims), false, std::move(values), {}};
}
Array of_ints(std::vector<std::size_t> dims, std::vector<std::int64_t> values) {
    return {std::move(dims), true, {}, std::move(values)};
}

/// What a Constant node holds in its attributes, but for a whole array.
Array constant(const NodeProto& node) {
    if (const auto* value = attribute(node, "value_float"); value != nullptr && value->f)
        return of_floats({}, {*value->f});
    if (const auto* value = attribute(node, "value_int"); value != nullptr && value->i) return of_ints({}, {*value->i});
    if (const auto* value = attribute(node, "value_floats")) return of_floats({value->floats.size()}, value->floats);
    if (const auto* value = attribute(node, "value_ints")) return of_ints({value->ints.size()}, value->ints);
    fail(ErrorCode::unsupported, "{}: only the attributes value, value_float(s) and value_int(s) are supported",
         describe(node));
}

}  // namespace

Array read_array(const TensorProto& stored) {
    if (stored.is_external) {
        fail(ErrorCode::unsupported,
             "array '{}' is stored in another file: hand it over, too, or export with external_data=False",
             shown(stored.name));
    }
    Array array;
    switch (stored.type) {
        case field::tensor::FLOAT: array.floats = numbers<float, float>(stored, stored.floats); break;
        case field::tensor::DOUBLE: array.floats = rounded(numbers<double, double>(stored, stored.doubles)); break;
        case field::tensor::INT64: array.ints = numbers<std::int64_t, std::int64_t>(stored, stored.ints); break;
        case field::tensor::INT32: array.ints = integers<std::int32_t>(stored); break;
        case field::tensor::UINT32: array.ints = integers<std::uint32_t>(stored); break;
        case field::tensor::INT16: array.ints = integers<std::int16_t>(stored); break;
        case field::tensor::UINT16: array.ints = integers<std::uint16_t>(stored); break;
        case field::tensor::INT8: array.ints = integers<std::int8_t>(stored); break;
        case field::tensor::UINT8:
        case field::tensor::BOOL: array.ints = integers<std::uint8_t>(stored); break;
        default:
            fail(ErrorCode::unsupported, "array '{}' is of type {}; supported: float, double, and integers for shapes",
                 shown(stored.name), type_name(stored.type));
    }
    array.is_integer = stored.type != field::tensor::FLOAT && stored.type != field::tensor::DOUBLE;
    array.dims.assign(stored.dims.begin(), stored.dims.end());
    return array;
}

bool read_flag(const TensorProto& stored) {
    const std::size_t held = stored.raw ? stored.raw->size() : stored.ints.size();
    if (stored.type != field::tensor::BOOL || stored.is_external || checked_count(stored, held) != 1) {
        fail(ErrorCode::bad_file, "array '{}' has to be a single truth value", shown(stored.name));
    }
    return stored.raw ? stored.raw->front() != '\0' : stored.ints.front() != 0;
}

void Budget::spend(std::size_t numbers) {
    if (numbers > left_)
        fail(ErrorCode::bad_file, "the file uses its weights so often that they would fill the memory");
    left_ -= numbers;
}

Constants::Constants(const GraphProto& graph, int opset, Budget& budget) : opset_(opset), budget_(budget) {
    for (const TensorProto& stored : graph.initializers) {
        define(stored.name);
        stored_[stored.name] = &stored;
    }
    for (const NodeProto& node : graph.nodes) {
        if (!node.domain.empty() && node.domain != "ai.onnx") continue;
        if (node.outputs.size() == 1 && fold(node)) folded_.insert(&node);
    }
}

void Constants::define(std::string_view name) {
    if (has(name)) fail(ErrorCode::bad_file, "not a sound ONNX file: '{}' is defined twice", shown(name));
}

bool Constants::fold(const NodeProto& node) {
    const auto& inputs = node.inputs;
    const std::string_view output = node.outputs[0];
    if (output.empty()) return false;
    if (node.op == "Constant") {
        define(output);
        const AttributeProto* value = attribute(node, "value");
        if (value != nullptr && value->t) {
            stored_[output] = value->t.get();
        } else {
            arrays_[output] = std::make_shared<const Array>(constant(node));
        }
        return true;
    }
    if (inputs.empty() || !folds(node.op)) return false;
    if (!std::ranges::all_of(inputs, [&](std::string_view name) { return name.empty() || has(name); })) return false;
    std::shared_ptr<const Array> result;
    if (node.op == "Identity") {
        result = shared(inputs[0]);
    } else {
        std::vector<const Array*> arrays;
        for (const std::string_view name : inputs) arrays.push_back(name.empty() ? nullptr : &get(name));
        auto folded = onnx::fold(node, arrays, opset_, budget_);
        if (!folded) return false;
        result = std::make_shared<const Array>(*std::move(folded));
    }
    define(output);
    arrays_[output] = std::move(result);
    return true;
}

std::shared_ptr<const Array> Constants::shared(std::string_view name) {
    std::shared_ptr<const Array>& array = arrays_[name];
    if (!array) array = std::make_shared<const Array>(read_array(*stored_.at(name)));
    return array;
}

bool Constants::flag(std::string_view name) const {
    const auto found = stored_.find(name);
    if (found == stored_.end()) fail(ErrorCode::bad_file, "'{}' has to be a stored truth value", shown(name));
    return read_flag(*found->second);
}

const AttributeProto* attribute(const NodeProto& node, std::string_view name) {
    const auto found = std::ranges::find(node.attributes, name, &AttributeProto::name);
    return found == node.attributes.end() ? nullptr : &*found;
}

std::string shown(std::string_view name) {
    constexpr std::size_t most = 80;
    if (name.size() <= most) return escaped(name);
    std::size_t cut = most;  // not within a character
    while (cut > most - 4 && (static_cast<unsigned char>(name[cut]) & 0xC0U) == 0x80) --cut;
    return escaped(name.substr(0, cut)) + "…";
}

std::string describe(const NodeProto& node) {
    if (!node.name.empty()) return fmt::format("operator '{}' (node '{}')", shown(node.op), shown(node.name));
    const std::string_view output = node.outputs.empty() ? std::string_view{} : node.outputs[0];
    return fmt::format("operator '{}' (nameless node that writes '{}')", shown(node.op), shown(output));
}

}  // namespace pellucid::onnx
