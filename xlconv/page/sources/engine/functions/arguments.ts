/** What functions over ranges share: which of their entries count, and whose error comes first. */

import { Area, Matrix, NUMBER, type Operand } from "../grid";
import { asNumber, type ExcelError, isError, Untranslatable, type Value } from "../values";

export type Function_ = (operands: Operand[]) => Operand;
export type Functions = Record<string, Function_>;

export function exactly(operands: Operand[], ...counts: number[]): void {
  if (!counts.includes(operands.length)) {
    throw new Untranslatable("a function with too few or too many arguments");
  }
}

/** Call `each` with every entry of a range that is in use, row by row. */
export function eachEntry(
  range: Area | Matrix, each: (value: Value, i: number, j: number) => void,
): void {
  const [rows, columns] = range.used;
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) each(range.at(i, j), i, j);
}

/** Call `each` with the numbers that count; the first error is returned. */
export function eachNumber(operands: Operand[], each: (x: number) => void): ExcelError | null {
  let wrong: ExcelError | null = null;
  const counted = (value: Value): void => {
    if (typeof value === "number") each(value);
    else if (isError(value)) wrong ??= value;
  };
  for (const one of operands) {
    if (one instanceof Area) numbersOf(one, each, counted);
    else if (one instanceof Matrix) one.values.forEach(counted);
    else counted(asNumber(one));
  }
  return wrong;
}

function numbersOf(area: Area, each: (x: number) => void, counted: (v: Value) => void): void {
  const { grid, top, left } = area;
  const [rows, columns] = area.used;
  for (let i = 0; i < rows; i++) {
    let at = (top + i) * grid.columns + left;
    for (let j = 0; j < columns; j++, at++) {
      const kind = grid.kinds[at];
      if (kind === NUMBER) each(grid.numbers[at]!);
      else if (kind) counted(area.at(i, j));
    }
  }
}

/** The first error among the entries of the operands, null where there is none. */
export function firstError(operands: Operand[]): ExcelError | null {
  let wrong: ExcelError | null = null;
  for (const one of operands) {
    if (one instanceof Area || one instanceof Matrix) {
      eachEntry(one, (value) => {
        if (isError(value)) wrong ??= value;
      });
    } else if (isError(one)) wrong ??= one;
  }
  return wrong;
}

/** An operand as a range, one value as a range of one entry. */
export function asRange(operand: Operand): Area | Matrix {
  const isOne = !(operand instanceof Area || operand instanceof Matrix);
  return isOne ? new Matrix(1, 1, [operand]) : operand;
}

export function oneValue(operand: Operand): Value {
  if (operand instanceof Area || operand instanceof Matrix) {
    if (operand.rows !== 1 || operand.columns !== 1) {
      throw new Untranslatable("several values where one is expected");
    }
    return operand.at(0, 0);
  }
  return operand;
}

export function count(range: Area | Matrix): number {
  return range.rows * range.columns;
}
