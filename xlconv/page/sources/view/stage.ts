/** The drawing of the whole network on a canvas, zoomed and moved, and what is marked on it. */

import { isError, type Value } from "../engine/values";
import type { Grid } from "../engine/grid";
import type { Heatmaps } from "./heatmaps";
import { LABEL_FONTS, labelsOf } from "./labels";
import type { Marks, Seen } from "./marks";
import { cellOf, type Spot } from "./places";
import {
  type Column, drawnSize, entryAt, entryPlace, type Picture, type Scene,
} from "./scene";
import { css, inkOn, type Theme } from "./theme";

export interface View {
  x: number;
  y: number;
  k: number;
}

const NUMBERS_FROM = 27;
const FRAMES_FROM = 14;
const LINES_FROM = 9;

export class Stage {
  view: View = { x: 0, y: 0, k: 1 };
  marks: Marks = { spot: null, isPinned: false, reads: [], field: [], readers: [], findings: [] };
  private context: CanvasRenderingContext2D;
  private waiting = false;
  /** All but the marks as it was drawn last, while it still holds. */
  private readonly base = document.createElement("canvas");
  private isStale = true;

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly scene: Scene,
    private readonly heatmaps: Heatmaps,
    private readonly grids: Grid[],
    public look: Theme,
  ) {
    this.context = canvas.getContext("2d")!;
  }

  /** Draw with the next frame; where only marks are others, the rest stays as it was drawn. */
  ask(isStale = true): void {
    this.isStale ||= isStale;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      this.draw(this.isStale);
    });
  }

  resize(): void {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.draw();
  }

  spotAt(clientX: number, clientY: number): Spot | null {
    const box = this.canvas.getBoundingClientRect();
    const x = (clientX - box.left - this.view.x) / this.view.k;
    const y = (clientY - box.top - this.view.y) / this.view.k;
    for (const picture of this.scene.pictures) {
      const found = entryAt(picture, x, y);
      if (found) return { picture, i: found[0], j: found[1] };
    }
    for (const column of this.scene.columns) {
      const found = column.isList ? lineAt(column, x, y) : null;
      if (found) return found;
    }
    return null;
  }

  draw(isStale = true): void {
    const { base, canvas, view } = this;
    const ratio = window.devicePixelRatio || 1;
    if (isStale) {
      [base.width, base.height] = [canvas.width, canvas.height];
      this.context = base.getContext("2d")!;
      this.context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
      this.drawBase();
      this.isStale = false;
    }
    this.context = canvas.getContext("2d")!;
    this.context.setTransform(1, 0, 0, 1, 0, 0);
    this.context.fillStyle = this.look.ground;
    this.context.fillRect(0, 0, canvas.width, canvas.height);
    if (base.width && base.height) this.context.drawImage(base, 0, 0);
    this.context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
    this.drawMarks();
  }

  private drawBase(): void {
    for (const column of this.scene.columns) this.drawLinks(column);
    for (const column of this.scene.columns) this.drawColumn(column);
    for (const picture of this.scene.pictures) {
      if (this.isVisible(picture)) this.drawPicture(picture);
    }
    for (const column of this.scene.columns) {
      if (column.isList) this.drawList(column);
      if (column.colours) this.drawColours(column);
    }
  }

  private isVisible(picture: Picture): boolean {
    const [width, height] = drawnSize(picture);
    const { x, y, k } = this.view;
    return (
      (picture.x + width) * k + x > 0 && picture.x * k + x < this.canvas.clientWidth &&
      (picture.y + height) * k + y > 0 && picture.y * k + y < this.canvas.clientHeight
    );
  }

  // -- what is there ---------------------------------------------------------------------

  private drawColumn(column: Column): void {
    const { context, view } = this;
    const { tensor, palette } = column;
    const every = [...column.planes, ...column.parameters.flat()];
    const top = Math.min(...every.map((one) => one.y)) - tensor.halo[0] * column.planes[0]!.size;
    context.textBaseline = "top";
    context.textAlign = "left";
    // Labels grow with the drawing, but never larger than a heading.
    const scale = Math.min(this.scene.measure.label, 1.35 / view.k);
    context.save();
    context.translate(column.x, top - 68 * scale);
    context.scale(scale, scale);
    this.drawLabels(labelsOf(tensor), palette[0]);
    context.restore();
  }

  private drawLabels([name, ...lines]: string[], ground: string): void {
    const { context, look } = this;
    context.font = LABEL_FONTS[0]!;
    const width = context.measureText(name!).width + 14;
    context.fillStyle = ground;
    context.beginPath();
    context.roundRect(0, 0, width, 20, 4);
    context.fill();
    context.fillStyle = "#fff";
    context.fillText(name!, 7, 4);
    context.font = LABEL_FONTS[1]!;
    lines.forEach((line, k) => {
      context.fillStyle = k ? look.faint : look.ink;
      context.fillText(line, 0, 25 + 14 * k);
    });
  }

  private drawPicture(picture: Picture): void {
    const { context, view, look } = this;
    const [width, height] = drawnSize(picture);
    const pixels = picture.size * view.k;
    context.imageSmoothingEnabled = pixels < 1;
    this.drawHalo(picture);
    this.heatmaps.paint(context, picture);
    context.lineWidth = 1 / view.k;
    if (pixels >= LINES_FROM) this.drawLines(picture);
    context.strokeStyle = picture.kind === "plane" ? css([...hexRgb(picture.group.palette[0])], 0.75) : look.line;
    const isLarge = Math.max(width, height) * view.k >= FRAMES_FROM && Math.min(width, height) * view.k > 3;
    if (!picture.wrap && isLarge) context.strokeRect(picture.x, picture.y, width, height);
    if (pixels >= NUMBERS_FROM) this.drawNumbers(picture, pixels);
  }

  /** The frame of cells around a plane that its readers see. */
  private drawHalo(picture: Picture): void {
    if (picture.kind !== "plane" || picture.wrap) return;
    const [top, bottom, left, right] = picture.tensor.halo;
    if (!(top || bottom || left || right)) return;
    const { context, look, view } = this;
    const { x, y, size } = picture;
    const [width, height] = drawnSize(picture);
    context.save();
    context.lineWidth = 1 / view.k;
    context.setLineDash([3 / view.k, 2 / view.k]);
    context.fillStyle = look.isDark ? "rgba(255,255,255,.05)" : "rgba(15,23,42,.05)";
    context.strokeStyle = look.faint;
    const frame = [x - left * size, y - top * size, width + (left + right) * size, height + (top + bottom) * size] as const;
    context.fillRect(...frame);
    context.strokeRect(...frame);
    context.restore();
  }

  private drawLines(picture: Picture): void {
    const { context } = this;
    const [width, height] = drawnSize(picture);
    context.strokeStyle = this.look.isDark ? "rgba(255,255,255,.10)" : "rgba(15,23,42,.10)";
    context.beginPath();
    for (let x = picture.size; x < width - 0.01; x += picture.size) {
      context.moveTo(picture.x + x, picture.y);
      context.lineTo(picture.x + x, picture.y + height);
    }
    for (let y = picture.size; y < height - 0.01; y += picture.size) {
      context.moveTo(picture.x, picture.y + y);
      context.lineTo(picture.x + width, picture.y + y);
    }
    context.stroke();
  }

  private drawNumbers(picture: Picture, pixels: number): void {
    const { context, view, canvas } = this;
    const { x, y, size } = picture;
    const [, , height, width] = picture.plane;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `${size * 0.32}px system-ui, sans-serif`;
    const digits = pixels > 46 ? 3 : pixels > 34 ? 2 : 1;
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const [across, down] = entryPlace(picture, i, j);
        const [cx, cy] = [x + (across + 0.5) * size, y + (down + 0.5) * size];
        const [sx, sy] = [cx * view.k + view.x, cy * view.k + view.y];
        if (sx < -pixels || sy < -pixels || sx > canvas.clientWidth + pixels || sy > canvas.clientHeight + pixels) continue;
        const cell = cellOf({ picture, i, j });
        const value = this.grids[cell.sheet]!.get(cell.row, cell.column);
        const number = typeof value === "number" ? value : 0;
        context.fillStyle = inkOn(this.heatmaps.colour(picture, number));
        context.fillText(inCell(value, digits), cx, cy, size * 0.94);
      }
    }
  }

  /** The picture that the planes of an input make together. */
  private drawColours(column: Column): void {
    const { context, look } = this;
    const { x, y, size } = column.colours!;
    const picture = this.heatmaps.together(column.planes);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture, x, y, picture.width * size, picture.height * size);
    context.lineWidth = 1 / this.view.k;
    context.strokeStyle = look.faint;
    context.strokeRect(x, y, picture.width * size, picture.height * size);
  }

  /** The entries of an output with their names, as bars. */
  private drawList(column: Column): void {
    const { context, look } = this;
    const picture = column.planes[0]!;
    const { size, x, y, plane } = picture;
    const count = plane[2] * plane[3];
    const values = Array.from({ length: count }, (_, k) => this.heatmaps.value(picture, Math.floor(k / plane[3]), k % plane[3]));
    const best = values.indexOf(Math.max(...values));
    context.textBaseline = "middle";
    const classes = column.tensor.classes?.length === count ? column.tensor.classes : null;
    const unit = size / 22;
    values.forEach((value, k) => {
      const middle = y + (k + 0.5) * size;
      const isChosen = column.tensor.probabilities === "each" ? value >= 0.5 : k === best;
      context.font = `${isChosen ? 600 : 400} ${12 * unit}px system-ui, sans-serif`;
      context.textAlign = "left";
      context.fillStyle = isChosen ? look.ink : look.faint;
      context.fillText(classes ? classes[k]! : String(k), x + size + 8 * unit, middle, 62 * unit);
      const share = Math.max(0, Math.min(1, value));
      const [start, bar] = [x + size + 74 * unit, 70 * unit];
      context.fillStyle = look.isDark ? "rgba(255,255,255,.08)" : "rgba(15,23,42,.07)";
      context.fillRect(start, middle - 5 * unit, bar, 10 * unit);
      context.fillStyle = isChosen ? "#dc2626" : look.isDark ? "#5f8fca" : "#7fb3e6";
      context.fillRect(start, middle - 5 * unit, bar * share, 10 * unit);
      context.fillStyle = isChosen ? look.ink : look.faint;
      context.fillText(`${(value * 100).toFixed(1)} %`, start + 75 * unit, middle);
    });
  }

  // -- what joins it ---------------------------------------------------------------------

  private drawLinks(column: Column): void {
    const { context, view, look } = this;
    for (const id of column.tensor.sources) {
      const source = this.scene.columns.find((one) => one.tensor.id === id);
      if (!source) continue;
      const pairs = this.pairs(source, column);
      context.strokeStyle = look.line;
      context.lineWidth = Math.max(0.8, 1 / view.k);
      context.globalAlpha = pairs.length > 24 ? 0.35 : 0.9;
      for (const [from, to] of pairs) {
        const bend = Math.max(24, (to[0] - from[0]) / 2);
        context.beginPath();
        context.moveTo(from[0], from[1]);
        if (this.leaps(source, column)) {
          const over = this.scene.top;
          const [left, right] = [from[1], to[1]].map((y) => y + (over - y) * 1.28) as [number, number];
          context.bezierCurveTo(from[0] + 30, left, to[0] - 30, right, to[0], to[1]);
        } else context.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], to[0], to[1]);
        context.stroke();
      }
      context.globalAlpha = 1;
    }
  }

  /** Whether other columns stand between two. */
  private leaps(source: Column, column: Column): boolean {
    const end = source.x + source.width;
    return this.scene.columns.some((one) => one.x > end && one.x + one.width < column.x);
  }

  private pairs(source: Column, column: Column): [[number, number], [number, number]][] {
    const ends = source.planes.map((one): [number, number] => {
      const [width, height] = drawnSize(one);
      return [one.x + width + one.tensor.halo[3] * one.size + 2, one.y + height / 2];
    });
    if (column.parameters.length && !column.isAligned) {
      const middle = column.y + this.scene.header + column.height / 2;
      return ends.map((from) => [from, [column.x - 3, middle]]);
    }
    const starts = column.planes.map((one, k): [number, number] => {
      const row = column.parameters[k];
      const left = row ? Math.min(...row.map((each) => each.x)) : one.x - one.tensor.halo[2] * one.size;
      return [left - 3, one.y + drawnSize(one)[1] / 2];
    });
    const isOneToOne = ends.length === starts.length && !column.tensor.kernels.length;
    if (isOneToOne) return ends.map((from, k) => [from, starts[k]!]);
    return ends.flatMap((from) => starts.map((to): [[number, number], [number, number]] => [from, to]));
  }

  // -- what is marked ---------------------------------------------------------------------

  private drawMarks(): void {
    const { marks, look } = this;
    for (const { seen, isWrong } of marks.findings) for (const one of seen) this.drawFinding(one, isWrong);
    const [edge, inside] = [css(hexRgb(look.accent), 0.55), css(hexRgb(look.accent), 0.12)];
    this.outline(marks.field, edge, 1.2, inside);
    this.outline(marks.readers, look.reader, 1.6, css(hexRgb(look.reader), 0.12));
    this.outline(marks.reads, look.accent, 2);
    if (marks.spot) this.drawSpot(marks.spot);
  }

  private drawSpot({ picture, i, j }: Spot): void {
    const { context, view, look } = this;
    const [across, down] = entryPlace(picture, i, j);
    const { size } = picture;
    const [x, y] = [picture.x + across * size, picture.y + down * size];
    const grow = Math.max(0, (7 / view.k - size) / 2);
    context.lineWidth = 3.5 / view.k;
    context.strokeStyle = look.isDark ? "#14171c" : "#fff";
    const box = [x - grow, y - grow, size + 2 * grow, size + 2 * grow] as const;
    context.strokeRect(...box);
    context.lineWidth = (this.marks.isPinned ? 2.2 : 1.4) / view.k;
    context.strokeStyle = look.ink;
    context.strokeRect(...box);
  }

  /** Box entries of pictures, all of them at one stroke. */
  private outline(some: Seen[], stroke: string, width: number, fill = ""): void {
    const { context, view } = this;
    context.lineWidth = width / view.k;
    context.strokeStyle = stroke;
    context.beginPath();
    for (const { picture, entries } of some) {
      if (!this.isVisible(picture)) continue;
      if (picture.wrap) this.traceWrapped(picture, entries);
      else {
        const [i0, i1, j0, j1] = entries;
        const { x, y, size } = picture;
        context.rect(x + j0 * size, y + i0 * size, (j1 - j0 + 1) * size, (i1 - i0 + 1) * size);
      }
    }
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    context.stroke();
  }

  private traceWrapped(picture: Picture, [i0, i1, j0, j1]: Seen["entries"]): void {
    const { context } = this;
    const { x, y, size } = picture;
    if ((i1 - i0 + 1) * (j1 - j0 + 1) === picture.plane[2] * picture.plane[3]) {
      context.rect(x, y, ...drawnSize(picture));
      return;
    }
    for (let i = i0; i <= i1; i++) {
      for (let j = j0; j <= j1; j++) {
        const [across, down] = entryPlace(picture, i, j);
        context.rect(x + across * size, y + down * size, size, size);
      }
    }
  }

  /** A corner in red or amber, and a frame: not by colour alone. */
  private drawFinding({ picture, entries }: Seen, isWrong: boolean): void {
    const { context, view } = this;
    const [across, down] = entryPlace(picture, entries[0], entries[2]);
    const { size } = picture;
    const least = Math.max(size, 9 / view.k);
    const [x, y] = [picture.x + (across + 0.5) * size - least / 2, picture.y + (down + 0.5) * size - least / 2];
    context.fillStyle = isWrong ? "#dc2626" : "#d97706";
    context.beginPath();
    context.moveTo(x + least, y);
    context.lineTo(x + least, y + least * 0.6);
    context.lineTo(x + least * 0.4, y);
    context.fill();
    context.lineWidth = 1.8 / view.k;
    context.strokeStyle = isWrong ? "#dc2626" : "#d97706";
    context.strokeRect(x, y, least, least);
  }
}

/** A value as it is written into a cell; a dot for a zero. */
function inCell(value: Value, digits: number): string {
  if (value === 0) return "·";
  if (typeof value !== "number") return isError(value) ? value.code : "–";
  return value.toFixed(Number.isInteger(value) ? 0 : digits).replace("-", "−");
}

/** The entry whose name or bar is at a point. */
function lineAt(column: Column, x: number, y: number): Spot | null {
  const picture = column.planes[0]!;
  const k = Math.floor((y - picture.y) / picture.size);
  const isInside = x > picture.x && x < column.x + column.width && k >= 0 && k < picture.plane[2] * picture.plane[3];
  return isInside ? { picture, i: Math.floor(k / picture.plane[3]), j: k % picture.plane[3] } : null;
}

function hexRgb(hex: string): [number, number, number] {
  const number = Number.parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

