/** What stands over and beside the planes of a tensor: its labels, its bars, its colours. */

import type { Column } from "../scene/column";
import type { Board } from "./board";
import { LABEL_FONTS, labelsOf } from "./labels";

export function drawColumn(board: Board, column: Column): void {
  const { context, view } = board;
  const { tensor, palette } = column;
  const every = [...column.planes, ...column.parameters.flat()];
  const top = Math.min(...every.map((one) => one.y)) - tensor.halo[0] * column.planes[0]!.size;
  context.textBaseline = "top";
  context.textAlign = "left";
  // Labels grow with the drawing, but never larger than a heading.
  const scale = Math.min(board.scene.measure.label, 1.35 / view.k);
  context.save();
  context.translate(column.x, top - 68 * scale);
  context.scale(scale, scale);
  drawLabels(board, labelsOf(tensor), palette[0]);
  context.restore();
}

function drawLabels(board: Board, [name, ...lines]: string[], ground: string): void {
  const { context, look } = board;
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

/** The picture that the planes of an input make together. */
export function drawColours(board: Board, column: Column): void {
  const { context, look } = board;
  const { x, y, size } = column.colours!;
  const picture = board.heatmaps.together(column.planes);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, x, y, picture.width * size, picture.height * size);
  context.lineWidth = 1 / board.view.k;
  context.strokeStyle = look.faint;
  context.strokeRect(x, y, picture.width * size, picture.height * size);
}

/** The entries of an output with their names, as bars. */
export function drawList(board: Board, column: Column): void {
  const { context, look } = board;
  const picture = column.planes[0]!;
  const { size, x, y, plane } = picture;
  const count = plane[2] * plane[3];
  const values = Array.from({ length: count }, (_, k) => board.heatmaps.value(picture, Math.floor(k / plane[3]), k % plane[3]));
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
