/** What the network says, beside the drawing: its outputs as bars. */

import type { PageDocument, TensorPart } from "../document";
import type { Calculation } from "../engine/calculation";
import { shownValue } from "../engine/text";
import type { Value } from "../engine/values";
import { h } from "./element";

/** The outputs that are probabilities, with the names of their classes. */
export function headsOf(document: PageDocument): TensorPart[] {
  return document.tensors.filter((one) => one.probabilities && one.shape.length === 1);
}

export function valuesOf(calculation: Calculation, tensor: TensorPart): Value[] {
  const grid = calculation.grids[tensor.sheet]!;
  return tensor.planes.flatMap(([row, column, height, width, down, right]) =>
    Array.from({ length: height * width }, (_, k) =>
      grid.get(row + down * Math.floor(k / width), column + right * (k % width)),
    ),
  );
}

export function showPrediction(root: HTMLElement, document: PageDocument, calculation: Calculation): void {
  const parts: HTMLElement[] = [];
  for (const tensor of headsOf(document)) {
    const values = valuesOf(calculation, tensor);
    const classes = tensor.classes?.length === values.length ? tensor.classes : values.map((_, k) => String(k));
    const numbers = values.map((one) => (typeof one === "number" ? one : 0));
    const best = numbers.indexOf(Math.max(...numbers));
    const chosen = numbers.map((x, k) => (tensor.probabilities === "each" ? x >= 0.5 : k === best));
    const said = classes.filter((_, k) => chosen[k]).join(", ") || "none";
    const sure = tensor.probabilities === "one" ? ` ${(numbers[best]! * 100).toFixed(1)} %` : "";
    const lines = values.map((value, k) => barLine(classes[k]!, value, chosen[k]!));
    parts.push(
      h("p", { class: "said" }, h("span", { class: "quiet" }, `${tensor.names.at(-1)?.name ?? tensor.name} says `), h("b", {}, said), sure),
      h("ol", { class: "bars" }, ...lines),
    );
  }
  root.replaceChildren(...parts);
  root.parentElement!.hidden = !parts.length;
}

function barLine(name: string, value: Value, isChosen: boolean): HTMLElement {
  const share = typeof value === "number" ? Math.min(Math.max(value, 0), 1) : 0;
  const bar = h("span", { class: "bar" });
  bar.style.width = `${share * 100}%`;
  const text = typeof value === "number" ? `${(value * 100).toFixed(1)} %` : shownValue(value);
  return h(
    "li", isChosen ? { class: "chosen" } : {},
    h("span", { class: "class" }, name), h("span", { class: "track", "aria-hidden": "true" }, bar),
    h("span", { class: "share" }, text),
  );
}
