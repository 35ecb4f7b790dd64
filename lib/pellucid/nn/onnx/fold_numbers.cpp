// What fold() does by computing: element by element with broadcasting, sums and products, conversions.
//
// Sizes that depend on the batch are a + b·N; only what keeps them of that form is computed, with checked arithmetic,
// because a damaged file may hold any number.

#include "pellucid/nn/onnx/fold.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pellucid::onnx {
namespace {

constexpr std::int64_t most_whole = std::int64_t{1} << 52U;  // beyond that, nothing is a size

/// A size: whole + per_sample·N.
struct Whole {
    std::int64_t whole = 0, per_sample = 0;
};

std::optional<std::int64_t> product(std::int64_t a, std::int64_t b) {
    const double about = static_cast<double>(a) * static_cast<double>(b);
    return std::abs(about) > static_cast<double>(most_whole) ? std::nullopt : std::optional(a * b);
}

std::optional<Whole> combined(std::string_view op, Whole a, Whole b) {
    for (const std::int64_t part : {a.whole, a.per_sample, b.whole, b.per_sample}) {
        if (part > most_whole || part < -most_whole) return std::nullopt;
    }
    if (op == "Add") return Whole{a.whole + b.whole, a.per_sample + b.per_sample};
    if (op == "Sub") return Whole{a.whole - b.whole, a.per_sample - b.per_sample};
    if (op == "Mul") {
        if (a.per_sample != 0 && b.per_sample != 0) return std::nullopt;
        const auto whole = product(a.whole, b.whole);
        const auto left = product(a.per_sample, b.whole), right = product(a.whole, b.per_sample);
        if (!whole || !left || !right) return std::nullopt;
        return Whole{*whole, *left + *right};
    }
    if (op == "Div") {
        if (b.per_sample != 0 || b.whole == 0) return std::nullopt;
        if (a.per_sample != 0 && (a.per_sample % b.whole != 0 || a.whole % b.whole != 0)) return std::nullopt;
        return Whole{a.whole / b.whole, a.per_sample / b.whole};
    }
    if (a.per_sample != 0 || b.per_sample != 0) return std::nullopt;
    if (op == "Max") return Whole{std::max(a.whole, b.whole), 0};
    if (op == "Min") return Whole{std::min(a.whole, b.whole), 0};
    return std::nullopt;
}

double combined(std::string_view op, double a, double b) {
    if (op == "Add") return a + b;
    if (op == "Sub") return a - b;
    if (op == "Mul") return a * b;
    if (op == "Div") return a / b;
    if (op == "Pow") return std::pow(a, b);
    return op == "Max" ? std::max(a, b) : std::min(a, b);
}

/// Out of a double; what does not fit becomes an infinity, which a cast alone would not promise.
float narrowed(double value) {
    constexpr double most = std::numeric_limits<float>::max();
    constexpr float infinity = std::numeric_limits<float>::infinity();
    return value > most ? infinity : value < -most ? -infinity : static_cast<float>(value);
}

/// The axes of two arrays against each other, or nothing where they do not fit.
std::optional<std::vector<std::size_t>> broadcast(const std::vector<std::size_t>& a,
                                                  const std::vector<std::size_t>& b) {
    std::vector<std::size_t> dims(std::max(a.size(), b.size()));
    for (std::size_t i = 0; i < dims.size(); ++i) {
        const std::size_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
        if (x != y && x != 1 && y != 1) return std::nullopt;
        dims[dims.size() - 1 - i] = x == 1 ? y : x;
    }
    return dims;
}

/// Number of elements, paid for; refused before anything of that size exists.
std::size_t paid(const Folding& f, const std::vector<std::size_t>& dims) {
    std::uint64_t count = 1;
    for (const std::size_t dim : dims) {
        count *= dim;
        if (count > (std::uint64_t{1} << 30U)) f.unsound("its result would fill the memory");
    }
    f.budget.spend(static_cast<std::size_t>(count));
    return static_cast<std::size_t>(count);
}

/// For every element of an array of axes `dims`, the place of the one of `from` that is broadcast to it.
std::vector<std::size_t> broadcast_places(const std::vector<std::size_t>& dims, const std::vector<std::size_t>& from,
                                          std::size_t count) {
    std::vector<std::size_t> steps(dims.size(), 0), at(dims.size(), 0), places(count);
    std::size_t step = 1;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const std::size_t dim = from[from.size() - 1 - i];
        steps[dims.size() - 1 - i] = dim == 1 ? 0 : step;
        step *= dim;
    }
    std::size_t place = 0;
    for (std::size_t& target : places) {
        target = place;
        for (std::size_t i = dims.size(); i-- > 0;) {
            place += steps[i];
            if (++at[i] < dims[i]) break;
            place -= steps[i] * dims[i];
            at[i] = 0;
        }
    }
    return places;
}

