/** Planes as small pictures, a pixel an entry; made anew where values or colours changed. */

import type { Grid } from "../engine/grid";
import { overlap, type Rect } from "../engine/blocks";
import type { Group, Picture } from "../scene/picture";
import { cellOf } from "../scene/places";
import type { Scene } from "../scene/scene";
import type { Ties } from "../scene/ties";
import { diverging, pictured, rising, type Rgb, Scale, type Theme } from "./theme";

const ACROSS = 64;

interface Atlas {
  canvas: HTMLCanvasElement;
  scales: Scale[];
}

export class Heatmaps {
  private readonly atlases = new Map<Group, Atlas>();
  private readonly places = new Map<Picture, [number, number]>();

  constructor(
    private readonly scene: Scene, private readonly grids: Grid[], private readonly ties: Ties, private look: Theme,
  ) {
    this.redraw();
  }

  recolour(look: Theme): void {
    this.look = look;
    this.redraw();
  }

  /** Make all groups anew, or those with cells in some rectangles. */
  redraw(changed: Rect[] | null = null): void {
    for (const group of this.scene.groups) {
      if (changed && !group.pictures.some((one) => isTouched(one, changed))) continue;
      this.draw(group);
    }
  }

  scale(picture: Picture): Scale {
    const scales = this.atlases.get(picture.group)!.scales;
    return scales[scales.length > 1 ? picture.group.pictures.indexOf(picture) : 0]!;
  }

  /** The colour of an entry: that of its number, or of the weight that it shares with others. */
  colour(picture: Picture, i: number, j: number): Rgb {
    return this.coloured(picture, this.scale(picture), i, j);
  }

  private coloured(picture: Picture, scale: Scale, i: number, j: number): Rgb {
    if (!this.ties.isIn(picture)) return scale.at(this.value(picture, i, j));
    const { shared, zero } = this.look;
    const number = this.ties.numberOf(cellOf({ picture, i, j }));
    return number === null ? zero : shared[number % shared.length]!;
  }

  value(picture: Picture, i: number, j: number): number {
    const [row, column, , , down, right] = picture.plane;
    const grid = this.grids[picture.sheet]!;
    return grid.numbers[(row + down * i) * grid.columns + column + right * j] ?? 0;
  }

  /** Draw a picture's own pixels, each as large as an entry. */
  paint(context: CanvasRenderingContext2D, picture: Picture): void {
    const atlas = this.atlases.get(picture.group)!.canvas;
    const [sx, sy] = this.places.get(picture)!;
    const [, , height, width] = picture.plane;
    const { x, y, size, wrap } = picture;
    if (!wrap) {
      context.drawImage(atlas, sx, sy, width, height, x, y, width * size, height * size);
      return;
    }
    for (let k = 0, column = 0; k < height * width; k += wrap, column++) {
      const count = Math.min(wrap, height * width - k);
      const [w, h] = width === 1 ? [1, count] : [count, 1];
      const from = width === 1 ? [sx, sy + k] : [sx + k, sy];
      if (width === 1) {
        context.drawImage(atlas, from[0]!, from[1]!, w, h, x + column * size, y, size, count * size);
      } else {
        for (let n = 0; n < count; n++) {
          context.drawImage(atlas, sx + k + n, sy, 1, 1, x + column * size, y + n * size, size, size);
        }
      }
    }
  }

  /** Red, green and blue of three planes as one picture. */
  together(planes: Picture[]): HTMLCanvasElement {
    const [, , height, width] = planes[0]!.plane;
    const [canvas, high] = [document.createElement("canvas"), this.scale(planes[0]!).high];
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(width, height);
    for (let k = 0; k < height * width; k++) {
      planes.forEach((one, channel) => {
        image.data[k * 4 + channel] = (this.value(one, Math.floor(k / width), k % width) / high) * 255;
      });
      image.data[k * 4 + 3] = 255;
    }
    context.putImageData(image, 0, 0);
    return canvas;
  }

  private draw(group: Group): void {
    const [height, width] = largest(group);
    const across = Math.min(group.pictures.length, Math.max(1, Math.floor(2048 / width)), ACROSS);
    const rows = Math.ceil(group.pictures.length / across);
    const known = this.atlases.get(group);
    const canvas = known?.canvas ?? document.createElement("canvas");
    if (!known) [canvas.width, canvas.height] = [across * width, rows * height];
    const scales = this.scales(group);
    const context = canvas.getContext("2d")!;
    const image = context.createImageData(canvas.width, canvas.height);
    group.pictures.forEach((picture, k) => {
      const [x, y] = [(k % across) * width, Math.floor(k / across) * height];
      this.places.set(picture, [x, y]);
      const scale = scales[scales.length > 1 ? k : 0]!;
      const [, , h, w] = picture.plane;
      for (let i = 0; i < h; i++) {
        let at = ((y + i) * canvas.width + x) * 4;
        for (let j = 0; j < w; j++, at += 4) {
          const [red, green, blue] = this.coloured(picture, scale, i, j);
          image.data[at] = red;
          image.data[at + 1] = green;
          image.data[at + 2] = blue;
          image.data[at + 3] = 255;
        }
      }
    });
    context.putImageData(image, 0, 0);
    this.atlases.set(group, { canvas, scales });
  }

  private scales(group: Group): Scale[] {
    let [low, high] = [Infinity, -Infinity];
    for (const picture of group.pictures) {
      const [, , height, width] = picture.plane;
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < width; j++) {
          const value = this.value(picture, i, j);
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
    if (group.kind === "input" && low >= 0 && group.shape.length === 3) {
      const top = high <= 1 ? 1 : high;
      const isColour = group.shape[0] === 3;
      return isColour
        ? group.pictures.map((_, k) => pictured(0, top, k, this.look))
        : [pictured(0, top, -1, this.look)];
    }
    if (group.kind === "parameter" || low < 0) return [diverging(most, this.look)];
    return [rising(high > 0 ? high : 1, group.palette, this.look)];
  }
}

function largest(group: Group): [number, number] {
  const heights = group.pictures.map((one) => one.plane[2]);
  const widths = group.pictures.map((one) => one.plane[3]);
  return [Math.max(...heights), Math.max(...widths)];
}

export function isTouched(picture: Picture, changed: Rect[]): boolean {
  const [row, column, height, width, down, right] = picture.plane;
  const range = {
    sheet: picture.sheet, top: row, left: column,
    bottom: row + down * (height - 1), right: column + right * (width - 1),
  };
  return changed.some((one) => overlap(one, range));
}
