/** Steps through a plane, cell by cell: the window slides, and the sum is written anew. */

import { byId } from "./element";

export class Player {
  private timer = 0;

  /** `step` goes on by one cell, and says whether there is one. */
  constructor(private readonly step: () => boolean) {
    byId("play").addEventListener("click", () => this.toggle());
    byId("step").addEventListener("click", () => (this.stop(), void this.step()));
    byId("speed").addEventListener("input", () => this.timer && this.start());
  }

  /** Show the controls where there is something to step through. */
  offer(isThere: boolean): void {
    byId("walk").hidden = !isThere;
    if (!isThere) this.stop();
  }

  toggle(): void {
    if (this.timer) this.stop();
    else this.start();
  }

  stop(): void {
    window.clearInterval(this.timer);
    this.timer = 0;
    byId("play").textContent = "Play";
  }

  private start(): void {
    window.clearInterval(this.timer);
    const perSecond = Number(byId<HTMLInputElement>("speed").value);
    byId("play").textContent = "Pause";
    this.timer = window.setInterval(() => {
      if (!this.step()) this.stop();
    }, 1000 / perSecond);
  }
}
