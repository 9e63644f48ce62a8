/** Steps through a plane: a product or a unit at a time, on its own or by a button. */

import { byId } from "./element";

export class Player {
  private timer = 0;

  /** `step` goes on, and says whether there was anything to go on to. */
  constructor(private readonly step: () => boolean) {
    byId("play").addEventListener("click", () => this.toggle());
    byId("step").addEventListener("click", () => (this.stop(), void this.step()));
    byId("speed").addEventListener("input", () => this.timer && this.start());
  }

  /** Whether sums build up product by product, rather than unit by unit. */
  get isByProduct(): boolean {
    return byId<HTMLInputElement>("products").checked;
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
