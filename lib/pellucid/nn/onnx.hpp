/// ONNX files in and out.
///
/// Read: operator sets 11–21, float32 (double is rounded), one input (N, C, H, W) or (N, F) of fixed size but for the
/// batch, constant weights. NHWC files whose input goes through a Transpose, as Keras exports do, are read as well.
/// Written: operator set 17, IR version 8, raw weights, input "input", symbolic batch size "N", output "logits", or the
/// last node's name where the network does not end in its logits.
///
/// Weights of a Dense behind a Flatten are permuted on the way, because ONNX flattens (c, h, w) and pellucid (h, w, c).
/// Names of nodes and metadata_props are kept in both directions; nameless nodes become conv1, relu1, pool1, dense1, ….
///
/// Operators: Add, AveragePool, BatchNormalization, Conv, ConvTranspose, Dropout, Flatten, Gemm, GlobalAveragePool,
/// LeakyRelu, MatMul, MaxPool, ReduceMean (over rows and columns), Relu, Reshape (to a flat vector), Resize, Sigmoid,
/// Softmax, Tanh; an Add of a constant right behind weights; Constant, Identity, Squeeze and Transpose where they
/// compute nothing; Shape, Gather, Unsqueeze and Concat in the shape of a Reshape. Anything else is an Error that names
/// operator and node.
#pragma once

#include "pellucid/nn/network.hpp"

#include <cstddef>
#include <span>
#include <string>

namespace pellucid {

/// The network of an ONNX file in memory.
/// Throws Error(bad_file) where the bytes are no sound ONNX file, Error(unsupported) that names operator and node where
/// they are but hold something that pellucid does not compute.
Network read_onnx(std::span<const std::byte> file);

/// The same from a path, which every Error names.
Network load_onnx(const std::string& path);

/// The bytes of an ONNX file of this network; reading them gives the same function.
std::string write_onnx(const Network& network);

/// The same into a file, which is replaced in one step or not at all (data/file.hpp). Throws Error where it cannot be
/// written.
void save_onnx(const Network& network, const std::string& path);

}  // namespace pellucid
