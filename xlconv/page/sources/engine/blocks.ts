/** Blocks of formulas: which places they have, and what their references reach. */

import type { BlockPart, Tree } from "../document";
import { along, type Axis } from "./compile";

/** A rectangle of cells of a sheet, both corners within. */
export interface Rect {
  sheet: number;
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/** A rectangle of a block's own places. */
export interface Box {
  i0: number;
  j0: number;
  i1: number;
  j1: number;
}

/** A reference of a formula, by its corners. */
export interface Reference {
  sheet: number;
  first: [Axis, Axis];
  last: [Axis, Axis];
}

export function overlap(one: Rect, other: Rect): boolean {
  return (
    one.sheet === other.sheet && one.top <= other.bottom && other.top <= one.bottom &&
    one.left <= other.right && other.left <= one.right
  );
}

export function united(one: Box | null, other: Box): Box {
  if (!one) return other;
  return {
    i0: Math.min(one.i0, other.i0), j0: Math.min(one.j0, other.j0),
    i1: Math.max(one.i1, other.i1), j1: Math.max(one.j1, other.j1),
  };
}

export class Block {
  readonly references: Reference[];
  /** Whether what it reads is only known once it is calculated. */
  readonly wanders: boolean;
  readonly holes: Set<number>;
  readonly range: Rect;
  readonly whole: Box;
  reason: string;

  constructor(
    readonly number: number,
    readonly part: BlockPart,
  ) {
    const [height, width] = part.shape;
    this.references = part.tree ? [...referencesOf(part.tree, part.sheet)] : [];
    this.wanders = part.tree !== null && isWandering(part.tree);
    this.holes = new Set((part.without ?? []).map(([i, j]) => i * width + j));
    this.whole = { i0: 0, j0: 0, i1: height - 1, j1: width - 1 };
    this.range = this.rect(this.whole);
    this.reason = part.kept ?? "";
  }

  has(i: number, j: number): boolean {
    return !this.holes.has(i * this.part.shape[1] + j);
  }

  cell(i: number, j: number): [number, number] {
    const { origin, step } = this.part;
    return [origin[0] + step[0] * i, origin[1] + step[1] * j];
  }

  rect(box: Box): Rect {
    const [top, left] = this.cell(box.i0, box.j0);
    const [bottom, right] = this.cell(box.i1, box.j1);
    return { sheet: this.part.sheet, top, left, bottom, right };
  }

  /** Its places whose cells are in a rectangle, null for none. */
  within(rect: Rect): Box | null {
    if (!overlap(this.range, rect)) return null;
    const { origin, step } = this.part;
    const box = {
      i0: Math.max(Math.ceil((rect.top - origin[0]) / step[0]), 0),
      j0: Math.max(Math.ceil((rect.left - origin[1]) / step[1]), 0),
      i1: Math.min(Math.floor((rect.bottom - origin[0]) / step[0]), this.whole.i1),
      j1: Math.min(Math.floor((rect.right - origin[1]) / step[1]), this.whole.j1),
    };
    return box.i0 > box.i1 || box.j0 > box.j1 ? null : box;
  }

  /** Its places that read any cell of the rectangles, or a few more; null for none. */
  affected(dirty: Rect[]): Box | null {
    if (this.wanders) return dirty.length ? this.whole : null;
    let found: Box | null = null;
    for (const rect of dirty) {
      for (const reference of this.references) {
        if (reference.sheet !== rect.sheet) continue;
        const box = this.reading(reference, rect);
        if (box) found = united(found, box);
      }
    }
    return found && this.part.spills ? this.whole : found;
  }

  private reading(reference: Reference, rect: Rect): Box | null {
    const rows = lines(reference.first[0], reference.last[0], rect.top, rect.bottom);
    const columns = lines(reference.first[1], reference.last[1], rect.left, rect.right);
    if (rows === "any" || columns === "any") {
      return overlap(this.reach(reference, this.whole), rect) ? this.whole : null;
    }
    // Rows as a rule move with i and columns with j; others narrow both.
    const box = { ...this.whole };
    for (const one of [rows, columns]) {
      if (one.axis === 0) [box.i0, box.i1] = [Math.max(box.i0, one.from), Math.min(box.i1, one.to)];
      else [box.j0, box.j1] = [Math.max(box.j0, one.from), Math.min(box.j1, one.to)];
    }
    return box.i0 > box.i1 || box.j0 > box.j1 ? null : box;
  }

  /** All cells that a reference reaches from some places. */
  reach(reference: Reference, box: Box): Rect {
    const corners = [
      { i: box.i0, j: box.j0 }, { i: box.i0, j: box.j1 },
      { i: box.i1, j: box.j0 }, { i: box.i1, j: box.j1 },
    ];
    const ends = [reference.first, reference.last];
    const rows = ends.flatMap((one) => corners.map((at) => along(one[0], at)));
    const columns = ends.flatMap((one) => corners.map((at) => along(one[1], at)));
    return {
      sheet: reference.sheet,
      top: Math.min(...rows), bottom: Math.max(...rows),
      left: Math.min(...columns), right: Math.max(...columns),
    };
  }
}

interface Lines {
  axis: 0 | 1;
  from: number;
  to: number;
}

/** The places along one axis of a block whose window, in one coordinate, meets an interval. */
function lines(first: Axis, last: Axis, low: number, high: number): Lines | "any" {
  if (first[1] !== last[1] || first[2] !== last[2] || (first[1] && first[2])) return "any";
  const axis = first[2] ? 1 : 0;
  const step = first[2] || first[1];
  const [start, end] = [Math.min(first[0], last[0]), Math.max(first[0], last[0])];
  if (!step) {
    const meets = start <= high && end >= low;
    return { axis, from: meets ? 0 : 1, to: meets ? Infinity : 0 };
  }
  const bounds = [(low - end) / step, (high - start) / step].sort((a, b) => a - b);
  return { axis, from: Math.ceil(bounds[0]!), to: Math.floor(bounds[1]!) };
}

function* referencesOf(tree: Tree, own: number): Generator<Reference> {
  if (tree[0] === "r" || tree[0] === "a") {
    const [, sheet, row, column, lastRow, lastColumn] = tree as unknown as [
      string, number | null, Axis, Axis, Axis?, Axis?,
    ];
    const last: [Axis, Axis] = [lastRow ?? row, lastColumn ?? column];
    yield { sheet: sheet ?? own, first: [row, column], last };
    return;
  }
  for (const child of childrenOf(tree)) yield* referencesOf(child, own);
}

/** The operands of a part of a formula. */
export function childrenOf(tree: Tree): Tree[] {
  switch (tree[0]) {
    case "f": case "o": case "s": return tree.slice(2) as Tree[];
    case "%": return [tree[1] as Tree];
  }
  return [];
}

function isWandering(tree: Tree): boolean {
  const moves = (tree[0] === "f" && tree[1] === "OFFSET") || (tree[0] === "o" && tree[1] === ":");
  return moves || childrenOf(tree).some(isWandering);
}
