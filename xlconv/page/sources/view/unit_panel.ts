/** What is said of one cell: its name, value, formula and arithmetic, what it reads and who reads it. */

import type { PageDocument } from "../document";
import type { Theme } from "../drawing/theme";
import type { Rect } from "../engine/blocks";
import type { Calculation } from "../engine/calculation";
import { directReads, readersOf } from "../engine/precedents";
import { formulaText, shownValue } from "../engine/text";
import { isError, type Value } from "../engine/values";
import { type Cell, type Places, rectOf } from "../scene/places";
import { Arithmetic } from "./arithmetic";
import { Buildup } from "./buildup";
import { h } from "./element";
import { isAbout, told } from "./findings";

export interface Actions {
  go: (cell: Cell) => void;
  edit: (cell: Cell, value: Value) => void;
}

const MOST_LINKS = 8;

export class UnitPanel {
  private readonly arithmetic: Arithmetic;
  private buildup = new Buildup([], []);

  constructor(
    private readonly root: HTMLElement,
    private readonly document: PageDocument,
    private readonly calculation: Calculation,
    private readonly places: Places,
    private readonly actions: Actions,
    look: () => Theme,
  ) {
    this.arithmetic = new Arithmetic(
      calculation.grids,
      (rect) => places.rangeTitle(rect),
      (rect) => places.rangeAddress(rect),
      look,
    );
  }

  /** What a cell is, in a few words. */
  title(cell: Cell): string {
    const spot = this.places.spotAt(cell);
    return spot ? this.places.name(spot) : this.places.address(cell);
  }

  spoken(cell: Cell): string {
    const value = this.value(cell);
    return `${this.title(cell)}, ${this.places.address(cell)}: ${shownValue(value)}`;
  }

  private value(cell: Cell): Value {
    return this.calculation.grids[cell.sheet]!.get(cell.row, cell.column);
  }

  /** In how many steps the arithmetic that is shown builds up; 0 where there is nothing to build. */
  get steps(): number {
    return this.buildup.steps;
  }

  /** Show what there is of the arithmetic after some steps; return the cells whose turn it is. */
  build(step: number): Cell[] {
    const value = this.root.querySelector<HTMLElement>(".unit-head .value");
    value?.classList.toggle("coming", step < this.steps);
    return this.buildup.show(step);
  }

  /** Show a cell, with those that hold the same weight. */
  show(cell: Cell | null, isPinned: boolean, twins: Cell[] = []): void {
    this.buildup = new Buildup([], []);
    if (!cell) {
      this.root.replaceChildren(
        h("p", { class: "quiet" }, "Point at a cell of the picture: its window, its arithmetic and its formula stand here. Click to keep it."),
      );
      return;
    }
    const value = this.value(cell);
    const head = h(
      "div", { class: "unit-head" },
      h("h3", {}, this.title(cell)),
      h("span", { class: "address" }, this.places.address(cell)),
      h("span", { class: isError(value) ? "value wrong" : "value" }, shownValue(value, 4)),
    );
    this.root.replaceChildren(head, ...this.notes(cell), ...this.body(cell, isPinned), ...this.links(cell, twins));
  }

  private body(cell: Cell, isPinned: boolean): HTMLElement[] {
    const found = this.calculation.formulaAt(cell.sheet, cell.row, cell.column);
    if (!found) return [this.editor(cell, isPinned)];
    const { block, i, j } = found;
    const { tree, sheet } = block.part;
    if (!tree) return [h("p", { class: "quiet" }, `The stored value: ${block.reason}.`)];
    const at = { i, j, row: cell.row, column: cell.column };
    const sheets = this.document.sheets.map((one) => one.name);
    const text = `=${formulaText(tree, at, sheets)}`;
    const isArray = Boolean(block.part.is_array);
    const parts: HTMLElement[] = [h("code", { class: "formula" }, isArray ? `{${text}}` : text)];
    if (block.reason) parts.push(h("p", { class: "note" }, `Keeps its stored value: ${block.reason}.`));
    if (block.part.is_random) parts.push(h("p", { class: "note" }, "Random: press R to draw again."));
    if (block.part.spills || block.reason) return parts;
    const { cards, rest } = this.arithmetic.worked(tree, sheet, at, isArray, this.value(cell));
    this.buildup = new Buildup(cards, rest);
    return [...parts, ...cards.map((one) => one.root), ...rest];
  }

  private editor(cell: Cell, isPinned: boolean): HTMLElement {
    const value = this.value(cell);
    if (typeof value === "string" || isError(value)) {
      return h("p", { class: "quiet" }, "A text, as it stands in the sheet.");
    }
    if (!isPinned) return h("p", { class: "quiet" }, "A number that is typed in. Click to change it.");
    const input = h("input", { type: "number", step: "any", value: String(Number(value ?? 0)), id: "number" });
    input.addEventListener("input", () => {
      const number = input.valueAsNumber;
      if (Number.isFinite(number)) this.actions.edit(cell, number);
    });
    return h("label", { class: "editor" }, "Change it: ", input);
  }

  /** What verification says of the cell. */
  private notes(cell: Cell): HTMLElement[] {
    return (this.document.findings ?? [])
      .filter((one) => isAbout(one, cell))
      .map((one) => h("p", { class: `finding ${one.severity}` }, ...told(one)));
  }

  private links(cell: Cell, twins: Cell[]): HTMLElement[] {
    const rect = rectOf(cell);
    const [reads, readers] = [directReads(this.calculation, rect), readersOf(this.calculation, rect)];
    const lists: HTMLElement[] = [];
    const same = twins.map(rectOf);
    for (const [title, rects] of [["reads", reads], ["is read by", readers], ["is the same weight as", same]] as const) {
      if (rects.length) lists.push(h("div", { class: "links" }, h("h4", {}, title), this.list(rects)));
    }
    return lists;
  }

  private list(rects: Rect[]): HTMLElement {
    const lines = rects.slice(0, MOST_LINKS).map((rect) => {
      const title = this.places.rangeTitle(rect);
      const address = this.places.rangeAddress(rect);
      const line = h("button", { type: "button", class: "link" }, title ? `${title} ` : "", h("small", {}, address));
      line.addEventListener("click", () => this.actions.go({ sheet: rect.sheet, row: rect.top, column: rect.left }));
      return h("li", {}, line);
    });
    const more = rects.length - MOST_LINKS;
    if (more > 0) lines.push(h("li", { class: "quiet" }, `and ${more} more`));
    return h("ul", {}, ...lines);
  }
}

