/** The sections beside the drawing: what the network says, and what verification found. */

import type { Finding, PageDocument, TensorPart } from "../document";
import type { Calculation } from "../engine/calculation";
import { shownValue } from "../engine/text";
import type { Value } from "../engine/values";
import { h } from "./element";
import type { Cell } from "../scene/places";

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

const WORDS: Record<string, string> = {
  verified: "✓ verified", findings: "✗ findings", partly: "◐ partly verified", unverified: "no network",
};
const MOST = 200;

export function showFindings(
  root: HTMLElement, document: PageDocument, calculation: Calculation, go: (cell: Cell) => void,
): void {
  const { summary, findings = [] } = document;
  const parts: HTMLElement[] = [];
  if (summary) {
    const share = summary.connected ? Math.floor((summary.verified / summary.connected) * 1000) / 10 : 0;
    const against = summary.against ? `, held against ${summary.against}` : "";
    parts.push(
      h("p", {}, h("b", { class: `verdict ${summary.verdict}` }, WORDS[summary.verdict] ?? summary.verdict)),
      h("p", { class: "quiet" },
        `${summary.verified.toLocaleString("en")} of ${summary.connected.toLocaleString("en")} formula cells verified (${share} %)${against}.`),
    );
    if (summary.knock_on) {
      parts.push(h("p", { class: "quiet" }, `${summary.knock_on.toLocaleString("en")} cells are wrong only because of others.`));
    }
  }
  if (findings.length) parts.push(h("ul", { class: "findings" }, ...findings.slice(0, MOST).map((one) => line(one, go))));
  const kept = new Set(calculation.blocks.map((one) => one.reason).filter(Boolean));
  if (kept.size) {
    parts.push(h("p", { class: "note" }, `Some formulas keep their stored values here: ${[...kept].slice(0, 3).join("; ")}.`));
  }
  root.replaceChildren(...parts);
  root.parentElement!.hidden = !parts.length;
}

function line(one: Finding, go: (cell: Cell) => void): HTMLElement {
  const words = [h("b", {}, `${one.severity} ${one.code} `), one.message];
  const many = one.count > 1 ? ` (${one.count} cells)` : "";
  if (!one.cell) return h("li", { class: `finding ${one.severity}` }, ...words, many);
  const [row, column] = one.cell;
  const made = h("button", { type: "button", class: "link" }, ...words, many);
  made.addEventListener("click", () => go({ sheet: one.sheet, row, column }));
  return h("li", { class: `finding ${one.severity}` }, made);
}
