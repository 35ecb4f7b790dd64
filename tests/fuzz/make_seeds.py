"""Writes tests/fuzz/seeds: small files from which the fuzzer starts. python tests/fuzz/make_seeds.py; needs onnx,
numpy.

The seeds are kept in the repository, so building, testing and fuzzing need no Python.
"""

import gzip
import json
import pathlib
import struct
import zlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

SEEDS = pathlib.Path(__file__).parent / "seeds"


def write(target, name, data):
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def onnx_file(name, shape, nodes, opset=17, **arrays):
    random = np.random.RandomState(len(name))
    stored = []
    for key, value in arrays.items():
        if isinstance(value, tuple):
            value = random.randn(*value).astype(np.float32) * 0.5
        stored.append(numpy_helper.from_array(np.asarray(value), key))
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        stored,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8, producer_name="")
    write("onnx", name + ".onnx", model.SerializeToString())


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs.split(), [output], **attributes)


def onnx_seeds():
    head = [node("Flatten", "a", "f"), node("Gemm", "f w2 b2", "y")]
    onnx_file(
        "conv",
        (1, 4, 4),
        [node("Conv", "x w b", "c", pads=[1, 1, 1, 1], strides=[2, 2]), node("Relu", "c", "a"), *head],
        w=(2, 1, 3, 3),
        b=(2,),
        w2=(8, 3),
        b2=(3,),
    )
    onnx_file(
        "groups",
        (2, 4, 4),
        [node("Conv", "x w", "c", group=2, dilations=[2, 2], pads=[2, 2, 2, 2]), node("Relu", "c", "y")],
        w=(2, 1, 3, 3),
    )
    onnx_file(
        "same",
        (2, 5, 5),
        [node("Conv", "x w", "c", auto_pad="SAME_UPPER", strides=[2, 2]), node("Sigmoid", "c", "y")],
        w=(2, 2, 3, 2),
    )
    onnx_file(
        "transpose",
        (2, 3, 3),
        [node("ConvTranspose", "x w b", "c", strides=[2, 2], output_padding=[1, 1]), node("Tanh", "c", "y")],
        w=(2, 1, 2, 2),
        b=(1,),
    )
    onnx_file(
        "pools",
        (1, 6, 6),
        [
            node("MaxPool", "x", "m", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1),
            node("AveragePool", "m", "v", kernel_shape=[2, 2], pads=[1, 1, 0, 0], count_include_pad=1),
            node("GlobalAveragePool", "v", "g"),
            node("Flatten", "g", "y"),
        ],
    )
    onnx_file(
        "residual",
        (2, 3, 3),
        [
            node("Conv", "x w", "c", pads=[1, 1, 1, 1]),
            node("Add", "c x", "s"),
            node("LeakyRelu", "s", "l", alpha=0.1),
            node("ReduceMean", "l", "r", axes=[2, 3], keepdims=0),
            node("Softmax", "r", "y"),
        ],
        w=(2, 2, 3, 3),
    )
    onnx_file(
        "norm",
        (2, 3, 3),
        [
            node("Conv", "x w", "c"),
            node("BatchNormalization", "c s b m v", "n", epsilon=1e-3),
            node("Relu", "n", "a"),
            *head,
        ],
        w=(3, 2, 2, 2),
        s=(3,),
        b=(3,),
        m=(3,),
        v=np.array([0.5, 1, 2], np.float32),
        w2=(12, 2),
        b2=(2,),
    )
    onnx_file(
        "dense",
        (5,),
        [node("MatMul", "x w", "m"), node("Add", "m b", "d"), node("Dropout", "d", "o"), node("Identity", "o", "y")],
        w=(5, 3),
        b=(3,),
    )
    onnx_file("gemm", (4,), [node("Gemm", "x w b", "y", transB=1, alpha=0.5, beta=2.0)], w=(3, 4), b=(3,))
    onnx_file(
        "resize",
        (1, 3, 3),
        [
            node(
                "Resize", "x  s", "r", mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric"
            ),
            node("Resize", "r  t", "y", mode="linear", coordinate_transformation_mode="half_pixel"),
        ],
        s=np.array([1, 1, 2, 2], np.float32),
        t=np.array([1, 1, 1.5, 2], np.float32),
    )
    onnx_file(
        "view",
        (2, 2, 2),
        [
            node("Shape", "x", "s"),
            node("Gather", "s zero", "n", axis=0),
            node("Unsqueeze", "n axes", "u"),
            node("Concat", "u rest", "k", axis=0),
            node("Reshape", "x k", "r"),
            node("Gemm", "r w", "y"),
        ],
        zero=np.array(0, np.int64),
        axes=np.array([0], np.int64),
        rest=np.array([-1], np.int64),
        w=(8, 2),
    )
    onnx_file(
        "last",
        (3, 3, 1),
        [
            node("Transpose", "x", "t", perm=[0, 3, 1, 2]),
            node("Conv", "t w", "c"),
            node("Transpose", "c", "l", perm=[0, 2, 3, 1]),
            node("Flatten", "l", "f"),
            node("Gemm", "f v", "y"),
        ],
        w=(2, 1, 2, 2),
        v=(8, 2),
    )
    onnx_file(
        "constants",
        (2, 2, 2),
        [
            helper.make_node("Constant", [], ["w"], value_floats=[0.5] * 8),
            helper.make_node("Constant", [], ["s"], value_ints=[2, 2, 2, 1]),
            node("Reshape", "w s", "k"),
            node("Conv", "x k", "c"),
            node("Squeeze", "c axes", "y"),
        ],
        axes=np.array([2], np.int64),
    )
    onnx_file("doubles", (1, 2, 2), [node("Conv", "x w", "y")], w=np.ones((1, 1, 2, 2), np.float64))


