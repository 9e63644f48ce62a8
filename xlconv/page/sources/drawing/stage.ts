/** The drawing of the whole network on a canvas, zoomed and moved, and what is marked on it. */

import type { Grid } from "../engine/grid";
import type { Column } from "../scene/column";
import { entryAt } from "../scene/picture";
import type { Spot } from "../scene/places";
import type { Scene } from "../scene/scene";
import { type Board, isVisible, type View } from "./board";
import { drawColours, drawColumn, drawList } from "./columns";
import type { Heatmaps } from "./heatmaps";
import { drawLinks } from "./links";
import { type Marks, unmarked } from "./marks";
import { drawMarks } from "./outlines";
import { drawPicture } from "./pictures";
import type { Theme } from "./theme";

export class Stage {
  view: View = { x: 0, y: 0, k: 1 };
  marks: Marks = unmarked();
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
  ) {}

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
    const { base, canvas } = this;
    if (isStale) {
      [base.width, base.height] = [canvas.width, canvas.height];
      drawBase(this.board(base));
      this.isStale = false;
    }
    const context = canvas.getContext("2d")!;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.look.ground;
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (base.width && base.height) context.drawImage(base, 0, 0);
    drawMarks(this.board(canvas), this.marks);
  }

  /** A canvas to draw on, moved and zoomed. */
  private board(canvas: HTMLCanvasElement): Board {
    const context = canvas.getContext("2d")!;
    const ratio = window.devicePixelRatio || 1;
    const { view, look, scene, heatmaps, grids } = this;
    const { clientWidth: width, clientHeight: height } = this.canvas;
    context.setTransform(ratio * view.k, 0, 0, ratio * view.k, ratio * view.x, ratio * view.y);
    return { context, width, height, view, look, scene, heatmaps, grids };
  }
}

function drawBase(board: Board): void {
  const { columns, pictures } = board.scene;
  for (const column of columns) drawLinks(board, column);
  for (const column of columns) drawColumn(board, column);
  for (const picture of pictures) if (isVisible(board, picture)) drawPicture(board, picture);
  for (const column of columns) {
    if (column.isList) drawList(board, column);
    if (column.colours) drawColours(board, column);
  }
}

/** The entry whose name or bar is at a point. */
function lineAt(column: Column, x: number, y: number): Spot | null {
  const picture = column.planes[0]!;
  const k = Math.floor((y - picture.y) / picture.size);
  const isInside = x > picture.x && x < column.x + column.width && k >= 0 && k < picture.plane[2] * picture.plane[3];
  return isInside ? { picture, i: Math.floor(k / picture.plane[3]), j: k % picture.plane[3] } : null;
}
