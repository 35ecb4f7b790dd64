/// ONNX files in and out.
///
/// Read: operator sets 7–25, float32 (double is rounded), one input (N, C, H, W) or (N, F) of fixed size but for the
/// batch, constant weights. NHWC files whose input goes through a Transpose, as Keras exports do, are read as well.
/// Written: operator set 17, IR version 8, raw weights, input "input", symbolic batch size "N", output "logits", or the
/// last node's name where the network does not end in its logits.
///
/// Weights of a Dense behind a Flatten are permuted on the way, because ONNX flattens (c, h, w) and pellucid (h, w, c).
/// Names of nodes and metadata_props are kept in both directions; nameless nodes become conv1, relu1, pool1, dense1, ….
///
/// Operators, each by the rules of the file's own operator set:
/// - layers: AveragePool, BatchNormalization, Concat (channels), Conv (groups and dilations included), ConvTranspose,
///   Dropout, Flatten, Gemm, GlobalAveragePool, GlobalMaxPool, LogSoftmax, MatMul, MaxPool, Pad (zeros, edge, reflect),
///   ReduceMax and ReduceMean (over rows and columns), Reshape (to a flat vector), Resize, Softmax, Upsample;
/// - element by element: Add of two values; Add, Sub, Mul, Div, Neg with one constant per channel (a bias right behind
///   weights, else an Affine; several in a row are one); Celu, Clip, Elu, Erf, Gelu, HardSigmoid, HardSwish, LeakyRelu,
///   Max and Min with a number, Mish, PRelu (one slope), Relu, Selu, Sigmoid, Softplus, Softsign, Swish, Tanh; and
///   activations that are written as several nodes (SiLU, GELU, Mish, HardSwish, …), whatever the nodes
///   (nn/onnx/curves.hpp);
/// - arithmetic on constants and sizes, done while reading (nn/onnx/fold.hpp), so that the shape of a Reshape may be
///   computed from that of the batch; Constant, Identity, Squeeze and Transpose where they compute nothing.
/// Anything else is an Error that names operator and node.
///
/// Arrays may be stored in files beside the model, as PyTorch does since 2.9.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstddef>
#include <map>
#include <span>
#include <string>

namespace pellucid {

/// Bytes of the files that a model keeps its larger arrays in, by the name that the model has for each
/// ("model.onnx.data"). A single one with an empty name stands for whatever name the model has.
using DataFiles = std::map<std::string, std::span<const std::byte>, std::less<>>;

/// The network of an ONNX file in memory.
/// Throws Error(bad_file) where the bytes are no sound ONNX file, or a data file is missing or too short,
/// Error(unsupported) that names operator and node where they are but hold something that pellucid does not compute.
Network read_onnx(std::span<const std::byte> file, const DataFiles& data = {});

/// The same from a path, which every Error names. Data files are looked for in the model's folder and nowhere else.
Network load_onnx(const std::string& path);

/// The bytes of an ONNX file of this network; reading them gives the same function.
std::string write_onnx(const Network& network);

/// The same into a file, which is replaced in one step or not at all (data/file.hpp). Throws Error where it cannot be
/// written.
void save_onnx(const Network& network, const std::string& path);

}  // namespace pellucid
