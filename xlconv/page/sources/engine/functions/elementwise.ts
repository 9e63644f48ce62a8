/** Functions of one number at a time; what is outside a domain is the error that Excel gives. */

import { spread } from "../grid";
import { asNumber, checked, DIV0, type ExcelError, isError, NUM, type Value } from "../values";
import { exactly, type Functions } from "./arguments";

type Rule = (...numbers: number[]) => Value;

function simple(rule: (...numbers: number[]) => number, ...arity: number[]): Functions[string] {
  return ruled((...numbers) => checked(rule(...numbers)), ...(arity.length ? arity : [1]));
}

function ruled(rule: Rule, ...arity: number[]): Functions[string] {
  return (operands) => {
    exactly(operands, ...arity);
    return spread(operands, (...values) => {
      const numbers = values.map(asNumber);
      const wrong = numbers.find(isError) as ExcelError | undefined;
      return wrong ?? rule(...(numbers as number[]));
    });
  };
}

const shown = (x: number): number => Number(x.toPrecision(15));

function rounded(x: number, digits: number, towards: (x: number) => number): number {
  const scale = 10 ** Math.trunc(digits);
  const scaled = Math.abs(x) * scale;
  if (scaled >= 1e15) return x;
  if (scale === 0) return 0;
  return (Math.sign(x) * towards(shown(scaled))) / scale;
}

/** The error function, by a series of positive terms, or its complement by a fraction. */
function erf(x: number): number {
  const size = Math.abs(x);
  if (size >= 2.5) return Math.sign(x) * (1 - erfc(size));
  let [term, total] = [size, size];
  for (let n = 1; term > total * 1e-18; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    total += term;
  }
  return (Math.sign(x) * 2 * total * Math.exp(-size * size)) / Math.sqrt(Math.PI);
}

function erfc(x: number): number {
  if (x < 2.5) return 1 - erf(x);
  let below = 0;
  for (let k = 120; k > 0; k--) below = k / 2 / (x + below);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + below);
}

const cumulative = (x: number): number => erfc(-x / Math.SQRT2) / 2;
const density = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

export function divided(x: number, y: number): Value {
  return y === 0 ? DIV0 : checked(x / y);
}

export function power(x: number, y: number): Value {
  if (x === 0 && y < 0) return DIV0;
  return x === 0 && y === 0 ? NUM : checked(x ** y);
}

function stepped(x: number, step: number, towards: (x: number) => number): Value {
  if (x > 0 && step < 0) return NUM;
  return step === 0 ? 0 : checked(towards(shown(x / step)) * step);
}

export const ELEMENTWISE: Functions = {
  EXP: simple(Math.exp),
  LN: simple(Math.log),
  LOG: simple((x, base = 10) => {
    if (base <= 0) return NaN;
    return base === 10 ? Math.log10(x) : Math.log(x) / Math.log(base);
  }, 1, 2),
  LOG10: simple(Math.log10),
  SQRT: simple(Math.sqrt),
  ABS: simple(Math.abs),
  SIGN: simple(Math.sign),
  POWER: ruled(power, 2),
  SINH: simple(Math.sinh),
  COSH: simple(Math.cosh),
  TANH: simple(Math.tanh),
  ASINH: simple(Math.asinh),
  ACOSH: simple(Math.acosh),
  ATANH: simple(Math.atanh),
  SIN: simple(Math.sin),
  COS: simple(Math.cos),
  TAN: simple(Math.tan),
  ATAN: simple(Math.atan),
  ERF: simple((x, y) => (y === undefined ? erf(x) : erf(y) - erf(x)), 1, 2),
  "ERF.PRECISE": simple(erf),
  ERFC: simple(erfc),
  "ERFC.PRECISE": simple(erfc),
  NORMSDIST: simple(cumulative),
  "NORM.S.DIST": simple((x, whole) => (whole ? cumulative(x) : density(x)), 2),
  ROUND: simple((x, digits) => rounded(x, digits!, (one) => Math.floor(one + 0.5)), 2),
  ROUNDUP: simple((x, digits) => rounded(x, digits!, Math.ceil), 2),
  ROUNDDOWN: simple((x, digits) => rounded(x, digits!, Math.floor), 2),
  TRUNC: simple((x, digits = 0) => rounded(x, digits, Math.floor), 1, 2),
  INT: simple(Math.floor),
  MOD: ruled((x, y) => (y === 0 ? DIV0 : checked(x - y * Math.floor(x / y))), 2),
  QUOTIENT: ruled((x, y) => {
    const ratio = divided(x, y);
    return typeof ratio === "number" ? Math.trunc(ratio) : ratio;
  }, 2),
  CEILING: ruled((x, step) => stepped(x, step, Math.ceil), 2),
  FLOOR: ruled((x, step) => (step === 0 && x !== 0 ? DIV0 : stepped(x, step, Math.floor)), 2),
  PI: () => Math.PI,
  // Drawn again only where it is asked for: calculation keeps what is random.
  RAND: () => Math.random(),
};
