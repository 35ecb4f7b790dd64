// The operators of ONNX that are read, and who builds a layer from each.
#include "pellucid/error.hpp"
#include "pellucid/nn/onnx/site.hpp"

#include <algorithm>

namespace pellucid::onnx {

namespace {

constexpr Operator operators[] = {
    {"Abs", "", 1, build_power},
    {"Add", "add", 2, build_arithmetic},
    {"AveragePool", "pool", 1, build_average_pool},
    {"BatchNormalization", "norm", 5, build_batch_norm},
    {"Cast", "", 1, build_sizes},
    {"Celu", "celu", 1, build_activation},
    {"Clip", "clip", 3, build_clip},
    {"Concat", "concat", 64, build_concat},
    {"ConstantOfShape", "", 1, build_sizes},
    {"Conv", "conv", 3, build_conv},
    {"ConvTranspose", "conv_transpose", 3, build_conv_transpose},
    {"Div", "scale", 2, build_arithmetic},
    {"Dropout", "dropout", 3, build_dropout},
    {"Elu", "elu", 1, build_activation},
    {"Erf", "erf", 1, build_activation},
    {"Exp", "exp", 1, build_power},
    {"Flatten", "flatten", 1, build_flatten},
    {"Gather", "", 2, build_sizes},
    {"Gelu", "gelu", 1, build_activation},
    {"Gemm", "dense", 3, build_dense},
    {"GlobalAveragePool", "pool", 1, build_global_average_pool},
    {"GlobalMaxPool", "pool", 1, build_global_max_pool},
    {"Greater", "", 2, build_arithmetic},
    {"GreaterOrEqual", "", 2, build_arithmetic},
    {"HardSigmoid", "hard_sigmoid", 1, build_activation},
    {"HardSwish", "hard_swish", 1, build_activation},
    {"Identity", "identity", 1, build_identity},
    {"LeakyRelu", "leaky_relu", 1, build_activation},
    {"Less", "", 2, build_arithmetic},
    {"LessOrEqual", "", 2, build_arithmetic},
    {"Log", "log", 1, build_power},
    {"LogSoftmax", "log_softmax", 1, build_softmax},
    {"MatMul", "dense", 2, build_dense},
    {"Max", "clip", 2, build_arithmetic},
    {"MaxPool", "pool", 1, build_max_pool},
    {"Min", "clip", 2, build_arithmetic},
    {"Mish", "mish", 1, build_activation},
    {"Mul", "scale", 2, build_arithmetic},
    {"Neg", "scale", 1, build_power},
    {"PRelu", "leaky_relu", 2, build_prelu},
    {"Pad", "pad", 4, build_pad},
    {"Pow", "power", 2, build_power},
    {"Reciprocal", "", 1, build_power},
    {"ReduceMax", "pool", 2, build_reduce_max},
    {"ReduceMean", "pool", 2, build_reduce_mean},
    {"ReduceProd", "", 2, build_sizes},
    {"Relu", "relu", 1, build_activation},
    {"Reshape", "flatten", 2, build_reshape},
    {"Resize", "resize", 4, build_resize},
    {"Selu", "selu", 1, build_activation},
    {"Shape", "", 1, build_sizes},
    {"Sigmoid", "sigmoid", 1, build_activation},
    {"Slice", "", 5, build_sizes},
    {"Softmax", "softmax", 1, build_softmax},
    {"Softplus", "softplus", 1, build_activation},
    {"Softsign", "softsign", 1, build_activation},
    {"Squeeze", "squeeze", 2, build_squeeze},
    {"Sub", "scale", 2, build_arithmetic},
    {"Swish", "swish", 1, build_activation},
    {"Tanh", "tanh", 1, build_activation},
    {"Transpose", "transpose", 1, build_transpose},
    {"Unsqueeze", "", 2, build_sizes},
    {"Upsample", "resize", 2, build_resize},
    {"Where", "", 3, build_where},
};

}  // namespace

const Operator& operator_of(const NodeProto& node) {
    const bool standard = node.domain.empty() || node.domain == "ai.onnx";
    const auto* found = std::ranges::find(operators, node.op, &Operator::op);
    if (standard && found != std::end(operators)) return *found;
    std::string supported = "Constant";
    for (const Operator& known : operators) supported += fmt::format(", {}", known.op);
    fail(ErrorCode::unsupported, "{}{} is not supported; supported: {}", describe(node),
         standard ? "" : fmt::format(" of the operator set '{}'", shown(node.domain)), supported);
}

}  // namespace pellucid::onnx
