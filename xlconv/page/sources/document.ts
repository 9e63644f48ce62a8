/** The document that the page is given; `xlconv/page/document.py` says what it means. */

export type Stored = number | string | boolean | null | [string];
/** Row, column, height, width, and the steps down and to the right. */
export type Plane = [number, number, number, number, number, number];
export type Tree = [string, ...unknown[]];

export interface SheetPart {
  name: string;
  size: [number, number];
  runs: [number, number, Stored[]][];
}

export interface BlockPart {
  sheet: number;
  origin: [number, number];
  shape: [number, number];
  step: [number, number];
  tree: Tree | null;
  without?: [number, number][];
  is_array?: boolean;
  spills?: boolean;
  is_random?: boolean;
  kept?: string;
}

export interface Entries {
  name: string;
  kind: string;
  sheet: number;
  shape: number[];
  planes: Plane[];
}

export interface TensorPart {
  id: number;
  name: string;
  sheet: number;
  shape: number[];
  planes: Plane[];
  sources: number[];
  is_input: boolean;
  halo: [number, number, number, number];
  names: { name: string; shape: number[] }[];
  layers: { title: string; meaning: string }[];
  parameters: number;
  kernels: Plane[][];
  biases: Plane[];
  entries: Entries[];
  probabilities?: "one" | "each" | null;
  classes?: string[];
}

export interface Finding {
  code: string;
  name: string;
  severity: "error" | "warning" | "unverified" | "info";
  sheet: number;
  cell: [number, number] | null;
  message: string;
  found: string;
  expected: string;
  count: number;
  root: boolean;
  /** Top, left, bottom, right of many cells. */
  area: [number, number, number, number] | null;
}

export interface Summary {
  verdict: string;
  formulas: number;
  verified: number;
  connected: number;
  knock_on: number;
  against: string;
}

export interface Choice {
  sheet: number;
  cell: [number, number];
  names: string[];
  plane: Plane;
}

export interface Sample {
  title: string;
  side: number;
  hundredths: number[];
}

/** The dark colour of a title, and the palest dark of its numbers. */
export type Palette = [title: string, high: string];

export interface Colours {
  input: Palette;
  stages: Palette[];
  negative: string;
  positive: string;
  channels: string[];
  shared: string[];
}

/** Cells that show the number of another one: a weight that they have in common. */
export interface Tie {
  sheet: number;
  number: [number, number];
  cells: [number, number][];
}

export interface PageDocument {
  version: number;
  title: string;
  sheets: SheetPart[];
  blocks: BlockPart[];
  order: number[][];
  tensors: TensorPart[];
  choices: Choice[];
  intended: string;
  ties: Tie[];
  colours: Colours;
  samples: Sample[];
  names: [string, number, number, number, number, number][];
  findings?: Finding[];
  summary?: Summary;
}