Whole whole_at(const Array& array, std::size_t i) { return {array.ints[i], array.is_open() ? array.per_sample[i] : 0}; }

void append(Array& array, const Whole& value, bool open) {
    array.ints.push_back(value.whole);
    if (open) array.per_sample.push_back(value.per_sample);
}

}  // namespace

double number_at(const Array& array, std::size_t i) {
    return array.is_integer ? static_cast<double>(array.ints[i]) : static_cast<double>(array.floats[i]);
}

std::optional<Array> fold_binary(const Folding& f) {
    if (f.inputs.size() != 2) return std::nullopt;  // Max and Min of one or three
    const Array &a = f.input(0), &b = f.input(1);
    const auto dims = broadcast(a.dims, b.dims);
    if (!dims)
        f.unsound("arrays of the axes ({}) and ({}) do not fit", comma_separated(a.dims), comma_separated(b.dims));
    const std::size_t count = paid(f, *dims);
    const auto from_a = broadcast_places(*dims, a.dims, count), from_b = broadcast_places(*dims, b.dims, count);
    const bool open = a.is_open() || b.is_open();
    Array result{*dims, a.is_integer && b.is_integer, {}, {}, {}};
    if (open && !result.is_integer) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        if (!result.is_integer) {
            result.floats.push_back(narrowed(combined(f.node.op, number_at(a, from_a[i]), number_at(b, from_b[i]))));
            continue;
        }
        const auto value = combined(f.node.op, whole_at(a, from_a[i]), whole_at(b, from_b[i]));
        if (!value) return std::nullopt;
        append(result, *value, open);
    }
    return result;
}

std::optional<Array> fold_unary(const Folding& f) {
    const Array& array = f.input(0);
    if (array.is_integer && f.node.op != "Floor" && f.node.op != "Ceil") return std::nullopt;
    f.budget.spend(array.size());
    Array result = array;
    for (float& value : result.floats) {
        const double x = value;
        const std::string_view op = f.node.op;
        value = narrowed(op == "Sqrt"    ? std::sqrt(x)
                         : op == "Neg"   ? -x
                         : op == "Exp"   ? std::exp(x)
                         : op == "Log"   ? std::log(x)
                         : op == "Abs"   ? std::abs(x)
                         : op == "Floor" ? std::floor(x)
                         : op == "Ceil"  ? std::ceil(x)
                                         : 1.0 / x);
    }
    return result;
}

