"""The files that generate.py puts together by hand, in the manner of the tools that they are named after."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(20)


def weights(name, *shape, scale=None):
    scale = scale or 1 / np.sqrt(max(1, np.prod(shape) / max(shape)))
    return numpy_helper.from_array((random.standard_normal(shape) * scale).astype(np.float32), name)


def integers(name, *values):
    return numpy_helper.from_array(np.array(values, dtype=np.int64), name)


def build(nodes, arrays, shape, output, opset, ir=8, producer="", type=TensorProto.FLOAT, listed=False):
    stored = {array.name for array in arrays}
    name = next(name for node in nodes for name in node.input if name not in stored)
    source = helper.make_tensor_value_info(name, type, shape)
    inputs = [source]
    if listed:
        inputs += [helper.make_tensor_value_info(array.name, array.data_type, array.dims) for array in arrays]
    graph = helper.make_graph(
        nodes, "graph", inputs, [helper.make_tensor_value_info(nodes[-1].output[0], type, output)], arrays
    )
    return helper.make_model(
        graph, producer_name=producer, ir_version=ir, opset_imports=[helper.make_opsetid("", opset)]
    )


def keras():
    """As tf2onnx writes a Keras network: channels last outside, Transposes, Reshape, MatMul and Add."""
    node, name = helper.make_node, "StatefulPartitionedCall/sequential"
    nodes = [
        node("Transpose", ["args_0"], ["t0"], f"{name}/conv2d/Conv2D__6", perm=[0, 3, 1, 2]),
        node(
            "Conv",
            ["t0", "w0", "b0"],
            ["c0"],
            f"{name}/conv2d/BiasAdd",
            auto_pad="SAME_UPPER",
            kernel_shape=[3, 3],
            strides=[2, 2],
            dilations=[1, 1],
            group=1,
        ),
        node("Relu", ["c0"], ["r0"], f"{name}/conv2d/Relu"),
        node(
            "BatchNormalization",
            ["r0", "scale", "shift", "mean", "var"],
            ["n0"],
            f"{name}/batch_normalization/FusedBatchNormV3",
            epsilon=0.001,
        ),
        node(
            "MaxPool",
            ["n0"],
            ["p0"],
            f"{name}/max_pooling2d/MaxPool",
            kernel_shape=[2, 2],
            strides=[2, 2],
            auto_pad="VALID",
        ),
        node("Transpose", ["p0"], ["t1"], f"{name}/max_pooling2d/MaxPool__21", perm=[0, 2, 3, 1]),
        node("Reshape", ["t1", "flat"], ["f0"], f"{name}/flatten/Reshape"),
        node("MatMul", ["f0", "w1"], ["m0"], f"{name}/dense/MatMul"),
        node("Add", ["m0", "b1"], ["a0"], f"{name}/dense/BiasAdd"),
        node("Softmax", ["a0"], ["dense"], f"{name}/dense/Softmax"),
    ]
    arrays = [
        weights("w0", 5, 2, 3, 3),
        weights("b0", 5),
        weights("scale", 5),
        weights("shift", 5),
        weights("mean", 5),
        numpy_helper.from_array(random.uniform(0.5, 2, 5).astype(np.float32), "var"),
        integers("flat", -1, 20),
        weights("w1", 20, 4),
        weights("b1", 4),
    ]
    return build(nodes, arrays, ["unk__7", 7, 9, 2], ["unk__7", 4], 13, ir=7, producer="tf2onnx")


def keras_grey():
    """One channel: tf2onnx turns the Transpose into a Reshape, and the head reads a GlobalAveragePool and a Squeeze."""
    node = helper.make_node
    nodes = [
        node("Reshape", ["x", "nchw"], ["x__4"], "Conv2D__4"),
        node("Conv", ["x__4", "w", "b"], ["c"], "Conv2D", auto_pad="SAME_UPPER", kernel_shape=[4, 4]),
        node("LeakyRelu", ["c"], ["r"], "LeakyRelu", alpha=0.3),
        node("GlobalAveragePool", ["r"], ["g"], "Mean"),
        node("Squeeze", ["g", "axes"], ["s"], "Mean_Squeeze__12"),
        node("MatMul", ["s", "w1"], ["m"], "MatMul"),
        node("Add", ["b1", "m"], ["y"], "BiasAdd"),
    ]
    arrays = [
        integers("nchw", -1, 1, 6, 5),
        weights("w", 3, 1, 4, 4),
        weights("b", 3),
        integers("axes", 2, 3),
        weights("w1", 3, 4),
        weights("b1", 4),
    ]
    return build(nodes, arrays, [None, 6, 5, 1], [None, 4], 15, producer="tf2onnx")


def keras_dense():
    """A dense network that flattens a channels-last image at once."""
    node = helper.make_node
    nodes = [
        node("Reshape", ["input_1", "shape"], ["f"], "flatten/Reshape"),
        node("MatMul", ["f", "w"], ["m"], "dense/MatMul"),
        node("Add", ["m", "b"], ["y"], "dense/BiasAdd"),
    ]
    return build(
        nodes,
        [integers("shape", -1, 60), weights("w", 60, 3), weights("b", 3)],
        ["N", 5, 4, 3],
        ["N", 3],
        13,
        producer="tf2onnx",
    )


def cntk_convolution(source, weight, bias, numbers, window):
    """What CNTK writes for a 5×5 convolution, its bias, ReLU and max-pool, by the numbers in their names."""
    node = helper.make_node
    convolution, plus, relu, pooling = (
        f"{kind}{number}" for kind, number in zip(["Convolution", "Plus", "ReLU", "Pooling"], numbers)
    )
    out = "{}_Output_0".format
    return [
        node(
            "Conv",
            [source, weight],
            [out(convolution)],
            convolution,
            kernel_shape=[5, 5],
            strides=[1, 1],
            auto_pad="SAME_UPPER",
            group=1,
            dilations=[1, 1],
        ),
        node("Add", [out(convolution), bias], [out(plus)], plus),
        node("Relu", [out(plus)], [out(relu)], relu),
        node(
            "MaxPool",
            [out(relu)],
            [out(pooling)],
            pooling,
            kernel_shape=[window, window],
            strides=[window, window],
            pads=[0, 0, 0, 0],
            auto_pad="NOTSET",
        ),
    ]


def cntk():
    """As CNTK wrote the model zoo's MNIST network: nameless biases, reshaped weights, a fixed batch, old IR."""
    node = helper.make_node
    nodes = [
        *cntk_convolution("Input3", "Parameter5", "Parameter6", [28, 30, 32, 66], 2),
        node("Reshape", ["Pooling66_Output_0", "shape0"], ["Times212_reshape0"], "Times212_reshape0"),
        node("Reshape", ["Parameter193", "shape1"], ["Times212_reshape1"], "Times212_reshape1"),
        node("MatMul", ["Times212_reshape0", "Times212_reshape1"], ["Times212_Output_0"], "Times212"),
        node("Add", ["Times212_Output_0", "Parameter194"], ["Plus214_Output_0"], "Plus214"),
    ]
    arrays = [
        weights("Parameter5", 4, 1, 5, 5),
        weights("Parameter6", 4, 1, 1),
        integers("shape0", 1, 64),
        weights("Parameter193", 4, 4, 4, 10),
        integers("shape1", 64, 10),
        weights("Parameter194", 1, 10),
    ]
    return build(nodes, arrays, [1, 1, 8, 8], [1, 10], 12, ir=3, producer="CNTK", listed=True)


