/// Nodes whose inputs are all known while reading: arithmetic on stored arrays, and on sizes, of which the batch's may
/// stay open.
///
/// Exporters write the shape of a Flatten, view or reshape with an open batch as such arithmetic (Shape, Gather, Slice,
/// Concat, ReduceProd, …), and normalisations and reshaped weights as arithmetic on constants.
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/array.hpp"

namespace pellucid::onnx {

/// Whether fold() knows the operator.
bool folds(std::string_view op);

/// What the node makes of these arrays (null: an optional one that is not there), or nothing where the operator or this
/// use of it is not known. Throws Error(bad_file) where the arrays do not fit the node.
std::optional<Array> fold(const NodeProto& node, const std::vector<const Array*>& inputs, int opset, Budget& budget);

/// Element i of an array of integers or floats.
double number_at(const Array& array, std::size_t i);

// The parts of fold(), by what they do (fold_shape.cpp, fold_numbers.cpp). Null: not this use of the operator.

struct Folding {
    const NodeProto& node;
    const std::vector<const Array*>& inputs;
    int opset;
    Budget& budget;

    const Array& input(std::size_t i) const;  ///< throws Error(bad_file) where it is missing
    bool has(std::size_t i) const { return i < inputs.size() && inputs[i] != nullptr; }
    std::int64_t integer(std::string_view name, std::int64_t otherwise) const;
    std::vector<std::int64_t> integers(std::string_view name) const;
    /// The integers of input i or, where `by_attribute`, of the attribute; nothing where there are none.
    std::optional<std::vector<std::int64_t>> listed(std::size_t i, std::string_view name) const;
    template <typename... Args>
    [[noreturn]] void unsound(fmt::format_string<Args...> format, const Args&... args) const {
        refuse(format, PackedArguments<Args...>(args...));
    }
    [[noreturn]] void refuse(fmt::string_view format, Arguments args) const;
};

/// Which elements of `from`, in the order of the result: for every operator that only moves numbers.
Array picked(const Array& from, std::vector<std::size_t> dims, const std::vector<std::size_t>& places);

using Fold = std::optional<Array> (*)(const Folding&);
std::optional<Array> fold_binary(const Folding& f);
std::optional<Array> fold_unary(const Folding& f);
std::optional<Array> fold_reduce(const Folding& f);
std::optional<Array> fold_cast(const Folding& f);
std::optional<Array> fold_fill(const Folding& f);

}  // namespace pellucid::onnx
