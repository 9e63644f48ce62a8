/** What a cell can hold, and what arithmetic makes of it. */

export class ExcelError {
  constructor(readonly code: string) {}
}

export type Value = number | string | boolean | null | ExcelError;

/** What cannot be computed here, and why: the stored value stays. */
export class Untranslatable extends Error {}

const known = new Map<string, ExcelError>();

export function errorOf(code: string): ExcelError {
  let found = known.get(code);
  if (!found) known.set(code, (found = new ExcelError(code)));
  return found;
}

export const DIV0 = errorOf("#DIV/0!");
export const VALUE = errorOf("#VALUE!");
export const REF = errorOf("#REF!");
export const NUM = errorOf("#NUM!");
export const NA = errorOf("#N/A");

export function isError(value: unknown): value is ExcelError {
  return value instanceof ExcelError;
}

/** A computed number; what is not finite is #NUM!. */
export function checked(number: number): Value {
  return Number.isFinite(number) ? number : NUM;
}

const SPELLED = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?)(%?)$/;

/** The number that a text spells, null for none; doubtful texts are not guessed. */
export function spelled(text: string): number | null {
  const match = SPELLED.exec(text.replace(/^ +| +$/g, ""));
  if (match) {
    const number = Number(match[1]) / (match[2] ? 100 : 1);
    return Number.isFinite(number) ? number : null;
  }
  if (/\p{Nd}/u.test(text)) throw new Untranslatable("a text that may spell a number or a date");
  return null;
}

/** A value as arithmetic takes it: blanks are 0, booleans 1 or 0, texts if they spell one. */
export function asNumber(value: Value): number | ExcelError {
  if (typeof value === "number") return value;
  if (value === null) return 0;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "string") return spelled(value) ?? VALUE;
  return value;
}

/** A value as it is joined to a text. */
export function asText(value: Value): string {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value === "number") return shown(value);
  return "";
}

/** A number to 15 digits, as spreadsheets show it. */
function shown(number: number): string {
  const rounded = Number(number.toPrecision(15));
  if (rounded === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(rounded)));
  const [digits, power] = rounded.toExponential().split("e") as [string, string];
  if (Number(power) >= -4 && exponent < 15) return plain(rounded);
  const size = String(Math.abs(Number(power))).padStart(2, "0");
  return `${digits}E${Number(power) < 0 ? "-" : "+"}${size}`;
}

function plain(number: number): string {
  const text = String(number);
  if (!text.includes("e")) return text;
  return number.toFixed(20).replace(/0+$/, "");
}

/** The order of kinds: numbers before texts before booleans. */
function rank(value: Value): number {
  return typeof value === "string" ? 1 : typeof value === "boolean" ? 2 : 0;
}

/** Below 0, 0 or above 0, as `left` stands before, at or after `right` in Excel's order. */
export function compare(left: Value, right: Value): number {
  const a = left === null ? neutral(right) : left;
  const b = right === null ? neutral(left) : right;
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (typeof a === "string") return compareTexts(a, b as string);
  const [x, y] = [Number(a), Number(b)];
  return Math.abs(x - y) <= 5e-16 * Math.abs(y) ? 0 : x - y;
}

function neutral(beside: Value): Value {
  return typeof beside === "string" ? "" : typeof beside === "boolean" ? false : 0;
}

export function compareTexts(left: string, right: string): number {
  const [a, b] = [left.toLowerCase(), right.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}
