/** A page with nothing but the scanners, for scanner.test.ts: what they report is kept in `window.harness`. */
import { startDecoder } from "../../../kiosk/adapters/decoder.ts";
import type { CameraScanner } from "../../../kiosk/adapters/scanner-camera.ts";
import { wedgeScanner } from "../../../kiosk/adapters/scanner-wedge.ts";
import type { ChosenCamera, OpenCamera, Scan, Scanner, ScannerState } from "../../../kiosk/ports.ts";

const found = document.querySelector<HTMLElement>(".host");
if (found === null) throw new Error("no host");
const host = found;

const { cameraScanner, listCameras } = await import("../../../kiosk/adapters/scanner-camera.ts");
const { startLastingDecoder } = await import("../../../kiosk/adapters/lasting-decoder.ts");

type Seen = Scan & { readonly reportedAt: number };

type Harness = {
  readonly violations: string[];
  readonly host: HTMLElement;
  readonly listCameras: typeof listCameras;
  readonly startDecoder: typeof startDecoder;
  readonly startLastingDecoder: typeof startLastingDecoder;
  readonly scans: { readonly camera: Seen[]; readonly wedge: Seen[] };
  readonly states: (ScannerState & { readonly at: number })[];
  readonly camera: CameraScanner;
  /** The newest that the camera said of itself. */
  open: OpenCamera | null;
  readonly wedge: Scanner;
  readonly startCamera: () => Promise<void>;
  chosenCamera: ChosenCamera | null;
  /** What is answered to a camera's scan. */
  inHand: Promise<void> | null;
  presses: number;
};

const page: Harness = {
  violations: [],
  host,
  listCameras,
  startDecoder,
  startLastingDecoder,
  scans: { camera: [], wedge: [] },
  states: [],
  chosenCamera: null,
  open: null,
  inHand: null,
  presses: 0,
  camera: cameraScanner({
    host,
    reads: "all",
    recallCamera: () => page.chosenCamera,
    onCamera: (open) => {
      page.open = open;
    },
  }),
  wedge: wedgeScanner(),
  startCamera: () =>
    page.camera.start(keepIn(page.scans.camera), (state) => page.states.push({ ...state, at: performance.now() })),
};

declare global {
  var harness: Harness;
}
globalThis.harness = page;

const keepIn = (scans: Seen[]) => (scan: Scan) => {
  scans.push({ ...scan, reportedAt: performance.now() });
  return page.inHand;
};

addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber, sample }) => {
  page.violations.push(`${effectiveDirective} ${blockedURI} ${sourceFile}:${lineNumber} ${sample}`);
});
document.querySelector("button")?.addEventListener("click", () => {
  page.presses++;
});
await page.wedge.start(keepIn(page.scans.wedge), () => {});
document.body.dataset.ready = "yes";
