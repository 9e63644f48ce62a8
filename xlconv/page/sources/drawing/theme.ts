/** Colours: those of the sheet, as the document gives them, on a light or on a dark ground. */

import type { Colours, Palette } from "../document";

export type Rgb = [number, number, number];

export interface Theme {
  isDark: boolean;
  ground: string;
  ink: string;
  faint: string;
  line: string;
  accent: string;
  reader: string;
  twin: string;
  zero: Rgb;
  /** Of numbers below 0 and above it, of red, green and blue, and of weights that are shared. */
  negative: Rgb;
  positive: Rgb;
  channels: Rgb[];
  shared: Rgb[];
}

const SHADES = 256;

type Ground = Omit<Theme, "negative" | "positive" | "channels" | "shared">;

const LIGHT: Ground = {
  isDark: false, ground: "#f6f7f9", ink: "#1f2937", faint: "#5b6472", line: "#c3cad5",
  accent: "#1d4ed8", reader: "#c2410c", twin: "#a21caf", zero: [255, 255, 255],
};
const DARK: Ground = {
  isDark: true, ground: "#14171c", ink: "#e6e9ee", faint: "#9aa4b2", line: "#3a424e",
  accent: "#7cb0ff", reader: "#f6b366", twin: "#e879f9", zero: [31, 36, 44],
};

export const isDark = window.matchMedia("(prefers-color-scheme: dark)");

let onPaper = false;

/** Say whether the page is being printed: on paper, which is light. */
export function printing(is: boolean): void {
  onPaper = is;
}

/** The sheet's colours on the ground that is asked for. */
export function themeOf({ negative, positive, channels, shared }: Colours): Theme {
  const ground = isDark.matches && !onPaper ? DARK : LIGHT;
  const onGround = (hex: string): Rgb => (ground.isDark ? mixed(rgb(hex), ground.zero, 0.25) : rgb(hex));
  return {
    ...ground, negative: rgb(negative), positive: rgb(positive), channels: channels.map(rgb),
    shared: shared.map(onGround),
  };
}

export function rgb(hex: string): Rgb {
  const number = Number.parseInt(hex.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
}

export function mixed(one: Rgb, other: Rgb, share: number): Rgb {
  return one.map((x, k) => Math.round(x + (other[k]! - x) * share)) as Rgb;
}

/** The colours of numbers from `low` to `high`, as many as there are shades. */
export class Scale {
  private readonly shades: Rgb[];

  constructor(readonly low: number, readonly high: number, stops: [number, Rgb][]) {
    this.shades = Array.from({ length: SHADES }, (_, k) => between(stops, k / (SHADES - 1)));
  }

  at(number: number): Rgb {
    const span = this.high - this.low || 1;
    const place = Math.round(((number - this.low) / span) * (SHADES - 1));
    return this.shades[Math.min(Math.max(place, 0), SHADES - 1)]!;
  }
}

function between(stops: [number, Rgb][], place: number): Rgb {
  for (let k = 1; k < stops.length; k++) {
    const [[from, low], [to, high]] = [stops[k - 1]!, stops[k]!];
    if (place <= to) return mixed(low, high, (place - from) / (to - from || 1));
  }
  return stops.at(-1)![1];
}

/** Blue below 0, red above it. */
export function diverging(most: number, look: Theme): Scale {
  const [deep, strong] = look.isDark ? [0, 0.15] : [0.35, 0];
  const low = mixed(look.negative, rgb("#2563eb"), deep + strong);
  const high = mixed(look.positive, rgb("#dc2626"), deep + strong);
  return new Scale(-most, most, [[0, low], [0.5, look.zero], [1, high]]);
}

/** From nothing to a layer's own colour. */
export function rising(most: number, [title, high]: Palette, look: Theme): Scale {
  const [mid, end] = look.isDark
    ? [mixed(rgb(title), rgb(high), 0.35), rgb(high)]
    : [rgb(high), mixed(rgb(high), rgb(title), 0.6)];
  return new Scale(0, most, [[0, look.zero], [0.6, mid], [1, end]]);
}

/** A picture: in grey, or each channel in its own colour. */
export function pictured(low: number, high: number, channel: number, look: Theme): Scale {
  if (channel < 0) {
    const black: Rgb = look.isDark ? [16, 18, 22] : [58, 66, 78];
    return new Scale(low, high, [[0, black], [1, [255, 255, 255]]]);
  }
  const dark: Rgb = look.isDark ? [24, 27, 33] : [255, 255, 255];
  return new Scale(low, high, [[0, dark], [1, look.channels[channel]!]]);
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return `rgba(${red},${green},${blue},${alpha})`;
}

/** Black or white, whichever can be read better on a colour (WCAG's relative luminance). */
export function inkOn(colour: Rgb): string {
  const [red, green, blue] = colour.map((x) => {
    const share = x / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  // Where both contrasts are alike: (L + 0.05) / 0.05 = 1.05 / (L + 0.05).
  return red * 0.2126 + green * 0.7152 + blue * 0.0722 > 0.179 ? "#000" : "#fff";
}
