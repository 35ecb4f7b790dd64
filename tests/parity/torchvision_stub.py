"""Lets zennit import without torchvision.

zennit's package imports `zennit.torchvision`, whose canonizers name two classes of torchvision's residual networks.
Nothing here uses those canonizers, so two empty classes of those names are enough.
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
    sys.modules.update({"torchvision": torchvision, "torchvision.models": models, "torchvision.models.resnet": resnet})
