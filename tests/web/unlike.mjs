// Drawings that are not one digit, made from a seed: scribbles of seven kinds, and pairs of the built-in pen digits.

const side = 280;

/** Mulberry32: small, fast, the same everywhere. */
export function randomFrom(seed) {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let t = Math.imul(state ^ (state >>> 15), 1 | state);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const stroke = (places, width) => ({
    points: Float32Array.from(places.flatMap(([x, y], index) => [x, y, 10 * index])),
    width,
    eraser: false,
});
const board = (strokes) => ({ width: side, height: side, strokes });

/** Lines back and forth, as when something is blotted out. */
function zigzag(random) {
    const turns = 4 + Math.floor(8 * random());
    const places = Array.from({ length: turns }, (_, i) => [
        40 + (200 * i) / (turns - 1) + 20 * random(),
        i % 2 ? 40 + 60 * random() : 180 + 60 * random(),
    ]);
    const turned = random() < 0.5;
    return [places.map(([x, y]) => (turned ? [y, x] : [x, y]))];
}
/** Straight lines between places anywhere. */
const jagged = (random) => [
    Array.from({ length: 6 + Math.floor(14 * random()) }, () => [30 + 220 * random(), 30 + 220 * random()]),
];
/** A line that keeps turning, more one way, then more the other. */
function tangle(random) {
    const places = [[90 + 100 * random(), 90 + 100 * random()]];
    let angle = 6.28 * random();
    let turn = 0;
    for (let i = 0; i < 120 + 200 * random(); i++) {
        turn = 0.9 * turn + 0.25 * (random() - 0.5);
        angle += turn;
        const [x, y] = places.at(-1);
        const next = [x + 7 * Math.cos(angle), y + 7 * Math.sin(angle)];
        if (next.some((at) => at < 20 || at > 260)) angle += 2.2;
        else places.push(next);
    }
    return [places];
}
/** Round and round, inwards. */
function spiral(random) {
    const turns = 2 + 3 * random();
    const way = random() < 0.5 ? 1 : -1;
    return [
        Array.from({ length: 160 }, (_, i) => {
            const angle = way * 6.28 * turns * (i / 160) + 3;
            const radius = 105 * (1 - (0.85 * i) / 160);
            return [140 + radius * Math.cos(angle), 140 + radius * Math.sin(angle)];
        }),
    ];
}
/** Loop after loop, moving on. */
function coils(random) {
    const count = 3 + Math.floor(4 * random());
    const tilt = 0.6 * (random() - 0.5);
    return [
        Array.from({ length: 40 * count }, (_, i) => {
            const angle = (6.28 * i) / 40;
            const along = (180 * i) / (40 * count);
            const [x, y] = [50 + along + 28 * Math.cos(angle), 140 + (40 + 25 * random() * 0.05) * Math.sin(angle)];
            return [
                140 + (x - 140) * Math.cos(tilt) - (y - 140) * Math.sin(tilt),
                140 + (x - 140) * Math.sin(tilt) + (y - 140) * Math.cos(tilt),
            ];
        }),
    ];
}
/** Parallel lines, and more across them: a grid. */
function hatching(random) {
    const lines = 3 + Math.floor(3 * random());
    const across = 2 + Math.floor(3 * random());
    const at = (i, count) => 50 + (180 * i) / (count - 1) + 8 * random();
    return [
        ...Array.from({ length: lines }, (_, i) => [
            [at(i, lines), 40 + 10 * random()],
            [at(i, lines), 240 - 10 * random()],
        ]),
        ...Array.from({ length: across }, (_, i) => [
            [40 + 10 * random(), at(i, across)],
            [240 - 10 * random(), at(i, across)],
        ]),
    ];
}
/** Dots and dashes all over. */
const specks = (random) =>
    Array.from({ length: 6 + Math.floor(8 * random()) }, () => {
        const [x, y] = [30 + 220 * random(), 30 + 220 * random()];
        return [
            [x, y],
            [x + 30 * (random() - 0.5), y + 30 * (random() - 0.5)],
        ];
    });

export const kinds = { zigzag, jagged, tangle, spiral, coils, hatching, specks };

export function scribble(kind, seed) {
    const random = randomFrom(7919 * seed + 17);
    const width = 14 + 14 * random();
    return board(kinds[kind](random).map((places) => stroke(places, width)));
}

/** Two pen digits side by side, as a two-digit number: of like size, close together. */
export async function pair(pellucid, seed) {
    const random = randomFrom(104729 * seed + 5);
    const strokes = [];
    let left = 0;
    const height = 120 + 60 * random();
    for (let i = 0; i < 2; i++) {
        const { drawing } = await pellucid.penDigit(Math.floor(pellucid.penDigitCount * random()));
        const xs = drawing.strokes.flatMap(({ points }) => Array.from(points).filter((_, at) => at % 3 === 0));
        const ys = drawing.strokes.flatMap(({ points }) => Array.from(points).filter((_, at) => at % 3 === 1));
        const [x0, y0] = [Math.min(...xs), Math.min(...ys)];
        const scale = (height * (0.9 + 0.2 * random())) / (Math.max(...ys) - y0);
        for (const { points } of drawing.strokes) {
            const moved = points.map((value, at) =>
                at % 3 === 0 ? left + (value - x0) * scale : at % 3 === 1 ? (value - y0) * scale : value,
            );
            strokes.push({ points: moved, width: 18, eraser: false });
        }
        left += (Math.max(...xs) - x0) * scale + 18 + 25 * random();
    }
    const factor = Math.min(1, 250 / left);
    return board(
        strokes.map(({ points, ...rest }) => ({
            ...rest,
            points: points.map((value, at) => (at % 3 === 2 ? value : 12 + (at % 3 === 1 ? 40 : 0) + value * factor)),
        })),
    );
}
