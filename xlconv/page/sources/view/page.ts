/** The page: joins what computes, what draws and what is asked, and remembers what is looked at. */

import { Heatmaps } from "../drawing/heatmaps";
import { Stage } from "../drawing/stage";
import { isDark, printing, themeOf } from "../drawing/theme";
import type { PageDocument, TensorPart } from "../document";
import type { Rect } from "../engine/blocks";
import type { Calculation } from "../engine/calculation";
import { type Cell, cellOf, Places, type Spot } from "../scene/places";
import type { Scene } from "../scene/scene";
import { Ties } from "../scene/ties";
import { type Edit, stroke, type Tool } from "./brush";
import { Camera, sceneFor } from "./camera";
import { Edits } from "./edits";
import { byId } from "./element";
import { marksOf, showFindings } from "./findings";
import { listenToKeys } from "./keyboard";
import { Looking } from "./looking";
import { beside, inLayerBeside, inPlaneBeside } from "./neighbours";
import { OwnPicture } from "./own_picture";
import { Pointer } from "./pointer";
import { showPrediction } from "./prediction";
import { filled, inputsOf, showsDigit, showTools } from "./tools";
import { UnitPanel } from "./unit_panel";

export class Page {
  readonly stage: Stage;
  /** Milliseconds that calculating and colouring took last. */
  took = 0;
  private readonly scene: Scene;
  private readonly places: Places;
  private readonly heatmaps: Heatmaps;
  private readonly unit: UnitPanel;
  private readonly camera: Camera;
  private readonly edits: Edits;
  private readonly inputs: TensorPart[];
  private readonly own: OwnPicture | null;
  private readonly looking: Looking;
  private tool: Tool = "look";
  private waiting: Edit[] = [];

  constructor(readonly document: PageDocument, readonly calculation: Calculation) {
    const { grids } = calculation;
    const canvas = byId<HTMLCanvasElement>("stage");
    const look = () => themeOf(document.colours);
    this.scene = sceneFor(document, canvas);
    this.places = new Places(document, this.scene);
    const ties = new Ties(document.ties);
    this.heatmaps = new Heatmaps(this.scene, grids, ties, look());
    this.stage = new Stage(canvas, this.scene, this.heatmaps, grids, look());
    this.unit = new UnitPanel(byId("unit"), document, calculation, this.places, {
      go: (cell) => this.go(cell),
      edit: (cell, value) => this.edit([{ ...cell, value }], false),
    }, look);
    this.looking = new Looking(this.scene, this.places, ties, calculation, this.stage, this.unit);
    this.edits = new Edits(calculation);
    this.inputs = inputsOf(document, calculation);
    this.own = this.ownPicture();
    this.stage.marks.findings = marksOf(this.scene, document.findings ?? []);
    this.camera = new Camera(this.stage, this.scene, (x, y) => !this.isPaintable(this.stage.spotAt(x, y)));
    this.showDesk();
    showFindings(byId("found"), document, calculation, (cell) => this.go(cell));
    showPrediction(byId("prediction"), document, calculation);
    this.looking.at(null, false);
    this.listen();
    this.stage.resize();
    this.camera.fit();
    this.follow();
  }

  private showDesk(): void {
    showTools(byId("tools"), this.document, this.calculation, {
      edit: (edits) => this.edit(edits),
      reset: () => this.reset(),
      choose: (tool) => this.choose(tool),
      redraw: () => this.redraw(),
    }, this.own?.root ?? null);
  }

  private ownPicture(): OwnPicture | null {
    const [input] = this.inputs;
    if (!input) return null;
    const isDigit = showsDigit(this.document, this.calculation, input);
    return new OwnPicture(input, isDigit, (planes) => {
      this.edit(filled(input, (channel, k) => planes[channel]!.values[k]!));
    });
  }

  // -- what is looked at -------------------------------------------------------------------

  private pin(cell: Cell): void {
    this.looking.at(cell, true);
    byId("said").textContent = this.unit.spoken(cell);
    const spot = this.places.spotAt(cell);
    const name = spot ? this.places.name(spot).replaceAll(" ", "") : this.places.address(cell);
    this.remember(`#${name}`);
  }

  private release(): void {
    this.looking.at(null, false);
    this.remember(" ");
  }

  /** Keep what is looked at in the address, where there is one. */
  private remember(hash: string): void {
    try {
      history.replaceState(null, "", hash === " " ? location.pathname + location.search : hash);
    } catch {
      // A page within another has no address of its own.
    }
  }

  private go(cell: Cell): void {
    this.pin(cell);
    const spot = this.stage.marks.spot;
    if (spot) this.camera.show(spot);
  }

  /** Follow the link that the page was opened by. */
  private follow(): void {
    let hash = "";
    try {
      hash = decodeURIComponent(location.hash.slice(1));
    } catch {
      return;
    }
    const cell = hash ? this.places.find(hash) : null;
    if (cell) this.pin(cell);
  }

  /** Where a cell is on the screen, by its name. */
  where(name: string): [number, number] | null {
    const cell = this.places.find(name);
    const spot = cell && this.places.spotAt(cell);
    if (!spot) return null;
    const [x, y] = this.camera.placeOf(spot);
    const box = this.stage.canvas.getBoundingClientRect();
    return [box.left + x, box.top + y];
  }

