/** The page: joins what computes, what draws and what is asked, and remembers what is looked at. */

/*!
This script holds parts of other people's work, as their licences ask to be told.

d3-color, d3-dispatch, d3-drag, d3-interpolate, d3-selection, d3-timer, d3-transition, d3-zoom:
Copyright 2010-2026 Mike Bostock

Permission to use, copy, modify, and/or distribute this software for any purpose
with or without fee is hereby granted, provided that the above copyright notice
and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH
REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND
FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS
OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER
TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.

d3-ease:
Copyright 2010-2026 Mike Bostock
Copyright 2001 Robert Penner
All rights reserved.

Redistribution and use in source and binary forms, with or without modification,
are permitted provided that the following conditions are met:

* Redistributions of source code must retain the above copyright notice, this
  list of conditions and the following disclaimer.

* Redistributions in binary form must reproduce the above copyright notice,
  this list of conditions and the following disclaimer in the documentation
  and/or other materials provided with the distribution.

* Neither the name of the author nor the names of contributors may be used to
  endorse or promote products derived from this software without specific prior
  written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND
ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED
WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE LIABLE FOR
ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES
(INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES;
LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON
ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT
(INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
*/

import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent } from "d3-zoom";

import type { PageDocument, TensorPart } from "./document";
import { Calculation } from "./engine/calculation";
import { fieldOf, readersOf, directReads } from "./engine/precedents";
import type { Value } from "./engine/values";
import { type Edit, stroke, type Tool } from "./view/brush";
import { byId } from "./view/element";
import { Heatmaps } from "./view/heatmaps";
import { LABEL_FONTS, labelsOf } from "./view/labels";
import { seenOf, seenTogether } from "./view/marks";
import { Player } from "./view/player";
import { type Cell, cellOf, Places, rectOf, type Spot } from "./view/places";
import { entryPlace, fittingScene } from "./view/scene";
import { showFindings, showPrediction } from "./view/side";
import { Stage } from "./view/stage";
import { isDark, printing, theme } from "./view/theme";
import { inputsOf, showTools } from "./view/tools";
import { UnitPanel } from "./view/unit_panel";

const MARGIN = 28;

class Page {
  readonly stage: Stage;
  /** Milliseconds that calculating and colouring took last. */
  took = 0;
  private readonly scene;
  private readonly places: Places;
  private readonly heatmaps: Heatmaps;
  private readonly unit: UnitPanel;
  private readonly stored: Map<string, Edit & { before: Value }> = new Map();
  private readonly canvas = byId<HTMLCanvasElement>("stage");
  private readonly zooming = zoom<HTMLCanvasElement, unknown>();
  private readonly inputs;
  private cell: Cell | null = null;
  private isPinned = false;
  private tool: Tool = "look";
  private last: Spot | null = null;
  private waiting: Edit[] = [];
  private readonly player = new Player(() => this.stepOn());

  constructor(readonly document: PageDocument, readonly calculation: Calculation) {
    const context = this.canvas.getContext("2d")!;
    const labels = (tensor: TensorPart): number =>
      Math.max(...labelsOf(tensor).map((text, k) => {
        context.font = LABEL_FONTS[Math.min(k, 1)]!;
        return context.measureText(text).width + (k ? 4 : 18);
      }));
    const { clientWidth, clientHeight } = this.canvas;
    const room = { width: clientWidth - 2 * MARGIN, height: clientHeight - 2 * MARGIN };
    this.scene = fittingScene(document, labels, room);
    this.places = new Places(document, this.scene);
    this.heatmaps = new Heatmaps(this.scene, this.calculation.grids, theme());
    this.stage = new Stage(this.canvas, this.scene, this.heatmaps, this.calculation.grids, theme());
    this.unit = new UnitPanel(byId("unit"), document, this.calculation, this.places, {
      go: (cell) => this.go(cell),
      edit: (cell, value) => this.edit([{ ...cell, value }], false),
    }, theme);
    this.inputs = inputsOf(document, this.calculation);
    this.stage.marks.findings = (document.findings ?? [])
      .filter((one) => one.cell && one.severity !== "info")
      .map((one) => ({
        seen: seenOf(this.scene, [rectOf({ sheet: one.sheet, row: one.cell![0], column: one.cell![1] })]),
        isWrong: one.root && one.severity === "error",
      }));
    showTools(byId("tools"), document, this.calculation, {
      edit: (edits) => this.edit(edits),
      reset: () => this.reset(),
      choose: (tool) => this.choose(tool),
      redraw: () => this.redraw(),
    });
    showFindings(byId("found"), document, this.calculation, (cell) => this.go(cell));
    showPrediction(byId("prediction"), document, this.calculation);
    this.unit.show(null, false);
    this.listen();
    this.stage.resize();
    this.fit();
    this.follow();
  }