def constants():
    """Nothing as usual: Constant nodes, typed lists of numbers, scalars, double weights, aliases, no names."""
    node = helper.make_node

    def constant(name, shape, type=TensorProto.FLOAT, low=-1.0):
        values = random.uniform(low, 1, int(np.prod(shape)))
        return node("Constant", [], [name], value=helper.make_tensor(name, type, shape, values.tolist()))

    nodes = [
        node("Identity", ["x"], ["x1"]),
        constant("w", [3, 2, 2, 3]),
        node("Conv", ["x1", "w"], ["c"], pads=[1, 0, 0, 1], strides=[1, 2]),
        node("Constant", [], ["bias"], value_float=0.25),
        node("Add", ["bias", "c"], ["cb"]),
        node("Sigmoid", ["cb"], ["r"]),
        node("Constant", [], ["ratio"], value_float=0.3),
        node("Constant", [], ["no"], value=helper.make_tensor("no", TensorProto.BOOL, [], [False])),
        node("Dropout", ["r", "ratio", "no"], ["d", "mask"]),
        node("Flatten", ["d"], ["f"], axis=-3),
        node("Tanh", ["f"], ["t"]),
        constant("scale", [24]),
        constant("shift", [24]),
        constant("mean", [24]),
        constant("variance", [24], low=0.1),
        node("BatchNormalization", ["t", "scale", "shift", "mean", "variance"], ["n"]),
        constant("w1", [5, 24]),
        node("Constant", [], ["perm_free"], value_floats=[0.5]),
        node("Transpose", ["w1"], ["w1t"], perm=[1, 0]),
        node("Identity", ["w1t"], ["w1u"]),
        node("Gemm", ["n", "w1u", "perm_free"], ["g"], alpha=0.5, beta=2.0),
        constant("w2", [4, 5]),
        constant("b2", [1, 4]),
        node("Gemm", ["g", "w2", "b2"], ["h"], transB=1),
        node("Softmax", ["h"], ["p"], axis=-1),
        node("Identity", ["p"], ["y"]),
    ]
    return build(nodes, [], ["N", 2, 4, 5], ["N", 4], 21, ir=10)


