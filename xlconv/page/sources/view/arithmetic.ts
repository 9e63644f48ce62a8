/**
 * The arithmetic of one cell written out: products of windows and kernels, their sums, the rest.
 *
 * Follows the formula that stands there, whatever it computes.
 */

import type { Tree } from "../document";
import { along, type At, type Axis, Compiler } from "../engine/compile";
import type { Rect } from "../engine/blocks";
import type { Grid } from "../engine/grid";
import { precedence, shownValue, wrapped } from "../engine/text";
import { Untranslatable, type Value } from "../engine/values";
import { h } from "./element";
import { css, diverging, inkOn, type Theme } from "./theme";

const LARGEST = 64;
const FEW = 6;
const MOST_PARTS = 8;
const WINDOWS = new Set(["MAX", "MIN", "AVERAGE", "SUM"]);

export interface Worked {
  parts: HTMLElement[];
  line: string;
}

export class Arithmetic {
  private readonly compiler: Compiler;
  private leftOut = 0;

  constructor(
    private readonly grids: Grid[],
    private readonly titleOf: (rect: Rect) => string,
    private readonly addressOf: (rect: Rect) => string,
    private readonly look: () => Theme,
  ) {
    this.compiler = new Compiler(grids);
  }

  worked(tree: Tree, sheet: number, at: At, isArray: boolean, value: Value): Worked {
    const parts: HTMLElement[] = [];
    this.leftOut = 0;
    const line = this.text(tree, sheet, at, isArray, parts, 0);
    const shown = shownValue(value);
    if (this.leftOut) parts.push(h("p", { class: "quiet" }, `and ${this.leftOut} more such sums`));
    const isAll = parts.length === 1 && !/[^0-9.−]/.test(line);
    return { parts, line: isAll || line === shown ? "" : `${line} = ${shown}` };
  }

