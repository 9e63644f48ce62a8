/** Counting and summing what meets criteria such as ">0.5", "<>abc" or "a*". */

import { Area, isRange, Matrix, type Operand, spread } from "../grid";
import {
  checked, compareTexts, DIV0, errorOf, type ExcelError, isError, spelled, Untranslatable, VALUE,
  type Value,
} from "../values";
import { asRange, count, eachEntry, exactly, type Functions, oneValue } from "./arguments";
import { wild } from "./lookup";

type Test = (value: Value) => boolean;
const OPERATORS = ["<=", ">=", "<>", "<", ">", "="];
const ERRORS = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"];

function compared(operator: string, difference: number): boolean {
  switch (operator) {
    case "<=": return difference <= 0;
    case ">=": return difference >= 0;
    case "<>": return difference !== 0;
    case "<": return difference < 0;
    case ">": return difference > 0;
  }
  return difference === 0;
}

/** The test that a criterion spells. */
function testOf(criterion: Value): Test {
  if (isError(criterion)) throw new Untranslatable("a criterion that is an error");
  if (typeof criterion === "boolean") return (value) => value === criterion;
  if (typeof criterion !== "string") return numeric("=", criterion ?? 0);
  const operator = OPERATORS.find((one) => criterion.startsWith(one)) ?? "";
  const rest = criterion.slice(operator.length);
  if (rest === "") return empty(operator);
  const special = specialOf(rest);
  if (special !== null) {
    if (!["", "=", "<>"].includes(operator)) {
      throw new Untranslatable("a criterion that orders booleans or errors");
    }
    return (value) => (value === special) !== (operator === "<>");
  }
  const wanted = spelled(rest);
  return wanted === null ? textual(operator || "=", rest) : numeric(operator || "=", wanted);
}

function specialOf(rest: string): boolean | ExcelError | null {
  const word = rest.toUpperCase();
  if (word === "TRUE" || word === "FALSE") return word === "TRUE";
  return ERRORS.includes(word) ? errorOf(word) : null;
}

function empty(operator: string): Test {
  if (operator === "=") return (value) => value === null;
  if (operator === "<>") return (value) => value !== null;
  if (operator === "") return (value) => value === null || value === "";
  throw new Untranslatable("a criterion that compares with nothing");
}

function numeric(operator: string, wanted: number): Test {
  return (value) => {
    const number = operator === "=" && typeof value === "string" ? spelled(value) : value;
    if (typeof number !== "number") return operator === "<>";
    return compared(operator, number - wanted);
  };
}

function textual(operator: string, wanted: string): Test {
  if (operator === "=" || operator === "<>") {
    const pattern = wild(wanted);
    const fits: Test = (value) => typeof value === "string" && pattern.test(value);
    return operator === "=" ? fits : (value) => !fits(value);
  }
  return (value) => typeof value === "string" && compared(operator, compareTexts(value, wanted));
}

type Finish = (numbers: number[]) => Value;

/** SUMIFS and its kin: what is taken, then pairs of a range and a criterion. */
function withCriteria(taken: Area | Matrix | null, pairs: Operand[], finish: Finish): Value {
  if (!pairs.length || pairs.length % 2) {
    throw new Untranslatable("a function with too few or too many arguments");
  }
  const ranges = pairs.filter((_, k) => k % 2 === 0).map(asRange);
  const first = taken ?? ranges[0]!;
  if (ranges.some((one) => one.rows !== first.rows || one.columns !== first.columns)) return VALUE;
  if (count(first) > 4_000_000) throw new Untranslatable("a very large range");
  const tests = pairs.filter((_, k) => k % 2).map((one) => testOf(oneValue(one)));
  const numbers: number[] = [];
  for (let i = 0; i < first.rows; i++) {
    for (let j = 0; j < first.columns; j++) {
      if (!tests.every((test, k) => test(ranges[k]!.at(i, j)))) continue;
      const value = taken ? taken.at(i, j) : 1;
      if (isError(value)) return value;
      if (typeof value === "number") numbers.push(value);
    }
  }
  return finish(numbers);
}

const total: Finish = (numbers) => checked(numbers.reduce((sum, x) => sum + x, 0));
const mean: Finish = (numbers) =>
  numbers.length ? checked((total(numbers) as number) / numbers.length) : DIV0;
const extreme = (sign: number): Finish => (numbers) =>
  numbers.length ? sign * Math.max(...numbers.map((x) => sign * x)) + 0 : 0;

function oneCriterion(operands: Operand[], finish: Finish): Value {
  exactly(operands, 2, 3);
  const [range, criterion, taken] = operands;
  const summed = asRange(taken ?? range!);
  const asked = asRange(range!);
  if (summed.rows !== asked.rows || summed.columns !== asked.columns) {
    throw new Untranslatable("SUMIF over ranges of different sizes");
  }
  return withCriteria(summed, [range!, criterion!], finish);
}

function several(operands: Operand[], finish: Finish): Value {
  const [taken, ...pairs] = operands;
  return withCriteria(asRange(taken!), pairs, finish);
}

function countif(operands: Operand[]): Operand {
  exactly(operands, 2);
  const range = asRange(operands[0]!);
  const counted = (criterion: Value): Value => {
    const test = testOf(criterion);
    let [met, seen] = [0, 0];
    eachEntry(range, (value) => (seen++, test(value) && met++));
    return met + (test(null) ? count(range) - seen : 0);
  };
  const wanted = operands[1]!;
  if (!isRange(wanted)) return counted(wanted);
  return spread([wanted], (value) => counted(value!));
}

export const CRITERIA: Functions = {
  COUNTIF: countif,
  SUMIF: (operands) => oneCriterion(operands, total),
  AVERAGEIF: (operands) => oneCriterion(operands, mean),
  COUNTIFS: (operands) => withCriteria(null, operands, total),
  SUMIFS: (operands) => several(operands, total),
  AVERAGEIFS: (operands) => several(operands, mean),
  MAXIFS: (operands) => several(operands, extreme(1)),
  MINIFS: (operands) => several(operands, extreme(-1)),
};
