// Named points at which a fault is rare by chance and matters most. A seed may force a crash, a pause or a failure at the
// n-th passage of a point; how many seeds met a fault at each point is counted, and a suite that misses one fails.
import type { Random } from './random.ts'

/** Points that every world passes. */
const COMMON_POINTS = [
  'before-begin',
  'after-begin',
  'before-finish',
  'after-finish-no-answer',
  'after-claim',
  'after-app-answer',
  'before-http-answer',
] as const

/**
 * Points between the locks of a group and its reads, and between its reads and its commit, of each pair of operations that
 * could miss each other: event and new wait, freed slot and blocked item, two branches that end, sync and match. Only a
 * store that several servers share has them.
 */
const SHARED_POINTS = [
  'event-locked',
  'event-read',
  'wait-locked',
  'wait-read',
  'limit-locked',
  'slot-freed-read',
  'slot-wanted-read',
  'branch-locked',
  'branch-read',
  'sync-locked',
  'sync-read',
  'match-locked',
  'match-read',
  'written',
] as const

export const POINTS = [...COMMON_POINTS, ...SHARED_POINTS]

export type Point = (typeof POINTS)[number]

/** `fail`: what is under way fails or its answer is lost, whatever that means at the point. */
export type FaultKind = 'crash' | 'pause' | 'fail'

export interface PlannedFault {
  readonly point: Point
  readonly kind: FaultKind
  /** At this passage of the point, counted from 1. */
  readonly passage: number
}

/** How often a point is passed in a small world, about: later passages are rarely met. */
const PASSAGES: Readonly<Record<Point, number>> = {
  'before-begin': 60,
  'after-begin': 60,
  'before-finish': 90,
  'after-finish-no-answer': 90,
  'after-claim': 12,
  'after-app-answer': 25,
  'before-http-answer': 12,
  'event-locked': 8,
  'event-read': 8,
  'wait-locked': 2,
  'wait-read': 2,
  'limit-locked': 4,
  'slot-freed-read': 3,
  'slot-wanted-read': 2,
  'branch-locked': 8,
  'branch-read': 8,
  'sync-locked': 2,
  'sync-read': 2,
  'match-locked': 6,
  'match-read': 6,
  written: 60,
}

/** Points that few worlds pass at all are planned for more often. */
const RARE: readonly Point[] = ['slot-freed-read', 'slot-wanted-read', 'match-locked', 'match-read', 'wait-read']
const PLANNED_SHARED: readonly Point[] = [...POINTS, ...RARE, ...RARE]

export function drawPlannedFaults(random: Random, isShared: boolean): readonly PlannedFault[] {
  return Array.from({ length: random.whole(0, isShared ? 5 : 3) }, () => {
    const point = random.pick(isShared ? PLANNED_SHARED : COMMON_POINTS)
    return {
      point,
      kind: random.pick(['crash', 'crash', 'pause', 'fail'] as const),
      passage: random.whole(1, PASSAGES[point]),
    }
  })
}

/** Counts passages and says when a planned fault is due. */
export class Points {
  /** Faults that were met, by point. */
  readonly met = new Map<Point, number>()
  readonly #planned: readonly PlannedFault[]
  readonly #passed = new Map<Point, number>()

  constructor(planned: readonly PlannedFault[]) {
    this.#planned = planned
  }

  /** Passes a point. @returns the fault that is due there. */
  pass(point: Point): FaultKind | null {
    const passage = (this.#passed.get(point) ?? 0) + 1
    this.#passed.set(point, passage)
    const due = this.#planned.find((fault) => fault.point === point && fault.passage === passage)
    if (due === undefined) return null
    this.note(point)
    return due.kind
  }

  /** A fault was met at the point. */
  note(point: Point): void {
    this.met.set(point, (this.met.get(point) ?? 0) + 1)
  }
}
