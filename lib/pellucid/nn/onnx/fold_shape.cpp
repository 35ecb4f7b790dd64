// What fold() does by moving numbers: Reshape, Transpose, Unsqueeze, Squeeze, Flatten, Concat, Gather, Slice.

#include "pellucid/nn/onnx/fold.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace pellucid::onnx {
namespace {

using Axis = std::optional<std::size_t>;

/// An axis by its number, counted from the end where negative.
Axis resolve(std::int64_t axis, std::size_t rank) {
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count) return std::nullopt;
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

/// Product of the dims from `begin` to `end`.
std::size_t extent(const std::vector<std::size_t>& dims, std::size_t begin, std::size_t end) {
    std::size_t product = 1;
    for (std::size_t i = begin; i < end; ++i) product *= dims[i];
    return product;
}

Array with_dims(const Folding& f, std::vector<std::size_t> dims) {
    f.budget.spend(f.input(0).size());
    Array result = f.input(0);
    result.dims = std::move(dims);
    return result;
}

std::optional<Array> fold_reshape(const Folding& f) {
    const Array &array = f.input(0), &target = f.input(1);
    if (!target.is_integer) f.unsound("its shape is no array of integers");
    if (target.is_open()) return std::nullopt;
    const bool zero_copies = f.integer("allowzero", 0) == 0;
    std::vector<std::size_t> dims;
    std::size_t known = 1;
    Axis open;
    for (std::size_t i = 0; i < target.ints.size() && i < 16; ++i) {
        std::int64_t dim = target.ints[i];
        if (dim == 0 && zero_copies && i < array.dims.size()) dim = static_cast<std::int64_t>(array.dims[i]);
        if (dim == -1 && !open) {
            open = i;
            dim = 1;
        }
        // No axis can be longer than the array, which also keeps the product from overflowing.
        if (dim < 1 || static_cast<std::uint64_t>(dim) > array.size() / known)
            f.unsound("its shape does not fit an array of {} numbers", array.size());
        dims.push_back(static_cast<std::size_t>(dim));
        known *= dims.back();
    }
    if (open) dims[*open] = array.size() / known;
    if (dims.size() != target.ints.size() || (open ? known * dims[*open] : known) != array.size())
        f.unsound("its shape does not fit an array of {} numbers", array.size());
    return with_dims(f, std::move(dims));
}

std::optional<Array> fold_transpose(const Folding& f) {
    const Array& array = f.input(0);
    const std::size_t rank = array.dims.size();
    std::vector<std::int64_t> order = f.integers("perm");
    if (order.empty()) {
        order.resize(rank);
        std::iota(order.rbegin(), order.rend(), 0);
    }
    std::vector<char> seen(rank, 0);
    std::vector<std::size_t> dims, steps;
    for (const std::int64_t axis : order) {
        const Axis from = resolve(axis, rank);
        if (!from || seen[*from] || order.size() != rank) f.unsound("perm is no order of {} axes", rank);
        seen[*from] = 1;
        dims.push_back(array.dims[*from]);
        steps.push_back(extent(array.dims, *from + 1, rank));
    }
    f.budget.spend(array.size());
    std::vector<std::size_t> places(array.size()), at(rank, 0);
    std::size_t place = 0;
    for (std::size_t& target : places) {
        target = place;
        for (std::size_t i = rank; i-- > 0;) {
            place += steps[i];
            if (++at[i] < dims[i]) break;
            place -= steps[i] * dims[i];
            at[i] = 0;
        }
    }
    return picked(array, std::move(dims), places);
}

std::optional<Array> fold_unsqueeze(const Folding& f) {
    const Array& array = f.input(0);
    const auto axes = f.listed(1, "axes");
    if (!axes) f.unsound("it has no axes");
    const std::size_t rank = array.dims.size() + axes->size();
    std::vector<char> is_new(rank, 0);
    for (const std::int64_t axis : *axes) {
        const Axis place = resolve(axis, rank);
        if (!place || rank > 16) f.unsound("axis {} is none of {}", axis, rank);
        is_new[*place] = 1;
    }
    std::vector<std::size_t> dims;
    auto old = array.dims.begin();
    for (const char fresh : is_new) {
        if (!fresh && old == array.dims.end()) f.unsound("its axes are named twice");
        dims.push_back(fresh ? 1 : *old++);
    }
    return with_dims(f, std::move(dims));
}

std::optional<Array> fold_squeeze(const Folding& f) {
    const Array& array = f.input(0);
    const std::size_t rank = array.dims.size();
    const auto axes = f.listed(1, "axes");
    std::vector<char> gone(rank, 0);
    if (!axes) std::ranges::transform(array.dims, gone.begin(), [](std::size_t dim) { return dim == 1; });
    for (const std::int64_t axis : axes.value_or(std::vector<std::int64_t>{})) {
        const Axis place = resolve(axis, rank);
        if (!place || array.dims[*place] != 1) f.unsound("axis {} is no axis of one element", axis);
        gone[*place] = 1;
    }
    std::vector<std::size_t> dims;
    for (std::size_t i = 0; i < rank; ++i) {
        if (!gone[i]) dims.push_back(array.dims[i]);
    }
    return with_dims(f, std::move(dims));
}

std::optional<Array> fold_concat(const Folding& f) {
    const std::vector<std::size_t>& first = f.input(0).dims;
    const std::size_t rank = first.size();
    const Axis axis = resolve(f.integer("axis", 0), rank);
    if (!axis) return std::nullopt;
    std::vector<std::size_t> dims = first;
    dims[*axis] = 0;
    for (std::size_t i = 0; i < f.inputs.size(); ++i) {
        const Array& part = f.input(i);
        if (part.dims.size() != rank || part.is_integer != f.input(0).is_integer) return std::nullopt;
        for (std::size_t k = 0; k < rank; ++k) {
            if (k != *axis && part.dims[k] != first[k]) f.unsound("its inputs do not fit side by side");
        }
        f.budget.spend(part.size());
        dims[*axis] += part.dims[*axis];
    }
    Array result{dims, f.input(0).is_integer, {}, {}, {}};
    const bool open = std::ranges::any_of(f.inputs, [](const Array* part) { return part->is_open(); });
    for (std::size_t outer = 0; outer < extent(dims, 0, *axis); ++outer) {
        for (const Array* part : f.inputs) {
            const std::size_t run = extent(part->dims, *axis, rank), at = outer * run;
            for (std::size_t i = at; i < at + run; ++i) {
                if (part->is_integer) result.ints.push_back(part->ints[i]);
                if (!part->is_integer) result.floats.push_back(part->floats[i]);
                if (open) result.per_sample.push_back(part->is_open() ? part->per_sample[i] : 0);
            }
        }
    }
    return result;
}

/// Takes the given indices along an axis, in place of which `index_dims` come.
Array taken(const Folding& f, const Array& array, std::size_t axis, const std::vector<std::size_t>& indices,
            const std::vector<std::size_t>& index_dims) {
    const std::size_t rank = array.dims.size();
    const std::size_t outer = extent(array.dims, 0, axis), inner = extent(array.dims, axis + 1, rank);
    const std::size_t others = outer * inner;
    if (others != 0 && indices.size() > std::numeric_limits<std::size_t>::max() / 8 / others)
        f.unsound("its result would fill the memory");
    f.budget.spend(others * indices.size());
    std::vector<std::size_t> dims(array.dims.begin(), array.dims.begin() + static_cast<std::ptrdiff_t>(axis));
    dims.insert(dims.end(), index_dims.begin(), index_dims.end());
    dims.insert(dims.end(), array.dims.begin() + static_cast<std::ptrdiff_t>(axis) + 1, array.dims.end());
    std::vector<std::size_t> places;
    for (std::size_t o = 0; o < outer; ++o) {
        for (const std::size_t index : indices) {
            for (std::size_t i = 0; i < inner; ++i) places.push_back((o * array.dims[axis] + index) * inner + i);
        }
    }
    return picked(array, std::move(dims), places);
}

std::optional<Array> fold_gather(const Folding& f) {
    const Array &array = f.input(0), &chosen = f.input(1);
    const Axis axis = resolve(f.integer("axis", 0), array.dims.size());
    if (!axis || !chosen.is_integer || chosen.is_open()) return std::nullopt;
    const auto count = static_cast<std::int64_t>(array.dims[*axis]);
    std::vector<std::size_t> indices;
    for (const std::int64_t index : chosen.ints) {
        if (index < -count || index >= count) f.unsound("it takes number {} of {}", index, count);
        indices.push_back(static_cast<std::size_t>(index < 0 ? index + count : index));
    }
    return taken(f, array, *axis, indices, chosen.dims);
}

std::optional<Array> fold_slice(const Folding& f) {
    const bool by_attribute = f.opset < 10;
    const auto starts = by_attribute ? f.integers("starts") : f.listed(1, "");
    const auto ends = by_attribute ? f.integers("ends") : f.listed(2, "");
    const auto axes = by_attribute ? (f.integers("axes").empty() ? std::nullopt : std::optional(f.integers("axes")))
                                   : f.listed(3, "");
    const auto steps = by_attribute ? std::nullopt : f.listed(4, "");
    if (!starts || !ends || starts->size() != ends->size()) f.unsound("its starts and ends do not fit");
    Array result = f.input(0);
    for (std::size_t i = 0; i < starts->size(); ++i) {
        if ((axes && axes->size() <= i) || (steps && steps->size() <= i)) f.unsound("its axes and starts do not fit");
        const Axis axis = resolve(axes ? (*axes)[i] : static_cast<std::int64_t>(i), result.dims.size());
        const std::int64_t step = steps ? (*steps)[i] : 1;
        if (!axis || step == 0) f.unsound("it cuts along an axis that is not there, or by steps of 0");
        const auto count = static_cast<std::int64_t>(result.dims[*axis]);
        const auto place = [&](std::int64_t at) {
            const std::int64_t from_front = at < 0 ? std::max(at, -count - 1) + count : std::min(at, count);
            return step > 0 ? std::clamp<std::int64_t>(from_front, 0, count)
                            : std::clamp<std::int64_t>(from_front, -1, count - 1);
        };
        std::vector<std::size_t> indices;
        const std::int64_t end = place((*ends)[i]), far = std::clamp<std::int64_t>(step, -count - 1, count + 1);
        for (std::int64_t at = place((*starts)[i]); step > 0 ? at < end : at > end; at += far)
            indices.push_back(static_cast<std::size_t>(at));
        result = taken(f, result, *axis, indices, {indices.size()});
    }
    return result;
}

std::optional<Array> fold_flatten(const Folding& f) {
    const auto& dims = f.input(0).dims;
    const std::int64_t axis = f.integer("axis", 1), rank = static_cast<std::int64_t>(dims.size());
    if (axis < -rank || axis > rank) f.unsound("axis {} is none of {}", axis, rank);
    const auto cut = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    return with_dims(f, {extent(dims, 0, cut), extent(dims, cut, dims.size())});
}

std::optional<Array> fold_shape(const Folding& f) {
    Array result{{f.input(0).dims.size()}, true, {}, {}, {}};
    for (const std::size_t dim : f.input(0).dims) result.ints.push_back(static_cast<std::int64_t>(dim));
    return f.has(1) || attribute(f.node, "start") != nullptr || attribute(f.node, "end") != nullptr
               ? std::nullopt
               : std::optional(result);
}

struct Known {
    std::string_view op;
    Fold fold;
};
constexpr Known known_folds[] = {
    {"Abs", fold_unary},           {"Add", fold_binary},          {"Cast", fold_cast},
    {"Ceil", fold_unary},          {"Concat", fold_concat},       {"ConstantOfShape", fold_fill},
    {"Div", fold_binary},          {"Exp", fold_unary},           {"Expand", fold_fill},
    {"Flatten", fold_flatten},     {"Floor", fold_unary},         {"Gather", fold_gather},
    {"Identity", fold_cast},       {"Log", fold_unary},           {"Max", fold_binary},
    {"Min", fold_binary},          {"Mul", fold_binary},          {"Neg", fold_unary},
    {"Pow", fold_binary},          {"Reciprocal", fold_unary},    {"ReduceL2", fold_reduce},
    {"ReduceProd", fold_reduce},   {"ReduceSum", fold_reduce},    {"ReduceSumSquare", fold_reduce},
    {"Reshape", fold_reshape},     {"Shape", fold_shape},         {"Slice", fold_slice},
    {"Sqrt", fold_unary},          {"Squeeze", fold_squeeze},     {"Sub", fold_binary},
    {"Transpose", fold_transpose}, {"Unsqueeze", fold_unsqueeze},
};

}  // namespace

