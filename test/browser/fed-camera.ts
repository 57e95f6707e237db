/**
 * A camera that the test feeds: installed in a page, it takes the place of the device. What it shows is drawn into a canvas
 * thirty times a second, with a sensor's noise at its edge unless it is told to freeze. `likeDevice` has it written as light
 * and colours (I420) instead, as devices do: grey pictures only.
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
  await page.evaluate(installCamera, false);
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
export const installCamera = (likeDevice: boolean): void => {
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

  type Generator = MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
  const device = new Uint8Array(1280 * 720 * 1.5).fill(128);
  const writers: WritableStreamDefaultWriter<VideoFrame>[] = [];
  const write = (): void => {
    const { picture } = fed;
    if (picture !== drawn || step === 0) {
      for (let at = 0; at < 1280 * 720; at++) device[at] = picture === null ? 235 : (picture.data[4 * at] ?? 0);
      fed.drawnAt = performance.now();
    }
    drawn = picture;
    step += 1;
    if (!fed.isFrozen) for (let at = 0; at < 1280 * 8; at++) device[at] = 200 + ((at * 7 + step * 13) % 31);
    const format = {
      format: "I420",
      codedWidth: 1280,
      codedHeight: 720,
      timestamp: performance.now() * 1_000,
    } as const;
    for (const writer of writers) writer.write(new VideoFrame(device, format)).catch(() => {});
  };
  const openDevice = (): MediaStream => {
    const track = Reflect.construct(Reflect.get(globalThis, "MediaStreamTrackGenerator"), [
      { kind: "video" },
    ]) as Generator;
    writers.push(track.writable.getWriter());
    return new MediaStream([track]);
  };

  setInterval(likeDevice ? write : draw, 33);
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
    const stream = likeDevice ? openDevice() : shown.captureStream(30);
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