def doubles():
    node = helper.make_node
    arrays = [
        numpy_helper.from_array(random.standard_normal((6, 3)), "w"),
        numpy_helper.from_array(random.standard_normal(3), "b"),
    ]
    nodes = [node("Gemm", ["x", "w", "b"], ["g"], "first"), node("Relu", ["g"], ["y"], "second")]
    return build(nodes, arrays, ["N", 6], ["N", 3], 11, type=TensorProto.DOUBLE)


def old_opset():
    """Operator set 11: ratio and axes as attributes, a Softmax over everything behind its axis."""
    node = helper.make_node
    nodes = [
        node(
            "AveragePool", ["x"], ["a"], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER", count_include_pad=1
        ),
        node("Dropout", ["a"], ["d"], ratio=0.1),
        node("Conv", ["d", "w"], ["c"], auto_pad="SAME_LOWER", strides=[1, 2]),
        node("Relu", ["c"], ["r"]),
        node("ReduceMean", ["r"], ["m"], axes=[-2, -1], keepdims=1),
        node("Squeeze", ["m"], ["s"], axes=[2, 3]),
        node("Dropout", ["s"], ["e"]),
        node("Softmax", ["e"], ["y"]),
    ]
    return build(nodes, [weights("w", 5, 3, 2, 4)], [None, 3, 7, 8], [None, 5], 11, ir=4)


def transposed():
    """ConvTranspose whose padding follows from the size that is asked for."""
    node = helper.make_node
    nodes = [
        node("ConvTranspose", ["x", "w0"], ["a"], "odd", strides=[2, 2], output_shape=[8, 9]),
        node("ConvTranspose", ["a", "w1", "b1"], ["b"], "upper", strides=[2, 3], auto_pad="SAME_UPPER"),
        node("ConvTranspose", ["b", "w2"], ["c"], "lower", strides=[2, 1], auto_pad="SAME_LOWER"),
        node("Add", ["c", "b2"], ["y"], "bias"),
    ]
    arrays = [
        weights("w0", 2, 3, 3, 4),
        weights("w1", 3, 2, 3, 4),
        weights("b1", 2),
        weights("w2", 2, 1, 5, 2),
        weights("b2", 1, 1, 1, 1),
    ]
    return build(nodes, arrays, ["N", 2, 4, 4], ["N", 1, None, None], 13)


