/** The values of one sheet, by place; and ranges of it. */

import type { SheetPart, Stored } from "../document";
import { errorOf, Untranslatable, type Value } from "./values";

export const BLANK = 0;
export const NUMBER = 1;
export const OTHER = 2;

/** Numbers are held beside what is none, which they have 0 for. */
export class Grid {
  readonly rows: number;
  readonly columns: number;
  readonly numbers: Float64Array;
  readonly kinds: Uint8Array;
  private readonly others = new Map<number, Value>();

  constructor(part: SheetPart) {
    [this.rows, this.columns] = part.size;
    this.numbers = new Float64Array(this.rows * this.columns);
    this.kinds = new Uint8Array(this.rows * this.columns);
    for (const [row, column, values] of part.runs) {
      values.forEach((value, k) => this.set(row, column + k, fromStored(value)));
    }
  }

  get(row: number, column: number): Value {
    if (row < 0 || column < 0 || row >= this.rows || column >= this.columns) return null;
    const at = row * this.columns + column;
    const kind = this.kinds[at];
    if (kind === NUMBER) return this.numbers[at]!;
    return kind === BLANK ? null : this.others.get(at)!;
  }

  set(row: number, column: number, value: Value): void {
    const at = row * this.columns + column;
    if (typeof value === "number") {
      this.numbers[at] = value;
      if (this.kinds[at] === OTHER) this.others.delete(at);
      this.kinds[at] = NUMBER;
      return;
    }
    this.numbers[at] = 0;
    this.kinds[at] = value === null ? BLANK : OTHER;
    if (value === null) this.others.delete(at);
    else this.others.set(at, value);
  }
}

function fromStored(value: Stored): Value {
  return Array.isArray(value) ? errorOf(value[0]) : value;
}

// So many cells of a range are worked on one by one.
const MOST = 4_000_000;

/** A range of a sheet: what a reference stands for. */
export class Area {
  constructor(
    readonly grid: Grid,
    readonly top: number,
    readonly left: number,
    readonly rows: number,
    readonly columns: number,
  ) {}

  get isSingle(): boolean {
    return this.rows === 1 && this.columns === 1;
  }

  at(i: number, j: number): Value {
    return this.grid.get(this.top + i, this.left + j);
  }

  /** How many rows and columns are within the used part of the sheet. */
  get used(): [number, number] {
    const rows = Math.min(this.rows, this.grid.rows - this.top);
    const columns = Math.min(this.columns, this.grid.columns - this.left);
    return [Math.max(rows, 0), Math.max(columns, 0)];
  }

  /** Whether all of it is within the used part of the sheet. */
  get isInside(): boolean {
    return (
      this.top >= 0 && this.left >= 0 &&
      this.top + this.rows <= this.grid.rows && this.left + this.columns <= this.grid.columns
    );
  }

  toMatrix(): Matrix {
    if (this.rows * this.columns > MOST) throw new Untranslatable("a very large range");
    const values: Value[] = new Array(this.rows * this.columns);
    for (let i = 0, k = 0; i < this.rows; i++) {
      for (let j = 0; j < this.columns; j++) values[k++] = this.at(i, j);
    }
    return new Matrix(this.rows, this.columns, values);
  }
}

/** An array that a formula makes, row by row. */
export class Matrix {
  constructor(
    readonly rows: number,
    readonly columns: number,
    readonly values: Value[],
  ) {}

  at(i: number, j: number): Value {
    return this.values[i * this.columns + j]!;
  }

  get used(): [number, number] {
    return [this.rows, this.columns];
  }
}

export type Operand = Value | Area | Matrix;

export function isRange(operand: Operand): operand is Area | Matrix {
  return operand instanceof Area || operand instanceof Matrix;
}

/** An operand entry by entry: one value, or an array. */
export function entries(operand: Operand): Value | Matrix {
  if (operand instanceof Area) return operand.isSingle ? operand.at(0, 0) : operand.toMatrix();
  if (operand instanceof Matrix && operand.values.length === 1) return operand.values[0]!;
  return operand;
}

/** What a rule makes of every entry of the operands, spread over each other. */
export function spread(operands: Operand[], rule: (...values: Value[]) => Value): Operand {
  const parts = operands.map(entries);
  const ranges = parts.filter((one): one is Matrix => one instanceof Matrix);
  if (!ranges.length) return rule(...(parts as Value[]));
  const rows = Math.max(...ranges.map((one) => one.rows));
  const columns = Math.max(...ranges.map((one) => one.columns));
  for (const one of ranges) {
    if ((one.rows !== rows && one.rows !== 1) || (one.columns !== columns && one.columns !== 1)) {
      throw new Untranslatable("ranges of different sizes in one operation");
    }
  }
  const values: Value[] = [];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      values.push(rule(...parts.map((one) => entry(one, i, j))));
    }
  }
  return new Matrix(rows, columns, values);
}

function entry(part: Value | Matrix, i: number, j: number): Value {
  if (!(part instanceof Matrix)) return part;
  return part.at(part.rows === 1 ? 0 : i, part.columns === 1 ? 0 : j);
}
