/** What cells are called, and where a name leads: `conv2[1, 5, 7]` and `BT38`, both ways. */

import type { PageDocument, Plane } from "../document";
import type { Rect } from "../engine/blocks";
import { a1, parseA1, rangeName } from "../engine/text";
import type { Picture } from "./picture";
import type { Scene } from "./scene";

export interface Spot {
  picture: Picture;
  i: number;
  j: number;
}

export interface Cell {
  sheet: number;
  row: number;
  column: number;
}

export function cellOf({ picture, i, j }: Spot): Cell {
  const [row, column, , , down, right] = picture.plane;
  return { sheet: picture.sheet, row: row + down * i, column: column + right * j };
}

export function rectOf({ sheet, row, column }: Cell): Rect {
  return { sheet, top: row, bottom: row, left: column, right: column };
}

/** The entry of a plane in a cell, null where it holds none. */
function entryIn([row, column, height, width, down, right]: Plane, cell: Cell): [number, number] | null {
  const [i, j] = [(cell.row - row) / down, (cell.column - column) / right];
  const within = i >= 0 && j >= 0 && i < height && j < width;
  return within && Number.isInteger(i) && Number.isInteger(j) ? [i, j] : null;
}

/** The entries of a plane in a rectangle: first and last row, first and last column. */
export function entriesIn(plane: Plane, rect: Rect): [number, number, number, number] | null {
  const [row, column, height, width, down, right] = plane;
  const i0 = Math.max(Math.ceil((rect.top - row) / down), 0);
  const i1 = Math.min(Math.floor((rect.bottom - row) / down), height - 1);
  const j0 = Math.max(Math.ceil((rect.left - column) / right), 0);
  const j1 = Math.min(Math.floor((rect.right - column) / right), width - 1);
  return i0 > i1 || j0 > j1 ? null : [i0, i1, j0, j1];
}

export class Places {
  constructor(private readonly document: PageDocument, private readonly scene: Scene) {}

  spotAt(cell: Cell): Spot | null {
    for (const picture of this.scene.pictures) {
      if (picture.sheet !== cell.sheet) continue;
      const found = entryIn(picture.plane, cell);
      if (found) return { picture, i: found[0], j: found[1] };
    }
    return null;
  }

  address({ sheet, row, column }: Cell): string {
    const name = a1(row, column);
    return this.document.sheets.length > 1 ? `${this.document.sheets[sheet]!.name}!${name}` : name;
  }

  /** `conv2[1, 5, 7]`. */
  name(spot: Spot): string {
    return `${spot.picture.group.name}[${this.index(spot).join(", ")}]`;
  }

  index({ picture, i, j }: Spot): number[] {
    return unraveled(picture.first + i * picture.plane[3] + j, picture.group.shape);
  }

  /** What a rectangle is called: `conv1[0, 5:8, 7:10]`; "" where it is part of nothing. */
  rangeTitle(rect: Rect): string {
    for (const picture of this.scene.pictures) {
      const { plane, group } = picture;
      if (picture.sheet !== rect.sheet || plane[4] !== 1 || plane[5] !== 1) continue;
      // In the frame around a plane indices go on: -1 is the row above it.
      const [i0, i1] = [rect.top - plane[0], rect.bottom - plane[0]];
      const [j0, j1] = [rect.left - plane[1], rect.right - plane[1]];
      const [top, bottom, left, right] = picture.kind === "plane" ? picture.tensor.halo : [0, 0, 0, 0];
      if (i0 < -top || j0 < -left || i1 >= plane[2] + bottom || j1 >= plane[3] + right) continue;
      if (!entriesIn(plane, rect)) continue;
      if (i0 === i1 && j0 === j1) return this.name({ picture, i: i0, j: j0 });
      if (!i0 && !j0 && i1 + 1 === plane[2] && j1 + 1 === plane[3]) return this.planeTitle(picture);
      if (group.shape.length < 3) return group.name;
      const before = this.index({ picture, i: 0, j: 0 }).slice(0, -2);
      return `${group.name}[${[...before, slice(i0, i1), slice(j0, j1)].join(", ")}]`;
    }
    return "";
  }

  planeTitle(picture: Picture): string {
    const { group, plane } = picture;
    const index = this.index({ picture, i: 0, j: 0 });
    const inside = plane[2] === 1 && plane[3] === 1 ? index : index.slice(0, group.shape.length > 1 ? -2 : 0);
    if (group.shape.length === 2) return `${group.name}[${index[0]!}]`;
    return inside.length ? `${group.name}[${inside.join(", ")}]` : group.name;
  }

  rangeAddress(rect: Rect): string {
    return rangeName(rect.top, rect.left, rect.bottom, rect.right);
  }

  /** The cell that a link names: `conv2[1,5,7]`, `BT38` or `sheet!BT38`. */
  find(text: string): Cell | null {
    const [sheetName, name] = text.includes("!")
      ? [text.slice(0, text.lastIndexOf("!")).replace(/^'|'$/g, ""), text.slice(text.lastIndexOf("!") + 1)]
      : ["", text];
    const named = this.document.sheets.findIndex((one) => one.name === sheetName);
    const sheet = named >= 0 ? named : (this.document.tensors[0]?.sheet ?? 0);
    const place = parseA1(name);
    if (place) return this.within({ sheet, row: place[0], column: place[1] });
    const entry = /^\s*(.+?)\s*\[([-0-9,\s]*)\]\s*$/.exec(name);
    if (entry) return this.entry(entry[1]!, entry[2]!.split(",").map(Number));
    const known = this.document.names.find(([one]) => one.toLowerCase() === name.toLowerCase());
    return known ? this.within({ sheet: known[1], row: known[2], column: known[3] }) : null;
  }

  private within(cell: Cell): Cell | null {
    const [rows, columns] = this.document.sheets[cell.sheet]!.size;
    return cell.row < rows && cell.column < columns ? cell : null;
  }

  private entry(name: string, index: number[]): Cell | null {
    for (const group of this.scene.groups) {
      const tensor = group.pictures[0]!.tensor;
      const own = group.kind === "parameter" ? [] : tensor.names;
      const known = [{ name: group.name, shape: group.shape }, ...own].find((one) => one.name === name);
      if (!known) continue;
      const flat = raveled(index, known.shape);
      if (flat === null) continue;
      for (const picture of group.pictures) {
        const [, , height, width] = picture.plane;
        const k = flat - picture.first;
        if (k < 0 || k >= height * width) continue;
        return cellOf({ picture, i: Math.floor(k / width), j: k % width });
      }
    }
    return null;
  }
}

function slice(from: number, to: number): string {
  return from === to ? String(from) : `${from}:${to + 1}`;
}

function unraveled(flat: number, shape: number[]): number[] {
  const index: number[] = [];
  for (const size of [...shape].reverse()) {
    index.unshift(flat % size);
    flat = Math.floor(flat / size);
  }
  return index;
}

function raveled(index: number[], shape: number[]): number | null {
  if (index.length !== shape.length) return null;
  let flat = 0;
  for (const [k, one] of index.entries()) {
    if (!Number.isInteger(one) || one < 0 || one >= shape[k]!) return null;
    flat = flat * shape[k]! + one;
  }
  return flat;
}
