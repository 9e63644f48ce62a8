/**
 * Formula trees as functions of the place of a cell in its block.
 *
 * A tree is walked once for a block; what comes out is called for each of its cells. Nothing of
 * a workbook becomes code: its texts stay texts. Knows no layers.
 */

import type { Tree } from "../document";
import { ENTRYWISE, OF_ARRAYS, OVER_RANGES } from "./functions/all";
import { divided, power } from "./functions/elementwise";
import { choose, pick } from "./functions/logic";
import { index } from "./functions/lookup";
import { entrywise } from "./functions/texts";
import { Area, type Grid, Matrix, type Operand, spread } from "./grid";
import { comparison, constant, intersected, numeric, oneOf, onSheet, spanned } from "./operations";
import { asNumber, checked, compare, errorOf, isError, Untranslatable, type Value } from "./values";

/** The index of a cell in its block, and where it stands. */
export interface At {
  i: number;
  j: number;
  row: number;
  column: number;
}

export type Run = (at: At) => Operand;
export type Axis = [offset: number, byRow: number, byColumn: number, absolute: number];

export const along = (axis: Axis, at: { i: number; j: number }): number =>
  axis[0] + axis[1] * at.i + axis[2] * at.j;

export class Compiler {
  constructor(private readonly grids: Grid[]) {}

  /** What a formula on a sheet gives in a cell; the first entry of an array. */
  cell(tree: Tree, sheet: number, isArray: boolean): (at: At) => Value {
    const run = isArray ? this.operand(tree, sheet, true) : this.single(tree, sheet, false);
    return (at) => {
      const found = run(at);
      const value = found instanceof Area || found instanceof Matrix ? found.at(0, 0) : found;
      return value ?? 0;
    };
  }

  /** The array that an array formula gives. */
  array(tree: Tree, sheet: number): Run {
    return this.operand(tree, sheet, true);
  }

  /** An operand: a reference stays one. */
  operand(tree: Tree, sheet: number, isArray: boolean): Run {
    switch (tree[0]) {
      case "n": case "t": case "b":
        return constant(tree[1] as Value);
      case "e":
        return constant(errorOf(tree[1] as string));
      case "m":
        return constant(null);
      case "r": case "a":
        return this.reference(tree, sheet);
      case "c":
        return this.constants(tree[1] as Tree[][], sheet);
      case "o":
        return this.operator(tree, sheet, isArray);
      case "s":
        return this.signed(tree, sheet, isArray);
      case "%": {
        const inner = this.single(tree[1] as Tree, sheet, isArray);
        return numeric((x) => checked(x! / 100), inner);
      }
      case "f":
        return this.call(tree, sheet, isArray);
    }
    throw new Untranslatable(`the name or reference ${String(tree[1])}`);
  }

  /** An operand where one number is expected, unless in an array formula. */
  single(tree: Tree, sheet: number, isArray: boolean): Run {
    const run = this.operand(tree, sheet, isArray);
    if (isArray || ["n", "t", "b", "e", "m"].includes(tree[0])) return run;
    if (tree[0] === "r") {
      const { grid, row, column } = this.cellOf(tree, sheet);
      return (at) => grid.get(along(row, at), along(column, at));
    }
    return (at) => {
      const found = run(at);
      return found instanceof Area ? intersected(found, at) : found;
    };
  }

  private cellOf(tree: Tree, sheet: number): { grid: Grid; row: Axis; column: Axis } {
    const [, own, row, column] = tree as unknown as [string, number | null, Axis, Axis];
    return { grid: this.grids[own ?? sheet]!, row, column };
  }

  private reference(tree: Tree, sheet: number): Run {
    const { grid, row, column } = this.cellOf(tree, sheet);
    if (tree[0] === "r") return (at) => new Area(grid, along(row, at), along(column, at), 1, 1);
    const [lastRow, lastColumn] = [tree[4], tree[5]] as [Axis, Axis];
    return (at) => {
      const rows = [along(row, at), along(lastRow, at)] as const;
      const columns = [along(column, at), along(lastColumn, at)] as const;
      const [top, left] = [Math.min(...rows), Math.min(...columns)];
      return new Area(grid, top, left, Math.max(...rows) - top + 1, Math.max(...columns) - left + 1);
    };
  }

  private constants(rows: Tree[][], sheet: number): Run {
    const runs = rows.map((row) => row.map((one) => this.operand(one, sheet, false)));
    const here = { i: 0, j: 0, row: 0, column: 0 };
    const values = runs.flat().map((run) => run(here) as Value);
    const width = rows[0]?.length ?? 0;
    if (rows.some((row) => row.length !== width)) {
      throw new Untranslatable("a constant array with rows of different lengths");
    }
    return constant(new Matrix(rows.length, width, values));
  }

  private operator(tree: Tree, sheet: number, isArray: boolean): Run {
    const [, operator, left, right] = tree as [string, string, Tree, Tree];
    if (operator === ":") {
      const ends = [left, right].map((one) => this.operand(one, sheet, isArray)) as [Run, Run];
      return (at) => spanned(ends[0](at), ends[1](at));
    }
    const one = this.single(left, sheet, isArray);
    const other = this.single(right, sheet, isArray);
    switch (operator) {
      case "+": return numeric((x, y) => checked(x! + y!), one, other);
      case "-": return numeric((x, y) => checked(x! - y!), one, other);
      case "*": return numeric((x, y) => checked(x! * y!), one, other);
      case "/": return numeric((x, y) => divided(x!, y!), one, other);
      case "^": return numeric((x, y) => power(x!, y!), one, other);
      case "&": return (at) => entrywise([one(at), other(at)], (a, b) => a! + b!);
    }
    const holds = comparison(operator);
    return (at) =>
      spread([one(at), other(at)], (a, b) => {
        if (isError(a)) return a;
        return isError(b) ? b : holds(compare(a!, b!));
      });
  }

