/** Painting on the input: what a stroke makes of the numbers under it. */

import type { Value } from "../engine/values";
import { cellOf, type Cell, type Spot } from "../scene/places";
import type { Picture } from "../scene/picture";

export type Tool = "look" | "pen" | "eraser";
export type Edit = Cell & { value: Value };

const REACH = 1.25;

/** The cells that a stroke from one entry to another changes. */
export function stroke(
  from: Spot, to: Spot, tool: Tool, ink: number, valueAt: (cell: Cell) => Value,
): Edit[] {
  const steps = Math.max(Math.abs(to.i - from.i), Math.abs(to.j - from.j), 1);
  const found = new Map<string, Edit>();
  for (let k = 0; k <= steps; k++) {
    const [i, j] = [from.i + ((to.i - from.i) * k) / steps, from.j + ((to.j - from.j) * k) / steps];
    for (const one of dab(to.picture, i, j, tool, ink, valueAt)) {
      const key = `${one.row},${one.column}`;
      const known = found.get(key);
      const stronger = tool === "eraser" || !known || Number(one.value) > Number(known.value);
      if (stronger) found.set(key, one);
    }
  }
  return [...found.values()];
}

function dab(
  picture: Picture, i: number, j: number, tool: Tool, ink: number, valueAt: (cell: Cell) => Value,
): Edit[] {
  const [, , height, width] = picture.plane;
  const edits: Edit[] = [];
  const reach = Math.min(height, width) < 12 ? 0.5 : REACH;
  for (let row = Math.ceil(i - reach); row <= i + reach; row++) {
    for (let column = Math.ceil(j - reach); column <= j + reach; column++) {
      if (row < 0 || column < 0 || row >= height || column >= width) continue;
      const cell = cellOf({ picture, i: row, j: column });
      const distance = Math.hypot(row - i, column - j);
      const strength = reach < 1 ? 1 : Math.max(0, Math.min(1, REACH + 0.25 - distance));
      const before = Number(valueAt(cell)) || 0;
      const value = tool === "eraser" ? 0 : Math.max(before, rounded(ink * strength));
      if (strength > 0 && value !== before) edits.push({ ...cell, value });
    }
  }
  return edits;
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
