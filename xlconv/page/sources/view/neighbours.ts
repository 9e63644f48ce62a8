/** Which unit is beside another: in its plane, in the next plane, in the next layer. */

import type { Spot } from "../scene/places";
import type { Scene } from "../scene/scene";

export function beside({ picture, i, j }: Spot, down: number, right: number): Spot {
  const [, , height, width] = picture.plane;
  return { picture, i: clamped(i + down, height), j: clamped(j + right, width) };
}

/** The unit after another in its plane, row by row; null after the last one. */
export function following({ picture, i, j }: Spot): Spot | null {
  const [, , height, width] = picture.plane;
  const next = i * width + j + 1;
  return next < height * width ? { picture, i: Math.floor(next / width), j: next % width } : null;
}

export function inPlaneBeside({ picture, i, j }: Spot, step: number): Spot {
  const { pictures } = picture.group;
  const other = pictures[clamped(pictures.indexOf(picture) + step, pictures.length)]!;
  return beside({ picture: other, i, j }, 0, 0);
}

export function inLayerBeside({ picture, i, j }: Spot, step: number, { columns }: Scene): Spot {
  const at = columns.findIndex((one) => one.tensor === picture.tensor);
  const other = columns[clamped(at + step, columns.length)]!.planes[0]!;
  return beside({ picture: other, i, j }, 0, 0);
}

function clamped(number: number, count: number): number {
  return Math.min(Math.max(number, 0), count - 1);
}
