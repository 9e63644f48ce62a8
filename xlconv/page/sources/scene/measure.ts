/** How large things are drawn, before they are zoomed. */

/** How large things are drawn: the height of a column, and the labels over it. */
export interface Measure {
  height: number;
  label: number;
}

export const GAP = 14;
export const MOST_IN_COLUMN = 8;
export const WIDEST = 160;
const HEADER = 74;

/** The room over a column for its labels. */
export function headerOf(measure: Measure): number {
  return HEADER * measure.label;
}
