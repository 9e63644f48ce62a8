/** What is marked on the drawing: a unit, what it reads and who reads it, what is wrong. */

import type { Rect } from "../engine/blocks";
import type { Picture } from "../scene/picture";
import { entriesIn, type Spot } from "../scene/places";
import type { Scene } from "../scene/scene";

export interface Marks {
  /** The unit that is looked at, and whether it stays. */
  spot: Spot | null;
  isPinned: boolean;
  /** What it reads itself, all that it depends on, and what reads it. */
  reads: Seen[];
  field: Seen[];
  readers: Seen[];
  /** Other cells that hold the same weight. */
  twins: Seen[];
  /** The factors of the product that is being added. */
  taken: Seen[];
  findings: FindingMark[];
}

/** A finding: its first cell, and where all its cells are if they are most of what is there. */
export interface FindingMark {
  seen: Seen[];
  area: Seen[];
  isWrong: boolean;
}

export function unmarked(): Marks {
  return { spot: null, isPinned: false, reads: [], field: [], readers: [], twins: [], taken: [], findings: [] };
}

/** Entries of a picture: first and last row, first and last column. */
export interface Seen {
  picture: Picture;
  entries: [number, number, number, number];
}

/** What is seen of rectangles of cells, each plane by itself. */
export function seenOf(scene: Scene, rects: Rect[]): Seen[] {
  return scene.pictures.flatMap((picture) =>
    rects.flatMap((rect): Seen[] => {
      const entries = rect.sheet === picture.sheet ? entriesIn(picture.plane, rect) : null;
      return entries ? [{ picture, entries }] : [];
    }),
  );
}

/** The same, with what is seen of a plane as one box. */
export function seenTogether(scene: Scene, rects: Rect[]): Seen[] {
  const found: Seen[] = [];
  for (const picture of scene.pictures) {
    let all: Seen["entries"] | null = null;
    for (const rect of rects) {
      const own = rect.sheet === picture.sheet ? entriesIn(picture.plane, rect) : null;
      if (!own) continue;
      all = all
        ? [Math.min(all[0], own[0]), Math.max(all[1], own[1]), Math.min(all[2], own[2]), Math.max(all[3], own[3])]
        : own;
    }
    if (all) found.push({ picture, entries: all });
  }
  return found;
}