  // -- what is looked at -------------------------------------------------------------------

  private look(cell: Cell | null, isPinned: boolean): void {
    this.cell = cell;
    this.isPinned = isPinned && cell !== null;
    const { marks } = this.stage;
    marks.isPinned = this.isPinned;
    marks.spot = cell && this.places.spotAt(cell);
    const rect = cell && rectOf(cell);
    marks.reads = rect ? seenOf(this.scene, directReads(this.calculation, rect)) : [];
    marks.field = rect ? seenTogether(this.scene, fieldOf(this.calculation, rect)) : [];
    marks.readers = rect ? seenOf(this.scene, readersOf(this.calculation, rect)) : [];
    this.unit.show(cell, this.isPinned);
    const spot = marks.spot;
    this.player.offer(this.isPinned && spot?.picture.kind === "plane" && marks.reads.length > 0);
    this.stage.ask(false);
  }

  private pin(cell: Cell): void {
    this.look(cell, true);
    byId("said").textContent = this.unit.spoken(cell);
    const spot = this.places.spotAt(cell);
    const name = spot ? this.places.name(spot).replaceAll(" ", "") : this.places.address(cell);
    this.remember(`#${name}`);
  }

  private release(): void {
    this.look(null, false);
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
    if (spot) this.show(spot);
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

  // -- where it is looked at ---------------------------------------------------------------

  private fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const [width, height] = [this.scene.width + 2 * MARGIN, this.scene.height + 2 * MARGIN];
    const k = Math.min(clientWidth / width, clientHeight / height, 1.6);
    const x = (clientWidth - this.scene.width * k) / 2;
    const y = (clientHeight - this.scene.height * k) / 2 - this.scene.top * k;
    select(this.canvas).call(this.zooming.transform, zoomIdentity.translate(x, y).scale(k));
  }

  /** Bring a unit into sight, large enough to be seen. */
  private show(spot: Spot): void {
    const { picture } = spot;
    const [across, down] = entryPlace(picture, spot.i, spot.j);
    const [x, y] = [picture.x + (across + 0.5) * picture.size, picture.y + (down + 0.5) * picture.size];
    const { view } = this.stage;
    const { clientWidth, clientHeight } = this.canvas;
    const [sx, sy] = [x * view.k + view.x, y * view.k + view.y];
    const isSeen = sx > 20 && sy > 20 && sx < clientWidth - 20 && sy < clientHeight - 20;
    if (isSeen && picture.size * view.k > 5) return;
    const k = Math.max(view.k, 12 / picture.size);
    const next = zoomIdentity.translate(clientWidth / 2 - x * k, clientHeight / 2 - y * k).scale(k);
    select(this.canvas).call(this.zooming.transform, next);
  }

  /** Where a cell is on the screen, by its name. */
  where(name: string): [number, number] | null {
    const cell = this.places.find(name);
    const spot = cell && this.places.spotAt(cell);
    if (!spot) return null;
    const { picture } = spot;
    const [across, down] = entryPlace(picture, spot.i, spot.j);
    const { view } = this.stage;
    const box = this.canvas.getBoundingClientRect();
    const x = box.left + (picture.x + (across + 0.5) * picture.size) * view.k + view.x;
    return [x, box.top + (picture.y + (down + 0.5) * picture.size) * view.k + view.y];
  }

  // -- what is changed -----------------------------------------------------------------------