bool folds(std::string_view op) { return std::ranges::find(known_folds, op, &Known::op) != std::end(known_folds); }

std::optional<Array> fold(const NodeProto& node, const std::vector<const Array*>& inputs, int opset, Budget& budget) {
    const auto* known = std::ranges::find(known_folds, node.op, &Known::op);
    if (known == std::end(known_folds) || inputs.empty()) return std::nullopt;
    return known->fold({node, inputs, opset, budget});
}

const Array& Folding::input(std::size_t i) const {
    if (!has(i)) unsound("input {} is missing", i);
    return *inputs[i];
}

void Folding::refuse(fmt::string_view format, Arguments args) const {
    throw Error(ErrorCode::bad_file, describe(node) + ": " + sentence(format, args));
}

std::int64_t Folding::integer(std::string_view name, std::int64_t otherwise) const {
    const AttributeProto* found = attribute(node, name);
    return found == nullptr ? otherwise : found->i.value_or(0);
}

std::vector<std::int64_t> Folding::integers(std::string_view name) const {
    const AttributeProto* found = attribute(node, name);
    return found == nullptr ? std::vector<std::int64_t>{} : found->ints;
}

std::optional<std::vector<std::int64_t>> Folding::listed(std::size_t i, std::string_view name) const {
    if (has(i)) {
        if (!input(i).is_integer || input(i).is_open()) unsound("input {} has to hold integers that are known", i);
        return input(i).ints;
    }
    const AttributeProto* found = attribute(node, name);
    return found == nullptr ? std::nullopt : std::optional(found->ints);
}

Array picked(const Array& from, std::vector<std::size_t> dims, const std::vector<std::size_t>& places) {
    Array result{std::move(dims), from.is_integer, {}, {}, {}};
    const auto pick = [&](const auto& numbers, auto& to) {
        to.reserve(places.size());
        for (const std::size_t place : places) to.push_back(numbers[place]);
    };
    if (from.is_integer) pick(from.ints, result.ints);
    if (!from.is_integer) pick(from.floats, result.floats);
    if (from.is_open()) pick(from.per_sample, result.per_sample);
    return result;
}

}  // namespace pellucid::onnx
