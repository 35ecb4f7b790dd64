"""Writes foreign/: small ONNX files as other tools write them, and what onnxruntime answers to each.

Run by hand, never by the tests:

    python3 -m venv venv && venv/bin/pip install torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2 \\
        onnxruntime==1.31.1 numpy==2.4.6
    venv/bin/python tests/onnx/generate.py

The files named pytorch_* come from PyTorch's own exporters, the others are put together by hand (handmade.py) in the
manner of the tool they are named after. Inputs are not stored: element i, in the file's own order, is
(37·i mod 101)/101 − 0.25.
"""

import json
import pathlib
import warnings

import numpy as np
import onnx
import onnxruntime
import torch

from handmade import MAKERS
from pytorch_networks import Decoder, Fire, MeanHead, Mnist, Mobile, Normalised, Residual

folder = pathlib.Path(__file__).parent / "foreign"
expected = {}


def input_of(shape):
    index = np.arange(np.prod(shape), dtype=np.int64)
    return ((index * 37 % 101) / 101 - 0.25).astype(np.float32).reshape(shape)


def keep(name, model, batch=2):
    """Checks a model, asks onnxruntime and stores both."""
    onnx.checker.check_model(model, full_check=True)
    path = folder / f"{name}.onnx"
    onnx.save(model, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    value = session.get_inputs()[0]
    shape = [axis if isinstance(axis, int) and axis > 0 else batch for axis in value.shape]
    data = input_of(shape)
    if value.type == "tensor(double)":
        data = data.astype(np.float64)
    output = session.run(None, {value.name: data})[0]
    expected[name] = {
        "input": shape,
        "output": list(output.shape),
        "data": [float(f"{number:.8g}") for number in output.ravel()],
    }
    print(f"{name}: {path.stat().st_size} bytes, {shape} -> {list(output.shape)}")


# PyTorch


def without_traces(model):
    """PyTorch notes on each node which line of Python it came from, with paths of this machine."""
    for node in model.graph.node:
        kept = [entry for entry in node.metadata_props if "stack_trace" not in entry.key]
        del node.metadata_props[:]
        node.metadata_props.extend(kept)
    return model


def pytorch(name, network, shape, opset, dynamic=True, dynamo=False):
    path = folder / f"{name}.onnx"
    options = {"dynamo": dynamo}
    if dynamic and dynamo:
        options["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    elif dynamic:
        options["dynamic_axes"] = {"input": {0: "batch_size"}}
    torch.onnx.export(
        network.eval(),
        (torch.zeros(shape),),
        str(path),
        opset_version=opset,
        input_names=["input"],
        external_data=False,
        **options,
    )
    keep(name, without_traces(onnx.load(path)))


def pytorch_beside(name, network, shape, opset):
    """The same with the weights in a data file, which is what PyTorch does unless told not to."""
    path = folder / "external" / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    torch.onnx.export(
        network.eval(),
        (torch.zeros(shape),),
        str(path),
        opset_version=opset,
        input_names=["input"],
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch")},),
    )
    onnx.save(without_traces(onnx.load(path, load_external_data=False)), path)


def main():
    warnings.simplefilter("ignore")
    folder.mkdir(exist_ok=True)
    torch.manual_seed(4)
    pytorch("pytorch_script_view_opset11", Mnist(lambda x: x.view(-1, 150)), (1, 1, 12, 12), 11, dynamic=False)
    pytorch("pytorch_script_flatten_opset13", Mnist(lambda x: torch.flatten(x, 1)), (1, 1, 12, 12), 13)
    pytorch("pytorch_script_open_view_opset12", Mnist(lambda x: x.view(x.size(0), -1)), (1, 1, 12, 12), 12)
    pytorch("pytorch_script_residual_opset17", Residual(), (1, 3, 9, 10), 17)
    pytorch("pytorch_script_decoder_opset14", Decoder(), (1, 3, 3, 4), 14, dynamic=False)
    pytorch("pytorch_script_mean_opset13", MeanHead(), (1, 2, 9, 9), 13)
    pytorch("pytorch_dynamo_flatten_opset18", Mnist(lambda x: torch.flatten(x, 1)), (2, 1, 12, 12), 18, dynamo=True)
    pytorch("pytorch_dynamo_residual_opset20", Residual(), (2, 3, 9, 10), 20, dynamo=True)
    pytorch("pytorch_dynamo_mean_opset21", MeanHead(), (2, 2, 9, 9), 21, dynamo=True)
    pytorch("pytorch_dynamo_decoder_opset18", Decoder(), (1, 3, 3, 4), 18, dynamic=False, dynamo=True)
    normalised = Normalised()
    pytorch("pytorch_dynamo_normalised_opset20", normalised, (2, 3, 6, 7), 20, dynamo=True)
    pytorch_beside("pytorch_dynamo_normalised_opset20", normalised, (2, 3, 6, 7), 20)
    pytorch("pytorch_script_normalised_opset11", Normalised(), (1, 3, 6, 7), 11)
    pytorch("pytorch_script_mobile_opset17", Mobile(), (1, 3, 9, 10), 17)
    pytorch("pytorch_dynamo_mobile_opset23", Mobile(), (2, 3, 9, 10), 23, dynamo=True)
    pytorch("pytorch_script_fire_opset13", Fire(), (1, 2, 4, 5), 13)
    pytorch("pytorch_dynamo_fire_opset18", Fire(), (2, 2, 4, 5), 18, dynamo=True)
    for maker in MAKERS:
        keep(maker.__name__, maker())
    lines = ",\n".join(f'"{name}": {json.dumps(entry)}' for name, entry in sorted(expected.items()))
    (folder / "expected.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
