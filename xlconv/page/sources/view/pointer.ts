/** What mouse, pen and finger do on the drawing: point, pin, and paint where one can. */

import type { Stage } from "../drawing/stage";
import type { Spot } from "../scene/places";

export interface Pointed {
  isPaintable: (spot: Spot | null) => spot is Spot;
  paint: (from: Spot, to: Spot) => void;
  hover: (spot: Spot | null) => void;
  pin: (spot: Spot | null) => void;
}

export class Pointer {
  private last: Spot | null = null;

  constructor(private readonly stage: Stage, private readonly desk: Pointed) {
    const { canvas } = stage;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.last = null));
    canvas.addEventListener("pointerleave", () => desk.hover(null));
    canvas.addEventListener("click", (event) => {
      const spot = stage.spotAt(event.clientX, event.clientY);
      if (!desk.isPaintable(spot)) desk.pin(spot);
    });
  }

  private press(event: PointerEvent): void {
    const spot = this.stage.spotAt(event.clientX, event.clientY);
    if (event.button || !this.desk.isPaintable(spot)) return;
    this.stage.canvas.setPointerCapture(event.pointerId);
    this.last = spot;
    this.desk.paint(spot, spot);
  }

  private move(event: PointerEvent): void {
    const spot = this.stage.spotAt(event.clientX, event.clientY);
    if (this.last) {
      if (spot?.picture !== this.last.picture) return;
      this.desk.paint(this.last, spot);
      this.last = spot;
      return;
    }
    this.stage.canvas.style.cursor = this.desk.isPaintable(spot) ? "crosshair" : spot ? "pointer" : "grab";
    if (!event.buttons) this.desk.hover(spot);
  }
}
