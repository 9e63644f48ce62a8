/** A tensor with what it is made with: a column of the drawing. */

import type { Palette, TensorPart } from "../document";
import { GAP, headerOf, type Measure } from "./measure";
import { parametersOf } from "./parameters";
import { type Group, moved, type Picture } from "./picture";
import { type Arranged, isListed, planesOf } from "./planes";

const LIST_WIDTH = 190;

export interface Column {
  tensor: TensorPart;
  x: number;
  y: number;
  width: number;
  height: number;
  palette: Palette;
  planes: Picture[];
  /** For each output the pictures of what makes it. */
  parameters: Picture[][];
  groups: Group[];
  /** Of an input in colours, where the picture stands that its planes make. */
  colours: { x: number; y: number; size: number } | null;
  /** Whether what makes an output stands beside its plane. */
  isAligned: boolean;
  isList: boolean;
}

/** The column of a tensor at a place; `label` is how wide its labels are. */
export function columnOf(
  tensor: TensorPart, palette: Palette, measure: Measure, x: number, y: number, label: number,
): Column {
  const group: Group = {
    name: tensor.name, shape: tensor.shape, kind: tensor.is_input ? "input" : "activation",
    pictures: [], palette,
  };
  const planes = planesOf(tensor, group, measure);
  const parameters = parametersOf(tensor, palette, measure, planes);
  const gap = parameters.width ? GAP * 1.6 : 0;
  const isList = isListed(tensor);
  const colours = coloursOf(tensor, planes, measure);
  const aside = colours ? colours.width + GAP : 0;
  const height = Math.max(planes.height, parameters.height);
  const top = y + headerOf(measure);
  const beside = parameters.isAligned ? planes.height : parameters.height;
  moved(planes.pictures, x + aside + parameters.width + gap, top + (height - planes.height) / 2);
  moved(parameters.rows.flat(), x, top + (height - beside) / 2);
  group.pictures = planes.pictures;
  const own = aside + parameters.width + gap + planes.width + (isList ? LIST_WIDTH * measure.label : 0);
  return {
    tensor, x, y, height, palette, isList, isAligned: parameters.isAligned, width: Math.max(own, label),
    colours: colours && { x, y: top + (height - colours.height) / 2, size: colours.size },
    planes: planes.pictures, parameters: parameters.rows, groups: [group, ...parameters.groups],
  };
}

/** How large the picture is that three planes make, null where they make none. */
function coloursOf(
  tensor: TensorPart, planes: Arranged, measure: Measure,
): { size: number; width: number; height: number } | null {
  if (!tensor.is_input || tensor.shape.length !== 3 || tensor.shape[0] !== 3) return null;
  const [, , height, width] = tensor.planes[0]!;
  const size = Math.min(planes.pictures[0]!.size * 1.5, (measure.height * 0.6) / height);
  return { size, width: width * size, height: height * size };
}

/** Move a column, with all that is in it, down. */
export function lowered(column: Column, shift: number): void {
  column.y += shift;
  moved([...column.planes, ...column.parameters.flat()], 0, shift);
  if (column.colours) column.colours.y += shift;
}
