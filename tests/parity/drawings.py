"""Synthetic pen drawings of digits as 28×28 images (ink 1, paper 0), for inputs that carry no one's data."""

import numpy as np

SIZE = 28

# Strokes of each digit as points (x, y) in the unit square, y downwards.
STROKES = {
    0: [[(.5, .1), (.27, .22), (.2, .5), (.27, .8), (.5, .9), (.73, .8), (.8, .5), (.73, .22), (.5, .1)]],
    1: [[(.35, .25), (.55, .1), (.5, .9)]],
    2: [[(.22, .28), (.35, .12), (.62, .12), (.72, .32), (.55, .55), (.2, .88), (.8, .86)]],
    3: [[(.25, .15), (.6, .12), (.7, .3), (.45, .47), (.72, .62), (.65, .85), (.25, .88)]],
    4: [[(.4, .1), (.2, .55), (.8, .55)], [(.62, .3), (.6, .92)]],
    5: [[(.75, .12), (.32, .12), (.28, .45), (.6, .45), (.75, .65), (.6, .88), (.22, .86)]],
    6: [[(.68, .1), (.38, .35), (.25, .68), (.42, .9), (.68, .82), (.7, .6), (.5, .5), (.28, .65)]],
    7: [[(.2, .14), (.8, .14), (.45, .9)], [(.35, .52), (.7, .52)]],
    8: [[(.5, .48), (.28, .3), (.45, .1), (.7, .2), (.66, .38), (.3, .65), (.35, .88), (.65, .88), (.72, .68), (.5, .48)]],
    9: [[(.72, .3), (.5, .12), (.28, .28), (.35, .5), (.65, .48), (.72, .3), (.62, .9)]],
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
