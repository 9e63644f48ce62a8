/** A picture of one's own for the input: chosen from disk, pasted, or dropped on the page. */

import type { TensorPart } from "../document";
import { type Fit, fitted } from "../pictures/fitting";
import { type Shades, shadesOf } from "../pictures/shades";
import { h } from "./element";

/** What each way to fit does, with and without digits. */
const FITS: [Fit, string, string][] = [
  ["contain", "keep its proportions, with room at two sides", "as the sample digits: cut out, and centred by its mass"],
  ["cover", "keep its proportions, and cut off two sides", "keep its proportions, and cut off two sides"],
  ["stretch", "out of proportion", "out of proportion"],
];

export class OwnPicture {
  readonly root: HTMLElement;
  private readonly file = h("input", { type: "file", accept: "image/*" });
  private readonly invert = h("input", { type: "checkbox" });
  private readonly fit: HTMLSelectElement;
  private readonly told = h("p", { class: "note", role: "status" });
  private last: Blob | null = null;

  /** `isDigit` says whether the input takes single digits; `take` gets a plane for each channel. */
  constructor(
    private readonly input: TensorPart, private readonly isDigit: boolean, private readonly take: (planes: Shades[]) => void,
  ) {
    const options = FITS.map(([value, words, ofDigits]) => h("option", { value }, isDigit ? ofDigits : words));
    this.fit = h("select", {}, ...options);
    this.fit.value = isDigit ? "contain" : "stretch";
    this.root = h(
      "details", {}, h("summary", {}, "Your own picture"),
      h("label", {}, "From disk, or paste or drop one: ", this.file),
      h("label", {}, this.invert, " invert: light becomes dark"), h("label", {}, "fit: ", this.fit), this.told,
    );
    this.listen();
  }

  private listen(): void {
    this.file.addEventListener("change", () => this.show(this.file.files?.[0]));
    for (const one of [this.invert, this.fit]) one.addEventListener("change", () => this.show(this.last));
    window.addEventListener("paste", (event) => this.show(pictureIn(event.clipboardData)));
    window.addEventListener("dragover", (event) => event.preventDefault());
    window.addEventListener("drop", (event) => {
      event.preventDefault();
      this.show(pictureIn(event.dataTransfer));
    });
  }

  private show(file: Blob | null | undefined): void {
    if (!file) return;
    this.last = file;
    this.root.setAttribute("open", "");
    this.read(file).catch((reason: unknown) => {
      const words = reason instanceof Error && reason.message.includes("pixels") ? reason.message : "the browser cannot read it";
      this.told.textContent = `Not taken: ${words}.`;
    });
  }

  private async read(file: Blob): Promise<void> {
    const [, , height, width] = this.input.planes[0]!;
    const shades = await shadesOf(file, this.input.shape[0] === 3 ? 3 : 1);
    const fitting = { fit: this.fit.value as Fit, invert: this.invert.checked, isDigit: this.isDigit };
    const { planes, isLight } = fitted(shades, width, height, fitting);
    const remedy = this.invert.checked ? "take back “invert”" : "try “invert”";
    const { width: w, height: own } = shades[0]!;
    this.told.textContent = this.isDigit && isLight
      ? `It is light at its borders, where the samples are dark: ${remedy}.`
      : `${w}×${own} → ${width}×${height}.`;
    this.take(Array.from({ length: this.input.shape[0]! }, (_, k) => planes[Math.min(k, planes.length - 1)]!));
  }
}

function pictureIn(data: DataTransfer | null): File | undefined {
  return [...(data?.files ?? [])].find((one) => one.type.startsWith("image/"));
}
