"""Three small networks of random weights, made so that every shape of layer that pellucid knows is met.

    residual   BatchNorm, residual Adds with and without a strided 1×1 shortcut, global average pool
    pooling    three input channels, average pools (padded; counting the padding or not), uneven padding, no ReLU
               before the second convolution, so that layers inside see negative inputs
    strided    strided convolutions, odd channel counts, overlapping max pools with ceil_mode and with padding

All end in logits and all biases are random. The files are committed; run this only to change them.
"""

import os

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "networks")


class Builder:
    """Collects nodes and initializers; every method appends one node and returns the name of its output."""

    def __init__(self, seed, shape):
        self.random = np.random.default_rng(seed)
        self.shape = shape
        self.nodes, self.stored = [], []
        self.last = "input"

    def store(self, name, values):
        self.stored.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def node(self, op, name, reads=None, stored=(), **attributes):
        reads = [self.last] if reads is None else reads
        self.last = name + "_out"
        self.nodes.append(helper.make_node(op, [*reads, *stored], [self.last], name=name, **attributes))
        return self.last

    def weights(self, name, shape, bias):
        """He-scaled weights and, if wanted, normal biases."""
        fan_in = int(np.prod(shape[1:]))
        stored = [self.store(name + "_weight", self.random.normal(0, np.sqrt(2 / fan_in), shape))]
        if bias:
            stored.append(self.store(name + "_bias", self.random.normal(0, 0.3, shape[0])))
        return stored

    def conv(self, name, inputs, outputs, kernel, pads=(0, 0, 0, 0), strides=(1, 1), bias=True, reads=None):
        stored = self.weights(name, (outputs, inputs, *kernel), bias)
        return self.node("Conv", name, reads, stored, kernel_shape=kernel, pads=pads, strides=strides)

    def dense(self, name, inputs, outputs):
        return self.node("Gemm", name, None, self.weights(name, (outputs, inputs), True), transB=1)

    def batch_norm(self, name, channels):
        stored = [
            self.store(name + "_scale", self.random.uniform(0.5, 1.5, channels)),
            self.store(name + "_shift", self.random.normal(0, 0.3, channels)),
            self.store(name + "_mean", self.random.normal(0, 0.3, channels)),
            self.store(name + "_variance", self.random.uniform(0.5, 2.0, channels)),
        ]
        return self.node("BatchNormalization", name, None, stored, epsilon=1e-5)

    def save(self, name, classes):
        height, width, channels = self.shape
        image = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", channels, height, width])
        logits = helper.make_tensor_value_info(self.last, TensorProto.FLOAT, ["N", classes])
        model = helper.make_model(
            helper.make_graph(self.nodes, name, [image], [logits], self.stored),
            opset_imports=[helper.make_opsetid("", 17)],
            ir_version=8,
        )
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, os.path.join(FOLDER, name + ".onnx"))


def residual():
    net = Builder(11, (12, 10, 1))
    net.conv("conv1", 1, 8, (3, 3), (1, 1, 1, 1), bias=False)
    net.batch_norm("bn1", 8)
    start = net.node("Relu", "relu1")
    net.conv("conv2", 8, 8, (3, 3), (1, 1, 1, 1), bias=False)
    net.batch_norm("bn2", 8)
    net.node("Relu", "relu2")
    net.conv("conv3", 8, 8, (3, 3), (1, 1, 1, 1))
    branch = net.batch_norm("bn3", 8)
    net.node("Add", "add1", [branch, start])
    block = net.node("Relu", "relu3")
    net.conv("conv4", 8, 12, (3, 3), (1, 1, 1, 1), (2, 2))
    branch = net.batch_norm("bn4", 12)
    net.conv("conv5", 8, 12, (1, 1), strides=(2, 2), bias=False, reads=[block])
    shortcut = net.batch_norm("bn5", 12)
    net.node("Add", "add2", [branch, shortcut])
    net.node("Relu", "relu4")
    net.node("GlobalAveragePool", "pool")
    net.node("Flatten", "flatten")
    net.dense("dense", 12, 5)
    net.save("residual", 5)


def pooling():
    net = Builder(12, (13, 11, 3))
    net.conv("conv1", 3, 6, (5, 3), (2, 1, 2, 1))
    net.node("AveragePool", "pool1", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=0)
    net.conv("conv2", 6, 8, (2, 3), (1, 0, 0, 2))
    net.node("Relu", "relu1")
    net.node("AveragePool", "pool2", kernel_shape=[2, 2], pads=[1, 1, 1, 1], strides=[2, 2], count_include_pad=1)
    net.conv("conv3", 8, 10, (3, 3))
    net.node("Relu", "relu2")
    net.node("Flatten", "flatten")
    net.dense("dense1", 10 * 2 * 2, 12)
    net.node("Relu", "relu3")
    net.dense("dense2", 12, 4)
    net.save("pooling", 4)


def strided():
    net = Builder(13, (17, 15, 2))
    net.conv("conv1", 2, 17, (3, 3), (1, 1, 1, 1), (2, 2))
    net.node("Relu", "relu1")
    net.node("MaxPool", "pool1", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    net.conv("conv2", 17, 5, (3, 2), (1, 1, 1, 0), (1, 1))
    net.node("Relu", "relu2")
    net.node("MaxPool", "pool2", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
    net.conv("conv3", 5, 9, (2, 2), strides=(1, 2))
    net.node("Relu", "relu3")
    net.node("Flatten", "flatten")
    net.dense("dense", 9, 6)
    net.save("strided", 6)


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for make in (residual, pooling, strided):
        make()