/// Sums and products; of integers over all axes, of floats over any.
std::optional<Array> fold_reduce(const Folding& f) {
    const Array& array = f.input(0);
    const std::size_t rank = array.dims.size();
    const auto listed = f.listed(1, "axes");
    std::vector<char> gone(rank, !listed || listed->empty() ? 1 : 0);
    for (const std::int64_t axis : listed.value_or(std::vector<std::int64_t>{})) {
        const std::int64_t place = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
        if (place < 0 || place >= static_cast<std::int64_t>(rank)) f.unsound("axis {} is none of {}", axis, rank);
        gone[static_cast<std::size_t>(place)] = 1;
    }
    const bool keeps = f.integer("keepdims", 1) != 0;
    std::vector<std::size_t> kept, dims;
    for (std::size_t i = 0; i < rank; ++i) {
        kept.push_back(gone[i] ? 1 : array.dims[i]);
        if (!gone[i] || keeps) dims.push_back(kept.back());
    }
    f.budget.spend(array.size());
    const auto places = broadcast_places(array.dims, kept, array.size());
    const std::size_t count = paid(f, kept);
    const bool multiplies = f.node.op == "ReduceProd";
    Array result{dims, array.is_integer, {}, {}, {}};
    if (array.is_integer) {
        if (f.node.op != "ReduceProd" && f.node.op != "ReduceSum") return std::nullopt;
        std::vector<Whole> values(count, Whole{multiplies ? 1 : 0, 0});
        for (std::size_t i = 0; i < array.size(); ++i) {
            const auto next = combined(multiplies ? "Mul" : "Add", values[places[i]], whole_at(array, i));
            if (!next) return std::nullopt;
            values[places[i]] = *next;
        }
        for (const Whole& value : values) append(result, value, array.is_open());
        return result;
    }
    const bool squares = f.node.op == "ReduceL2" || f.node.op == "ReduceSumSquare";
    std::vector<double> values(count, multiplies ? 1.0 : 0.0);
    for (std::size_t i = 0; i < array.size(); ++i) {
        const double x = array.floats[i];
        double& value = values[places[i]];
        value = multiplies ? value * x : value + (squares ? x * x : x);
    }
    for (const double value : values)
        result.floats.push_back(narrowed(f.node.op == "ReduceL2" ? std::sqrt(value) : value));
    return result;
}

std::optional<Array> fold_cast(const Folding& f) {
    using namespace field::tensor;
    const Array& array = f.input(0);
    f.budget.spend(array.size());
    if (f.node.op == "Identity" || array.is_open()) return array;  // open sizes are whole numbers in any type
    const std::int64_t to = f.integer("to", 0);
    if (to == FLOAT || to == DOUBLE) {
        Array result{array.dims, false, {}, {}, {}};
        for (std::size_t i = 0; i < array.size(); ++i) result.floats.push_back(narrowed(number_at(array, i)));
        return result;
    }
    if (to != INT64 && to != INT32 && to != BOOL) return std::nullopt;
    Array result{array.dims, true, {}, {}, {}};
    for (std::size_t i = 0; i < array.size(); ++i) {
        const double value = number_at(array, i);
        if (to != BOOL && !(std::abs(value) <= static_cast<double>(std::numeric_limits<std::int32_t>::max()))) {
            if (!array.is_integer) return std::nullopt;
            result.ints.push_back(array.ints[i]);
            continue;
        }
        result.ints.push_back(to == BOOL ? (value != 0.0 ? 1 : 0) : static_cast<std::int64_t>(value));
    }
    return result;
}

/// ConstantOfShape, and Expand, which repeats an array along the axes of a shape.
std::optional<Array> fold_fill(const Folding& f) {
    const bool expands = f.node.op == "Expand";
    const Array& target = f.input(expands ? 1 : 0);
    if (!target.is_integer || target.is_open() || target.size() > 16) return std::nullopt;
    std::vector<std::size_t> dims;
    for (const std::int64_t dim : target.ints) {
        if (dim < 0 || dim > (std::int64_t{1} << 30U)) f.unsound("an axis cannot have {} elements", dim);
        dims.push_back(static_cast<std::size_t>(dim));
    }
    if (expands) {
        const auto all = broadcast(f.input(0).dims, dims);
        if (!all)
            f.unsound("an array of the axes ({}) cannot be expanded to ({})", comma_separated(f.input(0).dims),
                      comma_separated(dims));
        const std::size_t count = paid(f, *all);
        return picked(f.input(0), *all, broadcast_places(*all, f.input(0).dims, count));
    }
    const std::size_t count = paid(f, dims);
    const AttributeProto* value = attribute(f.node, "value");
    Array one{{1}, false, {0.0F}, {}, {}};
    if (value != nullptr && value->t) one = read_array(*value->t);
    if (one.size() != 1) f.unsound("its value has to be one number");
    return picked(one, std::move(dims), std::vector<std::size_t>(count, 0));
}

}  // namespace pellucid::onnx
