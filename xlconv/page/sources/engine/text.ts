/** Formulas, addresses and values as text. */

import type { Tree } from "../document";
import { along, type Axis } from "./compile";
import { isError, type Value } from "./values";

const PRECEDENCE: Record<string, number> = {
  "=": 0, "<": 0, ">": 0, "<=": 0, ">=": 0, "<>": 0,
  "&": 1, "+": 2, "-": 2, "*": 3, "/": 3, "^": 4, ":": 7,
};
const [PERCENT, SIGN] = [5, 6];

export function columnName(column: number): string {
  let name = "";
  for (let k = column + 1; k > 0; k = Math.floor((k - 1) / 26)) {
    name = String.fromCharCode(65 + ((k - 1) % 26)) + name;
  }
  return name;
}

export function a1(row: number, column: number): string {
  return `${columnName(column)}${row + 1}`;
}

export function rangeName(top: number, left: number, bottom: number, right: number): string {
  const first = a1(top, left);
  return top === bottom && left === right ? first : `${first}:${a1(bottom, right)}`;
}

/** Row and column of an address, null where it is none. */
export function parseA1(text: string): [number, number] | null {
  const match = /^\$?([A-Za-z]{1,3})\$?([1-9][0-9]{0,6})$/.exec(text.trim());
  if (!match) return null;
  const letters = [...match[1]!.toUpperCase()];
  const column = letters.reduce((sum, one) => sum * 26 + one.charCodeAt(0) - 64, 0);
  return [Number(match[2]) - 1, column - 1];
}

/** The text of a formula in one cell of its block, without the `=`. */
export function formulaText(tree: Tree, at: { i: number; j: number }, sheets: string[], least = 0): string {
  const inner = (one: unknown, floor = 0): string => formulaText(one as Tree, at, sheets, floor);
  switch (tree[0]) {
    case "n": return numberText(tree[1] as number);
    case "t": return `"${(tree[1] as string).replaceAll('"', '""')}"`;
    case "b": return tree[1] ? "TRUE" : "FALSE";
    case "e": case "u": return String(tree[1]);
    case "m": return "";
    case "r": case "a": return referenceText(tree, at, sheets);
    case "f": return `${String(tree[1])}(${tree.slice(2).map((one) => inner(one)).join(",")})`;
    case "c": {
      const rows = tree[1] as Tree[][];
      return `{${rows.map((row) => row.map((one) => inner(one)).join(",")).join(";")}}`;
    }
    case "s": return `${String(tree[1])}${inner(tree[2], SIGN)}`;
    case "%": return wrapped(`${inner(tree[1], PERCENT)}%`, PERCENT, least);
  }
  const operator = tree[1] as string;
  const own = PRECEDENCE[operator] ?? 0;
  return wrapped(`${inner(tree[2], own)}${operator}${inner(tree[3], own + 1)}`, own, least);
}

export function wrapped(text: string, own: number, least: number): string {
  return own >= least ? text : `(${text})`;
}

export function precedence(tree: Tree): number {
  if (tree[0] === "o") return PRECEDENCE[tree[1] as string] ?? 0;
  return tree[0] === "%" ? PERCENT : 9;
}

function referenceText(tree: Tree, at: { i: number; j: number }, sheets: string[]): string {
  const [, sheet, ...axes] = tree as unknown as [string, number | null, ...Axis[]];
  const corner = (row: Axis, column: Axis): string =>
    `${column[3] ? "$" : ""}${columnName(along(column, at))}` +
    `${row[3] ? "$" : ""}${along(row, at) + 1}`;
  const ends = [corner(axes[0]!, axes[1]!)];
  if (tree[0] === "a") ends.push(corner(axes[2]!, axes[3]!));
  const name = sheet === null ? "" : sheets[sheet]!;
  const quoted = /^[A-Za-z_][A-Za-z0-9_.]*$/.test(name) && !parseA1(name);
  const prefix = sheet === null ? "" : quoted ? `${name}!` : `'${name.replaceAll("'", "''")}'!`;
  return prefix + ends.join(":");
}

function numberText(number: number): string {
  return String(number).toUpperCase();
}

/** A value for people: a few digits, a real minus. */
export function shownValue(value: Value, digits = 3): string {
  if (value === null) return "blank";
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (isError(value)) return value.code;
  if (typeof value === "string") return value;
  const size = Math.abs(value);
  const text =
    size !== 0 && (size < 10 ** -digits / 2 || size >= 1e7)
      ? value.toExponential(2)
      : Number.isInteger(value) ? String(value) : value.toFixed(digits);
  return text.replace("-", "−");
}
