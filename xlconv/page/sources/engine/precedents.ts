/** What a cell sees, back to the numbers that are typed in; and which cells read it. */

import { type Block, type Box, type Rect, united } from "./blocks";
import type { Calculation } from "./calculation";

/** The ranges that the formula of a cell names. */
export function directReads(calculation: Calculation, cell: Rect): Rect[] {
  const found = calculation.formulaAt(cell.sheet, cell.top, cell.left);
  if (!found) return [];
  const { block, i, j } = found;
  const box = block.part.spills ? block.whole : { i0: i, i1: i, j0: j, j1: j };
  return block.references.map((one) => block.reach(one, box));
}

/** All that a cell depends on, as rectangles: what is read first comes last. */
export function fieldOf(calculation: Calculation, cell: Rect): Rect[] {
  const boxes = new Map<Block, Box>();
  const start = calculation.formulaAt(cell.sheet, cell.top, cell.left);
  if (!start) return [];
  boxes.set(start.block, { i0: start.i, i1: start.i, j0: start.j, j1: start.j });
  const found: Rect[] = [];
  const waiting = [start.block];
  for (let steps = 0; waiting.length && steps < 20_000; steps++) {
    const block = waiting.shift()!;
    for (const reference of block.references) {
      const rect = block.reach(reference, boxes.get(block)!);
      found.push(rect);
      for (const other of calculation.blocks) {
        const box = other.within(rect);
        if (!box) continue;
        const known = boxes.get(other) ?? null;
        const grown = united(known, box);
        if (known && same(known, grown)) continue;
        boxes.set(other, grown);
        if (!waiting.includes(other)) waiting.push(other);
      }
    }
  }
  return found;
}

function same(one: Box, other: Box): boolean {
  return one.i0 === other.i0 && one.i1 === other.i1 && one.j0 === other.j0 && one.j1 === other.j1;
}

/** The cells whose formulas read a cell, block by block. */
export function readersOf(calculation: Calculation, cell: Rect): Rect[] {
  const found: Rect[] = [];
  for (const block of calculation.blocks) {
    const box = block.wanders ? null : block.affected([cell]);
    if (box) found.push(block.rect(box));
  }
  return found;
}
