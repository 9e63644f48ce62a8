/** What operators make of operands: numbers entry by entry, comparisons, ranges, single cells. */

import type { At, Run } from "./compile";
import { Area, Matrix, type Operand, spread } from "./grid";
import { asNumber, type ExcelError, isError, REF, Untranslatable, VALUE, type Value } from "./values";

const MOST_ROWS = 1_048_576;
const MOST_COLUMNS = 16_384;

export function onSheet(area: Area): Area | ExcelError {
  const { top, left, rows, columns } = area;
  if (rows < 0 || columns < 0) throw new Untranslatable("OFFSET with a negative height or width");
  const off = top < 0 || left < 0 || rows < 1 || columns < 1;
  return off || top + rows > MOST_ROWS || left + columns > MOST_COLUMNS ? REF : area;
}

export function oneOf(operand: Operand): Value {
  if (!(operand instanceof Area || operand instanceof Matrix)) return operand;
  if (operand.rows !== 1 || operand.columns !== 1) {
    throw new Untranslatable("a range at several places at once");
  }
  return operand.at(0, 0);
}

export function constant(value: Operand): Run {
  return () => value;
}

/** A rule of numbers; one value each is what nearly all cells have. */
export function numeric(rule: (...numbers: number[]) => Value, ...runs: Run[]): Run {
  const entry = (...values: Value[]): Value => {
    const numbers = values.map(asNumber);
    const wrong = numbers.find(isError) as ExcelError | undefined;
    return wrong ?? rule(...(numbers as number[]));
  };
  const [one, other] = runs as [Run, Run | undefined];
  if (!other) {
    return (at) => {
      const x = one(at);
      return typeof x === "number" ? rule(x) : spread([x], entry);
    };
  }
  return (at) => {
    const [x, y] = [one(at), other(at)];
    return typeof x === "number" && typeof y === "number" ? rule(x, y) : spread([x, y], entry);
  };
}

export function comparison(operator: string): (difference: number) => boolean {
  switch (operator) {
    case "=": return (d) => d === 0;
    case "<>": return (d) => d !== 0;
    case "<": return (d) => d < 0;
    case ">": return (d) => d > 0;
    case "<=": return (d) => d <= 0;
    case ">=": return (d) => d >= 0;
  }
  throw new Untranslatable(`the operator ${operator}`);
}

export function spanned(one: Operand, other: Operand): Operand {
  if (isError(one)) return one;
  if (isError(other)) return other;
  if (!(one instanceof Area && other instanceof Area) || one.grid !== other.grid) {
    throw new Untranslatable("a range between what are no references");
  }
  const [top, left] = [Math.min(one.top, other.top), Math.min(one.left, other.left)];
  const bottom = Math.max(one.top + one.rows, other.top + other.rows);
  const right = Math.max(one.left + one.columns, other.left + other.columns);
  return new Area(one.grid, top, left, bottom - top, right - left);
}

/** The cell of a range in the row or column of the formula's own cell. */
export function intersected(area: Area, at: At): Value {
  if (area.isSingle) return area.at(0, 0);
  if (area.rows > 1 && area.columns > 1) return VALUE;
  const k = area.rows > 1 ? at.row - area.top : at.column - area.left;
  if (k < 0 || k >= area.rows * area.columns) return VALUE;
  return area.rows > 1 ? area.at(k, 0) : area.at(0, k);
}
