/// One node of an ONNX graph while it becomes a layer: what it reads, its attributes, and how to refuse it.
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/nn/onnx/array.hpp"
#include "pellucid/nn/onnx/form.hpp"

#include <initializer_list>
#include <limits>

namespace pellucid::onnx {

/// What an activation of the ONNX graph is in our network.
struct Value {
    ValueId id = 0;
    Form form;
};

/// What a node becomes. Without a layer its output is its first input under another name, maybe with other axes.
struct Built {
    std::unique_ptr<Layer> layer;
    Form form;
    std::optional<std::vector<std::int64_t>> sizes = std::nullopt;  ///< the node computes no values, but these sizes
};

/// Stands for the batch's size among sizes.
inline constexpr std::int64_t open_batch = std::numeric_limits<std::int64_t>::min();

/// What is known of the graph before a node.
struct Scope {
    int opset = 0;
    std::optional<std::int64_t> batch;  ///< where the file fixes it
    Constants& constants;
    const Network& network;
    const std::map<std::string_view, Value>& values;
    const std::map<std::string_view, std::vector<std::int64_t>>& sizes;
};

class Site {
public:
    /// adder: an Add of a constant that alone reads the node's output, to be taken up into its bias; or null.
    Site(const NodeProto& node, const NodeProto* adder, const Scope& scope)
        : node_(node), adder_(adder), scope_(scope) {}

    int opset() const { return scope_.opset; }
    std::optional<std::int64_t> batch() const { return scope_.batch; }
    std::string_view op() const { return node_.op; }

    // Inputs. An optional one may be left out or have an empty name.
    bool has(std::size_t input) const { return input < node_.inputs.size() && !node_.inputs[input].empty(); }
    bool is_constant(std::size_t input) const { return has(input) && scope_.constants.has(node_.inputs[input]); }
    /// An input that the network computes; refuses the node where it is constant or nothing has written it yet.
    const Value& value(std::size_t input) const;
    /// Shape of such an input for one sample, as we have it.
    const Shape& shape(std::size_t input) const { return scope_.network.shape(value(input).id); }
    /// A constant input; refuses the node where the network computes it.
    const Array& constant(std::size_t input) const;
    /// The same, which must hold floats with these axes (−1 = any length of at least 1).
    const std::vector<float>& floats(std::size_t input, std::initializer_list<std::int64_t> dims) const;
    const std::vector<std::int64_t>& ints(std::size_t input) const;
    /// A constant input that must be a single truth value.
    bool flag(std::size_t input) const;
    /// Stored integers, or sizes that an earlier node has computed from the shapes of values.
    const std::vector<std::int64_t>& sizes_of(std::size_t input) const;
    /// Refuses the node where its first input is no (N, c, h, w) image, or no (N, c) vector.
    void require_image() const;
    void require_vector() const;

    /// bias + what the adder adds to each of the outputs. rank: number of axes of the node's output.
    std::vector<float> with_added(std::vector<float> bias, std::size_t rank) const;

    // Attributes, or what stands for one that is not there.
    std::int64_t integer(std::string_view name, std::int64_t otherwise);
    float number(std::string_view name, float otherwise);
    std::string_view word(std::string_view name, std::string_view otherwise);
    std::vector<std::int64_t> integers(std::string_view name);
    /// `count` integers in [least, 10000].
    std::vector<std::size_t> sizes(std::string_view name, std::size_t count, std::size_t least,
                                   std::optional<std::size_t> otherwise);
    bool has_attribute(std::string_view name) const { return find(name) != nullptr; }
    /// An attribute that changes nothing here.
    void ignore(std::string_view name) { asked_.insert(name); }
    /// An attribute of which only one value is supported.
    void require(std::string_view name, std::int64_t supported);
    /// Refuses the node where it has an attribute that nobody asked for: it would have changed the result.
    void refuse_unknown_attributes() const;

    template <typename... Args>
    [[noreturn]] void unsupported(fmt::format_string<Args...> format, Args&&... args) const {
        refuse(ErrorCode::unsupported, fmt::format(format, std::forward<Args>(args)...));
    }
    template <typename... Args>
    [[noreturn]] void unsound(fmt::format_string<Args...> format, Args&&... args) const {
        refuse(ErrorCode::bad_file, fmt::format(format, std::forward<Args>(args)...));
    }

private:
    const AttributeProto* find(std::string_view name) const;
    const AttributeProto* ask(std::string_view name);
    [[noreturn]] void refuse(ErrorCode code, const std::string& sentence) const;

    const NodeProto& node_;
    const NodeProto* adder_;
    const Scope& scope_;
    std::set<std::string_view> asked_;
};

/// How an operator of ONNX becomes a layer.
struct Operator {
    std::string_view op;
    std::string_view prefix;  ///< of names for nameless nodes
    std::size_t most_inputs;
    Built (*build)(Site&);
};

Built build_conv(Site&);
Built build_conv_transpose(Site&);
Built build_dense(Site&);
Built build_batch_norm(Site&);
Built build_max_pool(Site&);
Built build_average_pool(Site&);
Built build_global_average_pool(Site&);
Built build_reduce_mean(Site&);
Built build_resize(Site&);
Built build_activation(Site&);
Built build_add(Site&);
Built build_dropout(Site&);
Built build_softmax(Site&);
Built build_flatten(Site&);
Built build_reshape(Site&);
Built build_squeeze(Site&);
Built build_transpose(Site&);
Built build_identity(Site&);
Built build_shape(Site&);
Built build_gather(Site&);
Built build_unsqueeze(Site&);
Built build_concat(Site&);

}  // namespace pellucid::onnx
