/** Conditions, and questions about what a value is. */

import { entries, isRange, Matrix, type Operand, spread } from "../grid";
import {
  asNumber, errorOf, type ExcelError, isError, NA, Untranslatable, VALUE, type Value,
} from "../values";
import { eachEntry, exactly, firstError, type Functions } from "./arguments";

/** A value as a condition. */
export function truth(value: Value): boolean | ExcelError {
  if (typeof value === "string") {
    const word = value.toUpperCase();
    return word === "TRUE" ? true : word === "FALSE" ? false : VALUE;
  }
  return isError(value) ? value : Boolean(value);
}

/** IF: the operand that is chosen, as it is; of an array of conditions, entry by entry. */
export function choose(condition: Operand, then: Operand, other: Operand): Operand {
  const asked = entries(condition);
  if (asked instanceof Matrix) {
    return spread([asked, then, other], (holds, one, two) => {
      const found = truth(holds!);
      return isError(found) ? found : found ? one! : two!;
    });
  }
  const holds = truth(asked);
  return isError(holds) ? holds : holds ? then : other;
}

function gathered(operands: Operand[]): { held: boolean[]; wrong: ExcelError | null } {
  const held: boolean[] = [];
  const counted = (value: Value): void => {
    if (typeof value === "number" || typeof value === "boolean") held.push(Boolean(value));
  };
  for (const one of operands) {
    if (isRange(one)) eachEntry(one, counted);
    else counted(one === null ? false : one);
  }
  return { held, wrong: firstError(operands) };
}

function together(rule: (held: boolean[]) => boolean): Functions[string] {
  return (operands) => {
    const { held, wrong } = gathered(operands);
    return wrong ?? (held.length ? rule(held) : VALUE);
  };
}

function ifs(operands: Operand[]): Operand {
  if (!operands.length || operands.length % 2) {
    throw new Untranslatable("IFS with too few or too many arguments");
  }
  let result: Operand = NA;
  for (let k = operands.length - 2; k >= 0; k -= 2) {
    result = choose(operands[k]!, operands[k + 1]!, result);
  }
  return result;
}

function replaced(operands: Operand[], wrong: (value: Value) => boolean): Operand {
  exactly(operands, 2);
  return spread(operands, (value, other) => (wrong(value!) ? other! : value!));
}

export function pick(operands: Operand[]): Operand {
  const [asked, ...choices] = operands;
  const number = entries(asked!);
  if (number instanceof Matrix) {
    return spread([number, ...choices], (value, ...some) => {
      const k = asNumber(value!);
      return isError(k) ? k : (some[Math.trunc(k) - 1] ?? (inRange(k, some) ? null : VALUE));
    });
  }
  const k = asNumber(number);
  if (isError(k)) return k;
  return inRange(k, choices) ? choices[Math.trunc(k) - 1]! : VALUE;
}

const inRange = (k: number, choices: unknown[]): boolean =>
  Math.trunc(k) >= 1 && Math.trunc(k) <= choices.length;

function asked(rule: (value: Value) => boolean): Functions[string] {
  return (operands) => {
    exactly(operands, 1);
    return spread(operands, (value) => rule(value!));
  };
}

function divisible(rest: number): Functions[string] {
  return (operands) => {
    exactly(operands, 1);
    return spread(operands, (value) => {
      if (typeof value === "boolean") return VALUE;
      const number = asNumber(value!);
      return isError(number) ? number : Math.abs(Math.trunc(number) % 2) === rest;
    });
  };
}

export const LOGIC: Functions = {
  AND: together((held) => held.every(Boolean)),
  OR: together((held) => held.some(Boolean)),
  XOR: (operands) => {
    const { held, wrong } = gathered(operands.map((one) => (one === null ? "" : one)));
    return wrong ?? (held.length ? held.filter(Boolean).length % 2 === 1 : VALUE);
  },
  NOT: (operands) => {
    exactly(operands, 1);
    return spread(operands, (value) => {
      const found = truth(value!);
      return isError(found) ? found : !found;
    });
  },
  IFERROR: (operands) => replaced(operands, isError),
  IFNA: (operands) => replaced(operands, (value) => value === NA),
  IFS: ifs,
  ISBLANK: asked((value) => value === null),
  ISNUMBER: asked((value) => typeof value === "number"),
  ISTEXT: asked((value) => typeof value === "string"),
  ISNONTEXT: asked((value) => typeof value !== "string"),
  ISLOGICAL: asked((value) => typeof value === "boolean"),
  ISERROR: asked(isError),
  ISERR: asked((value) => isError(value) && value !== NA),
  ISNA: asked((value) => value === NA),
  ISEVEN: divisible(0),
  ISODD: divisible(1),
  N: (operands) => {
    exactly(operands, 1);
    return spread(operands, (value) => (typeof value === "string" ? 0 : asNumber(value!)));
  },
  NA: () => errorOf("#N/A"),
  TRUE: () => true,
  FALSE: () => false,
};

