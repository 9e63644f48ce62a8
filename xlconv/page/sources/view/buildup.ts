/** A cell's arithmetic as it builds up: product by product, then what the formula makes of the sums. */

import type { Cell } from "../scene/places";

/** One number that is added, or looked at: the cells it is made of, and what shows it. */
export interface Term {
  cells: Cell[];
  /** What is lit while it is its turn, and what is there only from then on. */
  lit: HTMLElement[];
  appears: HTMLElement[];
  /** The sum with it, as it is written while it is its turn. */
  running: string;
}

/** A window with its arithmetic, and the terms of it in their order. */
export interface Card {
  root: HTMLElement;
  sum: HTMLElement;
  total: string;
  terms: Term[];
}

export class Buildup {
  private readonly count: number;

  /** `rest` is what there is to see once all the terms are there. */
  constructor(private readonly cards: Card[], private readonly rest: HTMLElement[]) {
    this.count = cards.reduce((total, one) => total + one.terms.length, 0);
  }

  /** In so many steps it builds up: one for each term, and one for the rest. */
  get steps(): number {
    return this.count ? this.count + 1 : 0;
  }

  /** Show what is there after some steps; return the cells whose turn it is. */
  show(step: number): Cell[] {
    let [before, taken]: [number, Cell[]] = [0, []];
    for (const card of this.cards) {
      const done = Math.min(Math.max(step - before, 0), card.terms.length);
      const isNow = done > 0 && step - before <= card.terms.length;
      card.root.classList.toggle("coming", !done);
      card.terms.forEach((term, k) => {
        const isTurn = isNow && k === done - 1;
        for (const one of term.appears) one.classList.toggle("coming", k >= done);
        for (const one of term.lit) one.classList.toggle("turn", isTurn);
        if (isTurn) taken = term.cells;
      });
      card.sum.textContent = isNow ? card.terms[done - 1]!.running : card.total;
      if (isNow) bringIntoSight(card.root);
      before += card.terms.length;
    }
    for (const one of this.rest) one.classList.toggle("coming", step <= this.count);
    const last = this.rest.at(-1);
    if (last && step > this.count) bringIntoSight(last);
    return taken;
  }
}

/** Scroll the panel, and never the whole page, which would lose the drawing. */
function bringIntoSight(one: HTMLElement): void {
  const panel = one.closest("aside")!;
  const [own, around] = [one.getBoundingClientRect(), panel.getBoundingClientRect()];
  if (own.bottom > around.bottom) panel.scrollTop += own.bottom - around.bottom + 8;
  else if (own.top < around.top) panel.scrollTop += own.top - around.top - 8;
}
