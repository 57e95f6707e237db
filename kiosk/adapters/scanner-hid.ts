/**
 * HID scanners in their point-of-sale mode, over WebHID: what they read never is a keystroke. Report layout: hid-reports.ts.
 *
 * Not by @point-of-sale/webhid-barcode-scanner 1.2.2, tried beside it: a URL that it fails to take apart
 * (`https://a/01/%E0%A4%A/0123456789`) is glued before the next code, it writes every code to the console, and where a
 * scanner is plugged in again it throws.
 */
import { createHidReports, scanReportId } from "../hid-reports.ts";
import { type Reports, type WiredScanner, wiredScanner } from "./scanner-wired.ts";

/** As much of WebHID (https://wicg.github.io/webhid/) as is used here: lib.dom does not have it. */
export type HidDevice = EventTarget & {
  readonly opened: boolean;
  readonly vendorId: number;
  readonly collections: readonly { readonly usagePage: number; readonly usage: number }[];
  open(): Promise<void>;
  close(): Promise<void>;
  sendFeatureReport(reportId: number, report: Uint8Array): Promise<void>;
};

export type Hid = EventTarget & {
  getDevices(): Promise<HidDevice[]>;
  /** Asks the person at the terminal; only in answer to a touch or key. Empty when nothing was chosen. */
  requestDevice(options: { readonly filters: readonly object[] }): Promise<HidDevice[]>;
};

type InputReport = Event & { readonly reportId: number } & Pick<MessageEvent<DataView>, "data">;

/** Null where the browser has no WebHID, or a policy keeps it from this page. */
export const hidHere = (): Hid | null => (navigator as { readonly hid?: Hid }).hid ?? null;

const scannerUsage = { usagePage: 0x8c, usage: 2 };

/** Honeywell and Newland start as keyboards until they are told. */
const toldToScan = { vendors: [0x0c2e, 0x23d0], reportId: 0xfe, report: new Uint8Array([1]) };

export const hidScanner = (hid: Hid): WiredScanner =>
  wiredScanner<HidDevice>({
    name: "HID scanner",
    events: hid,
    deviceOf: (event) => {
      const { device } = event as Event & { readonly device: HidDevice };
      return isScanner(device) ? device : null;
    },
    granted: async () => (await hid.getDevices()).filter(isScanner),
    request: async () => (await hid.requestDevice({ filters: [scannerUsage] })).filter(isScanner),
    read: readDevice,
  });

const isScanner = ({ collections }: HidDevice): boolean =>
  collections.some(({ usagePage, usage }) => usagePage === scannerUsage.usagePage && usage === scannerUsage.usage);

const readDevice = async (device: HidDevice, { onScan, onHealth }: Reports, stopped: AbortSignal): Promise<string> => {
  if (!device.opened) await device.open();
  const reports = createHidReports();
  const hear = (event: Event): void => {
    const { reportId, data: view } = event as InputReport;
    if (reportId !== scanReportId) return;
    const seenAt = performance.now();
    const text = reports.feed(reportId, new Uint8Array(view.buffer, view.byteOffset, view.byteLength), seenAt);
    if (text !== null) onScan({ text, seenAt });
  };
  device.addEventListener("inputreport", hear);
  try {
    const { vendors, reportId, report } = toldToScan;
    if (vendors.includes(device.vendorId)) await device.sendFeatureReport(reportId, report);
    onHealth(null);
    await new Promise<void>((resolve) => {
      if (stopped.aborted) resolve();
      stopped.addEventListener("abort", () => resolve());
    });
    return "stopped";
  } finally {
    device.removeEventListener("inputreport", hear);
    await device.close().catch(() => {});
  }
};
