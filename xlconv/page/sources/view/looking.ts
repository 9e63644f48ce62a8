/** What is looked at: a cell, what is marked for it, and how much of its arithmetic is there. */

import { seenOf, seenTogether, unmarked } from "../drawing/marks";
import type { Stage } from "../drawing/stage";
import type { Calculation } from "../engine/calculation";
import { directReads, fieldOf, readersOf } from "../engine/precedents";
import { type Cell, cellOf, type Places, rectOf, type Spot } from "../scene/places";
import type { Scene } from "../scene/scene";
import type { Ties } from "../scene/ties";
import { following } from "./neighbours";
import { Player } from "./player";
import type { UnitPanel } from "./unit_panel";

export class Looking {
  cell: Cell | null = null;
  isPinned = false;
  readonly player = new Player(() => this.stepOn());
  /** How much of the arithmetic is there while it builds up, null for all of it. */
  private step: number | null = null;

  constructor(
    private readonly scene: Scene,
    private readonly places: Places,
    private readonly ties: Ties,
    private readonly calculation: Calculation,
    private readonly stage: Stage,
    private readonly unit: UnitPanel,
  ) {}

  at(cell: Cell | null, isPinned: boolean, step: number | null = null): void {
    this.cell = cell;
    this.isPinned = isPinned && cell !== null;
    this.step = step;
    this.mark(cell);
    this.show();
    const { spot, reads } = this.stage.marks;
    this.player.offer(this.isPinned && spot?.picture.kind === "plane" && reads.length > 0);
    this.stage.ask(false);
  }

  private mark(cell: Cell | null): void {
    const { scene, calculation, stage } = this;
    const rect = cell && rectOf(cell);
    stage.marks = {
      ...unmarked(), findings: stage.marks.findings, isPinned: this.isPinned,
      spot: cell && this.places.spotAt(cell),
      reads: rect ? seenOf(scene, directReads(calculation, rect)) : [],
      field: rect ? seenTogether(scene, fieldOf(calculation, rect)) : [],
      readers: rect ? seenOf(scene, readersOf(calculation, rect)) : [],
      twins: cell ? seenOf(scene, this.ties.twinsOf(cell).map(rectOf)) : [],
    };
  }

  /** Write what is said of the cell, as much of its arithmetic as is built up. */
  show(): void {
    this.unit.show(this.cell, this.isPinned, this.cell ? this.ties.twinsOf(this.cell) : []);
    if (this.step === null || !this.unit.steps) return;
    const taken = this.unit.build(this.step);
    this.stage.marks.taken = seenOf(this.scene, taken.map(rectOf));
    this.stage.ask(false);
  }

  /** The unit that is looked at, or the first one there is. */
  spot(): Spot {
    const known = this.cell && this.places.spotAt(this.cell);
    return known ?? { picture: this.scene.columns[0]!.planes[0]!, i: 0, j: 0 };
  }

  /** Add the next product, or go on to the next unit of the plane; false after the last one. */
  stepOn(): boolean {
    const { isByProduct } = this.player;
    const next = (this.step ?? 0) + 1;
    if (isByProduct && next <= this.unit.steps) {
      this.step = next;
      this.show();
      return true;
    }
    const spot = following(this.spot());
    if (spot) this.at(cellOf(spot), true, isByProduct ? 1 : null);
    return spot !== null;
  }
}
