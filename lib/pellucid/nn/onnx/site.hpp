/// One node of an ONNX graph while it becomes a layer: what it reads, its attributes, and how to refuse it.
#pragma once

#include "pellucid/error.hpp"
#include "pellucid/nn/network.hpp"
#include "pellucid/nn/onnx/array.hpp"
#include "pellucid/nn/onnx/curves.hpp"
#include "pellucid/nn/onnx/form.hpp"

#include <initializer_list>
#include <limits>

namespace pellucid::onnx {

/// What an activation of the ONNX graph is in our network.
struct Value {
    ValueId id = 0;
    Form form;
    Curves curves = {};       ///< how it follows from others element by element, where it does
    bool is_pending = false;  ///< a step towards a function that has a layer; it has only curves, no id
};

/// What a node becomes. Without a layer its output is its first input under another name, maybe with other axes.
struct Built {
    std::unique_ptr<Layer> layer;
    Form form;
    std::optional<ValueId> reads = std::nullopt;  ///< what the layer reads, where that is not the node's first input
    double times = 1.0;                           ///< a factor behind the layer
    Curves curves = {};
    bool is_pending = false;
};

/// What is known of the graph before a node.
struct Scope {
    int opset = 0;
    std::optional<std::int64_t> batch;  ///< where the file fixes it
    Constants& constants;
    const Network& network;
    const std::map<std::string_view, Value>& values;
    /// Arithmetic on sizes that is done already; the batch's may be open.
    const std::map<std::string_view, Array>& sizes;
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
    const Array& sizes_of(std::size_t input) const;
    /// Whether the input is stored, or a size that is known.
    bool is_known(std::size_t input) const;
    /// A value that may be pending; refuses the node as value() does otherwise.
    const Value& any_value(std::size_t input) const;
    /// How many inputs there are, and whether they are two values of the network or one and a constant.
    std::size_t input_count() const { return node_.inputs.size(); }
    /// One number that is stored; `otherwise` where the optional input is not there.
    double scalar(std::size_t input, double otherwise) const;
    /// A stored number for each of our channels of a value in that form and shape, where the constant is such.
    std::optional<std::vector<double>> per_channel(std::size_t input, const Form& form, const Shape& shape) const;
    /// Whether a node that only scales what this one puts out reads it, and nothing else does.
    bool is_scaled_next() const { return scaled_next_; }
    void set_scaled_next(bool scaled) { scaled_next_ = scaled; }
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
    std::vector<float> numbers(std::string_view name);
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
    [[noreturn]] void unsupported(fmt::format_string<Args...> format, const Args&... args) const {
        refuse(ErrorCode::unsupported, format, PackedArguments<Args...>(args...));
    }
    template <typename... Args>
    [[noreturn]] void unsound(fmt::format_string<Args...> format, const Args&... args) const {
        refuse(ErrorCode::bad_file, format, PackedArguments<Args...>(args...));
    }

private:
    const AttributeProto* find(std::string_view name) const;
    const AttributeProto* ask(std::string_view name);
    [[noreturn]] void refuse(ErrorCode code, fmt::string_view format, Arguments args) const;

    const NodeProto& node_;
    const NodeProto* adder_;
    const Scope& scope_;
    std::set<std::string_view> asked_;
    bool scaled_next_ = false;
};

/// How an operator of ONNX becomes a layer.
struct Operator {
    std::string_view op;
    std::string_view prefix;  ///< of names for nameless nodes
    std::size_t most_inputs;
    Built (*build)(Site&);
};
/// Throws Error(unsupported) that lists those there are.
const Operator& operator_of(const NodeProto& node);

Built build_conv(Site&);
Built build_conv_transpose(Site&);
Built build_dense(Site&);
Built build_batch_norm(Site&);
Built build_max_pool(Site&);
Built build_average_pool(Site&);
Built build_global_average_pool(Site&);
Built build_global_max_pool(Site&);
Built build_reduce_mean(Site&);
Built build_reduce_max(Site&);
Built build_resize(Site&);
Built build_pad(Site&);
Built build_activation(Site&);
Built build_clip(Site&);
Built build_prelu(Site&);
Built build_power(Site&);
Built build_arithmetic(Site&);
Built build_where(Site&);
Built build_concat(Site&);
Built build_dropout(Site&);
Built build_softmax(Site&);
Built build_flatten(Site&);
Built build_reshape(Site&);
Built build_squeeze(Site&);
Built build_transpose(Site&);
Built build_identity(Site&);
Built build_sizes(Site&);

}  // namespace pellucid::onnx