def resized():
    """Resize as PyTorch and TensorFlow write it: by sizes, by scales, with the modes that pick the same pixels."""
    node = helper.make_node
    nodes = [
        node(
            "Resize",
            ["x", "", "", "sizes"],
            ["a"],
            "sizes",
            mode="linear",
            coordinate_transformation_mode="pytorch_half_pixel",
        ),
        node("Resize", ["a", "roi", "double"], ["b"], "default", mode="nearest"),
        node(
            "Resize",
            ["b", "", "odd"],
            ["c"],
            "odd",
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        node("Resize", ["c", "", "", "down"], ["d"], "down", mode="linear"),
        node("Conv", ["d", "w"], ["y"], "conv"),
    ]
    arrays = [
        integers("sizes", 1, 2, 7, 5),
        numpy_helper.from_array(np.array([1, 1, 2, 3], dtype=np.float32), "double"),
        numpy_helper.from_array(np.zeros(0, dtype=np.float32), "roi"),
        numpy_helper.from_array(np.array([1, 1, 1.3, 0.7], dtype=np.float32), "odd"),
        integers("down", 1, 2, 4, 6),
        weights("w", 3, 2, 2, 2),
    ]
    return build(nodes, arrays, [1, 2, 3, 4], [1, 3, None, None], 13)


def zoo_opset8():
    """As the model zoo's mnist-8: pictures of 0 … 255, the reshaping of the weights before everything else."""
    node = helper.make_node
    nodes = [
        node("Reshape", ["Parameter193", "shape1"], ["Times212_reshape1"], "Times212_reshape1"),
        *cntk_convolution("Input3", "Parameter5", "Parameter6", [28, 30, 32, 66], 2),
        *cntk_convolution("Pooling66_Output_0", "Parameter87", "Parameter88", [110, 112, 114, 160], 3),
        node("Reshape", ["Pooling160_Output_0", "shape0"], ["Times212_reshape0"], "Times212_reshape0"),
        node("MatMul", ["Times212_reshape0", "Times212_reshape1"], ["Times212_Output_0"], "Times212"),
        node("Add", ["Times212_Output_0", "Parameter194"], ["Plus214_Output_0"], "Plus214"),
    ]
    arrays = [
        weights("Parameter5", 3, 1, 5, 5),
        weights("Parameter6", 3, 1, 1),
        weights("Parameter87", 4, 3, 5, 5),
        weights("Parameter88", 4, 1, 1),
        integers("shape0", 1, 16),
        weights("Parameter193", 4, 2, 2, 10),
        integers("shape1", 16, 10),
        weights("Parameter194", 1, 10),
    ]
    return build(nodes, arrays, [1, 1, 12, 12], [1, 10], 8, ir=3, producer="CNTK", listed=True)


def keras_flatten():
    """Rescaling, and a Flatten with an open batch, which tf2onnx writes as arithmetic on the shape."""
    node = helper.make_node
    nodes = [
        node("Mul", ["input_1", "scale"], ["m"], "rescaling/mul"),
        node("Add", ["m", "offset"], ["o"], "rescaling/add"),
        node("Transpose", ["o"], ["t0"], "conv2d__6", perm=[0, 3, 1, 2]),
        node("Conv", ["t0", "w0", "b0"], ["c0"], "conv2d", kernel_shape=[3, 3]),
        node("Relu", ["c0"], ["r0"], "relu"),
        node("Transpose", ["r0"], ["t1"], "relu__8", perm=[0, 2, 3, 1]),
        node("Shape", ["t1"], ["shape"], "flatten/Shape"),
        node("Cast", ["shape"], ["shape32"], "flatten/Shape__13", to=TensorProto.INT32),
        node("Slice", ["shape32", "zero", "one", "zero"], ["batch"], "flatten/strided_slice"),
        node("Squeeze", ["batch", "zero"], ["number"], "flatten/strided_slice__18"),
        node("Unsqueeze", ["number", "zero"], ["list"], "flatten/Reshape__20"),
        node("Concat", ["list", "rest"], ["target32"], "flatten/Reshape/shape", axis=0),
        node("Cast", ["target32"], ["target"], "flatten/Reshape__22", to=TensorProto.INT64),
        node("Reshape", ["t1", "target"], ["f"], "flatten/Reshape"),
        node("MatMul", ["f", "w1"], ["d"], "dense/MatMul"),
        node("Add", ["d", "b1"], ["a"], "dense/BiasAdd"),
        node("Softmax", ["a"], ["y"], "dense/Softmax"),
    ]
    arrays = [
        numpy_helper.from_array(np.array(2.5, dtype=np.float32), "scale"),
        weights("offset", 2),
        weights("w0", 4, 2, 3, 3),
        weights("b0", 4),
        integers("zero", 0),
        integers("one", 1),
        numpy_helper.from_array(np.array([48], dtype=np.int32), "rest"),
        weights("w1", 48, 5),
        weights("b1", 5),
    ]
    return build(nodes, arrays, ["unk__1", 6, 5, 2], ["unk__1", 5], 15, producer="tf2onnx")


def opset7():
    """The oldest operator set: bounds, pads and scales are attributes, a Gemm has its bias broadcast."""
    node = helper.make_node
    nodes = [
        node("Pad", ["x"], ["p"], pads=[0, 0, 1, 0, 0, 0, 0, 2], mode="constant", value=0.0),
        node("Upsample", ["p"], ["u"], scales=[1.0, 1.0, 2.0, 1.0], mode="nearest"),
        node("Conv", ["u", "w"], ["c"]),
        node("BatchNormalization", ["c", "scale", "shift", "mean", "var"], ["n"]),
        node("Clip", ["n"], ["k"], min=-0.5, max=1.0),
        node("Dropout", ["k"], ["d"], ratio=0.4),
        node("MaxPool", ["d"], ["m"], kernel_shape=[2, 2], strides=[2, 2]),
        node("GlobalMaxPool", ["m"], ["g"]),
        node("Flatten", ["g"], ["f"]),
        node("Gemm", ["f", "w1", "b1"], ["h"], transB=1),
        node("Softmax", ["h"], ["y"]),
    ]
    arrays = [
        weights("w", 4, 2, 2, 3),
        weights("scale", 4),
        weights("shift", 4),
        weights("mean", 4),
        numpy_helper.from_array(random.uniform(0.5, 2, 4).astype(np.float32), "var"),
        weights("w1", 5, 4),
        weights("b1", 5),
    ]
    return build(nodes, arrays, ["N", 2, 4, 5], ["N", 5], 7, ir=3, listed=True)


# In this order, which the random weights depend on.
MAKERS = [keras, keras_grey, keras_dense, cntk, constants, doubles]
MAKERS += [old_opset, transposed, resized, zoo_opset8, keras_flatten, opset7]
