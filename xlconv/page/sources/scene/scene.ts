/**
 * Where everything is drawn: tensors from left to right, what they are made with to their left.
 *
 * Sizes are those of the drawing, before it is zoomed. Never draws, and never looks at a value.
 */

import type { PageDocument, TensorPart } from "../document";
import { type Column, columnOf, lowered } from "./column";
import { lanesOf } from "./lanes";
import { GAP, headerOf, type Measure } from "./measure";
import type { Group, Picture } from "./picture";

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

const BETWEEN = 50;

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
  const header = headerOf(measure);
  const { input, stages } = document.colours;
  const scene: Scene = { columns: [], groups: [], pictures: [], width: 0, height: 0, measure, header, top: 0 };
  let top = 0;
  let stage = 0;
  for (const lane of lanesOf(document.tensors)) {
    let [x, bottom] = [0, top];
    for (const tensors of lane) {
      let [y, right] = [top, x];
      for (const tensor of tensors) {
        const palette = tensor.is_input ? input : stages[stage++ % stages.length]!;
        const column = columnOf(tensor, palette, measure, x, y, labels(tensor) * measure.label);
        scene.columns.push(column);
        scene.groups.push(...column.groups);
        scene.pictures.push(...column.planes, ...column.parameters.flat());
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

/** Move the columns of a lane so that their middles are on one line. */
function centre(columns: Column[], header: number, top: number, bottom: number): void {
  const byPlace = new Map<number, Column[]>();
  for (const one of columns) byPlace.set(one.x, [...(byPlace.get(one.x) ?? []), one]);
  for (const some of byPlace.values()) {
    const last = some.at(-1)!;
    const used = last.y + header + last.height - top;
    const shift = (bottom - GAP * 2 - top - used) / 2;
    for (const column of some) lowered(column, shift);
  }
}
