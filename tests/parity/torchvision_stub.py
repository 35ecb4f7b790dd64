"""Lets zennit and pytorch-grad-cam import without torchvision.

zennit's package imports `zennit.torchvision`, whose canonizers name two classes of torchvision's residual networks, and
pytorch-grad-cam names three transforms of images. Nothing here uses either, so empty classes of those names are enough.
"""

import importlib.util
import sys
import types

if importlib.util.find_spec("torchvision") is None:
    resnet = types.ModuleType("torchvision.models.resnet")
    resnet.Bottleneck = type("Bottleneck", (), {})
    resnet.BasicBlock = type("BasicBlock", (), {})
    models = types.ModuleType("torchvision.models")
    models.resnet = resnet
    torchvision = types.ModuleType("torchvision")
    torchvision.models = models
    transforms = types.ModuleType("torchvision.transforms")
    for name in ("Compose", "Normalize", "ToTensor"):
        setattr(transforms, name, type(name, (), {}))
    transforms.functional = types.ModuleType("torchvision.transforms.functional")
    transforms.functional.resize = None
    torchvision.transforms = transforms
    sys.modules.update(
        {"torchvision.transforms": transforms, "torchvision.transforms.functional": transforms.functional}
    )
    sys.modules.update({"torchvision": torchvision, "torchvision.models": models, "torchvision.models.resnet": resnet})
