"""The networks that generate.py has PyTorch export: small ones with the blocks that people use."""

import torch
from torch import nn
from torch.nn import functional


class Mnist(nn.Module):
    """As in PyTorch's example, but small, with the flattening that the caller asks for."""

    def __init__(self, flatten):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3)
        self.conv2 = nn.Conv2d(4, 6, 3, padding=1)
        self.dropout1 = nn.Dropout(0.25)
        self.fc1 = nn.Linear(6 * 5 * 5, 8)
        self.fc2 = nn.Linear(8, 10)
        self.flatten = flatten

    def forward(self, x):
        x = functional.relu(self.conv1(x))
        x = functional.relu(self.conv2(x))
        x = self.dropout1(functional.max_pool2d(x, 2))
        return self.fc2(functional.relu(self.fc1(self.flatten(x))))


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2, padding=1, bias=False)
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 5)
        with torch.no_grad():
            for tensor in (self.norm.weight, self.norm.bias, self.norm.running_mean):
                tensor.normal_(0.5, 0.3)
            self.norm.running_var.uniform_(0.5, 2)

    def forward(self, x):
        x = functional.leaky_relu(self.stem(x), 0.1)
        x = x + self.norm(functional.relu(self.conv(x)))
        x = functional.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False)
        return self.head(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Decoder(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.ConvTranspose2d(3, 4, 3, stride=2, padding=1, output_padding=1),
            nn.Tanh(),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(4, 3, 3, padding=1),
            nn.Sigmoid(),
            nn.Upsample(scale_factor=1.5, mode="bilinear"),
            nn.Conv2d(3, 2, 1),
        )


class MeanHead(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(2, 6, (3, 2), stride=(1, 2)), nn.ReLU(), nn.MaxPool2d(3, 2, 1, ceil_mode=True)
        )
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3))).softmax(1)


class Normalised(nn.Module):
    """Its normalisation inside, and BatchNorm where no layer beside it takes it in."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.norm1, self.norm2 = norm(4), norm(5)
        self.conv2 = nn.Conv2d(4, 5, 3, padding=1)
        self.head = nn.Linear(5, 4)

    def forward(self, x):
        x = functional.silu(self.conv1((x - self.mean) / self.std))
        x = self.norm2(functional.relu6(self.conv2(self.norm1(x))))
        return self.head(functional.max_pool2d(x, 2).amax((2, 3))) / 1.5


class Mobile(nn.Sequential):
    """Groups, a dilated kernel, paddings as layers of their own."""

    def __init__(self):
        super().__init__(
            nn.ZeroPad2d((0, 1, 0, 1)),
            nn.Conv2d(3, 6, 3, 2, bias=False),
            norm(6),
            nn.Hardswish(),
            nn.Conv2d(6, 6, 3, padding=1, groups=6),
            nn.ReLU6(),
            nn.Conv2d(6, 8, 1, groups=2),
            nn.ELU(0.7),
            nn.ReflectionPad2d(1),
            nn.Conv2d(8, 5, 2, dilation=(2, 1)),
            nn.Hardsigmoid(),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.Dropout(),
            nn.Linear(5, 3),
        )


class Fire(nn.Module):
    """Branches side by side, and activations that have no operator of their own."""

    def __init__(self):
        super().__init__()
        self.squeeze = nn.Conv2d(2, 3, 1)
        self.left, self.right, self.third = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 1, 1)
        self.slope, self.head = nn.PReLU(), nn.Conv2d(6, 4, 1)

    def forward(self, x):
        x = functional.gelu(self.squeeze(x * 2 - 1))
        x = torch.cat(
            [
                functional.mish(self.left(x)),
                self.slope(self.right(x)),
                functional.gelu(self.third(x), approximate="tanh"),
            ],
            1,
        )
        return functional.adaptive_avg_pool2d(functional.softplus(self.head(x)), 1).flatten(1)


def norm(channels):
    layer = nn.BatchNorm2d(channels)
    with torch.no_grad():
        for tensor in (layer.weight, layer.bias, layer.running_mean):
            tensor.normal_(0.5, 0.3)
        layer.running_var.uniform_(0.5, 2)
    return layer
