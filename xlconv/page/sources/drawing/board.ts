/** What is drawn on: a canvas, how it is moved and zoomed, and what there is to draw. */

import type { Grid } from "../engine/grid";
import { drawnSize, type Picture } from "../scene/picture";
import type { Scene } from "../scene/scene";
import type { Heatmaps } from "./heatmaps";
import type { Theme } from "./theme";

export interface View {
  x: number;
  y: number;
  k: number;
}

export interface Board {
  context: CanvasRenderingContext2D;
  /** How wide and high it is on the screen. */
  width: number;
  height: number;
  view: View;
  look: Theme;
  scene: Scene;
  heatmaps: Heatmaps;
  grids: Grid[];
}

export function isVisible(board: Board, picture: Picture): boolean {
  const [width, height] = drawnSize(picture);
  const { x, y, k } = board.view;
  return (
    (picture.x + width) * k + x > 0 && picture.x * k + x < board.width &&
    (picture.y + height) * k + y > 0 && picture.y * k + y < board.height
  );
}
