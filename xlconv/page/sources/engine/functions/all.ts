/** All functions by their names, and what each takes its arguments as. */

import { AGGREGATES } from "./aggregates";
import type { Functions } from "./arguments";
import { CRITERIA } from "./criteria";
import { ELEMENTWISE } from "./elementwise";
import { LOGIC } from "./logic";
import { LOOKUP } from "./lookup";
import { STATISTICS } from "./statistics";
import { TEXTS } from "./texts";

/** These take ranges whole. */
export const OVER_RANGES: Functions = {
  ...AGGREGATES, ...STATISTICS, ...CRITERIA, ...LOOKUP,
  AND: LOGIC.AND!, OR: LOGIC.OR!, XOR: LOGIC.XOR!, CONCAT: TEXTS.CONCAT!,
};
/** These are of single values, and of arrays entry by entry. */
export const ENTRYWISE: Functions = { ...ELEMENTWISE, ...LOGIC, ...TEXTS };
/** These take their arguments as arrays even where the formula is none. */
export const OF_ARRAYS = new Set(["SUMPRODUCT", "MMULT", "TRANSPOSE"]);