  private choose(tool: Tool): void {
    this.tool = tool;
    for (const one of document.querySelectorAll<HTMLElement>("[data-tool]")) {
      one.setAttribute("aria-pressed", String(one.dataset.tool === tool));
    }
    this.canvas.dataset.tool = tool;
  }

  /** Set cells, and show what follows; formulas stay. */
  edit(edits: Edit[], again = true): void {
    const own = edits.filter((one) => !this.calculation.formulaAt(one.sheet, one.row, one.column));
    for (const one of own) {
      const key = `${one.sheet},${one.row},${one.column}`;
      if (!this.stored.has(key)) {
        const before = this.calculation.grids[one.sheet]!.get(one.row, one.column);
        this.stored.set(key, { ...one, before });
      }
    }
    this.changed(() => this.calculation.edit(own), again);
  }

  private changed(step: () => ReturnType<Calculation["edit"]>, again = true): void {
    const start = performance.now();
    const rects = step();
    this.heatmaps.redraw(rects);
    this.took = performance.now() - start;
    showPrediction(byId("prediction"), this.document, this.calculation);
    if (again && this.cell) this.unit.show(this.cell, this.isPinned);
    this.stage.ask();
  }

  private reset(): void {
    const edits = [...this.stored.values()].map((one) => ({ ...one, value: one.before }));
    this.stored.clear();
    this.changed(() => this.calculation.edit(edits));
    showTools(byId("tools"), this.document, this.calculation, {
      edit: (some) => this.edit(some),
      reset: () => this.reset(),
      choose: (tool) => this.choose(tool),
      redraw: () => this.redraw(),
    });
    this.choose(this.tool);
  }

  private redraw(): void {
    this.changed(() => this.calculation.redraw());
  }

  // -- what is done with mouse and keys ------------------------------------------------------

  private isPaintable(spot: Spot | null): spot is Spot {
    return this.tool !== "look" && spot !== null && spot.picture.kind === "plane" && this.inputs.includes(spot.picture.tensor);
  }

