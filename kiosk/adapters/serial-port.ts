/**
 * Web Serial (https://wicg.github.io/serial/), as much of it as is used here: lib.dom does not have it. Null where the
 * browser does not, or where a policy keeps it from this page.
 *
 * A port that was permitted once, by a person or by the browser's policy (SerialAllowUsbDevicesForUrls), is here at every
 * start without a question.
 */

export type SerialOptions = {
  readonly baudRate: number;
  readonly parity?: "none" | "even" | "odd";
  readonly stopBits?: 1 | 2;
  readonly bufferSize?: number;
};

export type SerialPort = {
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  open(options: SerialOptions): Promise<void>;
  close(): Promise<void>;
  getInfo(): { readonly usbVendorId?: number; readonly usbProductId?: number };
};

/** `connect` and `disconnect` are fired at the port, and bubble. */
export type Serial = EventTarget & {
  getPorts(): Promise<SerialPort[]>;
  /** Asks the person at the terminal; only in answer to a touch or key. Rejects when nothing was chosen. */
  requestPort(): Promise<SerialPort>;
};

export const serialHere = (): Serial | null => (navigator as { readonly serial?: Serial }).serial ?? null;

/** "1a86:7523"; null for a port of the machine's own. */
export const usbOf = (port: SerialPort): string | null => {
  const { usbVendorId, usbProductId } = port.getInfo();
  if (usbVendorId === undefined || usbProductId === undefined) return null;
  return [usbVendorId, usbProductId].map((id) => id.toString(16).padStart(4, "0")).join(":");
};
