"""References for methods that search for masks, written from the published definitions, in double precision.

Extremal perturbation (Fong, Patrick, Vedaldi 2019) follows TorchRay's conventions but for what pellucid's method says
of itself: no mirroring, a margin of whole pixels, ties in area share what their places have, the gradient at a level of
the blur is that from below. Meaningful perturbation (Fong & Vedaldi 2017) in the form of its paper: sums, not means; a
grid that is enlarged bilinearly. Nothing here is made for speed.
"""

import math

import torch
from torch.nn import functional


def gaussian(images, sigma):
    """Separable, cut off at 3 sigma, 0 beyond the border; sums to 1 within the kernel."""
    if sigma <= 0:
        return images
    radius = math.ceil(3 * sigma)
    line = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, dtype=torch.float64) / sigma) ** 2)
    line = (line / line.sum()).to(images)
    channels = images.shape[1]
    rows = functional.conv2d(
        images, line.reshape(1, 1, -1, 1).expand(channels, 1, -1, 1), padding=(radius, 0), groups=channels
    )
    return functional.conv2d(
        rows, line.reshape(1, 1, 1, -1).expand(channels, 1, 1, -1), padding=(0, radius), groups=channels
    )


class Discs:
    """The mask as smooth maxima of discs around every pixel, on a torus."""

    def __init__(self, height, width, sigma):
        self.grid, self.radius = (height, width), 1 + math.ceil(sigma)
        places = torch.arange(-self.radius, self.radius + 1).double()
        distance = torch.hypot(places[:, None], places[None])
        self.weights = torch.exp(-2 * (distance / sigma - 0.5).clamp(min=0) ** 2).reshape(1, -1, 1)

    def __call__(self, parameters):
        side = 2 * self.radius + 1
        values = functional.unfold(functional.pad(parameters, (self.radius,) * 4, mode="circular"), (side, side))
        values = self.weights.to(parameters) * values
        return (values * functional.softmax(20 * values, 1)).sum(1).reshape(parameters.shape).clamp(0, 1)


def reference_areas(mask, areas):
    """Where the sorted mask should be 0 and where 1; equal values share."""
    rows = []
    for values, area in zip(mask.flatten(1), areas):
        zeros = min(int(len(values) * (1 - area)), len(values) - 1)
        edge = values.sort()[0][zeros]
        above, equal = values > edge + 1e-6, (values - edge).abs() <= 1e-6
        share = (len(values) - zeros - above.sum()) / equal.sum()
        rows.append(above.to(values) + share * equal.to(values))
    return torch.stack(rows).reshape(mask.shape)


def extremal(
    network, image, target, areas, steps, game="preserve", perturbation="blur", sigma=2.625, blur=2.5, levels=8
):
    """Masks (areas, 1, H, W) of one image (1, C, H, W)."""
    if perturbation == "blur":
        pyramid = torch.cat([gaussian(image, (1 - level / (levels - 1)) * blur) for level in range(levels)])
    else:
        pyramid = torch.cat([0 * image, image])
    discs = Discs(*image.shape[2:], sigma)
    parameters = torch.ones(len(areas), 1, *discs.grid).to(image).requires_grad_()
    weight = 300.0
    optimiser = torch.optim.SGD([parameters], lr=0.01, momentum=0.9, dampening=0.9)
    for _ in range(steps):
        mask = discs(parameters)
        shown = 1 - mask if game == "delete" else mask
        height = shown * (len(pyramid) - 1)
        level = (height.detach().ceil() - 1).clamp(0, len(pyramid) - 2)
        share = height - level
        flat = level.long().expand(-1, image.shape[1], -1, -1)
        low, high = (
            torch.gather(pyramid.transpose(0, 1)[None].expand(len(areas), -1, -1, -1, -1), 2, (flat + up)[:, :, None])[
                :, :, 0
            ]
            for up in (0, 1)
        )
        reward = network((1 - share) * low + share * high)[:, target]
        if game == "delete":
            reward = -reward
        regularised = -weight * ((mask - reference_areas(mask.detach(), areas)) ** 2).flatten(1).mean(1)
        optimiser.zero_grad()
        (-(reward + regularised).sum()).backward()
        optimiser.step()
        parameters.data.clamp_(0, 1)
        weight *= 1.0035
    return discs(parameters).detach()


def meaningful(network, image, target, start, steps, cell=2, price=1e-4, variation=1e-2, beta=3, rate=0.1):
    """What has to go, (1, 1, H, W), of one image; the mask begins with `start` (1, 1, rows, columns)."""
    hidden = gaussian(image, 4)
    mask = start.clone().to(image).requires_grad_()
    optimiser = torch.optim.Adam([mask], lr=rate)
    for _ in range(steps):
        large = functional.interpolate(mask, size=image.shape[2:], mode="bilinear", align_corners=False)
        probability = network(image * large + hidden * (1 - large)).softmax(1)[0, target]
        rough = sum((difference.abs() ** beta).sum() for difference in (mask.diff(dim=2), mask.diff(dim=3)))
        loss = price * (1 - mask).sum() + variation * rough + probability
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        mask.data.clamp_(0, 1)
    return 1 - functional.interpolate(mask, size=image.shape[2:], mode="bilinear", align_corners=False).detach()
