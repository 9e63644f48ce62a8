/**
 * The arithmetic of one cell written out: products of windows and kernels, their sums, the rest.
 *
 * Follows the formula that stands there, whatever it computes.
 */

import type { Tree } from "../document";
import { along, type At, type Axis, Compiler } from "../engine/compile";
import type { Rect } from "../engine/blocks";
import type { Theme } from "../drawing/theme";
import type { Grid } from "../engine/grid";
import { precedence, shownValue, wrapped } from "../engine/text";
import { Untranslatable, type Value } from "../engine/values";
import type { Card } from "./buildup";
import { Cards, LARGEST, sizeOf } from "./cards";
import { h } from "./element";

const MOST_PARTS = 8;
const WINDOWS = new Set(["MAX", "MIN", "AVERAGE", "SUM"]);

export interface Worked {
  /** The windows that are worked out, how many are left out, and what the formula makes of all. */
  cards: Card[];
  rest: HTMLElement[];
}

export class Arithmetic {
  private readonly compiler: Compiler;
  private readonly cards: Cards;
  private leftOut = 0;

  constructor(
    grids: Grid[], titleOf: (rect: Rect) => string, addressOf: (rect: Rect) => string, look: () => Theme,
  ) {
    this.compiler = new Compiler(grids);
    this.cards = new Cards(grids, titleOf, addressOf, look);
  }

  worked(tree: Tree, sheet: number, at: At, isArray: boolean, value: Value): Worked {
    const cards: Card[] = [];
    this.leftOut = 0;
    const line = this.text(tree, sheet, at, isArray, cards, 0);
    const shown = shownValue(value);
    const rest: HTMLElement[] = [];
    if (this.leftOut) rest.push(h("p", { class: "quiet" }, `and ${this.leftOut} more such sums`));
    const isAll = cards.length === 1 && !this.leftOut && !/[^0-9.−]/.test(line);
    if (!isAll && line !== shown) rest.push(h("p", { class: "line" }, `${line} = ${shown}`));
    return { cards, rest };
  }

  /** A formula with numbers in place of what it reads; what is worked out goes to `cards`. */
  private text(
    tree: Tree, sheet: number, at: At, isArray: boolean, cards: Card[], least: number,
  ): string {
    const inner = (one: unknown, floor = 0): string =>
      this.text(one as Tree, sheet, at, isArray, cards, floor);
    const card = this.card(tree, sheet, at);
    if (card) {
      if (cards.length < MOST_PARTS) cards.push(card());
      else this.leftOut++;
      return this.value(tree, sheet, at, isArray);
    }
    switch (tree[0]) {
      case "n": return shownValue(tree[1] as number);
      case "t": return `“${String(tree[1])}”`;
      case "m": return "";
      case "r": return signed(this.value(tree, sheet, at, isArray), least);
      case "a": case "c": case "b": case "e": case "u":
        return this.value(tree, sheet, at, isArray);
      case "f":
        if (tree.slice(2).some(isWide)) return this.value(tree, sheet, at, isArray);
        return `${String(tree[1])}(${tree.slice(2).map((one) => inner(one)).join(", ")})`;
      case "s": return `${String(tree[1]).replace("-", "−")}${inner(tree[2], 6)}`;
      case "%": return `${inner(tree[1], 5)}%`;
    }
    const own = precedence(tree);
    const sign = { "-": "−", "*": "×", "/": "÷" }[tree[1] as string] ?? String(tree[1]);
    const [left, right] = [inner(tree[2], own), inner(tree[3], own + 1)];
    const isLess = sign === "+" && /^\(−[0-9.]+\)$/.test(right);
    const text = isLess ? `${left} − ${right.slice(2, -1)}` : `${left} ${sign} ${right}`;
    return wrapped(text, own, least);
  }

  private value(tree: Tree, sheet: number, at: At, isArray: boolean): string {
    try {
      return shownValue(this.compiler.cell(tree, sheet, isArray)(at));
    } catch (reason) {
      if (reason instanceof Untranslatable) return "…";
      throw reason;
    }
  }

  /** What a function makes of whole windows, drawn; null for anything else. */
  private card(tree: Tree, sheet: number, at: At): (() => Card) | null {
    const factors = factorsOf(tree);
    if (factors) {
      const [one, other] = factors.map((part) => this.rect(part, sheet, at)) as [Rect, Rect];
      return sizeOf(one) === sizeOf(other) ? () => this.cards.products(one, other) : null;
    }
    if (tree[0] === "f" && WINDOWS.has(tree[1] as string) && tree.length === 3) {
      const part = tree[2] as Tree;
      const rect = part[0] === "a" ? this.rect(part, sheet, at) : null;
      return rect && sizeOf(rect) <= LARGEST ? () => this.cards.window(tree[1] as string, rect) : null;
    }
    return null;
  }

  private rect(tree: Tree, sheet: number, at: At): Rect {
    const [, own, row, column, lastRow, lastColumn] = tree as unknown as [
      string, number | null, Axis, Axis, Axis?, Axis?,
    ];
    const rows = [along(row, at), along(lastRow ?? row, at)];
    const columns = [along(column, at), along(lastColumn ?? column, at)];
    return {
      sheet: own ?? sheet, top: Math.min(...rows), bottom: Math.max(...rows),
      left: Math.min(...columns), right: Math.max(...columns),
    };
  }
}

function isWide(part: unknown): boolean {
  return (part as Tree)[0] === "a" || (part as Tree)[0] === "c";
}

/** The two ranges whose products a formula adds up, null where it does not. */
function factorsOf(tree: Tree): [Tree, Tree] | null {
  const isRange = (one: Tree): boolean => one[0] === "a" || one[0] === "r";
  if (tree[0] !== "f") return null;
  const [, name, first, second] = tree as [string, string, Tree, Tree?];
  if ((name === "SUMPRODUCT" || name === "MMULT") && tree.length === 4 && second) {
    return isRange(first) && isRange(second) ? [first, second] : null;
  }
  const isProduct = (name === "SUM" || name === "SUMPRODUCT") && tree.length === 3 && first[0] === "o" && first[1] === "*";
  if (!isProduct) return null;
  const [left, right] = [first[2], first[3]] as [Tree, Tree];
  return left[0] === "a" && right[0] === "a" ? [left, right] : null;
}

/** A number below 0 after an operator stands in parentheses. */
function signed(text: string, least: number): string {
  return text.startsWith("−") && least > 2 ? `(${text})` : text;
}
