/**
 * Where everything is drawn: tensors from left to right, what they are made with to their left.
 *
 * Sizes are those of the drawing, before it is zoomed. Never draws, and never looks at a value.
 */

import type { PageDocument, Plane, TensorPart } from "../document";
import { INPUT, type Palette, STAGES } from "./theme";

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
  /** Of an input in colours, where the picture stands that its planes make. */
  colours: { x: number; y: number; size: number } | null;
  /** Whether what makes an output stands beside its plane. */
  isAligned: boolean;
  isList: boolean;
}

export interface Scene {
  columns: Column[];
  groups: Group[];
  pictures: Picture[];
  width: number;
  height: number;
  measure: Measure;
  /** The room over each column for its labels, and where the drawing begins. */
  header: number;
  top: number;
}

/** How large things are drawn: the height of a column, and the labels over it. */
export interface Measure {
  height: number;
  label: number;
}

const GAP = 14;
const BETWEEN = 50;
const MOST_IN_COLUMN = 8;
const LIST = 16;
const ROWS_OF_VECTOR = 24;
const HEADER = 74;
const LIST_WIDTH = 190;
const WIDEST = 160;
const LEAST_KERNEL = 56;

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

type Labels = (tensor: TensorPart) => number;

/** The scene that shows most in a window of some size; `labels` is how wide a tensor's are. */
export function fittingScene(
  document: PageDocument, labels: Labels, window: { width: number; height: number },
): Scene {
  let best: Scene | null = null;
  let most = -Infinity;
  for (const height of [430, 560, 720, 900]) {
    const rough = sceneOf(document, labels, { height, label: 1 });
    const label = Math.min(Math.max(0.92 / fitOf(rough, window), 1), 1.9);
    const scene = sceneOf(document, labels, { height, label });
    const k = fitOf(scene, window);
    const sides = scene.columns.map((one) => Math.log(one.planes[0]!.size * k * Math.sqrt(one.planes[0]!.plane[2])));
    const score = sides.reduce((total, x) => total + x, 0);
    if (score > most + 1e-9) [best, most] = [scene, score];
  }
  return best!;
}

function fitOf(scene: Scene, window: { width: number; height: number }): number {
  return Math.min(window.width / scene.width, window.height / scene.height);
}

export function sceneOf(document: PageDocument, labels: Labels, measure: Measure): Scene {
  const header = HEADER * measure.label;
  const scene: Scene = { columns: [], groups: [], pictures: [], width: 0, height: 0, measure, header, top: 0 };
  let top = 0;
  let stage = 0;
  for (const lane of lanesOf(document.tensors)) {
    let [x, bottom] = [0, top];
    for (const tensors of lane) {
      let [y, right] = [top, x];
      for (const tensor of tensors) {
        const palette = tensor.sources.length ? STAGES[stage++ % STAGES.length]! : INPUT;
        const column = columnOf(scene, tensor, palette, x, y, labels(tensor) * measure.label);
        scene.columns.push(column);
        y += column.height + header + GAP * 2;
        right = Math.max(right, x + column.width);
      }
      bottom = Math.max(bottom, y);
      x = right + BETWEEN;
    }
    centre(scene.columns.filter((one) => lane.flat().includes(one.tensor)), header, top, bottom);
    scene.width = Math.max(scene.width, x - BETWEEN);
    top = bottom + GAP * 2;
  }
  const leaps = document.tensors.some((one) => one.sources.length > 1);
  scene.top = Math.min(...scene.columns.map((one) => one.y)) - (leaps ? header * 0.6 : 0);
  scene.height = top - GAP * 4 - scene.top;
  return scene;
}

/** Networks that have nothing in common, each as its tensors by how far they are from an input. */
function lanesOf(tensors: TensorPart[]): TensorPart[][][] {
  const lane = new Map<number, number>();
  const depth = new Map<number, number>();
  let lanes = 0;
  for (const one of tensors) {
    const known = one.sources.filter((source) => lane.has(source));
    const own = known.length ? lane.get(known[0]!)! : lanes++;
    for (const source of known) {
      const other = lane.get(source)!;
      if (other !== own) for (const [key, at] of lane) if (at === other) lane.set(key, own);
    }
    lane.set(one.id, own);
    depth.set(one.id, Math.max(-1, ...known.map((source) => depth.get(source)!)) + 1);
  }
  const found: TensorPart[][][] = [];
  for (let number = 0; number < lanes; number++) {
    const own = tensors.filter((one) => lane.get(one.id) === number);
    if (!own.length) continue;
    const columns: TensorPart[][] = [];
    for (const one of own) (columns[depth.get(one.id)!] ??= []).push(one);
    found.push(columns.filter(Boolean));
  }
  return found;
}

/** Move the columns of a lane so that their middles are on one line. */
function centre(columns: Column[], header: number, top: number, bottom: number): void {
  const byPlace = new Map<number, Column[]>();
  for (const one of columns) byPlace.set(one.x, [...(byPlace.get(one.x) ?? []), one]);
  for (const some of byPlace.values()) {
    const last = some.at(-1)!;
    const used = last.y + header + last.height - top;
    const shift = (bottom - GAP * 2 - top - used) / 2;
    for (const column of some) moveDown(column, shift);
  }
}

function moveDown(column: Column, shift: number): void {
  column.y += shift;
  for (const one of [...column.planes, ...column.parameters.flat()]) one.y += shift;
  if (column.colours) column.colours.y += shift;
}

