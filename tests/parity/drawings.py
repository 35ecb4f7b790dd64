"""Synthetic pen drawings of digits as 28×28 images (ink 1, paper 0), for inputs that carry no one's data."""

import numpy as np

SIZE = 28

# Strokes of each digit as points (x, y) in the unit square, y downwards.
STROKES = {
    0: [
        [
            (0.5, 0.1),
            (0.27, 0.22),
            (0.2, 0.5),
            (0.27, 0.8),
            (0.5, 0.9),
            (0.73, 0.8),
            (0.8, 0.5),
            (0.73, 0.22),
            (0.5, 0.1),
        ]
    ],
    1: [[(0.35, 0.25), (0.55, 0.1), (0.5, 0.9)]],
    2: [[(0.22, 0.28), (0.35, 0.12), (0.62, 0.12), (0.72, 0.32), (0.55, 0.55), (0.2, 0.88), (0.8, 0.86)]],
    3: [[(0.25, 0.15), (0.6, 0.12), (0.7, 0.3), (0.45, 0.47), (0.72, 0.62), (0.65, 0.85), (0.25, 0.88)]],
    4: [[(0.4, 0.1), (0.2, 0.55), (0.8, 0.55)], [(0.62, 0.3), (0.6, 0.92)]],
    5: [[(0.75, 0.12), (0.32, 0.12), (0.28, 0.45), (0.6, 0.45), (0.75, 0.65), (0.6, 0.88), (0.22, 0.86)]],
    6: [[(0.68, 0.1), (0.38, 0.35), (0.25, 0.68), (0.42, 0.9), (0.68, 0.82), (0.7, 0.6), (0.5, 0.5), (0.28, 0.65)]],
    7: [[(0.2, 0.14), (0.8, 0.14), (0.45, 0.9)], [(0.35, 0.52), (0.7, 0.52)]],
    8: [
        [
            (0.5, 0.48),
            (0.28, 0.3),
            (0.45, 0.1),
            (0.7, 0.2),
            (0.66, 0.38),
            (0.3, 0.65),
            (0.35, 0.88),
            (0.65, 0.88),
            (0.72, 0.68),
            (0.5, 0.48),
        ]
    ],
    9: [[(0.72, 0.3), (0.5, 0.12), (0.28, 0.28), (0.35, 0.5), (0.65, 0.48), (0.72, 0.3), (0.62, 0.9)]],
}


def distance_to_segment(points, start, end):
    """Distance of every point (…, 2) to the segment."""
    along = end - start
    place = np.clip(((points - start) @ along) / max(along @ along, 1e-12), 0, 1)
    return np.linalg.norm(points - (start + place[..., None] * along), axis=-1)


def draw(digit, random):
    """One drawing: jittered points, slant, a pen of random width with an edge one pixel soft."""
    centres = np.stack(np.meshgrid(np.arange(SIZE), np.arange(SIZE)), -1) + 0.5
    radius = random.uniform(0.8, 1.5)
    slant = random.uniform(-0.15, 0.15)
    ink = np.zeros((SIZE, SIZE))
    for stroke in STROKES[digit]:
        points = np.array(stroke) + random.normal(0, 0.02, (len(stroke), 2))
        points[:, 0] += slant * (0.5 - points[:, 1])
        points = 4 + points * (SIZE - 8)
        for start, end in zip(points, points[1:]):
            ink = np.maximum(ink, np.clip(radius + 0.5 - distance_to_segment(centres, start, end), 0, 1))
    return ink


def drawings(count, seed):
    """`count` drawings of the digits in turn: float32 (count, 28, 28, 1)."""
    random = np.random.default_rng(seed)
    return np.stack([draw(i % 10, random) for i in range(count)])[..., None].astype(np.float32)