  private signed(tree: Tree, sheet: number, isArray: boolean): Run {
    const [, sign, inner] = tree as [string, string, Tree];
    if (sign === "+" && inner[0] === "a" && !isArray) {
      throw new Untranslatable("the sign of a range outside an array formula");
    }
    if (sign === "+" && inner[0] === "r") return this.operand(inner, sheet, isArray);
    const run = this.single(inner, sheet, isArray);
    if (sign === "+") return run;
    if (sign !== "-") throw new Untranslatable(`the sign ${sign}`);
    return numeric((x) => -x!, run);
  }

  private call(tree: Tree, sheet: number, isArray: boolean): Run {
    const [, name, ...parts] = tree as unknown as [string, string, ...Tree[]];
    switch (name) {
      case "IF": return this.conditional(parts, sheet, isArray);
      case "CHOOSE": {
        const number = this.single(parts[0]!, sheet, isArray);
        const choices = parts.slice(1).map((one) => this.operand(one, sheet, isArray));
        return (at) => pick([number(at), ...choices.map((run) => run(at))]);
      }
      case "ROW": case "COLUMN": case "ROWS": case "COLUMNS":
        return this.place(name, parts, sheet, isArray);
      case "OFFSET": return this.offset(parts, sheet, isArray);
      case "INDEX": {
        const array = this.operand(parts[0]!, sheet, isArray);
        const places = parts.slice(1).map((one) => this.single(one, sheet, isArray));
        return (at) => index([array(at), ...places.map((run) => run(at))]);
      }
      case "SINGLE": {
        const run = this.operand(parts[0]!, sheet, false);
        return (at) => {
          const found = run(at);
          if (found instanceof Area) return intersected(found, at);
          return found instanceof Matrix ? found.at(0, 0) : found;
        };
      }
    }
    return this.function(name, parts, sheet, isArray);
  }

  private function(name: string, parts: Tree[], sheet: number, isArray: boolean): Run {
    const inside = isArray || OF_ARRAYS.has(name);
    const overRanges = Object.hasOwn(OVER_RANGES, name) ? OVER_RANGES[name]! : null;
    if (overRanges) {
      const runs = parts.map((one) => this.operand(one, sheet, inside));
      return (at) => overRanges(runs.map((run) => run(at)));
    }
    if (!Object.hasOwn(ENTRYWISE, name)) throw new Untranslatable(`the function ${name}`);
    const rule = ENTRYWISE[name]!;
    const runs = parts.map((one) => this.single(one, sheet, inside));
    return (at) => rule(runs.map((run) => run(at)));
  }

  private conditional(parts: Tree[], sheet: number, isArray: boolean): Run {
    if (parts.length < 1 || parts.length > 3) {
      throw new Untranslatable("IF with too few or too many arguments");
    }
    const condition = this.single(parts[0]!, sheet, isArray);
    const [then, other] = [1, 2].map((k): Run => {
      const part = parts[k];
      if (part === undefined) return constant(k === 1);
      return part[0] === "m" ? constant(0) : this.operand(part, sheet, isArray);
    }) as [Run, Run];
    return (at) => choose(condition(at), then(at), other(at));
  }

  private place(name: string, parts: Tree[], sheet: number, isArray: boolean): Run {
    const down = name.startsWith("ROW");
    if (!parts.length) {
      if (name.endsWith("S")) throw new Untranslatable(`${name} without arguments`);
      return (at) => (down ? at.row : at.column) + 1;
    }
    const run = this.operand(parts[0]!, sheet, isArray || name.endsWith("S"));
    return (at) => {
      const found = run(at);
      if (name.endsWith("S") && found instanceof Matrix) return down ? found.rows : found.columns;
      if (!(found instanceof Area)) throw new Untranslatable(`${name} of what is no reference`);
      const [start, size] = down ? [found.top, found.rows] : [found.left, found.columns];
      if (name.endsWith("S")) return size;
      if (size === 1) return start + 1;
      if (!isArray) throw new Untranslatable(`${name} of several cells`);
      const lines = Array.from({ length: size }, (_, k) => start + k + 1);
      return new Matrix(down ? size : 1, down ? 1 : size, lines);
    };
  }

  private offset(parts: Tree[], sheet: number, isArray: boolean): Run {
    const base = this.operand(parts[0]!, sheet, isArray);
    const moves = parts.slice(1).map((one) => (one[0] === "m" ? null : this.single(one, sheet, isArray)));
    return (at) => {
      const from = base(at);
      if (isError(from)) return from;
      if (!(from instanceof Area)) throw new Untranslatable("OFFSET of what is no reference");
      const given: (number | null)[] = [];
      for (const run of moves) {
        const value = run && asNumber(oneOf(run(at)));
        if (isError(value)) return value;
        given.push(value === null ? null : Math.trunc(value));
      }
      const [rows, columns, height, width] = given;
      const area = new Area(
        from.grid, from.top + (rows ?? 0), from.left + (columns ?? 0),
        height ?? from.rows, width ?? from.columns,
      );
      return onSheet(area);
    };
  }
}