function columnOf(
  scene: Scene, tensor: TensorPart, palette: Palette, x: number, y: number, label: number,
): Column {
  const isInput = !tensor.sources.length;
  const group: Group = {
    name: tensor.name, shape: tensor.shape, kind: isInput ? "input" : "activation",
    pictures: [], palette,
  };
  scene.groups.push(group);
  const rows = rowsOf(tensor);
  const planes = planesOf(tensor, group, scene.measure);
  const parameters = parametersOf(scene, tensor, palette, rows, planes);
  const gap = parameters.width ? GAP * 1.6 : 0;
  const isList = isListed(tensor);
  const colours = coloursOf(tensor, planes, scene.measure);
  const aside = colours ? colours.width + GAP : 0;
  const height = Math.max(planes.height, parameters.height);
  const top = y + scene.header;
  shift(planes.pictures, x + aside + parameters.width + gap, top + (height - planes.height) / 2);
  shift(parameters.rows.flat(), x, top + (parameters.aligned ? (height - planes.height) / 2 : (height - parameters.height) / 2));
  group.pictures = planes.pictures;
  scene.pictures.push(...planes.pictures, ...parameters.rows.flat());
  const own = aside + parameters.width + gap + planes.width + (isList ? LIST_WIDTH * scene.measure.label : 0);
  return {
    tensor, x, y, height, palette, isList, isAligned: parameters.aligned, width: Math.max(own, label),
    colours: colours && { x, y: top + (height - colours.height) / 2, size: colours.size },
    planes: planes.pictures, parameters: parameters.rows,
  };
}

/** How large the picture is that three planes make, null where they make none. */
function coloursOf(tensor: TensorPart, planes: Arranged, measure: Measure): { size: number; width: number; height: number } | null {
  if (tensor.sources.length || tensor.shape.length !== 3 || tensor.shape[0] !== 3) return null;
  const [, , height, width] = tensor.planes[0]!;
  const size = Math.min(planes.pictures[0]!.size * 1.5, (measure.height * 0.6) / height);
  return { size, width: width * size, height: height * size };
}

/** Whether the entries of a vector stand below each other with their names. */
export function isListed(tensor: TensorPart): boolean {
  const count = tensor.shape.reduce((a, b) => a * b, 1);
  return tensor.shape.length === 1 && count <= LIST && Boolean(tensor.probabilities || tensor.classes?.length);
}

function shift(pictures: Picture[], x: number, y: number): void {
  for (const one of pictures) [one.x, one.y] = [one.x + x, one.y + y];
}

interface Arranged {
  pictures: Picture[];
  width: number;
  height: number;
}

function planesOf(tensor: TensorPart, group: Group, measure: Measure): Arranged {
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

/** For each output what makes it: planes of its kernel, its bias, other numbers of its own. */
function rowsOf(tensor: TensorPart): { plane: Plane; entry: number; first: number }[][] {
  const rows: { plane: Plane; entry: number; first: number }[][] = [];
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

interface Parameters {
  rows: Picture[][];
  width: number;
  height: number;
  aligned: boolean;
}

function parametersOf(
  scene: Scene, tensor: TensorPart, palette: Palette, rows: ReturnType<typeof rowsOf>, planes: Arranged,
): Parameters {
  if (!rows.length) return { rows: [], width: 0, height: 0, aligned: false };
  const groups = tensor.entries.map((one): Group => ({
    name: one.name, shape: one.shape, kind: "parameter", pictures: [], palette,
  }));
  const { height: most } = scene.measure;
  const tall = Math.max(...rows.flat().map((one) => one.plane[2]));
  const wide = Math.max(...rows.flat().map((one) => one.plane[3]));
  const across = Math.max(...rows.map((row) => row.length));
  const aligned = rows.length === planes.pictures.length && rows.length <= MOST_IN_COLUMN && across * wide <= 40;
  const pitch = (planes.height + GAP) / rows.length;
  const isAlone = rows.length === 1;
  const slot = aligned ? (isAlone ? Math.max(planes.height, LEAST_KERNEL) : pitch - GAP) : 0;
  // Rows of outputs, or where kernels are tall columns of them.
  const flat = Math.min(most / (rows.length * (tall + 1)), WIDEST / (across * (wide + 0.6)));
  const upright = Math.min(most / (across * (tall + 1)), WIDEST / (rows.length * (wide + 0.6)));
  const turned = !aligned && upright > flat * 1.2;
  const size = aligned
    ? Math.min((slot * 0.86) / tall, WIDEST / (across * (wide + 0.6)), 16)
    : Math.min(Math.max(flat, upright), 12);
  const step = [(wide + 0.6) * size, (tall + 1) * size] as const;
  const made = rows.map((row, output) => {
    let x = 0;
    return row.map((one, k): Picture => {
      const own = one.plane[3] * size + 0.6 * size;
      const place = turned ? [output * step[0], k * step[1]] : [x, output * step[1]];
      x += own;
      const inSlot = ((isAlone ? planes.height : slot) - one.plane[2] * size) / 2;
      const y = aligned ? output * pitch + inSlot : place[1]!;
      const group = groups[one.entry]!;
      const picture: Picture = {
        tensor, kind: "parameter", group, sheet: tensor.entries[one.entry]!.sheet,
        plane: one.plane, size, wrap: 0, first: one.first, x: place[0]!, y,
      };
      group.pictures.push(picture);
      return picture;
    });
  });
  scene.groups.push(...groups.filter((one) => one.pictures.length));
  const every = made.flat();
  const width = Math.max(...every.map((one) => one.x + drawnSize(one)[0]));
  const height = aligned ? Math.max(planes.height, ...every.map((one) => drawnSize(one)[1])) : Math.max(...every.map((one) => one.y + drawnSize(one)[1]));
  return { rows: made, width, height, aligned };
}
