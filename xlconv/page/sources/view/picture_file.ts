/** A picture from disk or clipboard as the numbers of an input, 0 to 1. */

export interface Fitting {
  invert: boolean;
  crop: boolean;
}

/** Channels of a picture brought to a size: red, green and blue, or one in grey. */
export async function pictureOf(
  file: Blob, channels: number, height: number, width: number, fitting: Fitting,
): Promise<number[][]> {
  const image = await createImageBitmap(file);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  context.fillStyle = fitting.invert ? "#fff" : "#000";
  context.fillRect(0, 0, width, height);
  const [a, b] = [width / image.width, height / image.height];
  const scale = fitting.crop ? Math.max(a, b) : Math.min(a, b);
  const [w, h] = [image.width * scale, image.height * scale];
  context.imageSmoothingQuality = "high";
  context.drawImage(image, (width - w) / 2, (height - h) / 2, w, h);
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: channels }, (_, channel) =>
    Array.from({ length: width * height }, (__, k) => {
      const at = k * 4;
      const grey = (data[at]! * 0.299 + data[at + 1]! * 0.587 + data[at + 2]! * 0.114) / 255;
      const value = channels === 3 ? data[at + channel]! / 255 : grey;
      return Math.round((fitting.invert ? 1 - value : value) * 1000) / 1000;
    }),
  );
}
