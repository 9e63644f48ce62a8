/** Looking up: places of values, and values at places. Where a search would guess, none is done. */

import { Area, entries, Matrix, type Operand } from "../grid";
import {
  asNumber, compare, isError, NA, REF, Untranslatable, VALUE, type Value,
} from "../values";
import { asRange, exactly, type Functions, oneValue } from "./arguments";

const NONE = -1;
type Line = Value[];

function lineOf(range: Area | Matrix): Line {
  const [rows, columns] = range.used;
  const line: Line = [];
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) line.push(range.at(i, j));
  return line;
}

function column(range: Area | Matrix, j: number): Line {
  return Array.from({ length: range.used[0] }, (_, i) => range.at(i, j));
}

function row(range: Area | Matrix, i: number): Line {
  return Array.from({ length: range.used[1] }, (_, j) => range.at(i, j));
}

export function isWild(text: string): boolean {
  return /[*?~]/.test(text);
}

/** A text with * and ? as a pattern for whole texts, of either case. */
export function wild(text: string): RegExp {
  let pattern = "";
  for (let k = 0; k < text.length; k++) {
    const letter = text[k]!;
    if (letter === "~" && k + 1 < text.length && "*?~".includes(text[k + 1]!)) {
      pattern += literal(text[++k]!);
    } else pattern += letter === "*" ? "[^]*" : letter === "?" ? "[^]" : literal(letter);
  }
  return new RegExp(`^${pattern}$`, "iu");
}

function literal(letter: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(letter) ? `\\${letter}` : letter;
}

function kindOf(value: Value): number {
  if (value === null) return 0;
  return typeof value === "number" ? 1 : typeof value === "string" ? 2 : isError(value) ? 4 : 3;
}

function placeOf(wanted: Value, among: Line, mode: number): number {
  if (mode === 0) {
    const pattern = typeof wanted === "string" && isWild(wanted) ? wild(wanted) : null;
    return among.findIndex((one) => {
      if (one === null || kindOf(one) !== kindOf(wanted)) return false;
      return pattern ? pattern.test(one as string) : one === wanted || same(one, wanted);
    });
  }
  if (wanted === null) throw new Untranslatable("a blank looked up in a sorted range");
  return sortedPlace(wanted, among, mode < 0);
}

function same(one: Value, other: Value): boolean {
  return typeof one === "string" && compare(one, other) === 0;
}

function sortedPlace(wanted: Value, among: Line, descending: boolean): number {
  refuseUnsorted(among, descending);
  let found = NONE;
  among.forEach((one, k) => {
    if (one === null || kindOf(one) !== kindOf(wanted)) return;
    const beyond = descending ? order(one, wanted) < 0 : order(one, wanted) > 0;
    if (!beyond && !(descending && found !== NONE && order(one, among[found]!) === 0)) found = k;
  });
  return found;
}

function order(one: Value, other: Value): number {
  return typeof one === "string" ? compare(one, other) : Number(one) - Number(other);
}

function refuseUnsorted(among: Line, descending: boolean): void {
  const sign = descending ? -1 : 1;
  let last: Value = null;
  let ended = false;
  for (const one of among) {
    if (isError(one) || (one !== null && ended)) refuse();
    if (one === null) {
      ended = true;
      continue;
    }
    if (last !== null) {
      const kinds = kindOf(one) - kindOf(last);
      if (sign * (kinds || order(one, last)) < 0) refuse();
    }
    last = one;
  }
}

function refuse(): never {
  throw new Untranslatable("a value looked up in a range that is not sorted");
}

function match(operands: Operand[]): Value {
  exactly(operands, 2, 3);
  const wanted = oneValue(operands[0]!);
  const among = asRange(operands[1]!);
  const mode = operands.length < 3 ? 1 : asNumber(oneValue(operands[2]!));
  if (isError(mode)) throw new Untranslatable("MATCH of a type that is none");
  if (among.rows > 1 && among.columns > 1) return NA;
  if (isError(wanted)) return wanted;
  const place = placeOf(wanted, lineOf(among), Math.sign(mode));
  return place === NONE ? NA : place + 1;
}

function lookedUp(operands: Operand[], upright: boolean): Value {
  exactly(operands, 3, 4);
  const wanted = oneValue(operands[0]!);
  const table = asRange(operands[1]!);
  const across = asNumber(oneValue(operands[2]!));
  const rough = operands.length < 4 ? 1 : asNumber(oneValue(operands[3]!));
  if (isError(across) || isError(rough)) throw new Untranslatable("a column that is none");
  const k = Math.trunc(across);
  if (k < 1) return VALUE;
  if (k > (upright ? table.columns : table.rows)) return REF;
  if (isError(wanted)) return wanted;
  const line = upright ? column : row;
  const place = placeOf(wanted, line(table, 0), rough === 0 ? 0 : 1);
  return place === NONE ? NA : (line(table, k - 1)[place] ?? null);
}

function lookup(operands: Operand[]): Value {
  exactly(operands, 2, 3);
  const wanted = oneValue(operands[0]!);
  const table = asRange(operands[1]!);
  const upright = table.rows >= table.columns;
  let [among, results] = [lineOf(table), lineOf(table)];
  if (operands.length === 2) {
    among = upright ? column(table, 0) : row(table, 0);
    results = upright ? column(table, table.columns - 1) : row(table, table.rows - 1);
  } else {
    const given = asRange(operands[2]!);
    if (Math.min(table.rows, table.columns) > 1 || Math.min(given.rows, given.columns) > 1) {
      throw new Untranslatable("LOOKUP in several rows and columns");
    }
    results = lineOf(given);
    if (table.rows * table.columns !== given.rows * given.columns) {
      throw new Untranslatable("LOOKUP with vectors of different sizes");
    }
  }
  if (isError(wanted)) return wanted;
  const place = placeOf(wanted, among, 1);
  return place === NONE ? NA : (results[place] ?? null);
}

/** INDEX: of a range a range, of an array an array; row or column 0 is all of them. */
export function index(operands: Operand[]): Operand {
  const [array, ...places] = operands;
  if (places.length === 3 && places[2] === 1) places.pop();
  if (places.length < 1 || places.length > 2) {
    throw new Untranslatable("INDEX with other than two or three arguments");
  }
  const range = asRange(array!);
  const numbers = places.map((one) => asNumber(oneValue(one)));
  const wrong = numbers.find(isError);
  if (wrong) return wrong;
  const whole = (numbers as number[]).map(Math.trunc);
  let [i, j] = whole.length === 2 ? (whole as [number, number]) : [whole[0]!, 0];
  if (whole.length === 1 && range.rows === 1) [i, j] = [0, whole[0]!];
  if (i < 0 || j < 0) return VALUE;
  if (i > range.rows || j > range.columns) return REF;
  return part(range, i, j);
}

function part(range: Area | Matrix, i: number, j: number): Operand {
  const rows = i ? 1 : range.rows;
  const columns = j ? 1 : range.columns;
  if (range instanceof Area) {
    const { grid, top, left } = range;
    return new Area(grid, top + Math.max(i - 1, 0), left + Math.max(j - 1, 0), rows, columns);
  }
  const values: Value[] = [];
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < columns; b++) values.push(range.at(i ? i - 1 : a, j ? j - 1 : b));
  }
  return entries(new Matrix(rows, columns, values));
}

export const LOOKUP: Functions = {
  MATCH: match,
  LOOKUP: lookup,
  VLOOKUP: (operands) => lookedUp(operands, true),
  HLOOKUP: (operands) => lookedUp(operands, false),
};
