/** Boxes around entries: what is looked at, what it reads, what reads it, what is wrong. */

import { drawnSize, entryPlace, type Picture } from "../scene/picture";
import type { Spot } from "../scene/places";
import { type Board, isVisible } from "./board";
import type { Marks, Seen } from "./marks";
import { css, rgb } from "./theme";

export function drawMarks(board: Board, marks: Marks): void {
  const { look } = board;
  for (const { seen, area, isWrong } of marks.findings) {
    for (const one of area) drawHatched(board, one, colourOf(isWrong));
    for (const one of seen) drawFinding(board, one, colourOf(isWrong));
  }
  const [edge, inside] = [css(rgb(look.accent), 0.55), css(rgb(look.accent), 0.12)];
  outline(board, marks.field, edge, 1.2, inside);
  outline(board, marks.readers, look.reader, 1.6, css(rgb(look.reader), 0.12));
  outline(board, marks.reads, look.accent, 2);
  outline(board, marks.twins, look.twin, 2.4);
  if (marks.spot) drawSpot(board, marks.spot, marks.isPinned);
  for (const one of marks.taken) drawTaken(board, one);
}

function drawSpot(board: Board, { picture, i, j }: Spot, isPinned: boolean): void {
  const { context, view, look } = board;
  const [across, down] = entryPlace(picture, i, j);
  const { size } = picture;
  const [x, y] = [picture.x + across * size, picture.y + down * size];
  const grow = Math.max(0, (7 / view.k - size) / 2);
  context.lineWidth = 3.5 / view.k;
  context.strokeStyle = look.isDark ? "#14171c" : "#fff";
  const box = [x - grow, y - grow, size + 2 * grow, size + 2 * grow] as const;
  context.strokeRect(...box);
  context.lineWidth = (isPinned ? 2.2 : 1.4) / view.k;
  context.strokeStyle = look.ink;
  context.strokeRect(...box);
}

/** A factor that is multiplied right now: framed, and its corner filled. */
function drawTaken(board: Board, { picture, entries }: Seen): void {
  const { context, view, look } = board;
  const [across, down] = entryPlace(picture, entries[0], entries[2]);
  const { size } = picture;
  const least = Math.max(size, 6 / view.k);
  const [x, y] = [picture.x + (across + 0.5) * size - least / 2, picture.y + (down + 0.5) * size - least / 2];
  context.fillStyle = css(rgb(look.accent), 0.35);
  context.fillRect(x, y, least, least);
  context.lineWidth = 2.4 / view.k;
  context.strokeStyle = look.accent;
  context.strokeRect(x, y, least, least);
}

/** Box entries of pictures, all of them at one stroke. */
function outline(board: Board, some: Seen[], stroke: string, width: number, fill = ""): void {
  const { context, view } = board;
  context.lineWidth = width / view.k;
  context.strokeStyle = stroke;
  context.beginPath();
  for (const { picture, entries } of some) {
    if (!isVisible(board, picture)) continue;
    if (picture.wrap) traceWrapped(board, picture, entries);
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

function traceWrapped(board: Board, picture: Picture, [i0, i1, j0, j1]: Seen["entries"]): void {
  const { context } = board;
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

function colourOf(isWrong: boolean): string {
  return isWrong ? "#dc2626" : "#d97706";
}

/** Many cells that are wrong: a frame and lines across, through which the numbers are seen. */
function drawHatched(board: Board, { picture, entries: [i0, i1, j0, j1] }: Seen, colour: string): void {
  const { context, view, look } = board;
  const { size, wrap } = picture;
  const [width, height] = wrap ? drawnSize(picture) : [(j1 - j0 + 1) * size, (i1 - i0 + 1) * size];
  const [x, y] = wrap ? [picture.x, picture.y] : [picture.x + j0 * size, picture.y + i0 * size];
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.lineWidth = 2 / view.k;
  context.strokeStyle = colour;
  context.stroke();
  context.clip();
  context.globalAlpha = look.isDark ? 0.6 : 0.35;
  context.lineWidth = 1 / view.k;
  context.beginPath();
  for (let across = -height; across < width; across += 7 / view.k) {
    context.moveTo(x + across, y + height);
    context.lineTo(x + across + height, y);
  }
  context.stroke();
  context.restore();
}

/** A corner in red or amber, and a frame: not by colour alone. */
function drawFinding(board: Board, { picture, entries }: Seen, colour: string): void {
  const { context, view } = board;
  const [across, down] = entryPlace(picture, entries[0], entries[2]);
  const { size } = picture;
  const least = Math.max(size, 9 / view.k);
  const [x, y] = [picture.x + (across + 0.5) * size - least / 2, picture.y + (down + 0.5) * size - least / 2];
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(x + least, y);
  context.lineTo(x + least, y + least * 0.6);
  context.lineTo(x + least * 0.4, y);
  context.fill();
  context.lineWidth = 1.8 / view.k;
  context.strokeStyle = colour;
  context.strokeRect(x, y, least, least);
}
