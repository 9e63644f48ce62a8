/** How the drawing is moved and zoomed: to fit the window, to a unit, by wheel and drag. */

import { select } from "d3-selection";
import { zoom, zoomIdentity, type D3ZoomEvent } from "d3-zoom";

import { LABEL_FONTS, labelsOf } from "../drawing/labels";
import type { Stage } from "../drawing/stage";
import type { PageDocument, TensorPart } from "../document";
import { entryPlace } from "../scene/picture";
import type { Spot } from "../scene/places";
import { fittingScene, type Scene } from "../scene/scene";

const MARGIN = 28;

export class Camera {
  private readonly zooming = zoom<HTMLCanvasElement, unknown>();
  private readonly canvas: HTMLCanvasElement;

  /** `isFree` says whether a press at a point may drag the drawing. */
  constructor(private readonly stage: Stage, private readonly scene: Scene, isFree: (x: number, y: number) => boolean) {
    this.canvas = stage.canvas;
    this.zooming
      .scaleExtent([0.03, 80])
      .filter((event: PointerEvent | WheelEvent) =>
        event.type === "wheel" || (!event.button && isFree(event.clientX, event.clientY)))
      .on("zoom", (event: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
        stage.view = event.transform;
        stage.ask();
      });
    select(this.canvas).call(this.zooming).on("dblclick.zoom", null);
  }

  fit(): void {
    const { clientWidth, clientHeight } = this.canvas;
    const [width, height] = [this.scene.width + 2 * MARGIN, this.scene.height + 2 * MARGIN];
    const k = Math.min(clientWidth / width, clientHeight / height, 1.6);
    const x = (clientWidth - this.scene.width * k) / 2;
    const y = (clientHeight - this.scene.height * k) / 2 - this.scene.top * k;
    select(this.canvas).call(this.zooming.transform, zoomIdentity.translate(x, y).scale(k));
  }

  zoomBy(factor: number): void {
    select(this.canvas).call(this.zooming.scaleBy, factor);
  }

  /** Bring a unit into sight, large enough to be seen. */
  show(spot: Spot): void {
    const { size } = spot.picture;
    const { view } = this.stage;
    const { clientWidth, clientHeight } = this.canvas;
    const [sx, sy] = this.placeOf(spot);
    const isSeen = sx > 20 && sy > 20 && sx < clientWidth - 20 && sy < clientHeight - 20;
    if (isSeen && size * view.k > 5) return;
    const [x, y] = middleOf(spot);
    const k = Math.max(view.k, 12 / size);
    const next = zoomIdentity.translate(clientWidth / 2 - x * k, clientHeight / 2 - y * k).scale(k);
    select(this.canvas).call(this.zooming.transform, next);
  }

  /** Where a unit is on the canvas. */
  placeOf(spot: Spot): [number, number] {
    const [x, y] = middleOf(spot);
    const { view } = this.stage;
    return [x * view.k + view.x, y * view.k + view.y];
  }
}

function middleOf({ picture, i, j }: Spot): [number, number] {
  const [across, down] = entryPlace(picture, i, j);
  return [picture.x + (across + 0.5) * picture.size, picture.y + (down + 0.5) * picture.size];
}

/** The scene that fits a canvas best. */
export function sceneFor(document: PageDocument, canvas: HTMLCanvasElement): Scene {
  const context = canvas.getContext("2d")!;
  const widthOf = (text: string, k: number): number => {
    context.font = LABEL_FONTS[Math.min(k, 1)]!;
    return context.measureText(text).width + (k ? 4 : 18);
  };
  const labels = (tensor: TensorPart): number => Math.max(...labelsOf(tensor).map(widthOf));
  const room = { width: canvas.clientWidth - 2 * MARGIN, height: canvas.clientHeight - 2 * MARGIN };
  return fittingScene(document, labels, room);
}
