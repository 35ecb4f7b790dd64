/// Stored arrays of an ONNX file, checked against the data there is.
#pragma once

#include "pellucid/nn/onnx/proto.hpp"

#include <map>
#include <set>
#include <string>

namespace pellucid::onnx {

/// Numbers with axes; `floats` or `ints` holds exactly as many as the axes say.
struct Array {
    std::vector<std::size_t> dims;
    bool is_integer = false;
    std::vector<float> floats;
    std::vector<std::int64_t> ints;
    /// Of sizes that depend on the batch's size N: number i is ints[i] + per_sample[i]·N. Empty where none does.
    std::vector<std::int64_t> per_sample = {};

    std::size_t size() const { return is_integer ? ints.size() : floats.size(); }
    bool is_open() const { return !per_sample.empty(); }
};

/// Reads float32 and double (rounded to float32), and the integers, bool among them. Throws Error(bad_file) where
/// numbers and axes do not agree, Error(unsupported) that names any other type.
Array read_array(const TensorProto& stored);

/// Reads a single truth value. Throws Error(bad_file) where the array holds anything else.
bool read_flag(const TensorProto& stored);

/// How many numbers may still be copied out of a file. Weights can be used many times over, so that a small file could
/// ask for any amount of memory; honest ones use each number a few times at most.
class Budget {
public:
    explicit Budget(std::size_t file_size) : left_((std::size_t{1} << 20U) + 4 * file_size) {}
    /// Throws Error(bad_file) where that is more than is left.
    void spend(std::size_t numbers);

private:
    std::size_t left_;
};

/// Everything in a graph that does not depend on its input: initializers, Constant nodes, and what fold() makes of
/// such.
class Constants {
public:
    /// Reads no numbers yet, but for arrays that a node changes. Both arguments have to live on.
    Constants(const GraphProto& graph, int opset, Budget& budget);

    bool has(std::string_view name) const { return stored_.contains(name) || arrays_.contains(name); }
    /// Whether a node's work is done here already.
    bool holds(const NodeProto& node) const { return folded_.contains(&node); }
    /// The array of that name, which must be there; its numbers are read when it is first asked for.
    const Array& get(std::string_view name) { return *shared(name); }
    /// The truth value of that name. Throws Error(bad_file) where it is something else.
    bool flag(std::string_view name) const;

private:
    void define(std::string_view name);
    bool fold(const NodeProto& node);
    std::shared_ptr<const Array> shared(std::string_view name);

    std::map<std::string_view, const TensorProto*> stored_;
    std::map<std::string_view, std::shared_ptr<const Array>> arrays_;
    std::set<const NodeProto*> folded_;
    int opset_;
    Budget& budget_;
};

/// The attribute of that name, or null.
const AttributeProto* attribute(const NodeProto& node, std::string_view name);

/// A name from the file, shortened and without control characters, for messages.
std::string shown(std::string_view name);

/// "operator 'Conv' (node 'conv1')", for messages.
std::string describe(const NodeProto& node);

}  // namespace pellucid::onnx
