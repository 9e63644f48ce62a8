/** A plane as it is drawn, and where its entries are. Never looks at a value. */

import type { Palette, Plane, TensorPart } from "../document";

/** A plane as it is drawn; entries of long vectors go on in a next column. */
export interface Picture {
  tensor: TensorPart;
  kind: "plane" | "parameter";
  group: Group;
  sheet: number;
  plane: Plane;
  x: number;
  y: number;
  size: number;
  wrap: number;
  /** Of the entries of its name, that of its first one. */
  first: number;
}

/** Planes that have a name and a scale of colours in common. */
export interface Group {
  name: string;
  shape: number[];
  kind: "input" | "activation" | "parameter";
  pictures: Picture[];
  palette: Palette;
}

export function drawnSize(picture: Picture): [number, number] {
  const [, , height, width] = picture.plane;
  if (!picture.wrap) return [width * picture.size, height * picture.size];
  const count = height * width;
  return [Math.ceil(count / picture.wrap) * picture.size, Math.min(count, picture.wrap) * picture.size];
}

/** The place of an entry within its picture, in entries. */
export function entryPlace(picture: Picture, i: number, j: number): [number, number] {
  if (!picture.wrap) return [j, i];
  const k = i * picture.plane[3] + j;
  return [Math.floor(k / picture.wrap), k % picture.wrap];
}

/** The entry at a point of the drawing, null where there is none. */
export function entryAt(picture: Picture, x: number, y: number): [number, number] | null {
  const across = Math.floor((x - picture.x) / picture.size);
  const down = Math.floor((y - picture.y) / picture.size);
  const [, , height, width] = picture.plane;
  if (!picture.wrap) {
    return down >= 0 && across >= 0 && down < height && across < width ? [down, across] : null;
  }
  const k = across * picture.wrap + down;
  if (across < 0 || down < 0 || down >= picture.wrap || k >= height * width) return null;
  return [Math.floor(k / width), k % width];
}

export function moved(pictures: Picture[], x: number, y: number): void {
  for (const one of pictures) [one.x, one.y] = [one.x + x, one.y + y];
}
