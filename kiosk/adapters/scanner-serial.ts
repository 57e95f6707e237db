/**
 * Serial scanners (RS-232, or USB in "COM port" mode), and library RFID pads that speak like one. 9,600 baud, 8 data bits,
 * no parity, 1 stop bit, no flow control: what they are made with; over USB it means nothing. The scanner ends each code
 * with CR or LF (scan-lines.ts): where it does not, staff are told to set it so.
 *
 * Not by @point-of-sale/webserial-barcode-scanner 1.2.2, tried beside it: that one has no line ends. It reports whatever came
 * before 300 ms of silence, so every tap is 300 ms late, two codes within that are one wrong text, and half a code passes for
 * a whole one; and a URL that it fails to take apart (`https://a/01/%E0%A4%A/0123456789`) takes the next code with it.
 */
import { createScanLines, pauseMillisecondsMax } from "../scan-lines.ts";
import { type Reports, type WiredScanner, wiredScanner } from "./scanner-wired.ts";
import type { Serial, SerialPort } from "./serial-port.ts";

/** What comes so soon after the opening began before it, and is no whole line. */
const openingMilliseconds = 100;

/** `isScanner`: false for a port that belongs to something else, such as the gate. */
export const serialScanner = (serial: Serial, isScanner: (port: SerialPort) => boolean): WiredScanner =>
  wiredScanner<SerialPort>({
    name: "serial scanner",
    events: serial,
    deviceOf: ({ target }) => {
      const port = target as unknown as SerialPort;
      return isScanner(port) ? port : null;
    },
    granted: async () => (await serial.getPorts()).filter(isScanner),
    request: async () => [await serial.requestPort()].filter(isScanner),
    read: readPort,
  });

const readPort = async (port: SerialPort, { onScan, onHealth }: Reports, stopped: AbortSignal): Promise<string> => {
  await port.open({ baudRate: 9600, bufferSize: 4096 });
  const openedAt = performance.now();
  const lines = createScanLines();
  let silence: ReturnType<typeof setTimeout> | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const leave = (): void => void reader?.cancel().catch(() => {});
  stopped.addEventListener("abort", leave);

  const hear = (bytes: Uint8Array): void => {
    const seenAt = performance.now();
    if (seenAt - openedAt < openingMilliseconds) lines.breakOff();
    const texts = lines.feed(bytes, seenAt);
    if (texts.length > 0) onHealth(null);
    for (const text of texts) onScan({ text, seenAt });
    clearTimeout(silence);
    if (!lines.isOpen()) return;
    silence = setTimeout(
      () => onHealth("half a line came: let it end each code with Enter (CR)"),
      pauseMillisecondsMax,
    );
  };

  try {
    onHealth(null);
    // A line error ends the stream and not the port: what it said meanwhile is lost, and a new stream goes on.
    for (let broken: unknown = null; port.readable !== null && port.readable !== broken && !stopped.aborted; ) {
      broken = port.readable;
      reader = port.readable.getReader();
      try {
        for (let read = await reader.read(); !read.done; read = await reader.read()) hear(read.value);
      } catch {
        lines.breakOff();
      } finally {
        reader.releaseLock();
      }
    }
    return "it stopped answering";
  } finally {
    clearTimeout(silence);
    stopped.removeEventListener("abort", leave);
    await port.close().catch(() => {});
  }
};
