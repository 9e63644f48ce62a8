/** Functions of texts: joined, measured, cut, and as numbers. */

import { type Operand, spread } from "../grid";
import { asNumber, asText, isError, Untranslatable, VALUE, type Value } from "../values";
import { asRange, eachEntry, exactly, type Functions, oneValue } from "./arguments";
import { ELEMENTWISE } from "./elementwise";

const LONGEST = 32_767;

/** A rule of texts, entry by entry; null is #VALUE!. */
export function entrywise(
  operands: Operand[], rule: (...texts: string[]) => Value,
): Operand {
  return spread(operands, (...values) => {
    const wrong = values.find(isError);
    if (wrong) return wrong;
    const made = rule(...values.map(asText));
    return made === null || (typeof made === "string" && made.length > LONGEST) ? VALUE : made;
  });
}

function ruled(rule: (...texts: string[]) => Value, count = 1): Functions[string] {
  return (operands) => {
    exactly(operands, count);
    return entrywise(operands, rule);
  };
}

function cut(name: "LEFT" | "RIGHT" | "MID"): Functions[string] {
  return (operands) => {
    exactly(operands, ...(name === "MID" ? [3] : [1, 2]));
    const [text, ...given] = operands;
    const counts = given.length ? given : [1];
    return spread([text!, ...counts], (value, ...some) => {
      const numbers = some.map(asNumber);
      const wrong = [value!, ...numbers].find(isError);
      if (wrong) return wrong;
      const whole = (numbers as number[]).map(Math.trunc) as [number, number];
      if (Math.min(...whole) < 0 || (name === "MID" && whole[0] < 1)) return VALUE;
      const letters = [...asText(value!)];
      if (name === "LEFT") return letters.slice(0, whole[0]).join("");
      if (name === "RIGHT") return letters.slice(Math.max(letters.length - whole[0], 0)).join("");
      return letters.slice(whole[0] - 1, whole[0] - 1 + whole[1]).join("");
    });
  };
}

function concat(operands: Operand[]): Value {
  let [text, wrong]: [string, Value] = ["", null];
  for (const one of operands) {
    eachEntry(asRange(one), (value) => {
      if (isError(value)) wrong ??= value;
      else text += asText(value);
    });
  }
  return wrong ?? (text.length > LONGEST ? VALUE : text);
}

/** TEXT: a number with so many digits. */
function formatted(operands: Operand[]): Operand {
  exactly(operands, 2);
  const form = asText(oneValue(operands[1]!));
  const match = /^0(?:\.(0+))?(%?)$/.exec(form);
  if (!match) throw new Untranslatable(`TEXT with the format ${JSON.stringify(form)}`);
  const digits = (match[1] ?? "").length;
  return spread([operands[0]!], (value) => {
    if (isError(value)) return value;
    if (typeof value === "string" || typeof value === "boolean") {
      throw new Untranslatable("TEXT of a text");
    }
    const scaled = (value ?? 0) * (match[2] ? 100 : 1);
    const rounded = ELEMENTWISE.ROUND!([scaled, digits]) as number;
    return (rounded + 0).toFixed(digits) + match[2];
  });
}

export const TEXTS: Functions = {
  CONCATENATE: (operands) => entrywise(operands, (...all) => all.join("")),
  CONCAT: concat,
  LEN: ruled((text) => [...text!].length),
  UPPER: ruled((text) => text!.toUpperCase()),
  LOWER: ruled((text) => text!.toLowerCase()),
  TRIM: ruled((text) => text!.split(" ").filter(Boolean).join(" ")),
  EXACT: ruled((one, other) => one === other, 2),
  LEFT: cut("LEFT"),
  RIGHT: cut("RIGHT"),
  MID: cut("MID"),
  VALUE: (operands) => {
    exactly(operands, 1);
    return spread(operands, (value) => (typeof value === "boolean" ? VALUE : asNumber(value!)));
  },
  TEXT: formatted,
};
