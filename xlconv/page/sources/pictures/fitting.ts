/** A picture brought to the size of an input, as `xlconv generate --input --fit --invert` does. */

import { asDigit } from "./digit";
import { inverted, paperOf, rounded, type Shades } from "./shades";

/** With room at two sides, cut off at two sides, or out of proportion. */
export type Fit = "contain" | "cover" | "stretch";

export interface Fitting {
  fit: Fit;
  invert: boolean;
  /** Whether the input takes single digits, which "contain" brings to where MNIST has them. */
  isDigit: boolean;
}

export interface Fitted {
  planes: Shades[];
  /** Whether the picture is light along its sides. */
  isLight: boolean;
}

/** Planes of shades, each (width, height), rounded to three decimals. */
export function fitted(shades: Shades[], width: number, height: number, { fit, invert, isDigit }: Fitting): Fitted {
  const given = invert ? shades.map(inverted) : shades;
  const isLight = given.reduce((total, one) => total + paperOf(one), 0) / given.length > 0.5;
  const planes = isDigit && fit === "contain" && !isLight
    ? [asDigit(given[0]!, height)]
    : given.map((one) => resized(one, width, height, fit));
  for (const { values } of planes) values.forEach((x, k) => (values[k] = rounded(x * 1000) / 1000));
  return { planes, isLight };
}

function resized(plane: Shades, width: number, height: number, fit: Fit): Shades {
  const ratios = [width / plane.width, height / plane.height] as const;
  if (fit === "stretch") return boxed(plane, width, height);
  if (fit === "cover") {
    const scale = Math.max(...ratios);
    const [w, h] = [width / scale, height / scale];
    return boxed(plane, width, height, [(plane.width - w) / 2, (plane.height - h) / 2, w, h]);
  }
  const scale = Math.min(...ratios);
  const [w, h] = [plane.width, plane.height].map((given) => Math.max(1, rounded(given * scale))) as [number, number];
  const whole = { width, height, values: new Float64Array(width * height).fill(paperOf(plane)) };
  return laid(whole, boxed(plane, w, h), Math.floor((height - h) / 2), Math.floor((width - w) / 2));
}

/** A plane laid over another one. */
export function laid(whole: Shades, part: Shades, top: number, left: number): Shades {
  for (let i = 0; i < part.height; i++) {
    const row = part.values.subarray(i * part.width, (i + 1) * part.width);
    whole.values.set(row, (top + i) * whole.width + left);
  }
  return whole;
}

/** A plane, or a part of it, in another size: each entry the mean of the pixels in its box. */
export function boxed(
  plane: Shades, width: number, height: number, [left, top, w, h] = [0, 0, plane.width, plane.height] as number[],
): Shades {
  const columns = boxes(left!, w!, plane.width, width);
  const rows = boxes(top!, h!, plane.height, height);
  const across = new Float64Array(plane.height * width);
  for (let i = 0; i < plane.height; i++) {
    columns.forEach(([from, to], j) => {
      let sum = 0;
      for (let k = from; k < to; k++) sum += plane.values[i * plane.width + k]!;
      across[i * width + j] = sum / (to - from);
    });
  }
  const values = new Float64Array(height * width);
  rows.forEach(([from, to], i) => {
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let k = from; k < to; k++) sum += across[k * width + j]!;
      values[i * width + j] = sum / (to - from);
    }
  });
  return { width, height, values };
}

/** Which pixels have their middle in the box of each entry: from one to before another. */
function boxes(start: number, length: number, size: number, count: number): [number, number][] {
  const scale = length / count;
  const wide = Math.max(scale, 1);
  return Array.from({ length: count }, (_, k): [number, number] => {
    const middle = start + (k + 0.5) * scale;
    // As Pillow has it to the last bit, which decides of pixels at the very edge.
    const isInside = (pixel: number): boolean => {
      const place = (pixel - middle + 0.5) * (1 / wide);
      return place > -0.5 && place <= 0.5;
    };
    let from = Math.max(Math.trunc(middle - wide * 0.5 + 0.5), 0);
    let to = Math.min(Math.trunc(middle + wide * 0.5 + 0.5), size);
    while (from + 1 < to && !isInside(from)) from++;
    while (from + 1 < to && !isInside(to - 1)) to--;
    return [from, Math.max(to, from + 1)];
  });
}
