/** One plane: its frame, its heat map, its lines and its numbers. */

import { isError, type Value } from "../engine/values";
import { drawnSize, entryPlace, type Picture } from "../scene/picture";
import { cellOf } from "../scene/places";
import type { Board } from "./board";
import { css, inkOn, rgb } from "./theme";

const NUMBERS_FROM = 27;
const FRAMES_FROM = 14;
const LINES_FROM = 9;

export function drawPicture(board: Board, picture: Picture): void {
  const { context, view, look } = board;
  const [width, height] = drawnSize(picture);
  const pixels = picture.size * view.k;
  context.imageSmoothingEnabled = pixels < 1;
  drawHalo(board, picture);
  board.heatmaps.paint(context, picture);
  context.lineWidth = 1 / view.k;
  if (pixels >= LINES_FROM) drawLines(board, picture);
  context.strokeStyle = picture.kind === "plane" ? css(rgb(picture.group.palette[0]), 0.75) : look.line;
  const isLarge = Math.max(width, height) * view.k >= FRAMES_FROM && Math.min(width, height) * view.k > 3;
  if (!picture.wrap && isLarge) context.strokeRect(picture.x, picture.y, width, height);
  if (pixels >= NUMBERS_FROM) drawNumbers(board, picture, pixels);
}

/** The frame of cells around a plane that its readers see. */
function drawHalo(board: Board, picture: Picture): void {
  if (picture.kind !== "plane" || picture.wrap) return;
  const [top, bottom, left, right] = picture.tensor.halo;
  if (!(top || bottom || left || right)) return;
  const { context, look, view } = board;
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

function drawLines(board: Board, picture: Picture): void {
  const { context } = board;
  const [width, height] = drawnSize(picture);
  context.strokeStyle = board.look.isDark ? "rgba(255,255,255,.10)" : "rgba(15,23,42,.10)";
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

function drawNumbers(board: Board, picture: Picture, pixels: number): void {
  const { context, view } = board;
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
      if (sx < -pixels || sy < -pixels || sx > board.width + pixels || sy > board.height + pixels) continue;
      const cell = cellOf({ picture, i, j });
      const value = board.grids[cell.sheet]!.get(cell.row, cell.column);
      context.fillStyle = inkOn(board.heatmaps.colour(picture, i, j));
      context.fillText(inCell(value, digits), cx, cy, size * 0.94);
    }
  }
}

/** A value as it is written into a cell; a dot for a zero. */
function inCell(value: Value, digits: number): string {
  if (value === 0) return "·";
  if (typeof value !== "number") return isError(value) ? value.code : "–";
  return value.toFixed(Number.isInteger(value) ? 0 : digits).replace("-", "−");
}
