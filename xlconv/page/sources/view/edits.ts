/** What was changed in the page, so that it can be taken back. Formulas are never changed. */

import type { Rect } from "../engine/blocks";
import type { Calculation } from "../engine/calculation";
import type { Edit } from "./brush";

export class Edits {
  /** By their cells, what stood there first. */
  private readonly stored = new Map<string, Edit>();

  constructor(private readonly calculation: Calculation) {}

  /** Set cells that hold no formula; return what changed. */
  set(edits: Edit[]): Rect[] {
    const own = edits.filter((one) => !this.calculation.formulaAt(one.sheet, one.row, one.column));
    for (const one of own) {
      const key = `${one.sheet},${one.row},${one.column}`;
      if (this.stored.has(key)) continue;
      this.stored.set(key, { ...one, value: this.calculation.grids[one.sheet]!.get(one.row, one.column) });
    }
    return this.calculation.edit(own);
  }

  reset(): Rect[] {
    const before = [...this.stored.values()];
    this.stored.clear();
    return this.calculation.edit(before);
  }
}