def recipe_seeds():
    everything = {
        "name": "all",
        "title": "every type",
        "data": {"train": "mnist"},
        "input": [8, 8, 1],
        "layers": [
            {"name": "c", "type": "conv", "channels": 2, "kernel": 3, "stride": 1, "padding": 1},
            {"name": "r", "type": "relu"},
            {"name": "l", "type": "leaky_relu", "slope": 0.1},
            {"name": "a", "type": "add", "inputs": ["r", "l"]},
            {"name": "m", "type": "max_pool", "size": 2, "stride": 2},
            {"name": "v", "type": "average_pool", "size": 2},
            {"name": "s", "type": "sigmoid"},
            {"name": "t", "type": "tanh"},
            {"name": "g", "type": "global_average_pool"},
            {"name": "f", "type": "flatten"},
            {"name": "o", "type": "dropout", "rate": 0.5},
            {"name": "d", "type": "dense", "units": 3},
        ],
        "seed": 1,
        "epochs": 2,
        "batch": 8,
        "label_smoothing": 0.1,
        "ema": 0.9,
        "optimiser": {"type": "sgd", "momentum": 0.9, "weight_decay": 0.01, "nesterov": True},
        "schedule": {"type": "cosine", "learning_rate": 0.1, "final_learning_rate": 1e-3, "warm_up_epochs": 0.5},
        "augmentation": {
            "rotation": 8,
            "scale": 0.1,
            "stretch": 0.1,
            "shear": 0.1,
            "translation": 1,
            "elastic": 1,
            "elastic_grid": 7,
            "thicken": 0.5,
            "thin": 0.5,
        },
    }
    write("recipe", "everything.json", json.dumps(everything).encode())
    write(
        "recipe",
        "small.json",
        b'{"input":[2,2,1],"layers":[{"name":"f","type":"flatten"},{"name":"d","type":"dense","units":2}],'
        b'"optimiser":{"type":"adam","beta1":0.9,"beta2":0.99,"epsilon":1e-8}}',
    )
    write("recipe", "text.json", b'{"name":"\\u00e9\\ud83d\\ude00","title":"\xc3\xa9","input":[1,1,1],"layers":[]}')


