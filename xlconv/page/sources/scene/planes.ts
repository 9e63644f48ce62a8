/** The planes of one tensor beside and below each other. */

import type { TensorPart } from "../document";
import { GAP, type Measure, MOST_IN_COLUMN } from "./measure";
import type { Group, Picture } from "./picture";

const LIST = 16;
const ROWS_OF_VECTOR = 24;

export interface Arranged {
  pictures: Picture[];
  width: number;
  height: number;
}

/** Whether the entries of a vector stand below each other with their names. */
export function isListed(tensor: TensorPart): boolean {
  const count = tensor.shape.reduce((a, b) => a * b, 1);
  return tensor.shape.length === 1 && count <= LIST && Boolean(tensor.probabilities || tensor.classes?.length);
}

export function planesOf(tensor: TensorPart, group: Group, measure: Measure): Arranged {
  const count = tensor.planes.length;
  const columns = Math.ceil(count / MOST_IN_COLUMN);
  const rows = Math.ceil(count / columns);
  const [, , height, width] = tensor.planes[0]!;
  const isVector = tensor.shape.length === 1 && Math.max(height, width) > 1;
  const long = isVector && height * width > LIST;
  const wrap = isVector ? (long ? ROWS_OF_VECTOR : height * width) : 0;
  const tall = wrap ? wrap : height;
  const wide = wrap ? Math.ceil((height * width) / wrap) : width;
  const halo = tensor.halo;
  const most = (measure.height - GAP * (rows - 1)) / rows;
  const size = isListed(tensor) ? 22 * measure.label : Math.min(most / (tall + halo[0] + halo[1]), 210 / (wide + halo[2] + halo[3]), 22, 200 / Math.min(tall, 10));
  const pictures = tensor.planes.map((plane, k): Picture => ({
    tensor, kind: "plane", group, sheet: tensor.sheet, plane, size, wrap, first: k * height * width,
    x: Math.floor(k / rows) * (size * (wide + halo[2] + halo[3]) + GAP) + size * halo[2],
    y: (k % rows) * (size * (tall + halo[0] + halo[1]) + GAP) + size * halo[0],
  }));
  return {
    pictures,
    width: columns * (size * (wide + halo[2] + halo[3]) + GAP) - GAP,
    height: rows * (size * (tall + halo[0] + halo[1]) + GAP) - GAP,
  };
}
