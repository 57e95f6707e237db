/**
 * A camera that the test feeds: installed in a page, it takes the place of the device. What it shows is drawn into a canvas
 * thirty times a second, with a sensor's noise at its edge unless it is told to freeze.
 */
import type { Page } from "playwright-core";
import type { Picture } from "../video.ts";

export type FedCamera = {
  /** Null: nothing to read. */
  readonly show: (picture: Picture | null) => Promise<void>;
};

type Fed = {
  picture: ImageData | null;
  isFrozen: boolean;
  isMuted: boolean;
  /** What enumerateDevices says; the first is opened where none is named. */
  cameras: { readonly id: string; readonly label: string; readonly hasLight: boolean }[];
  opened: string[];
  isLit: boolean;
  /** When the picture was first drawn. */
  drawnAt: number;
  plug: (cameras: Fed["cameras"]) => void;
};

declare global {
  var fed: Fed;
}

export const feedCamera = async (page: Page): Promise<FedCamera> => {
  await page.evaluate(installCamera);
  return {
    show: (picture) =>
      page.evaluate(
        (sent) => {
          fed.picture = null;
          if (sent === null) return;
          const grey = atob(sent.encoded);
          const image = new ImageData(sent.width, sent.height);
          image.data.fill(255);
          for (let at = 0; at < grey.length; at++) image.data.fill(grey.charCodeAt(at), 4 * at, 4 * at + 3);
          fed.picture = image;
        },
        picture === null
          ? null
          : { width: picture.width, height: picture.height, encoded: Buffer.from(picture.grey).toString("base64") },
      ),
  };
};

/** Runs in the page. */
export const installCamera = (): void => {
  const shown = document.createElement("canvas");
  shown.width = 1280;
  shown.height = 720;
  const brush = shown.getContext("2d", { willReadFrequently: true });
  if (brush === null) throw new Error("no canvas");
  const noise = brush.createImageData(1280, 8);
  let step = 0;
  let drawn: ImageData | null = null;
  const draw = (): void => {
    brush.fillStyle = "#ebebeb";
    brush.fillRect(0, 0, 1280, 720);
    if (fed.picture !== null) brush.putImageData(fed.picture, 0, 0);
    if (fed.picture !== drawn) fed.drawnAt = performance.now();
    drawn = fed.picture;
    step += 1;
    if (!fed.isFrozen)
      for (let at = 0; at < noise.data.length; at++)
        noise.data[at] = at % 4 === 3 ? 255 : 200 + ((at * 7 + step * 13) % 31);
    brush.putImageData(noise, 0, 0);
  };
  setInterval(draw, 33);
  globalThis.fed = {
    picture: null,
    isFrozen: false,
    isMuted: false,
    cameras: [{ id: "one", label: "Camera one", hasLight: false }],
    opened: [],
    isLit: false,
    drawnAt: 0,
    plug: (cameras) => {
      fed.cameras = cameras;
      navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
    },
  };
  MediaDevices.prototype.enumerateDevices = async () =>
    fed.cameras.map(
      ({ id, label }) => ({ kind: "videoinput", deviceId: id, label, groupId: "" }) as unknown as MediaDeviceInfo,
    );
  MediaDevices.prototype.getUserMedia = async (wanted) => {
    const video = wanted?.video;
    const asked = typeof video === "object" ? (video.deviceId as { exact?: string } | undefined)?.exact : undefined;
    const camera = asked === undefined ? fed.cameras[0] : fed.cameras.find(({ id }) => id === asked);
    if (camera === undefined) throw new DOMException("Requested device not found", "NotFoundError");
    fed.opened.push(camera.id);
    const stream = shown.captureStream(30);
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new Error("no track");
    fed.isLit = false;
    Object.assign(track, {
      getSettings: () => ({ deviceId: camera.id, frameRate: 30, torch: fed.isLit }),
      getCapabilities: () => ({ torch: camera.hasLight }),
      applyConstraints: async ({ advanced = [] }: MediaTrackConstraints) => {
        for (const each of advanced) if ("torch" in each) fed.isLit = each.torch === true;
      },
    });
    Object.defineProperty(track, "muted", { get: () => fed.isMuted });
    return stream;
  };
};