def npy_file(name, array, version=1):
    head = repr({"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}).encode() + b" \n"
    size = struct.pack("<H" if version == 1 else "<I", len(head))
    write("npy", name + ".npy", b"\x93NUMPY" + bytes([version, 0]) + size + head + array.tobytes())


def npy_seeds():
    for kind in "<f4 <f8 |u1 |b1 |i1 <u2 <i2 <u4 <i4 <u8 <i8 >f4".split():
        npy_file("type_" + kind.strip("<>|") + ("_other" if kind[0] == ">" else ""), np.ones((2, 3), np.dtype(kind)))
    npy_file("images", np.zeros((2, 2, 2), np.float32))
    npy_file("colours", np.zeros((1, 2, 2, 3), np.float32), 2)
    npy_file("huge", np.array([[1e300, -1e300, np.nan, np.inf]]))


def png_file(name, width, height, depth, colour, rows, *chunks, interlace=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
    for kind, content in chunks:
        data += chunk(kind, content)
    write("png", name + ".png", data + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def png_seeds():
    for filter_type in range(5):
        png_file(f"grey_filter{filter_type}", 3, 3, 8, 0, (bytes([filter_type]) + b"\x00\x80\xff") * 3)
    png_file("colour", 2, 2, 8, 2, (b"\x00" + bytes(range(6))) * 2)
    png_file("grey_alpha", 2, 2, 8, 4, (b"\x01" + bytes(range(4))) * 2)
    png_file("colour_alpha", 2, 1, 8, 6, b"\x00" + bytes(range(8)))
    png_file("palette", 4, 1, 2, 3, b"\x00\x1b", (b"PLTE", bytes(range(12))), (b"tRNS", b"\x00\x80\xff"))
    png_file("bit", 9, 2, 1, 0, b"\x00\xaa\x80" * 2, (b"tRNS", b"\x00\x01"))
    png_file("deep", 2, 1, 16, 2, b"\x00" + bytes(range(12)))
    png_file("interlaced", 2, 2, 8, 0, b"\x00\x10\x00\x20\x00\x30\x40", interlace=1)


def idx_seeds():
    images = struct.pack(">IIII", 0x803, 2, 3, 3) + bytes(range(18))
    labels = struct.pack(">II", 0x801, 4) + bytes([0, 9, 3, 255])
    write("idx", "images", images)
    write("idx", "labels", labels)
    write("idx", "one", struct.pack(">IIII", 0x803, 1, 1, 1) + b"\x07")
    write("gzip", "images.gz", gzip.compress(images, mtime=0))
    write("gzip", "labels.gz", gzip.compress(labels, mtime=0))
    write("gzip", "two_members.gz", gzip.compress(images[:9], mtime=0) + gzip.compress(images[9:], mtime=0))
    stored = zlib.compressobj(0, zlib.DEFLATED, 31)
    write("gzip", "stored.gz", stored.compress(images) + stored.flush())
    named = gzip.compress(labels, mtime=0)
    write("gzip", "named.gz", named[:3] + b"\x18" + named[4:10] + b"name\0comment\0" + named[10:])


def choice_seeds():
    random = np.random.RandomState(1)
    for method in range(19):
        for target in (1, 3, 8):
            more = random.randint(0, 256, 40, dtype=np.uint8).tobytes()
            write(
                "methods", f"method{method:02}_target{target}", bytes([method, 3 * target % 24, target, target]) + more
            )
    write("checkpoint", "plain", b"\x00pellucid checkpoint 1\n" + b"0" * 64 + bytes(20))
    write("checkpoint", "sealed", b"\x01" + struct.pack("<Q", 3) + b"{}\n")
    write("checkpoint", "state", b"\x02")
    write("checkpoint", "state_changed", b"\x02" + bytes([2, 200, 7, 3, 10, 255, 3, 250, 1]))


def statistics_file(layers, classes=2, bins=3, images=4, data=b"none"):
    """tests/fuzz/statistics.cpp; the layout is in methods/inside/statistics.hpp."""
    name = lambda text: struct.pack("<I", len(text)) + text
    channel = struct.pack("<5f", 0, 1.5, 0.5, 0.25, 0.5) + struct.pack(f"<{classes}f", *[0.5] * classes)
    channel += struct.pack(f"<{classes * bins}H", *range(classes * bins))
    content = b"PELSTAT1" + struct.pack("<QIIII", 1234567890123, images, classes, bins, len(layers)) + name(data)
    content += struct.pack(f"<{classes}I", *[2] * classes)
    return content + b"".join(
        name(layer) + struct.pack("<I", channels) + channels * channel for layer, channels in layers
    )


def statistics_files():
    write("statistics", "two_layers", statistics_file([(b"conv1", 2), (b"dense", 3)]))
    write("statistics", "no_layers", statistics_file([]))
    write("statistics", "many_classes", statistics_file([(b"dense", 1)], classes=10, bins=16))


onnx_seeds()
recipe_seeds()
npy_seeds()
png_seeds()
idx_seeds()
choice_seeds()
statistics_files()
