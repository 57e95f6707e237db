/**
 * What serial and HID scanners have in common: any number of them at once, plugged in and pulled out at any time, each
 * read from when it is there until it is gone or the scanner is stopped.
 *
 * A device that cannot be opened or whose reading ends is `broken`, and tried again after 0.5 s, 1 s, 2 s ... 30 s. One that
 * was pulled out is `broken` until one is plugged in. Where none was ever there, that is how it should be: `scanning`.
 */
import type { Scan, Scanner, ScannerState } from "../ports.ts";

/** A kind of device, as the browser knows it. */
export type Wire<Device> = {
  readonly name: string;
  readonly events: EventTarget;
  readonly deviceOf: (event: Event) => Device | null;
  /** Those we have permission for. */
  readonly granted: () => Promise<readonly Device[]>;
  /** Asks the person at the terminal for one more. Rejects where none is given. */
  readonly request: () => Promise<readonly Device[]>;
  /** Reads until the device ends it or `stopped`; resolves to why, or rejects. Leaves the device closed. */
  readonly read: (device: Device, reports: Reports, stopped: AbortSignal) => Promise<string>;
};

export type Reports = {
  readonly onScan: (scan: Scan) => void;
  /** It works, as far as can be seen; or the cause why what it sends cannot be used. */
  readonly onHealth: (cause: string | null) => void;
};

/** `connect`: to be called while a touch or key is being answered. Does nothing when the person gives no device. */
export type WiredScanner = Scanner & { readonly connect: () => Promise<void> };

const pauseMilliseconds = { first: 500, max: 30_000 };

export const wiredScanner = <Device>(wire: Wire<Device>): WiredScanner => {
  let stop = (): void => {};
  let attach = (_: Device): void => {};

  const start: Scanner["start"] = async (onScan, onState) => {
    stop();
    const stopping = new AbortController();
    const { signal } = stopping;
    const attached = new Map<Device, AbortController>();
    const causes = new Map<Device, string>();
    let told = "";
    stop = () => {
      stopping.abort();
      for (const each of attached.values()) each.abort();
    };

    const tell = (): void => {
      const [cause] = causes.values();
      const state: ScannerState = cause === undefined ? { kind: "scanning" } : { kind: "broken", cause };
      if (JSON.stringify(state) !== told && !signal.aborted) onState(state);
      told = JSON.stringify(state);
    };
    const judge = (device: Device, cause: string | null): void => {
      if (cause === null) causes.delete(device);
      else causes.set(device, cause);
      tell();
    };

    const keepReading = async (device: Device, gone: AbortSignal): Promise<void> => {
      let pause = pauseMilliseconds.first;
      const onHealth = (cause: string | null): void => {
        if (cause === null) pause = pauseMilliseconds.first;
        if (!gone.aborted) judge(device, cause);
      };
      while (!gone.aborted) {
        const cause = await wire.read(device, { onScan, onHealth }, gone).catch(String);
        if (gone.aborted) return;
        judge(device, cause);
        await sleep(pause, gone);
        pause = Math.min(2 * pause, pauseMilliseconds.max);
      }
    };

    attach = (device) => {
      if (signal.aborted || attached.has(device)) return;
      // Plugged in again, it may be another object than the one pulled out.
      for (const each of causes.keys()) if (!attached.has(each)) causes.delete(each);
      const gone = new AbortController();
      attached.set(device, gone);
      tell();
      void keepReading(device, gone.signal);
    };
    const detach = (device: Device): void => {
      const gone = attached.get(device);
      if (gone === undefined) return;
      attached.delete(device);
      gone.abort();
      judge(device, "unplugged");
    };

    const on = (type: string, act: (device: Device) => void): void =>
      wire.events.addEventListener(
        type,
        (event) => {
          const device = wire.deviceOf(event);
          if (device !== null) act(device);
        },
        { signal },
      );
    on("connect", (device) => attach(device));
    on("disconnect", detach);
    try {
      for (const device of await wire.granted()) attach(device);
      tell();
    } catch (cause) {
      onState({ kind: "broken", cause: String(cause) });
    }
  };

  return {
    name: wire.name,
    start,
    stop: async () => stop(),
    connect: async () => {
      const devices = await wire.request().catch(() => []);
      for (const device of devices) attach(device);
    },
  };
};

const sleep = (milliseconds: number, stopped: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
