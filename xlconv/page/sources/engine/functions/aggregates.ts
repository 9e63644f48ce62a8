/** Functions of whole ranges: sums, extremes, means, counts, products of ranges. */

import { Area, entries, Matrix, NUMBER, type Operand } from "../grid";
import { asNumber, checked, DIV0, isError, NA, Untranslatable, VALUE, type Value } from "../values";
import {
  asRange, count, eachEntry, eachNumber, exactly, firstError, type Functions,
} from "./arguments";

function sum(operands: Operand[]): Value {
  let total = 0;
  const wrong = eachNumber(operands, (x) => (total += x));
  return wrong ?? checked(total);
}

function average(operands: Operand[]): Value {
  let [total, size] = [0, 0];
  const wrong = eachNumber(operands, (x) => ((total += x), size++));
  return wrong ?? (size ? checked(total / size) : DIV0);
}

function extreme(operands: Operand[], sign: number): Value {
  let top = -Infinity;
  const wrong = eachNumber(operands, (x) => (top = sign * x > top ? sign * x : top));
  return wrong ?? (top === -Infinity ? 0 : sign * top + 0);
}

function deviation(operands: Operand[], sample: boolean, root: boolean): Value {
  const numbers: number[] = [];
  const wrong = eachNumber(operands, (x) => numbers.push(x));
  if (wrong) return wrong;
  const size = numbers.length;
  const mean = numbers.reduce((total, x) => total + x, 0) / Math.max(size, 1);
  const squares = numbers.reduce((total, x) => total + (x - mean) ** 2, 0);
  const divisor = sample ? size - 1 : size;
  if (divisor <= 0) return DIV0;
  return checked(root ? Math.sqrt(squares / divisor) : squares / divisor);
}

/** The products of two ranges within the used part of their sheets, added up. */
function dot(left: Area, right: Area): number | null {
  if (!left.isInside || !right.isInside) return null;
  const { rows, columns } = left;
  let total = 0;
  for (let i = 0; i < rows; i++) {
    let a = (left.top + i) * left.grid.columns + left.left;
    let b = (right.top + i) * right.grid.columns + right.left;
    for (let j = 0; j < columns; j++, a++, b++) {
      // What is no number has 0, and an error is looked for.
      if (left.grid.kinds[a]! > NUMBER || right.grid.kinds[b]! > NUMBER) return null;
      total += left.grid.numbers[a]! * right.grid.numbers[b]!;
    }
  }
  return total;
}

function sumproduct(operands: Operand[]): Value {
  if (!operands.length) throw new Untranslatable("SUMPRODUCT without arguments");
  const ranges = operands.map(asRange);
  const [first, second] = ranges as [Area | Matrix, Area | Matrix | undefined];
  if (ranges.some((one) => one.rows !== first.rows || one.columns !== first.columns)) return VALUE;
  if (ranges.length === 2 && first instanceof Area && second instanceof Area) {
    const found = dot(first, second);
    if (found !== null) return checked(found);
  }
  let total = 0;
  const wrong = firstError(ranges);
  eachEntry(first, (_, i, j) => {
    total += ranges.reduce((product, one) => {
      const value = one.at(i, j);
      return product * (typeof value === "number" ? value : 0);
    }, 1);
  });
  return wrong ?? checked(total);
}

function pairs(operands: Operand[], each: (x: number, y: number) => number): Value {
  exactly(operands, 2);
  const [left, right] = operands.map(asRange) as [Area | Matrix, Area | Matrix];
  if (left.rows !== right.rows || left.columns !== right.columns) return NA;
  let total = 0;
  eachEntry(left, (x, i, j) => {
    const y = right.at(i, j);
    if (typeof x === "number" && typeof y === "number") total += each(x, y);
  });
  return firstError([left, right]) ?? checked(total);
}

function mmult(operands: Operand[]): Operand {
  exactly(operands, 2);
  const [left, right] = operands.map(asRange) as [Area | Matrix, Area | Matrix];
  if (left.columns !== right.rows) return VALUE;
  const wrong = firstError([left, right]);
  const [a, b] = [left, right].map((one) => (one instanceof Area ? one.toMatrix() : one)) as [
    Matrix, Matrix,
  ];
  if ([...a.values, ...b.values].some((one) => typeof one !== "number" && !isError(one))) return VALUE;
  if (wrong) return new Matrix(a.rows, b.columns, Array(a.rows * b.columns).fill(wrong));
  const values: Value[] = [];
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.columns; j++) {
      let total = 0;
      for (let k = 0; k < a.columns; k++) total += (a.at(i, k) as number) * (b.at(k, j) as number);
      values.push(checked(total));
    }
  }
  return new Matrix(a.rows, b.columns, values);
}

function transpose(operands: Operand[]): Operand {
  exactly(operands, 1);
  const part = entries(operands[0]!);
  if (!(part instanceof Matrix)) return part;
  const values: Value[] = [];
  for (let j = 0; j < part.columns; j++) {
    for (let i = 0; i < part.rows; i++) values.push(part.at(i, j));
  }
  return new Matrix(part.columns, part.rows, values);
}

function counted(operands: Operand[], numbersOnly: boolean): Value {
  let total = 0;
  for (const one of operands) {
    if (one instanceof Area || one instanceof Matrix) {
      eachEntry(one, (value) => {
        if (numbersOnly ? typeof value === "number" : value !== null) total++;
      });
    } else if (one !== null && (!numbersOnly || !isError(asNumber(one)))) total++;
  }
  return total;
}

function countblank(operands: Operand[]): Value {
  exactly(operands, 1);
  const range = asRange(operands[0]!);
  let filled = 0;
  eachEntry(range, (value) => {
    if (value !== null && value !== "") filled++;
  });
  return count(range) - filled;
}

export const AGGREGATES: Functions = {
  SUM: sum,
  SUMPRODUCT: sumproduct,
  SUMSQ: (operands) => {
    let total = 0;
    return eachNumber(operands, (x) => (total += x * x)) ?? checked(total);
  },
  SUMX2MY2: (operands) => pairs(operands, (x, y) => x * x - y * y),
  SUMX2PY2: (operands) => pairs(operands, (x, y) => x * x + y * y),
  SUMXMY2: (operands) => pairs(operands, (x, y) => (x - y) ** 2),
  MAX: (operands) => extreme(operands, 1),
  MIN: (operands) => extreme(operands, -1),
  AVERAGE: average,
  COUNT: (operands) => counted(operands, true),
  COUNTA: (operands) => counted(operands, false),
  COUNTBLANK: countblank,
  STDEV: (operands) => deviation(operands, true, true),
  "STDEV.S": (operands) => deviation(operands, true, true),
  STDEVP: (operands) => deviation(operands, false, true),
  "STDEV.P": (operands) => deviation(operands, false, true),
  VAR: (operands) => deviation(operands, true, false),
  "VAR.S": (operands) => deviation(operands, true, false),
  VARP: (operands) => deviation(operands, false, false),
  "VAR.P": (operands) => deviation(operands, false, false),
  MMULT: mmult,
  TRANSPOSE: transpose,
};
