/** Lines from tensors to those that are made of them. */

import type { Column } from "../scene/column";
import { drawnSize } from "../scene/picture";
import type { Board } from "./board";

export function drawLinks(board: Board, column: Column): void {
  const { context, view, look } = board;
  for (const id of column.tensor.sources) {
    const source = board.scene.columns.find((one) => one.tensor.id === id);
    if (!source) continue;
    const joined = pairsOf(board, source, column);
    context.strokeStyle = look.line;
    context.lineWidth = Math.max(0.8, 1 / view.k);
    context.globalAlpha = joined.length > 24 ? 0.35 : 0.9;
    for (const [from, to] of joined) {
      const bend = Math.max(24, (to[0] - from[0]) / 2);
      context.beginPath();
      context.moveTo(from[0], from[1]);
      if (leaps(board, source, column)) {
        const over = board.scene.top;
        const [left, right] = [from[1], to[1]].map((y) => y + (over - y) * 1.28) as [number, number];
        context.bezierCurveTo(from[0] + 30, left, to[0] - 30, right, to[0], to[1]);
      } else context.bezierCurveTo(from[0] + bend, from[1], to[0] - bend, to[1], to[0], to[1]);
      context.stroke();
    }
    context.globalAlpha = 1;
  }
}

/** Whether other columns stand between two. */
function leaps(board: Board, source: Column, column: Column): boolean {
  const end = source.x + source.width;
  return board.scene.columns.some((one) => one.x > end && one.x + one.width < column.x);
}

function pairsOf(board: Board, source: Column, column: Column): [[number, number], [number, number]][] {
  const ends = source.planes.map((one): [number, number] => {
    const [width, height] = drawnSize(one);
    return [one.x + width + one.tensor.halo[3] * one.size + 2, one.y + height / 2];
  });
  if (column.parameters.length && !column.isAligned) {
    const middle = column.y + board.scene.header + column.height / 2;
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
