/** What verification found, in words: the cause first, then what stands there and what should. */

import { type FindingMark, seenOf } from "../drawing/marks";
import type { Finding, PageDocument } from "../document";
import type { Calculation } from "../engine/calculation";
import { type Cell, rectOf } from "../scene/places";
import type { Scene } from "../scene/scene";
import { byId, h } from "./element";

const WORDS: Record<string, string> = {
  verified: "✓ verified", findings: "✗ findings", partly: "◐ partly verified", unverified: "no network",
};
const MOST = 200;
// Of an area so much has to be wrong for the whole of it to be marked.
const MOSTLY = 0.5;

export function showFindings(
  root: HTMLElement, document: PageDocument, calculation: Calculation, go: (cell: Cell) => void,
): void {
  const { summary, findings = [], intended } = document;
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
  if (intended) {
    parts.push(h("p", { class: "note" }, `Its formulas do not spell the whole network: the layers are drawn where ${intended} has them.`));
  }
  if (findings.length) parts.push(h("ul", { class: "findings" }, ...findings.slice(0, MOST).map((one) => line(one, go))));
  const kept = new Set(calculation.blocks.map((one) => one.reason).filter(Boolean));
  if (kept.size) {
    parts.push(h("p", { class: "note" }, `Some formulas keep their stored values here: ${[...kept].slice(0, 3).join("; ")}.`));
  }
  root.replaceChildren(...parts);
  const section = root.parentElement!;
  section.hidden = !parts.length;
  // What is wrong comes before what one can play with.
  if (findings.some((one) => one.severity === "error")) {
    byId("prediction").parentElement!.after(section, byId("unit").parentElement!);
  }
}

function line(one: Finding, go: (cell: Cell) => void): HTMLElement {
  const [head, ...rest] = told(one);
  if (!one.cell) return h("li", { class: `finding ${one.severity}` }, head!, ...rest);
  const [row, column] = one.cell;
  const made = h("button", { type: "button", class: "link" }, head!);
  made.addEventListener("click", () => go({ sheet: one.sheet, row, column }));
  return h("li", { class: `finding ${one.severity}` }, made, ...rest);
}

/** A finding: its code with what is wrong, where that is, and both formulas. */
export function told(one: Finding): HTMLElement[] {
  const { code, severity, message, found, expected } = one;
  const label = h("b", {}, `${severity} ${code} `);
  const at = expected ? message.indexOf(`expected ${expected}`) : -1;
  const cause = at < 0 ? "" : message.slice(at + `expected ${expected}`.length).trim();
  if (!/^\(.*\)$/s.test(cause)) return [h("span", {}, label, message, ...more(one))];
  const place = / in ([A-Z]+[0-9]+(?::[A-Z]+[0-9]+)?) \(([0-9,]+) cells\)/.exec(message.slice(0, at));
  const stands = message.slice(0, place?.index ?? message.lastIndexOf(";", at)).trim() || found;
  return [
    h("span", {}, label, cause.slice(1, -1)),
    ...(place ? [h("span", { class: "quiet place" }, `${place[2]!} cells in ${place[1]!}`)] : []),
    h("span", { class: "expected" }, h("i", {}, "found "), stands),
    h("span", { class: "expected" }, h("i", {}, "expected "), expected),
  ];
}

function more({ count, message, expected }: Finding): (string | HTMLElement)[] {
  const many = count > 1 && !message.includes(" cells)") ? ` (${count} cells)` : "";
  const wanted = expected && !message.includes(expected) ? [h("span", { class: "expected" }, `expected ${expected}`)] : [];
  return [many, ...wanted];
}

/** Whether a finding is about a cell. */
export function isAbout(one: Finding, { sheet, row, column }: Cell): boolean {
  if (!one.cell || one.sheet !== sheet) return false;
  if (one.cell[0] === row && one.cell[1] === column) return true;
  const [top, left, bottom, right] = areaOf(one) ?? [1, 1, 0, 0];
  return row >= top && row <= bottom && column >= left && column <= right;
}

/** The area of a finding, where most of it is meant. */
function areaOf({ area, count }: Finding): Finding["area"] {
  if (!area) return null;
  const [top, left, bottom, right] = area;
  return count >= MOSTLY * (bottom - top + 1) * (right - left + 1) ? area : null;
}

/** What is marked on the drawing. */
export function marksOf(scene: Scene, findings: Finding[]): FindingMark[] {
  return findings
    .filter((one) => one.cell && one.severity !== "info")
    .map((one) => {
      const [row, column] = one.cell!;
      const [top, left, bottom, right] = areaOf(one) ?? [1, 1, 0, 0];
      return {
        seen: seenOf(scene, [rectOf({ sheet: one.sheet, row, column })]),
        area: bottom < top ? [] : seenOf(scene, [{ sheet: one.sheet, top, left, bottom, right }]),
        isWrong: one.root && one.severity === "error",
      };
    });
}
