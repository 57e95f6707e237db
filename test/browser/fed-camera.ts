/**
 * A camera that the test feeds: installed in a page, it takes the place of the device. What it shows is drawn into a canvas
 * thirty times a second, with a sensor's noise at its edge unless it is told to freeze. `likeDevice` has it written as light
 * and colours (I420) instead, as devices do, which costs the page little: a device's frames are made by another process.
 * As of a device, fewer of them can be had of a copy of its track.
 */
import type { Page } from "playwright-core";
import type { Picture } from "../video.ts";

export type FedCamera = {
  /** Null: nothing to read. */
  readonly show: (picture: Picture | null) => Promise<void>;
};

type Fed = {
  /** 1280x720 where it is like a device. */
  picture: Picture | null;
  isFrozen: boolean;
  /** Then it gives no frame. So it does while it stands still, which it does not say. */
  isMuted: boolean;
  isStanding: boolean;
  /** What enumerateDevices says; the first is opened where none is named. */
  cameras: { readonly id: string; readonly label: string; readonly hasLight: boolean }[];
  opened: string[];
  /** What the browser hands frames over with, where a test has taken it away. */
  Processor?: unknown;
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
          const { encoded, ...size } = sent ?? { encoded: "", width: 0, height: 0 };
          const grey = Uint8Array.from(atob(encoded), (each) => each.charCodeAt(0));
          fed.picture = sent === null ? null : { ...size, grey };
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
  let drawn: Picture | null = null;
  let image: ImageData | null = null;
  const draw = (): void => {
    const { picture } = fed;
    if (picture !== drawn) {
      fed.drawnAt = performance.now();
      image = picture === null ? null : new ImageData(picture.width, picture.height);
      image?.data.fill(255);
      picture?.grey.forEach((each, at) => void image?.data.fill(each, 4 * at, 4 * at + 3));
    }
    drawn = picture;
    step += 1;
    if (fed.isMuted || fed.isStanding) return;
    brush.fillStyle = "#ebebeb";
    brush.fillRect(0, 0, 1280, 720);
    if (image !== null) brush.putImageData(image, 0, 0);
    if (!fed.isFrozen)
      for (let at = 0; at < noise.data.length; at++)
        noise.data[at] = at % 4 === 3 ? 255 : 200 + ((at * 7 + step * 13) % 31);
    brush.putImageData(noise, 0, 0);
  };

  type Generator = MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
  const device = new Uint8Array(1280 * 720 * 1.5).fill(128);
  /** `every`: which frame of the device is the next of it. */
  const outlets: { readonly writer: WritableStreamDefaultWriter<VideoFrame>; every: number }[] = [];
  const write = (): void => {
    const { picture } = fed;
    if (picture !== drawn || step === 0) {
      if (picture === null) device.fill(235, 0, 1280 * 720);
      else device.set(picture.grey);
      fed.drawnAt = performance.now();
    }
    drawn = picture;
    step += 1;
    if (!fed.isFrozen) for (let at = 0; at < 1280 * 8; at++) device[at] = 200 + ((at * 7 + step * 13) % 31);
    const frame = new VideoFrame(device, {
      ...{ format: "I420", codedWidth: 1280, codedHeight: 720 },
      timestamp: performance.now() * 1_000,
    });
    for (const { writer, every } of outlets) {
      const given = step % every === 0 && !fed.isStanding && !fed.isMuted ? frame.clone() : null;
      if (given !== null) writer.write(given).catch(() => given.close());
    }
    frame.close();
  };
  const openTrack = (): MediaStreamTrack => {
    const asked = [{ kind: "video" }];
    const track = Reflect.construct(Reflect.get(globalThis, "MediaStreamTrackGenerator"), asked) as Generator;
    const outlet = { writer: track.writable.getWriter(), every: 1 };
    outlets.push(outlet);
    return Object.assign(track, {
      clone: openTrack,
      applyConstraints: async ({ frameRate }: MediaTrackConstraints) => {
        if (typeof frameRate === "object" && frameRate.max !== undefined) outlet.every = Math.round(30 / frameRate.max);
      },
    });
  };

  setInterval(likeDevice ? write : draw, 33);
  globalThis.fed = {
    picture: null,
    isFrozen: false,
    isMuted: false,
    isStanding: false,
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
    const stream = likeDevice ? new MediaStream([openTrack()]) : shown.captureStream(30);
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
