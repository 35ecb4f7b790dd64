/// The graph of an ONNX file as a whole: which nodes its result needs, who reads what, and what its input looks like.
#pragma once

#include "pellucid/nn/onnx/array.hpp"
#include "pellucid/nn/onnx/form.hpp"

namespace pellucid::onnx {

// Limits that keep a damaged file from asking for any amount of memory; honest networks stay far below.
inline constexpr std::uint64_t longest_axis = std::uint64_t{1} << 16U;
inline constexpr std::uint64_t most_elements = std::uint64_t{1} << 26U;  ///< of one value, for one sample

class Plan {
public:
    /// Throws Error(bad_file) where a name is written twice or nothing writes the output, Error(unsupported) where
    /// there are outputs that do not lie on the way to the last one. `graph` has to live on.
    Plan(const GraphProto& graph, const Constants& constants);

    /// What the result needs, in the order of the file.
    const std::vector<const NodeProto*>& nodes() const { return nodes_; }
    /// Name of the graph's (last) output.
    std::string_view result() const { return result_; }
    /// The nodes that read a value; null stands for a graph output.
    std::span<const NodeProto* const> readers(std::string_view name) const;
    /// An Add of a constant that alone reads what the node, one with weights, writes; or null.
    const NodeProto* adder(const NodeProto& node, const Constants& constants) const;

private:
    std::vector<const NodeProto*> nodes_;
    std::map<std::string_view, std::vector<const NodeProto*>> readers_;
    std::string_view result_;
};

/// The one value that the caller provides.
struct Input {
    std::string_view name;
    Shape shape;  ///< ours
    Form form;
    std::optional<std::int64_t> batch;  ///< where the file fixes it
};

/// Throws Error that names the input where it is not one array of floats, (N, C, H, W), (N, H, W, C) or (N, F). One of
/// (N, F) that the graph makes an image at once is that image.
/// `ours`: the file was written by pellucid, whose images always have the channels first.
Input input_of(const GraphProto& graph, Constants& constants, const Plan& plan, bool ours);

}  // namespace pellucid::onnx
