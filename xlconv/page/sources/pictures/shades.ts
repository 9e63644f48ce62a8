/**
 * The shades of a picture's file, 0 (black) to 1 (white), plane by plane.
 *
 * As `xlconv/interop/pictures.py` has them: transparent is white, as on paper.
 */

/** Numbers row by row. */
export interface Shades {
  width: number;
  height: number;
  values: Float64Array;
}

const MOST_PIXELS = 64_000_000;

/** The planes of a picture: red, green and blue, or one in grey. */
export async function shadesOf(file: Blob, channels: number): Promise<Shades[]> {
  const image = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const { width, height } = image;
  if (width * height > MOST_PIXELS) throw new Error(`${width}×${height} pixels are too many`);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const planes = Array.from({ length: channels }, (): Shades => ({
    width, height, values: new Float64Array(width * height),
  }));
  for (let k = 0, at = 0; k < width * height; k++, at += 4) {
    const alpha = data[at + 3]! / 255;
    const [red, green, blue] = [0, 1, 2].map((c) => Math.round(data[at + c]! * alpha + 255 * (1 - alpha))) as [
      number, number, number,
    ];
    if (channels === 3) [red, green, blue].forEach((one, c) => (planes[c]!.values[k] = one / 255));
    else planes[0]!.values[k] = grey(red, green, blue) / 255;
  }
  return planes;
}

/** What ITU-R 601 makes of red, green and blue, in whole shades. */
function grey(red: number, green: number, blue: number): number {
  return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
}

export function inverted({ width, height, values }: Shades): Shades {
  return { width, height, values: values.map((x) => 1 - x) };
}

/** The shade of a plane along its sides: their median. */
export function paperOf(plane: Shades): number {
  return quantile(sidesOf(plane), 0.5);
}

export function sidesOf({ width, height, values }: Shades): Float64Array {
  const across = Array.from({ length: width }, (_, j) => [values[j]!, values[(height - 1) * width + j]!]);
  const down = Array.from({ length: height }, (_, i) => [values[i * width]!, values[i * width + width - 1]!]);
  return Float64Array.from([...across, ...down].flat());
}

/** The number below which a share of some numbers is; between two of them on the line. */
export function quantile(numbers: Float64Array, share: number): number {
  const sorted = numbers.toSorted();
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
}

/** To the next whole number, of two that are as near to the even one. */
export function rounded(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 ? below + 1 : below;
}
