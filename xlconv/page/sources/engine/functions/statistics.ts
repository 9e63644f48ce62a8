/** Functions of the order of numbers, and products. Of a range only numbers count. */

import { type Operand, spread } from "../grid";
import { asNumber, checked, isError, NA, NUM, Untranslatable, type Value } from "../values";
import {
  asRange, eachEntry, eachNumber, exactly, firstError, type Functions, oneValue,
} from "./arguments";

function inOrder(operands: Operand[]): number[] | Value {
  const numbers: number[] = [];
  const wrong = eachNumber(operands, (x) => numbers.push(x));
  return wrong ?? numbers.sort((x, y) => x - y);
}

function median(operands: Operand[]): Value {
  const every = inOrder(operands);
  if (!Array.isArray(every)) return every;
  const size = every.length;
  if (!size) return NUM;
  return checked((every[(size - 1) >> 1]! + every[size >> 1]!) / 2);
}

function ranked(operands: Operand[], largest: boolean): Operand {
  exactly(operands, 2);
  const every = inOrder([operands[0]!]);
  if (!Array.isArray(every)) return every;
  return spread([operands[1]!], (value) => {
    const k = asNumber(value!);
    if (isError(k)) return k;
    if (k !== Math.trunc(k)) throw new Untranslatable("LARGE or SMALL at what is no whole number");
    if (k < 1 || k > every.length) return NUM;
    return every[largest ? every.length - k : k - 1]!;
  });
}

function rank(operands: Operand[]): Value {
  exactly(operands, 2, 3);
  const wanted = asNumber(oneValue(operands[0]!));
  const rising = operands.length > 2 ? asNumber(oneValue(operands[2]!)) : 0;
  const among = asRange(operands[1]!);
  const wrong = firstError([among]);
  if (wrong) return wrong;
  if (isError(wanted)) return wanted;
  if (isError(rising)) return rising;
  let [place, found] = [1, false];
  eachEntry(among, (value) => {
    if (typeof value !== "number") return;
    if (value === wanted) found = true;
    else if (rising ? value < wanted : value > wanted) place++;
  });
  return found ? place : NA;
}

function product(operands: Operand[]): Value {
  let [total, size] = [1, 0];
  const wrong = eachNumber(operands, (x) => ((total *= x), size++));
  return wrong ?? (size ? checked(total) : 0);
}

export const STATISTICS: Functions = {
  MEDIAN: median,
  LARGE: (operands) => ranked(operands, true),
  SMALL: (operands) => ranked(operands, false),
  RANK: rank,
  "RANK.EQ": rank,
  PRODUCT: product,
};
