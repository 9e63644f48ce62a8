/** What stands over a tensor, and in which letters. */

import type { TensorPart } from "../document";

/** What stands over a tensor: its names, its layers, its shape, and how much it learns. */
export function labelsOf(tensor: TensorPart): [string, ...string[]] {
  const names = [...new Set(tensor.names.map((one) => one.name))];
  const count = tensor.parameters;
  return [
    tensor.layers.length ? names.join(", ") : tensor.name,
    tensor.layers.map((one) => one.title).join(" → ") || "the input",
    tensor.shape.join("×"),
    ...(count ? [`${count.toLocaleString("en")} parameters`] : []),
  ];
}

export const LABEL_FONTS = ["600 13px system-ui, sans-serif", "11px system-ui, sans-serif"];
