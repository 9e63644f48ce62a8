/**
 * A workbook that computes itself: after an edit only what depends on it is calculated again.
 *
 * Blocks go in the order that the document gives. What cannot be calculated here keeps its
 * stored value, and says why.
 */

import type { PageDocument } from "../document";
import { Block, type Box, overlap, type Rect, united } from "./blocks";
import { type At, Compiler, type Run } from "./compile";
import { Grid, Matrix, Area } from "./grid";
import { NA, Untranslatable, type Value } from "./values";

// Blocks that read each other are gone over so often.
const MOST_ROUNDS = 2_000;

type Edit = { sheet: number; row: number; column: number; value: Value };

export class Calculation {
  readonly grids: Grid[];
  readonly blocks: Block[];
  private readonly order: number[][];
  private readonly cells: (((at: At) => Value) | null)[];
  private readonly arrays: (Run | null)[];
  private readonly owners: Int32Array[];

  constructor(document: PageDocument) {
    this.grids = document.sheets.map((one) => new Grid(one));
    this.blocks = document.blocks.map((part, k) => new Block(k, part));
    this.order = document.order;
    const compiler = new Compiler(this.grids);
    this.cells = this.blocks.map((one) => this.compiled(one, compiler));
    this.arrays = this.blocks.map((one) => {
      const { tree, sheet, spills } = one.part;
      return spills && tree && !one.reason ? attempt(one, () => compiler.array(tree, sheet)) : null;
    });
    this.owners = this.grids.map((grid) => new Int32Array(grid.rows * grid.columns));
    for (const block of this.blocks) this.own(block);
  }

  private compiled(block: Block, compiler: Compiler): ((at: At) => Value) | null {
    const { tree, sheet, spills } = block.part;
    if (!tree || block.reason || spills) return null;
    return attempt(block, () => compiler.cell(tree, sheet, Boolean(block.part.is_array)));
  }

  private own(block: Block): void {
    const grid = this.grids[block.part.sheet]!;
    const [height, width] = block.part.shape;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const [row, column] = block.cell(i, j);
        if (block.has(i, j) && row < grid.rows && column < grid.columns) {
          this.owners[block.part.sheet]![row * grid.columns + column] = block.number + 1;
        }
      }
    }
  }

  /** The block that computes a cell, and the cell's place in it; null where none does. */
  formulaAt(sheet: number, row: number, column: number): { block: Block; i: number; j: number } | null {
    const grid = this.grids[sheet]!;
    if (row < 0 || column < 0 || row >= grid.rows || column >= grid.columns) return null;
    const number = this.owners[sheet]![row * grid.columns + column]!;
    if (!number) return null;
    const block = this.blocks[number - 1]!;
    const { origin, step } = block.part;
    return { block, i: (row - origin[0]) / step[0], j: (column - origin[1]) / step[1] };
  }

  /** Calculate everything but what is random. */
  all(): Rect[] {
    return this.run([], true);
  }

  /** Set cells that hold no formula, and calculate what depends on them; return what changed. */
  edit(edits: Edit[]): Rect[] {
    const dirty: Rect[] = [];
    for (const { sheet, row, column, value } of edits) {
      const grid = this.grids[sheet]!;
      if (grid.get(row, column) === value) continue;
      grid.set(row, column, value);
      dirty.push({ sheet, top: row, bottom: row, left: column, right: column });
    }
    return dirty.length ? this.run(gathered(dirty), false) : [];
  }

  /** Draw what is random again, and calculate what depends on it. */
  redraw(): Rect[] {
    const dirty = this.blocks.flatMap((block) =>
      block.part.is_random ? this.evaluate(block, block.whole) : [],
    );
    return dirty.length ? this.run(dirty, false) : [];
  }

  get hasRandom(): boolean {
    return this.blocks.some((one) => one.part.is_random && !one.reason);
  }

  private run(dirty: Rect[], all: boolean): Rect[] {
    const changed = [...dirty];
    for (const knot of this.order) {
      const blocks = knot.map((k) => this.blocks[k]!).filter((one) => !one.part.is_random);
      const first = blocks.flatMap((one) => {
        const box = all ? one.whole : one.affected(changed);
        return box ? this.evaluate(one, box) : [];
      });
      changed.push(...first);
      if (blocks.length > 1 || blocks.some(readsItself)) changed.push(...this.settle(blocks, first));
    }
    return changed;
  }

  /** Go over blocks that read each other until nothing changes. */
  private settle(blocks: Block[], first: Rect[]): Rect[] {
    const changed: Rect[] = [];
    let dirty = first;
    for (let round = 0; dirty.length && round < MOST_ROUNDS; round++) {
      dirty = blocks.flatMap((one) => {
        const box = one.affected(dirty);
        return box ? this.evaluate(one, box) : [];
      });
      changed.push(...dirty);
    }
    return changed;
  }

  /** Calculate some places of a block; return the rectangle in which values changed. */
  private evaluate(block: Block, box: Box): Rect[] {
    const grid = this.grids[block.part.sheet]!;
    let changed: Box | null = null;
    const give = this.arrays[block.number] ? this.spilled(block) : this.cells[block.number];
    if (!give) return [];
    const at: At = { i: 0, j: 0, row: 0, column: 0 };
    for (at.i = box.i0; at.i <= box.i1; at.i++) {
      for (at.j = box.j0; at.j <= box.j1; at.j++) {
        if (!block.has(at.i, at.j)) continue;
        [at.row, at.column] = block.cell(at.i, at.j);
        const value = attempt(block, () => give(at), false);
        if (value === null || Object.is(grid.get(at.row, at.column), value)) continue;
        grid.set(at.row, at.column, value);
        changed = united(changed, { i0: at.i, j0: at.j, i1: at.i, j1: at.j });
      }
    }
    return changed ? [block.rect(changed)] : [];
  }

  private spilled(block: Block): ((at: At) => Value) | null {
    const [row, column] = block.part.origin;
    const found = attempt(block, () => this.arrays[block.number]!({ i: 0, j: 0, row, column }), false);
    if (found === null) return null;
    return (at) => {
      if (!(found instanceof Matrix || found instanceof Area)) return found;
      const i = found.rows === 1 ? 0 : at.i;
      const j = found.columns === 1 ? 0 : at.j;
      return i < found.rows && j < found.columns ? (found.at(i, j) ?? 0) : NA;
    };
  }
}

/** What a step gives; null where it cannot be done here, which its block says from then on. */
function attempt<T>(block: Block, step: () => T, stays = true): T | null {
  try {
    return step();
  } catch (reason) {
    if (!(reason instanceof Untranslatable)) throw reason;
    if (stays || !block.reason) block.reason = reason.message;
    return null;
  }
}

function readsItself(block: Block): boolean {
  return block.references.some((one) => overlap(block.reach(one, block.whole), block.range));
}

/** Single cells as the rectangle around them, where they are close together. */
function gathered(dirty: Rect[]): Rect[] {
  if (dirty.length < 5) return dirty;
  const bySheet = new Map<number, Rect>();
  for (const one of dirty) {
    const known = bySheet.get(one.sheet);
    bySheet.set(one.sheet, known ? around(known, one) : one);
  }
  return [...bySheet.values()];
}

export function around(one: Rect, other: Rect): Rect {
  return {
    sheet: one.sheet,
    top: Math.min(one.top, other.top), bottom: Math.max(one.bottom, other.bottom),
    left: Math.min(one.left, other.left), right: Math.max(one.right, other.right),
  };
}
