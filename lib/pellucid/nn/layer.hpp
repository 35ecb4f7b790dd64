/// The layer interface: one node's arithmetic, with no memory of its own between calls.
#pragma once

#include "pellucid/tensor.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace pellucid {

/// What rules, composites and files need to know of a layer without asking for its class.
enum class Kind {
    convolution,   ///< Conv2d and ConvTranspose2d
    dense,         ///< Dense
    activation,    ///< Activation: ReLU, ReLU6, Sigmoid, …
    max_pool,      ///< MaxPool2d
    average_pool,  ///< AveragePool2d, GlobalAveragePool
    resample,      ///< Resize, Pad
    batch_norm,    ///< BatchNorm, Affine: an affine map of each channel
    add,           ///< Add
    concat,        ///< Concat
    pass_through,  ///< Flatten, Dropout: the same numbers in another shape
    softmax        ///< Softmax
};

/// What one forward pass of one layer leaves behind beside its output.
struct Record {
    std::vector<std::uint32_t> switches;  ///< max-pool: per output element, place of the winner (row·width + column)
    Tensor saved;                         ///< dropout: the mask
    bool training = false;                ///< set by the caller: dropout draws a mask from `seed`
    std::uint32_t seed = 0;
};

/// One layer's part of a recorded forward pass.
struct Step {
    std::span<const Tensor* const> inputs;
    const Tensor& output;
    const Record& record;

    const Tensor& input() const { return *inputs.front(); }
};

/// A trainable or stored array of a layer.
struct Parameter {
    std::string_view name;  ///< "weight", "bias", "scale", …
    Tensor* value;
};

class Layer {
public:
    virtual ~Layer() = default;

    /// Operator as ONNX names it ("Conv", "Gemm", "Relu", …).
    virtual std::string_view op() const = 0;
    virtual Kind kind() const = 0;

    /// Shape of the output for these inputs. Throws Error(bad_shape) that says what would fit.
    virtual Shape output_shape(std::span<const Shape> inputs) const = 0;

    /// output = f(inputs); `output` has its shape already. Record::training and seed are inputs, the rest is written.
    virtual void forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const = 0;

    /// gradients[i] = Jᵢᵀ·incoming for every input i, where J is the Jacobian at the recorded step. A null entry is not
    /// wanted. Entries have their shapes already and are overwritten. At x = 0 a ReLU passes nothing.
    virtual void input_gradient(const Step& step, const Tensor& incoming, std::span<Tensor* const> gradients) const = 0;

    /// Adds ∂/∂parameter, summed over the batch, to gradients[i], in the order of parameters().
    virtual void parameter_gradients(const Step&, const Tensor& /*incoming*/, std::span<Tensor> /*gradients*/) const {}

    virtual std::vector<Parameter> parameters() { return {}; }

    /// To be called after a parameter's value was changed from outside.
    virtual void refresh() {}

    virtual std::unique_ptr<Layer> clone() const = 0;
};

}  // namespace pellucid
