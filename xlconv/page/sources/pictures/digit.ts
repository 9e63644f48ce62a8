/**
 * The picture of a light digit as MNIST has its digits: its ink in a box of 20, its mass in the middle.
 *
 * As `xlconv/interop/digit_pictures.py` does it, where the numbers are said.
 */

import { boxed, laid } from "./fitting";
import { paperOf, quantile, rounded, type Shades, sidesOf } from "./shades";

const SIDE = 28;
const BOX = 20;
const [BORDERS, SHARE] = [4, 0.9];
const FAINTEST = 0.1;
const STRONG = 0.5;

/** A digit's plane of a side, 0 (paper) to 1; all paper where there is no ink. */
export function asDigit(plane: Shades, side: number): Shades {
  const whole = { width: side, height: side, values: new Float64Array(side * side) };
  const ink = inkOf(plane);
  if (!ink.values.some((x) => x > 0)) return whole;
  const part = inBox(cutOut(ink));
  const frame = Math.floor((side - SIDE) / 2);
  const [row, column] = centreOf(part);
  const [top, left] = ([[row, part.height], [column, part.width]] as const).map(([centre, size]) =>
    frame + Math.min(Math.max(rounded(SIDE / 2 - centre), 0), SIDE - size)) as [number, number];
  return laid(whole, part, top, left);
}

/** How much lighter than the paper each pixel is: 1 where most, 0 on paper. */
function inkOf(plane: Shades): Shades {
  const paper = paperOf(plane);
  const light = { ...plane, values: plane.values.map((x) => Math.max(x - paper, 0)) };
  const most = light.values.reduce((one, other) => Math.max(one, other), 0);
  if (most < FAINTEST) return { ...plane, values: new Float64Array(plane.values.length) };
  const rough = quantile(sidesOf(light), SHARE);
  const least = Math.min(BORDERS * rough, STRONG * most);
  return { ...plane, values: light.values.map((x) => (x > least ? x / most : 0)) };
}

/** The part with strong ink, and with all ink that goes on from there. */
function cutOut({ width, height, values }: Shades): Shades {
  const rows = new Float64Array(height);
  const columns = new Float64Array(width);
  values.forEach((x, k) => {
    const [i, j] = [Math.floor(k / width), k % width];
    rows[i] = Math.max(rows[i]!, x);
    columns[j] = Math.max(columns[j]!, x);
  });
  const [[top, bottom], [left, right]] = [grown(rows), grown(columns)];
  const [w, h] = [right - left, bottom - top];
  const part = Float64Array.from({ length: w * h }, (_, k) => values[(top + Math.floor(k / w)) * width + left + (k % w)]!);
  return { width: w, height: h, values: part };
}

function grown(most: Float64Array): [number, number] {
  let first = most.findIndex((x) => x > STRONG);
  let last = most.findLastIndex((x) => x > STRONG);
  while (first > 0 && most[first - 1]! > 0) first--;
  while (last + 1 < most.length && most[last + 1]! > 0) last++;
  return [first, last + 1];
}

function inBox(ink: Shades): Shades {
  const scale = BOX / Math.max(ink.width, ink.height);
  const [width, height] = [ink.width, ink.height].map((n) => Math.max(1, rounded(n * scale))) as [number, number];
  return boxed(ink, width, height);
}

/** The row and column of the centre of mass. */
function centreOf({ width, values }: Shades): [number, number] {
  let [mass, row, column] = [0, 0, 0];
  values.forEach((x, k) => {
    mass += x;
    row += x * Math.floor(k / width);
    column += x * (k % width);
  });
  return [row / mass, column / mass];
}
