/**
 * A serial port that is spoken to and answers: opened when it is first needed and again after it was lost. What came before
 * it was asked is thrown away by `write`, since it answers something else.
 *
 * `write` and `read` reject where the port is not here, not permitted, or pulled out; the next `write` looks for it again.
 */
import type { Bytes } from "../../shared/bytes.ts";
import { type Serial, type SerialOptions, type SerialPort, usbOf } from "./serial-port.ts";

export type SerialLink = {
  readonly write: (bytes: Bytes) => Promise<void>;
  /** The next bytes; null when none come within so many milliseconds. */
  readonly read: (milliseconds: number) => Promise<Uint8Array | null>;
  /** Opens the port where it is not open; what comes on it from then on is heard besides, whoever reads it. */
  readonly hear: (listener: (bytes: Uint8Array) => void) => Promise<void>;
};

/** `usb`: as `usbOf` names it. */
export const serialLink = (serial: Serial | null, usb: string | null, options: SerialOptions): SerialLink => {
  let open: Opened | null = null;
  /** Two who need it at once open it once. */
  let opening: Promise<Opened> | null = null;
  let listener = (_bytes: Uint8Array): void => {};
  const opened = async (): Promise<Opened> => {
    if (open?.isLost() === false) return open;
    opening ??= openPort(serial, usb, options, (bytes) => listener(bytes)).finally(() => {
      opening = null;
    });
    open = await opening;
    return open;
  };
  return {
    write: async (bytes) => (await opened()).write(bytes),
    read: async (milliseconds) => (await opened()).read(milliseconds),
    hear: async (next) => {
      listener = next;
      await opened();
    },
  };
};

type Opened = Omit<SerialLink, "hear"> & { readonly isLost: () => boolean };

type Hear = (bytes: Uint8Array) => void;

const openPort = async (
  serial: Serial | null,
  usb: string | null,
  options: SerialOptions,
  hear: Hear,
): Promise<Opened> => {
  if (serial === null) throw new Error("this browser has no serial ports");
  const [port, another] = (await serial.getPorts()).filter((each) => usbOf(each) === usb);
  if (port === undefined) throw new Error(`its serial port (${usb ?? "of this machine"}) is not here or not permitted`);
  if (another !== undefined) throw new Error(`two serial ports are ${usb ?? "of this machine"}: which one is it?`);
  await port.open(options);
  return listenTo(port, hear);
};

/** What nobody reads is not kept for ever. */
const chunksMax = 1000;

const listenTo = (port: SerialPort, hear: Hear): Opened => {
  const chunks: Uint8Array[] = [];
  let lost: Error | null = null;
  let heard = (): void => {};

  const listen = async (): Promise<void> => {
    // A line error ends the stream and not the port; a whole answer will be missed and asked for again.
    for (let broken: unknown = null; port.readable !== null && port.readable !== broken; ) {
      broken = port.readable;
      const reader = port.readable.getReader();
      try {
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          chunks.push(read.value);
          if (chunks.length > chunksMax) chunks.shift();
          hear(read.value);
          heard();
        }
      } catch {
        heard();
      } finally {
        reader.releaseLock();
      }
    }
    lost = new Error("its serial port was pulled out");
    heard();
    await port.close().catch(() => {});
  };
  void listen();

  return {
    isLost: () => lost !== null,
    write: async (bytes) => {
      chunks.length = 0;
      if (port.writable === null) throw lost ?? new Error("its serial port cannot be written to");
      const writer = port.writable.getWriter();
      try {
        await writer.write(bytes);
      } finally {
        writer.releaseLock();
      }
    },
    read: async (milliseconds) => {
      if (chunks.length === 0 && lost === null)
        await within(milliseconds, (resolve) => {
          heard = resolve;
        });
      heard = () => {};
      const chunk = chunks.shift();
      if (chunk === undefined && lost !== null) throw lost;
      return chunk ?? null;
    },
  };
};

const within = (milliseconds: number, wait: (resolve: () => void) => void): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wait(() => {
      clearTimeout(timer);
      resolve();
    });
  });