  /** A formula with numbers in place of what it reads; what is worked out goes to `parts`. */
  private text(
    tree: Tree, sheet: number, at: At, isArray: boolean, parts: HTMLElement[], least: number,
  ): string {
    const inner = (one: unknown, floor = 0): string =>
      this.text(one as Tree, sheet, at, isArray, parts, floor);
    const card = this.card(tree, sheet, at);
    if (card) {
      if (parts.length < MOST_PARTS) parts.push(card());
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
  private card(tree: Tree, sheet: number, at: At): (() => HTMLElement) | null {
    const factors = factorsOf(tree);
    if (factors) {
      const [one, other] = factors.map((part) => this.rect(part, sheet, at)) as [Rect, Rect];
      return size(one) === size(other) ? () => this.products(one, other) : null;
    }
    if (tree[0] === "f" && WINDOWS.has(tree[1] as string) && tree.length === 3) {
      const part = tree[2] as Tree;
      const rect = part[0] === "a" ? this.rect(part, sheet, at) : null;
      return rect && size(rect) <= LARGEST ? () => this.window(tree[1] as string, rect) : null;
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

  private numbers(rect: Rect): (number | null)[][] {
    const grid = this.grids[rect.sheet]!;
    const rows: (number | null)[][] = [];
    for (let row = rect.top; row <= rect.bottom; row++) {
      const line: (number | null)[] = [];
      for (let column = rect.left; column <= rect.right; column++) {
        const value = grid.get(row, column);
        line.push(typeof value === "number" ? value : null);
      }
      rows.push(line);
    }
    return rows;
  }

  private products(one: Rect, other: Rect): HTMLElement {
    const [left, right] = [this.numbers(one), this.numbers(other)];
    const flat = right.flat();
    const width = left[0]!.length;
    const made = left.map((row, i) => row.map((x, j) => (x ?? 0) * (flat[i * width + j] ?? 0)));
    const sum = made.flat().reduce((total, x) => total + x, 0);
    const total = h("p", { class: "sum" }, `sum ${shownValue(sum)}`);
    if (size(one) > LARGEST) {
      return h("div", { class: "work" }, this.caption(one, other), this.greatest(left.flat(), flat, made.flat()), total);
    }
    const grids = h(
      "div", { class: "grids" },
      this.table(left, this.titleOf(one) || this.addressOf(one)), h("span", { class: "sign" }, "×"),
      this.table(right, this.titleOf(other) || this.addressOf(other)), h("span", { class: "sign" }, "="),
      this.table(made, "products"),
    );
    return h("div", { class: "work" }, this.caption(one, other), grids, total);
  }

  private caption(...rects: Rect[]): HTMLElement {
    const named = rects.map((rect) => {
      const title = this.titleOf(rect);
      return title ? `${title} (${this.addressOf(rect)})` : this.addressOf(rect);
    });
    return h("p", { class: "caption" }, named.join(" × "));
  }

  /** Of many products the largest ones, and what the rest comes to. */
  private greatest(left: (number | null)[], right: (number | null)[], made: number[]): HTMLElement {
    const order = made.map((_, k) => k).sort((a, b) => Math.abs(made[b]!) - Math.abs(made[a]!));
    const rest = order.slice(FEW).reduce((total, k) => total + made[k]!, 0);
    const lines = order.slice(0, FEW).map((k) =>
      h("li", {}, `${shownValue(left[k] ?? 0)} × ${shownValue(right[k] ?? 0)} = ${shownValue(made[k]!)}`),
    );
    const count = made.length - FEW;
    return h("ul", { class: "products" }, ...lines, h("li", {}, `${count} others: ${shownValue(rest)}`));
  }

  private window(name: string, rect: Rect): HTMLElement {
    const numbers = this.numbers(rect);
    const flat = numbers.flat().filter((x): x is number => x !== null);
    const best = name === "MAX" ? Math.max(...flat) : name === "MIN" ? Math.min(...flat) : null;
    const sum = flat.reduce((total, x) => total + x, 0);
    const words = best !== null
      ? `the ${name === "MAX" ? "largest" : "smallest"} ${shownValue(best)}`
      : name === "AVERAGE" ? `${shownValue(sum)} ÷ ${flat.length}` : `sum ${shownValue(sum)}`;
    return h(
      "div", { class: "work" }, this.caption(rect),
      h("div", { class: "grids" }, this.table(numbers, this.titleOf(rect) || this.addressOf(rect), best)),
      h("p", { class: "sum" }, words),
    );
  }

  private table(numbers: (number | null)[][], title: string, winner: number | null = null): HTMLElement {
    const most = Math.max(...numbers.flat().map((x) => Math.abs(x ?? 0))) || 1;
    const isWhole = numbers.flat().every((x) => Number.isInteger(x ?? 0));
    const scale = diverging(most, this.look());
    const rows = numbers.map((row) =>
      h("tr", {}, ...row.map((x) => {
        const cell = h("td", {}, x === null ? "–" : short(x, most, isWhole));
        const colour = scale.at(x ?? 0);
        cell.style.background = css(colour);
        cell.style.color = inkOn(colour);
        if (winner !== null && x === winner) {
          cell.className = "winner";
          cell.append(h("span", { class: "hidden" }, " wins"));
        }
        return cell;
      })),
    );
    const wide = numbers[0]!.length > 5 ? "grid wide" : "grid";
    return h("table", { class: wide, "aria-label": title }, h("tbody", {}, ...rows));
  }
}

/** A number for a narrow cell, as its neighbours are shown; a dot for a zero. */
function short(x: number, most: number, isWhole: boolean): string {
  if (x === 0) return "·";
  const digits = isWhole ? 0 : most < 0.05 ? 4 : most < 10 ? 2 : most < 100 ? 1 : 0;
  return x.toFixed(digits).replace("-", "−");
}

function size(rect: Rect): number {
  return (rect.bottom - rect.top + 1) * (rect.right - rect.left + 1);
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
