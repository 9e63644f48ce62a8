/** Windows with their arithmetic as tables: products with a kernel, or what is made of one window. */

import { css, diverging, inkOn, type Theme } from "../drawing/theme";
import type { Rect } from "../engine/blocks";
import type { Grid } from "../engine/grid";
import { shownValue } from "../engine/text";
import type { Cell } from "../scene/places";
import type { Card, Term } from "./buildup";
import { h } from "./element";

/** So many entries are shown as tables, of more only the largest products. */
export const LARGEST = 64;
const FEW = 6;

type Numbers = (number | null)[][];

export class Cards {
  constructor(
    private readonly grids: Grid[],
    private readonly titleOf: (rect: Rect) => string,
    private readonly addressOf: (rect: Rect) => string,
    private readonly look: () => Theme,
  ) {}

  /** Two windows, entry by entry multiplied and added up. */
  products(one: Rect, other: Rect): Card {
    const [left, right] = [this.numbers(one), this.numbers(other)];
    const flat = right.flat();
    const made = left.flat().map((x, k) => (x ?? 0) * (flat[k] ?? 0));
    const total = `sum ${shownValue(added(made))}`;
    const sum = h("p", { class: "sum" }, total);
    if (sizeOf(one) > LARGEST) {
      const { list, terms } = greatest(one, other, left.flat(), flat, made);
      return { root: h("div", { class: "work" }, this.caption(one, other), list, sum), sum, total, terms };
    }
    const width = left[0]!.length;
    const tables = [
      this.table(left, this.named(one)), this.table(right, this.named(other)),
      this.table(left.map((row, i) => row.map((_, j) => made[i * width + j]!)), "products"),
    ] as const;
    const grids = h(
      "div", { class: "grids" }, tables[0].root, h("span", { class: "sign" }, "×"),
      tables[1].root, h("span", { class: "sign" }, "="), tables[2].root,
    );
    const sums = runningSums(made);
    const terms = made.map((product, k): Term => ({
      cells: [cellIn(one, k), cellIn(other, k)],
      lit: tables.map((table) => table.cells[k]!),
      appears: [tables[2].cells[k]!],
      running: addedOn(sums[k]!, `${factor(left.flat()[k])} × ${factor(flat[k])}`, sums[k + 1]!, product),
    }));
    return { root: h("div", { class: "work" }, this.caption(one, other), grids, sum), sum, total, terms };
  }

  /** One window: its largest or smallest, its sum or its mean. */
  window(name: string, rect: Rect): Card {
    const numbers = this.numbers(rect);
    const all = numbers.flat();
    const flat = all.filter((x): x is number => x !== null);
    const best = name === "MAX" ? Math.max(...flat) : name === "MIN" ? Math.min(...flat) : null;
    const word = name === "MAX" ? "largest" : "smallest";
    const total = best !== null ? `the ${word} ${shownValue(best)}`
      : name === "AVERAGE" ? `${shownValue(added(flat))} ÷ ${flat.length}` : `sum ${shownValue(added(flat))}`;
    const sum = h("p", { class: "sum" }, total);
    const table = this.table(numbers, this.named(rect), best);
    const sums = runningSums(all.map((x) => x ?? 0));
    const terms = all.map((x, k): Term => {
      const seen = all.slice(0, k + 1).filter((one): one is number => one !== null);
      const running = best === null ? addedOn(sums[k]!, factor(x), sums[k + 1]!, x ?? 0)
        : `${factor(x)}: the ${word} so far ${shownValue(seen.length ? Math[name === "MAX" ? "max" : "min"](...seen) : 0)}`;
      return { cells: [cellIn(rect, k)], lit: [table.cells[k]!], appears: [], running };
    });
    const root = h("div", { class: "work" }, this.caption(rect), h("div", { class: "grids" }, table.root), sum);
    return { root, sum, total, terms };
  }