  private listen(): void {
    const { canvas } = this;
    this.zooming
      .scaleExtent([0.03, 80])
      .filter((event: PointerEvent | WheelEvent) => {
        const isWheel = event.type === "wheel";
        return isWheel || (!event.button && !this.isPaintable(this.stage.spotAt(event.clientX, event.clientY)));
      })
      .on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        this.stage.view = event.transform;
        this.stage.ask();
      });
    select(canvas).call(this.zooming).on("dblclick.zoom", null);
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.last = null));
    canvas.addEventListener("pointerleave", () => {
      if (!this.isPinned) this.look(null, false);
    });
    canvas.addEventListener("click", (event) => {
      const spot = this.stage.spotAt(event.clientX, event.clientY);
      if (this.isPaintable(spot)) return;
      if (spot) this.pin(cellOf(spot));
      else this.release();
    });
    document.addEventListener("keydown", (event) => this.key(event));
    window.addEventListener("resize", () => (this.stage.resize(), this.fit()));
    window.addEventListener("hashchange", () => this.follow());
    isDark.addEventListener("change", () => this.recolour());
    for (const [name, is] of [["beforeprint", true], ["afterprint", false]] as const) {
      window.addEventListener(name, () => (printing(is), this.recolour()));
    }
    byId("fit").addEventListener("click", () => this.fit());
    byId("larger").addEventListener("click", () => select(canvas).call(this.zooming.scaleBy, 1.5));
    byId("smaller").addEventListener("click", () => select(canvas).call(this.zooming.scaleBy, 1 / 1.5));
    byId("help").addEventListener("click", () => byId<HTMLDialogElement>("keys").showModal());
  }

  private recolour(): void {
    this.stage.look = theme();
    this.heatmaps.recolour(theme());
    if (this.cell) this.unit.show(this.cell, this.isPinned);
    this.stage.draw();
  }

  private press(event: PointerEvent): void {
    const spot = this.stage.spotAt(event.clientX, event.clientY);
    if (event.button || !this.isPaintable(spot)) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.last = spot;
    this.paint(spot, spot);
  }

  private move(event: PointerEvent): void {
    const spot = this.stage.spotAt(event.clientX, event.clientY);
    if (this.last) {
      if (spot?.picture === this.last.picture) {
        this.paint(this.last, spot);
        this.last = spot;
      }
      return;
    }
    this.canvas.style.cursor = this.isPaintable(spot) ? "crosshair" : spot ? "pointer" : "grab";
    if (this.isPinned || event.buttons) return;
    const cell = spot && cellOf(spot);
    if (cell?.row !== this.cell?.row || cell?.column !== this.cell?.column || cell?.sheet !== this.cell?.sheet) {
      this.look(cell, false);
    }
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

  private key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (/^(input|select|textarea)$/i.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (byId<HTMLDialogElement>("keys").open) return;
    const moves: Record<string, [number, number]> = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
    };
    const move = moves[event.key];
    if (move) this.walk(...move);
    else if (event.key === "Escape") this.release();
    else if (event.key === " " && this.isPinned && target.tagName !== "BUTTON") this.player.toggle();
    else if (event.key === "PageDown" || event.key === "PageUp") this.walkPlanes(event.key === "PageDown" ? 1 : -1);
    else if (event.key === "[" || event.key === "]") this.walkLayers(event.key === "]" ? 1 : -1);
    else if (event.key === "Enter" && this.isPinned && target.tagName !== "BUTTON") document.getElementById("number")?.focus();
    else if (event.key === "+" || event.key === "=") select(this.canvas).call(this.zooming.scaleBy, 1.5);
    else if (event.key === "-") select(this.canvas).call(this.zooming.scaleBy, 1 / 1.5);
    else if (event.key === "0") this.fit();
    else if (event.key === "?") byId<HTMLDialogElement>("keys").showModal();
    else if (event.key === "p") this.choose("pen");
    else if (event.key === "e") this.choose("eraser");
    else if (event.key === "l") this.choose("look");
    else if (event.key === "r" && this.calculation.hasRandom) this.redraw();
    else return;
    event.preventDefault();
  }

  private spot(): Spot {
    const known = this.cell && this.places.spotAt(this.cell);
    return known ?? { picture: this.scene.columns[0]!.planes[0]!, i: 0, j: 0 };
  }

  private walk(down: number, right: number): void {
    const { picture, i, j } = this.spot();
    const started = this.cell !== null;
    const [, , height, width] = picture.plane;
    const [row, column] = started ? [i + down, j + right] : [i, j];
    this.goTo({ picture, i: clamped(row, height), j: clamped(column, width) });
  }

  /** Go on to the next cell of the plane; false after the last one. */
  private stepOn(): boolean {
    const { picture, i, j } = this.spot();
    const [, , height, width] = picture.plane;
    const next = i * width + j + 1;
    if (next >= height * width) return false;
    this.look(cellOf({ picture, i: Math.floor(next / width), j: next % width }), true);
    return true;
  }

  private walkPlanes(step: number): void {
    const { picture, i, j } = this.spot();
    const { pictures } = picture.group;
    this.goTo({ picture: pictures[clamped(pictures.indexOf(picture) + step, pictures.length)]!, i, j });
  }

  private walkLayers(step: number): void {
    const { picture, i, j } = this.spot();
    const { columns } = this.scene;
    const at = columns.findIndex((one) => one.tensor === picture.tensor);
    const other = columns[clamped(at + step, columns.length)]!.planes[0]!;
    const [, , height, width] = other.plane;
    this.goTo({ picture: other, i: clamped(i, height), j: clamped(j, width) });
  }

  private goTo(spot: Spot): void {
    this.pin(cellOf(spot));
    this.show(spot);
  }
}

function clamped(number: number, count: number): number {
  return Math.min(Math.max(number, 0), count - 1);
}

declare global {
  interface Window {
    /** For the curious, and for tests. */
    xlconv: { calculation: Calculation };
  }
}

const given = JSON.parse(byId("document").textContent!) as PageDocument;
const calculation = new Calculation(given);
calculation.all();
const isDrawn = given.tensors.length > 0;
byId("nothing").hidden = isDrawn;
window.xlconv = isDrawn ? new Page(given, calculation) : { calculation };
