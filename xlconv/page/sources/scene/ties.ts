/** Weights that several cells have in common: which cells show which number. */

import type { Tie } from "../document";
import type { Picture } from "./picture";
import { type Cell, cellOf } from "./places";

export class Ties {
  private readonly numbers = new Map<string, number>();
  private readonly known = new Map<Picture, boolean>();

  constructor(private readonly all: Tie[]) {
    all.forEach(({ sheet, number, cells }, k) => {
      for (const [row, column] of [number, ...cells]) this.numbers.set(keyOf({ sheet, row, column }), k);
    });
  }

  /** Which of the shared weights a cell shows, null for none. */
  numberOf(cell: Cell): number | null {
    return this.numbers.get(keyOf(cell)) ?? null;
  }

  /** The other cells that show the same weight. */
  twinsOf(cell: Cell): Cell[] {
    const k = this.numberOf(cell);
    if (k === null) return [];
    const { sheet, number, cells } = this.all[k]!;
    return [number, ...cells]
      .map(([row, column]) => ({ sheet, row, column }))
      .filter((one) => one.row !== cell.row || one.column !== cell.column);
  }

  /** Whether any entry of some parameters is shared. */
  isIn(picture: Picture): boolean {
    if (!this.all.length || picture.kind !== "parameter") return false;
    let found = this.known.get(picture);
    if (found === undefined) {
      found = picture.group.pictures.some((one) => this.isShared(one));
      for (const one of picture.group.pictures) this.known.set(one, found);
    }
    return found;
  }

  private isShared(picture: Picture): boolean {
    const [, , height, width] = picture.plane;
    return Array.from({ length: height * width }, (_, k) => k).some((k) =>
      this.numberOf(cellOf({ picture, i: Math.floor(k / width), j: k % width })) !== null,
    );
  }
}

function keyOf({ sheet, row, column }: Cell): string {
  return `${sheet},${row},${column}`;
}
