import type { TemplateResult } from 'lit';
import type { MethodCard } from 'pellucid';

/** What a room gets: its own entry, and the methods that it offers. */
export interface RoomContext {
    room: Room;
    cards: readonly MethodCard[];
}

export interface RoomModule {
    render(context: RoomContext): TemplateResult;
}

export interface Room {
    id: string;
    title: string;
    /** What all its methods ask, in plain words. */
    question: string;
    /** Of the methods' cards. */
    families: readonly string[];
    /** Shown even where the package has no method for it. */
    always?: boolean;
    /** Not among the rooms of the menu. */
    hidden?: boolean;
    /** A page of another room: that one is marked in the menu. */
    within?: string;
    load: () => Promise<RoomModule>;
}

/** The rooms, in the menu's order. To add one: a folder and a line. */
export const rooms: readonly Room[] = [
    {
        id: 'why',
        title: 'Why',
        question: 'Which parts of the drawing make the answer?',
        families: ['attribution', 'relevance', 'perturbation'],
        load: () => import('./why/room.ts'),
    },
    {
        id: 'fool',
        title: 'Fool it',
        question: 'How little does it take to change the answer?',
        families: ['adversarial'],
        load: () => import('./fool/room.ts'),
    },
    {
        id: 'inside',
        title: 'Inside',
        question: 'What happens between the drawing and the answer?',
        families: ['inside', 'activation'],
        load: () => import('./inside/room.ts'),
    },
    {
        id: 'unit',
        title: 'Unit',
        question: 'What does one unit do?',
        families: [],
        hidden: true,
        within: 'inside',
        load: () => import('./inside/unit-room.ts'),
    },
    {
        id: 'imagine',
        title: 'Imagine',
        question: 'What would the network like to see?',
        families: ['imagine', 'synthesis'],
        load: () => import('./imagine/room.ts'),
    },
    {
        id: 'trust',
        title: 'Trust it?',
        question: 'Is an explanation any good, and are the data?',
        families: ['judging', 'data', 'evaluation'],
        load: () => import('./trust/room.ts'),
    },
    {
        id: 'input',
        title: 'What it gets',
        question: 'What reaches the network of a drawing?',
        families: [],
        always: true,
        load: () => import('./input/room.ts'),
    },
    {
        id: 'compare',
        title: 'Compare',
        question: 'Where do explanations agree?',
        families: [],
        hidden: true,
        load: () => import('./compare/room.ts'),
    },
];

export const isRoom = (id: string | undefined): id is string => rooms.some((room) => room.id === id);

export const roomOf = (id: string): Room => rooms.find((room) => room.id === id) ?? rooms[0]!;

/**
 * The room of a method. A family that no room names is offered where its methods are least out of place: in the last.
 */
export function roomFor({ family }: MethodCard): Room {
    return rooms.find(({ families }) => families.includes(family)) ?? roomOf('trust');
}

export const cardsOf = (room: Room, cards: ReadonlyMap<string, MethodCard>): MethodCard[] =>
    [...cards.values()].filter((card) => roomFor(card) === room);

/** Rooms that have something to offer. */
export const shownRooms = (cards: ReadonlyMap<string, MethodCard>): Room[] =>
    rooms.filter((room) => !room.hidden && (room.always || cardsOf(room, cards).length > 0));