  private numbers(rect: Rect): Numbers {
    const grid = this.grids[rect.sheet]!;
    const rows: Numbers = [];
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

  private named(rect: Rect): string {
    return this.titleOf(rect) || this.addressOf(rect);
  }

  private caption(...rects: Rect[]): HTMLElement {
    const named = rects.map((rect) => {
      const title = this.titleOf(rect);
      return title ? `${title} (${this.addressOf(rect)})` : this.addressOf(rect);
    });
    return h("p", { class: "caption" }, named.join(" × "));
  }

  private table(numbers: Numbers, title: string, winner: number | null = null): { root: HTMLElement; cells: HTMLElement[] } {
    const most = Math.max(...numbers.flat().map((x) => Math.abs(x ?? 0))) || 1;
    const isWhole = numbers.flat().every((x) => Number.isInteger(x ?? 0));
    const scale = diverging(most, this.look());
    const cells: HTMLElement[] = [];
    const rows = numbers.map((row) =>
      h("tr", {}, ...row.map((x) => {
        const cell = h("td", {}, h("span", {}, x === null ? "–" : short(x, most, isWhole)));
        const colour = scale.at(x ?? 0);
        cell.style.background = css(colour);
        cell.style.color = inkOn(colour);
        if (winner !== null && x === winner) {
          cell.className = "winner";
          cell.append(h("span", { class: "hidden" }, " wins"));
        }
        cells.push(cell);
        return cell;
      })),
    );
    const wide = numbers[0]!.length > 5 ? "grid wide" : "grid";
    return { root: h("table", { class: wide, "aria-label": title }, h("tbody", {}, ...rows)), cells };
  }
}

/** Of many products the largest ones, and what the rest comes to. */
function greatest(
  one: Rect, other: Rect, left: (number | null)[], right: (number | null)[], made: number[],
): { list: HTMLElement; terms: Term[] } {
  const order = made.map((_, k) => k).sort((a, b) => Math.abs(made[b]!) - Math.abs(made[a]!));
  const largest = order.slice(0, FEW);
  const rest = added(order.slice(FEW).map((k) => made[k]!));
  const sums = runningSums([...largest.map((k) => made[k]!), rest]);
  const words = largest.map((k) => `${factor(left[k])} × ${factor(right[k])}`);
  const lines = [
    ...largest.map((k, n) => h("li", {}, `${words[n]!} = ${shownValue(made[k]!)}`)),
    h("li", {}, `${made.length - FEW} others: ${shownValue(rest)}`),
  ];
  const terms = lines.map((line, n): Term => ({
    cells: n < FEW ? [cellIn(one, order[n]!), cellIn(other, order[n]!)] : [],
    lit: [line], appears: [line],
    running: addedOn(sums[n]!, words[n] ?? shownValue(rest), sums[n + 1]!, n < FEW ? made[order[n]!]! : rest),
  }));
  return { list: h("ul", { class: "products" }, ...lines), terms };
}

function added(numbers: number[]): number {
  return numbers.reduce((total, x) => total + x, 0);
}

/** The sums before each of some numbers, and after the last. */
function runningSums(numbers: number[]): number[] {
  const sums = [0];
  for (const x of numbers) sums.push(sums.at(-1)! + x);
  return sums;
}

/** `0.2 + 0.5 × 3 = 1.7`, and without the 0 at the beginning. */
function addedOn(before: number, words: string, after: number, own: number): string {
  const start = before === 0 ? "" : `${shownValue(before)} + `;
  const end = before === 0 ? own : after;
  return `${start}${words} = ${shownValue(end)}`;
}

function factor(x: number | null | undefined): string {
  const text = shownValue(x ?? 0);
  return text.startsWith("−") ? `(${text})` : text;
}

/** The k-th cell of a rectangle, row by row. */
function cellIn({ sheet, top, left, right }: Rect, k: number): Cell {
  const width = right - left + 1;
  return { sheet, row: top + Math.floor(k / width), column: left + (k % width) };
}

export function sizeOf(rect: Rect): number {
  return (rect.bottom - rect.top + 1) * (rect.right - rect.left + 1);
}

/** A number for a narrow cell, as its neighbours are shown; a dot for a zero. */
function short(x: number, most: number, isWhole: boolean): string {
  if (x === 0) return "·";
  const digits = isWhole ? 0 : most < 0.05 ? 4 : most < 10 ? 2 : most < 100 ? 1 : 0;
  return x.toFixed(digits).replace("-", "−");
}
