/** Networks that have nothing in common stand below each other: each is a lane. */

import type { TensorPart } from "../document";

/** Networks, each as its tensors by how far they are from an input. */
export function lanesOf(tensors: TensorPart[]): TensorPart[][][] {
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
    found.push(untangled(columns.filter(Boolean)));
  }
  return found;
}

/** The same, in each column ordered by where what a tensor reads stands in the one before. */
function untangled(columns: TensorPart[][]): TensorPart[][] {
  const heights = new Map<number, number>();
  const heightOf = ({ sources }: TensorPart): number => {
    const known = sources.flatMap((one) => heights.get(one) ?? []);
    return known.length ? known.reduce((total, x) => total + x, 0) / known.length : 0;
  };
  return columns.map((column) => {
    const sorted = column.toSorted((one, other) => heightOf(one) - heightOf(other));
    sorted.forEach((one, k) => heights.set(one.id, k));
    return sorted;
  });
}