  // -- what is changed -----------------------------------------------------------------------

  private choose(tool: Tool): void {
    this.tool = tool;
    for (const one of document.querySelectorAll<HTMLElement>("[data-tool]")) {
      one.setAttribute("aria-pressed", String(one.dataset.tool === tool));
    }
    this.stage.canvas.dataset.tool = tool;
  }

  /** Set cells, and show what follows; formulas stay. */
  edit(edits: Edit[], again = true): void {
    this.changed(() => this.edits.set(edits), again);
  }

  private changed(change: () => Rect[], again = true): void {
    const start = performance.now();
    this.heatmaps.redraw(change());
    this.took = performance.now() - start;
    showPrediction(byId("prediction"), this.document, this.calculation);
    if (again && this.looking.cell) this.looking.show();
    this.stage.ask();
  }

  private reset(): void {
    this.changed(() => this.edits.reset());
    this.showDesk();
    this.choose(this.tool);
  }

  private redraw(): void {
    this.changed(() => this.calculation.redraw());
  }

  private isPaintable(spot: Spot | null): spot is Spot {
    return this.tool !== "look" && spot !== null && spot.picture.kind === "plane" && this.inputs.includes(spot.picture.tensor);
  }

  /** Collect strokes, and calculate once a frame. */
  private paint(from: Spot, to: Spot): void {
    const ink = Math.max(1, this.heatmaps.scale(to.picture).high);
    const edits = stroke(from, to, this.tool, ink, (cell) => this.calculation.grids[cell.sheet]!.get(cell.row, cell.column));
    const isFirst = !this.waiting.length;
    this.waiting.push(...edits);
    if (isFirst && edits.length) {
      requestAnimationFrame(() => {
        const some = this.waiting;
        this.waiting = [];
        this.edit(some);
      });
    }
  }

  // -- what is done with mouse and keys ------------------------------------------------------

  private listen(): void {
    new Pointer(this.stage, {
      isPaintable: (spot): spot is Spot => this.isPaintable(spot),
      paint: (from, to) => this.paint(from, to),
      hover: (spot) => this.hover(spot),
      pin: (spot) => (spot ? this.pin(cellOf(spot)) : this.release()),
    });
    listenToKeys(this.keys(), new Set([" ", "Enter"]));
    window.addEventListener("resize", () => (this.stage.resize(), this.camera.fit()));
    window.addEventListener("hashchange", () => this.follow());
    isDark.addEventListener("change", () => this.recolour());
    for (const [name, is] of [["beforeprint", true], ["afterprint", false]] as const) {
      window.addEventListener(name, () => (printing(is), this.recolour()));
    }
    byId("fit").addEventListener("click", () => this.camera.fit());
    byId("larger").addEventListener("click", () => this.camera.zoomBy(1.5));
    byId("smaller").addEventListener("click", () => this.camera.zoomBy(1 / 1.5));
    byId("help").addEventListener("click", () => byId<HTMLDialogElement>("keys").showModal());
  }

  private keys(): Record<string, () => void> {
    const walk = (down: number, right: number) => () => this.goTo(this.looking.cell ? beside(this.looking.spot(), down, right) : this.looking.spot());
    const layer = (step: number) => () => this.goTo(inLayerBeside(this.looking.spot(), step, this.scene));
    const plane = (step: number) => () => this.goTo(inPlaneBeside(this.looking.spot(), step));
    const larger = () => this.camera.zoomBy(1.5);
    return {
      ArrowUp: walk(-1, 0), ArrowDown: walk(1, 0), ArrowLeft: walk(0, -1), ArrowRight: walk(0, 1),
      PageDown: plane(1), PageUp: plane(-1), "]": layer(1), "[": layer(-1),
      Escape: () => this.release(),
      " ": () => this.looking.isPinned && this.looking.player.toggle(),
      s: () => this.looking.isPinned && (this.looking.player.stop(), this.looking.stepOn()),
      Enter: () => this.looking.isPinned && document.getElementById("number")?.focus(),
      "+": larger, "=": larger, "-": () => this.camera.zoomBy(1 / 1.5), "0": () => this.camera.fit(),
      "?": () => byId<HTMLDialogElement>("keys").showModal(),
      p: () => this.choose("pen"), e: () => this.choose("eraser"), l: () => this.choose("look"),
      r: () => this.calculation.hasRandom && this.redraw(),
    };
  }

  private recolour(): void {
    const look = themeOf(this.document.colours);
    this.stage.look = look;
    this.heatmaps.recolour(look);
    if (this.looking.cell) this.looking.show();
    this.stage.draw();
  }

  private hover(spot: Spot | null): void {
    const [cell, known] = [spot && cellOf(spot), this.looking.cell];
    const isSame = cell?.row === known?.row && cell?.column === known?.column && cell?.sheet === known?.sheet;
    if (!this.looking.isPinned && !isSame) this.looking.at(cell, false);
  }

  private goTo(spot: Spot): void {
    this.pin(cellOf(spot));
    this.camera.show(spot);
  }
}
