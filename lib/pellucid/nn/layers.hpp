/// All layers; each class says what it computes. Images are NHWC, vectors (N, 1, 1, C).
#pragma once

#include "pellucid/nn/weighted_layer.hpp"

#include <string>

namespace pellucid {

struct Padding {
    std::size_t top = 0, left = 0, bottom = 0, right = 0;
    bool operator==(const Padding&) const = default;
};

struct Stride {
    std::size_t h = 1, w = 1;
    bool operator==(const Stride&) const = default;
};

/// Which weights of a convolution there are: in groups each output sees its own share of the input channels, and a
/// dilated kernel only every d-th pixel. All others are 0 and stay so.
struct Connections {
    std::size_t groups = 1;
    Stride dilation{1, 1};
    bool operator==(const Connections&) const = default;
};

/// 2-d cross-correlation: z[y, x, o] = b[o] + Σ x[y·s + ky − p, x·s + kx − p, i]·w[ky, kx, i, o]; zero padding.
/// Weights are those of all groups and of the whole dilated kernel, with zeros where there is no connection.
class Conv2d final : public WeightedLayer {
public:
    Conv2d(Tensor weight, Tensor bias, Stride stride = {}, Padding padding = {}, Connections connections = {});
    std::string_view op() const override { return "Conv"; }
    Kind kind() const override { return Kind::convolution; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    PreparedWeights prepare(const Tensor& weight, const Tensor* bias) const override;
    void apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const override;
    void adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const override;
    void parameter_gradients(const Step&, const Tensor& incoming, std::span<Tensor> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Conv2d>(*this); }
    Stride stride() const { return stride_; }
    Padding padding() const { return padding_; }
    const Connections& connections() const { return connections_; }
    void keep_connected(Tensor& weight) const override;
    /// The prepared weights with the fast form of 3×3 convolutions, for passes whose rounding may differ from place to
    /// place; without it where there is none. Valid until refresh().
    const simd::PackedWeights& fast_forward() const;
    const simd::PackedWeights& fast_adjoint() const;

private:
    Stride stride_;
    Padding padding_;
    Connections connections_;
};

/// Transposed convolution: the adjoint of a Conv2d of that stride and padding. Weights (kh, kw, inputs, outputs).
/// Output size: (h − 1)·stride + kh − padding + output_padding.
class ConvTranspose2d final : public WeightedLayer {
public:
    ConvTranspose2d(Tensor weight, Tensor bias, Stride stride = {}, Padding padding = {},
                    Stride output_padding = {0, 0});
    std::string_view op() const override { return "ConvTranspose"; }
    Kind kind() const override { return Kind::convolution; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    PreparedWeights prepare(const Tensor& weight, const Tensor* bias) const override;
    void apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const override;
    void adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const override;
    void parameter_gradients(const Step&, const Tensor& incoming, std::span<Tensor> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<ConvTranspose2d>(*this); }
    Stride stride() const { return stride_; }
    Padding padding() const { return padding_; }
    Stride output_padding() const { return output_padding_; }

private:
    Stride stride_;
    Padding padding_;
    Stride output_padding_;
};

/// Fully connected: z[o] = b[o] + Σ x[i]·w[i, o]; weights (1, 1, inputs, outputs), x (N, 1, 1, inputs).
class Dense final : public WeightedLayer {
public:
    Dense(Tensor weight, Tensor bias);
    std::string_view op() const override { return "Gemm"; }
    Kind kind() const override { return Kind::dense; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    PreparedWeights prepare(const Tensor& weight, const Tensor* bias) const override;
    void apply(const Tensor& x, const PreparedWeights& weights, Tensor& z) const override;
    void adjoint(const Tensor& s, const PreparedWeights& weights, Tensor& x) const override;
    void adjoint_times(const Tensor& s, const PreparedWeights& weights, const Tensor& x, Tensor& out) const override;
    void parameter_gradients(const Step&, const Tensor& incoming, std::span<Tensor> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Dense>(*this); }
};

/// Element-wise non-linearity.
class Activation final : public Layer {
public:
    /// With the two numbers a and b of those that have some; the formulas are in nn/layers/activation.cpp.
    enum class Function {
        relu,
        leaky_relu,  ///< a: slope below 0
        sigmoid,
        tanh,
        clip,  ///< a, b: least and largest value (ReLU6, Hardtanh)
        elu,   ///< a: the limit below 0 is −a
        celu,  ///< a likewise, with a smooth bend at 0
        selu,  ///< a like that of elu; b: factor of all
        softplus,
        softsign,
        hard_sigmoid,  ///< a, b: slope and value at 0
        hard_swish,
        swish,
        gelu,
        gelu_tanh,  ///< gelu by its approximation with tanh
        mish,
        erf
    };
    /// Throws Error(bad_argument) where a or b is no finite number; clip's may be infinite.
    explicit Activation(Function function, float a = 0.01F, float b = 1.0F);
    std::string_view op() const override;
    Kind kind() const override { return Kind::activation; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Activation>(*this); }
    Function function() const { return function_; }
    float slope() const { return a_; }
    float a() const { return a_; }
    float b() const { return b_; }
    /// The function and its derivative at one point, in double.
    double at(double x) const;
    double derivative(double x) const;

private:
    Function function_;
    float a_, b_;
};

/// Window of a pooling layer; `ceil`: a last, partial window counts (ONNX ceil_mode).
struct Window {
    std::size_t h = 2, w = 2;
    Stride stride{2, 2};
    Padding padding{};
    bool ceil = false;
};

/// Largest value of each window; padding never wins; of equals the first in reading order wins.
class MaxPool2d final : public Layer {
public:
    explicit MaxPool2d(Window window = {});
    std::string_view op() const override { return "MaxPool"; }
    Kind kind() const override { return Kind::max_pool; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<MaxPool2d>(*this); }
    const Window& window() const { return window_; }

private:
    Window window_;
};

/// Mean of each window; `count_padding`: the divisor is the window's area, else the number of real pixels in it.
class AveragePool2d final : public Layer {
public:
    explicit AveragePool2d(Window window = {}, bool count_padding = false);
    std::string_view op() const override { return "AveragePool"; }
    Kind kind() const override { return Kind::average_pool; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<AveragePool2d>(*this); }
    const Window& window() const { return window_; }
    bool count_padding() const { return count_padding_; }

private:
    Window window_;
    bool count_padding_;
};

/// Mean over all positions: (N, h, w, C) → (N, 1, 1, C).
class GlobalAveragePool final : public Layer {
public:
    std::string_view op() const override { return "GlobalAveragePool"; }
    Kind kind() const override { return Kind::average_pool; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<GlobalAveragePool>(*this); }
};

/// (N, h, w, C) → (N, 1, 1, h·w·C), in memory order.
class Flatten final : public Layer {
public:
    std::string_view op() const override { return "Flatten"; }
    Kind kind() const override { return Kind::pass_through; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Flatten>(*this); }
};

/// An affine map of each channel: y = factor·x + offset. BatchNorm and Affine.
class ChannelMap : public Layer {
public:
    Kind kind() const override { return Kind::batch_norm; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    /// (factor, offset) per channel; in double, so that merging rounds once.
    virtual std::pair<std::vector<double>, std::vector<double>> affine() const = 0;
    /// The same as the passes use it.
    const std::vector<float>& factor() const { return factor_; }
    const std::vector<float>& offset() const { return offset_; }

protected:
    void refresh_map();
    Shape same_channels(std::string_view what, const Shape& input) const;

private:
    std::vector<float> factor_, offset_;
};

/// y = scale·(x − mean)/√(variance + epsilon) + shift per channel, by the stored statistics.
/// The four arrays have shape (1, 1, 1, C).
class BatchNorm final : public ChannelMap {
public:
    BatchNorm(Tensor scale, Tensor shift, Tensor mean, Tensor variance, float epsilon = 1e-5F);
    std::string_view op() const override { return "BatchNormalization"; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void parameter_gradients(const Step&, const Tensor& incoming, std::span<Tensor> gradients) const override;
    std::vector<Parameter> parameters() override { return {{"scale", &scale_}, {"shift", &shift_}}; }
    void refresh() override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<BatchNorm>(*this); }
    const Tensor& scale() const { return scale_; }
    const Tensor& shift() const { return shift_; }
    const Tensor& mean() const { return mean_; }
    const Tensor& variance() const { return variance_; }
    float epsilon() const { return epsilon_; }
    std::pair<std::vector<double>, std::vector<double>> affine() const override;

private:
    Tensor scale_, shift_, mean_, variance_;
    float epsilon_;
};

/// y = factor·x + offset per channel, by constants of the file: a normalisation, a temperature. Nothing to train.
class Affine final : public ChannelMap {
public:
    Affine(std::vector<double> factor, std::vector<double> offset);
    std::string_view op() const override { return "Affine"; }
    Shape output_shape(std::span<const Shape> inputs) const override { return same_channels("an Affine", inputs[0]); }
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Affine>(*this); }
    std::pair<std::vector<double>, std::vector<double>> affine() const override {
        return {exact_factor_, exact_offset_};
    }

private:
    std::vector<double> exact_factor_, exact_offset_;
};

/// Pixels around an image: zeros, the edge's own values, or the image mirrored at its edge.
class Pad final : public Layer {
public:
    enum class Mode { zeros, edge, reflect };
    Pad(Mode mode, Padding padding) : mode_(mode), padding_(padding) {}
    std::string_view op() const override { return "Pad"; }
    Kind kind() const override { return Kind::resample; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Pad>(*this); }
    Mode mode() const { return mode_; }
    const Padding& padding() const { return padding_; }

private:
    Mode mode_;
    Padding padding_;
};

/// The channels of two values side by side.
class Concat final : public Layer {
public:
    std::string_view op() const override { return "Concat"; }
    Kind kind() const override { return Kind::concat; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Concat>(*this); }
};

/// Drops each element with probability `rate` and scales the rest by 1/(1 − rate) while training; else the identity.
class Dropout final : public Layer {
public:
    /// rate in [0, 1).
    explicit Dropout(float rate = 0.5F);
    std::string_view op() const override { return "Dropout"; }
    Kind kind() const override { return Kind::pass_through; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record& record) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Dropout>(*this); }
    float rate() const { return rate_; }

private:
    float rate_;
};

/// exp(x_c)/Σ exp(x) over the channels, at every position.
class Softmax final : public Layer {
public:
    std::string_view op() const override { return "Softmax"; }
    Kind kind() const override { return Kind::softmax; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Softmax>(*this); }
};

/// x_c − log Σ exp(x) over the channels, at every position.
class LogSoftmax final : public Layer {
public:
    std::string_view op() const override { return "LogSoftmax"; }
    Kind kind() const override { return Kind::softmax; }
    Shape output_shape(std::span<const Shape> inputs) const override { return inputs[0]; }
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<LogSoftmax>(*this); }
};

/// Sum of two values of the same shape (a residual connection).
class Add final : public Layer {
public:
    std::string_view op() const override { return "Add"; }
    Kind kind() const override { return Kind::add; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Add>(*this); }
};

/// Enlarges (or shrinks) images: nearest by floor(x/scale), or bilinear at half-pixel centres.
class Resize final : public Layer {
public:
    enum class Mode { nearest, linear };
    /// scales > 0; output size floor(size·scale).
    Resize(Mode mode, float scale_h, float scale_w);
    std::string_view op() const override { return "Resize"; }
    Kind kind() const override { return Kind::resample; }
    Shape output_shape(std::span<const Shape> inputs) const override;
    void forward(std::span<const Tensor* const> inputs, Tensor& output, Record&) const override;
    void input_gradient(const Step&, const Tensor& incoming, std::span<Tensor* const> gradients) const override;
    std::unique_ptr<Layer> clone() const override { return std::make_unique<Resize>(*this); }
    Mode mode() const { return mode_; }
    float scale_h() const { return scale_h_; }
    float scale_w() const { return scale_w_; }

private:
    Mode mode_;
    float scale_h_, scale_w_;
};

}  // namespace pellucid
