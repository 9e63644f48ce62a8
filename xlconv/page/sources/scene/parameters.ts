/** Kernels, biases and other numbers of a layer, to the left of the planes that they make. */

import type { Palette, Plane, TensorPart } from "../document";
import { GAP, type Measure, MOST_IN_COLUMN, WIDEST } from "./measure";
import { drawnSize, type Group, type Picture } from "./picture";
import type { Arranged } from "./planes";

const LEAST_KERNEL = 56;

export interface Parameters {
  rows: Picture[][];
  groups: Group[];
  width: number;
  height: number;
  isAligned: boolean;
}

/** A plane of parameters: of which entries it is, and the first of them. */
interface Part {
  plane: Plane;
  entry: number;
  first: number;
}

/** For each output what makes it: planes of its kernel, its bias, other numbers of its own. */
function rowsOf(tensor: TensorPart): Part[][] {
  const rows: Part[][] = [];
  tensor.entries.forEach((one, entry) => {
    if (one.kind !== "weight" && one.kind !== "bias") return;
    const kernel = tensor.kernels.length && one.planes.length === tensor.kernels.flat().length && one.kind === "weight";
    const per = kernel ? tensor.kernels[0]!.length : 1;
    one.planes.forEach((plane, k) => {
      const first = k * plane[2] * plane[3];
      (rows[Math.floor(k / per)] ??= []).push({ plane, entry, first });
    });
  });
  return rows.filter(Boolean);
}

/** The sizes that the parameters of a tensor have in common. */
interface Pattern {
  tall: number;
  wide: number;
  across: number;
}

export function parametersOf(
  tensor: TensorPart, palette: Palette, measure: Measure, planes: Arranged,
): Parameters {
  const rows = rowsOf(tensor);
  if (!rows.length) return { rows: [], groups: [], width: 0, height: 0, isAligned: false };
  const pattern = {
    tall: Math.max(...rows.flat().map((one) => one.plane[2])),
    wide: Math.max(...rows.flat().map((one) => one.plane[3])),
    across: Math.max(...rows.map((row) => row.length)),
  };
  const isAligned = rows.length === planes.pictures.length && rows.length <= MOST_IN_COLUMN
    && pattern.across * pattern.wide <= 40;
  const place = isAligned ? besidePlanes(rows, pattern, planes) : inTable(rows, pattern, measure);
  const groups = tensor.entries.map((one): Group => ({
    name: one.name, shape: one.shape, kind: "parameter", pictures: [], palette,
  }));
  const made = rows.map((row, output) => {
    let before = 0;
    return row.map(({ plane, entry, first }, k): Picture => {
      const [x, y] = place.at(output, k, before, plane);
      before += plane[3] * place.size + 0.6 * place.size;
      const group = groups[entry]!;
      const picture: Picture = {
        tensor, kind: "parameter", group, sheet: tensor.entries[entry]!.sheet,
        plane, size: place.size, wrap: 0, first, x, y,
      };
      group.pictures.push(picture);
      return picture;
    });
  });
  const every = made.flat();
  const width = Math.max(...every.map((one) => one.x + drawnSize(one)[0]));
  const height = isAligned
    ? Math.max(planes.height, ...every.map((one) => drawnSize(one)[1]))
    : Math.max(...every.map((one) => one.y + drawnSize(one)[1]));
  return { rows: made, groups: groups.filter((one) => one.pictures.length), width, height, isAligned };
}

/** How large entries are, and where the k-th plane of an output stands, `before` to its left. */
interface Placing {
  size: number;
  at: (output: number, k: number, before: number, plane: Plane) => [number, number];
}

/** Each row in the middle of the plane that it makes. */
function besidePlanes(rows: Part[][], { tall, wide, across }: Pattern, planes: Arranged): Placing {
  const pitch = (planes.height + GAP) / rows.length;
  const isAlone = rows.length === 1;
  const slot = isAlone ? Math.max(planes.height, LEAST_KERNEL) : pitch - GAP;
  const size = Math.min((slot * 0.86) / tall, WIDEST / (across * (wide + 0.6)), 16);
  const room = isAlone ? planes.height : slot;
  return { size, at: (output, _, before, plane) => [before, output * pitch + (room - plane[2] * size) / 2] };
}

/** Rows of outputs, or where kernels are tall columns of them. */
function inTable(rows: Part[][], { tall, wide, across }: Pattern, measure: Measure): Placing {
  const most = measure.height;
  const flat = Math.min(most / (rows.length * (tall + 1)), WIDEST / (across * (wide + 0.6)));
  const upright = Math.min(most / (across * (tall + 1)), WIDEST / (rows.length * (wide + 0.6)));
  const size = Math.min(Math.max(flat, upright), 12);
  const [right, down] = [(wide + 0.6) * size, (tall + 1) * size];
  if (upright > flat * 1.2) return { size, at: (output, k) => [output * right, k * down] };
  return { size, at: (output, _, before) => [before, output * down] };
}
