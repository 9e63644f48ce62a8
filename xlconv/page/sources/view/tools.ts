/** What changes the input: tools, sample pictures, kernels by their names. */

import type { Choice, PageDocument, Sample, TensorPart } from "../document";
import type { Calculation } from "../engine/calculation";
import { type Edit, type Tool } from "./brush";
import { button, h } from "./element";
import { valuesOf } from "./prediction";

export interface Desk {
  edit: (edits: Edit[]) => void;
  reset: () => void;
  choose: (tool: Tool) => void;
  redraw: () => void;
}

/** The inputs on which one can paint: planes of typed numbers. */
export function inputsOf(document: PageDocument, calculation: Calculation): TensorPart[] {
  return document.tensors.filter((one) => {
    const [row, column] = one.planes[0]!;
    return one.is_input && one.shape.length === 3 && !calculation.formulaAt(one.sheet, row, column);
  });
}

/** Whether an input is for single digits: it shows a sample, or there are ten classes. */
export function showsDigit({ samples, tensors }: PageDocument, calculation: Calculation, input: TensorPart): boolean {
  if (!samples.length) return false;
  if (tensors.some((one) => one.classes?.length === 10)) return true;
  const shown = valuesOf(calculation, input);
  return samples.some((sample) => filled(input, onInput(sample, input)).every((one, k) => one.value === shown[k]));
}

export function showTools(
  root: HTMLElement, document: PageDocument, calculation: Calculation, desk: Desk, own: HTMLElement | null,
): void {
  const [input] = inputsOf(document, calculation);
  const parts: HTMLElement[] = [];
  if (input) {
    parts.push(
      h("div", { class: "row" }, toolButtons(desk),
        button("Clear", () => desk.edit(filled(input, () => 0))),
        button("Reset", desk.reset)),
    );
    if (document.samples.length) parts.push(samples(document.samples, input, desk));
    if (own) parts.push(own);
  }
  for (const choice of document.choices) parts.push(menu(choice, calculation, desk));
  if (calculation.hasRandom) {
    parts.push(h("div", { class: "row" }, button("Draw again", desk.redraw), h("span", { class: "quiet" }, "what is random")));
  }
  root.replaceChildren(...parts);
  root.parentElement!.hidden = !parts.length;
}

function toolButtons(desk: Desk): HTMLElement {
  const made = ([["look", "Look"], ["pen", "Pen"], ["eraser", "Eraser"]] as const).map(([tool, title]) => {
    const one = button(title, () => desk.choose(tool));
    one.dataset.tool = tool;
    one.setAttribute("aria-pressed", String(tool === "look"));
    return one;
  });
  return h("div", { class: "tools", role: "group", "aria-label": "Tools for the input" }, ...made);
}

export function filled(input: TensorPart, value: (channel: number, k: number) => number): Edit[] {
  return input.planes.flatMap(([row, column, height, width, down, right], channel) =>
    Array.from({ length: height * width }, (_, k): Edit => ({
      sheet: input.sheet, row: row + down * Math.floor(k / width), column: column + right * (k % width),
      value: value(channel, k),
    })),
  );
}

/** The numbers of a sample in the middle of an input. */
function onInput(sample: Sample, input: TensorPart): (channel: number, k: number) => number {
  const [, , height, width] = input.planes[0]!;
  const [top, left] = [Math.floor((height - sample.side) / 2), Math.floor((width - sample.side) / 2)];
  return (_, k) => {
    const [i, j] = [Math.floor(k / width) - top, (k % width) - left];
    const isInside = i >= 0 && j >= 0 && i < sample.side && j < sample.side;
    return isInside ? sample.hundredths[i * sample.side + j]! / 100 : 0;
  };
}

function samples(all: Sample[], input: TensorPart, desk: Desk): HTMLElement {
  const made = all.map((sample) => {
    const picture = h("canvas", { width: String(sample.side), height: String(sample.side), "aria-hidden": "true" });
    const context = picture.getContext("2d")!;
    const image = context.createImageData(sample.side, sample.side);
    sample.hundredths.forEach((value, k) => {
      image.data.fill(58 + (value / 100) * 197, k * 4, k * 4 + 3);
      image.data[k * 4 + 3] = 255;
    });
    context.putImageData(image, 0, 0);
    const one = h("button", { type: "button", class: "sample", "aria-label": `Sample ${sample.title}` }, picture);
    one.addEventListener("click", () => desk.edit(filled(input, onInput(sample, input))));
    return one;
  });
  return h("div", { class: "samples", role: "group", "aria-label": "Sample pictures" }, ...made);
}

function menu(choice: Choice, calculation: Calculation, desk: Desk): HTMLElement {
  const [row, column] = choice.cell;
  const current = calculation.grids[choice.sheet]!.get(row, column);
  const select = h("select", {}, ...choice.names.map((name) => {
    const option = h("option", { value: name }, name);
    option.selected = name === current;
    return option;
  }));
  select.addEventListener("change", () => desk.edit([{ sheet: choice.sheet, row, column, value: select.value }]));
  return h("label", { class: "row" }, "Kernel: ", select);
}
