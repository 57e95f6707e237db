/**
 * `navigator.serial` and `navigator.hid` as a test wants them: run in the page before its own scripts. What is plugged in
 * is moved by `window.wires`. A controller of a gate, where there is one, listens on a port and answers as it is told.
 */

export type MadeUp = {
  readonly ports: readonly { readonly name: string; readonly usb: string; readonly granted: boolean }[];
  readonly hids: readonly { readonly name: string; readonly vendorId: number; readonly granted: boolean }[];
  readonly controller?: { readonly kind: "lines" | "modbus"; readonly port: string };
};

export type Bench = {
  readonly send: (port: string, bytes: readonly number[]) => void;
  readonly lineError: (port: string) => void;
  readonly pullOut: (port: string) => void;
  readonly plugIn: (port: string) => void;
  /** Of a port or a HID device. */
  readonly isOpen: (name: string) => boolean;
  /** Decisions that the page has recorded. */
  readonly taps: () => number;
  readonly report: (hid: string, text: string) => void;
  readonly pullOutHid: (hid: string) => void;
  readonly plugInHid: (hid: string) => void;
  /** Report numbers and first bytes. */
  readonly features: (hid: string) => readonly (readonly number[])[];
  /** By lines: what comes next, "-" for nothing; up to DONE, TIMEOUT, FAULT or "-" they answer one order. */
  readonly answers: string[];
  readonly orders: string[];
  readonly relay: {
    /** Input 1: somebody passes whenever it is open; the sensor is always on. */
    passes: boolean;
    isStuck: boolean;
    /** Input 2. */
    isBroken: boolean;
    /** Input 5. */
    isAlarm: boolean;
    /** Every second answer is spoilt. */
    noise: boolean;
    isSilent: boolean;
    readonly coils: string[];
  };
};

declare global {
  var wires: Bench;
}

/** Stands alone: it is carried into the page as text. */
export const makeUpDevices = ({ ports, hids, controller }: MadeUp): void => {
  class Port extends EventTarget {
    readable: ReadableStream<Uint8Array> | null = null;
    writable: WritableStream<Uint8Array> | null = null;
    into: ReadableStreamDefaultController<Uint8Array> | null = null;
    isHere = true;
    granted: boolean;
    readonly name: string;
    readonly usb: string;
    constructor({ name, usb, granted }: MadeUp["ports"][number]) {
      super();
      this.name = name;
      this.usb = usb;
      this.granted = granted;
    }
    getInfo() {
      const [vendor = "", product = ""] = this.usb.split(":");
      return { usbVendorId: Number.parseInt(vendor, 16), usbProductId: Number.parseInt(product, 16) };
    }
    async open() {
      if (!this.isHere) throw new DOMException("Failed to open serial port.", "NetworkError");
      if (this.readable !== null) throw new DOMException("The port is already open.", "InvalidStateError");
      this.stream();
      this.writable = new WritableStream({ write: (bytes) => hear(this, bytes) });
    }
    stream() {
      this.readable = new ReadableStream({
        start: (into) => {
          this.into = into;
        },
      });
    }
    async close() {
      if (this.readable?.locked) throw new TypeError("Cannot cancel a locked stream");
      this.readable = null;
      this.writable = null;
      this.into = null;
    }
  }

  class Hid extends EventTarget {
    opened = false;
    isHere = true;
    readonly features: number[][] = [];
    readonly collections = [{ usagePage: 0x8c, usage: 2 }];
    granted: boolean;
    readonly name: string;
    readonly vendorId: number;
    constructor({ name, vendorId, granted }: MadeUp["hids"][number]) {
      super();
      this.name = name;
      this.vendorId = vendorId;
      this.granted = granted;
    }
    async open() {
      this.opened = true;
    }
    async close() {
      this.opened = false;
    }
    async sendFeatureReport(id: number, report: Uint8Array) {
      this.features.push([id, ...report]);
    }
  }

  const serial = new EventTarget();
  const hid = new EventTarget();
  const portsHere = ports.map((each) => new Port(each));
  const hidsHere = hids.map((each) => new Hid(each));
  Object.assign(serial, {
    getPorts: async () => portsHere.filter(({ granted, isHere }) => granted && isHere),
    requestPort: async () => {
      if (!navigator.userActivation.isActive)
        throw new DOMException("Must be handling a user gesture", "SecurityError");
      const port = portsHere.find(({ granted }) => !granted);
      if (port === undefined) throw new DOMException("No port selected by the user.", "NotFoundError");
      port.granted = true;
      return port;
    },
  });
  Object.assign(hid, {
    getDevices: async () => hidsHere.filter(({ granted, isHere }) => granted && isHere),
    requestDevice: async () => hidsHere.filter(({ granted }) => !granted),
  });
  Object.defineProperty(navigator, "serial", { value: serial });
  Object.defineProperty(navigator, "hid", { value: hid });

  const portOf = (name: string): Port => {
    const port = portsHere.find((each) => each.name === name);
    if (port === undefined) throw new Error(`no port ${name}`);
    return port;
  };
  const hidOf = (name: string): Hid => {
    const found = hidsHere.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no device ${name}`);
    return found;
  };
  /** Events of a port bubble to `navigator.serial`; an EventTarget of a script's own cannot, so they are sent there. */
  const tell = (port: Port, type: string): void => {
    const event = new Event(type);
    Object.defineProperty(event, "target", { value: port });
    serial.dispatchEvent(event);
  };
  const tellHid = (device: Hid, type: string): void =>
    void hid.dispatchEvent(Object.assign(new Event(type), { device }));

  const crc = (bytes: readonly number[]): number => {
    let sum = 0xffff;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
    }
    return sum;
  };
  const say = (port: Port, text: string): void => {
    const sum = crc([...new TextEncoder().encode(text)]);
    port.into?.enqueue(new TextEncoder().encode(`${text} *${sum.toString(16).toUpperCase().padStart(4, "0")}\r\n`));
  };
  const hear = (port: Port, bytes: Uint8Array): void => {
    if (port.name !== controller?.port) return;
    if (controller.kind === "lines") hearLine(port, new TextDecoder().decode(bytes).trim());
    else hearFrame(port, [...bytes]);
  };
  const hearLine = (port: Port, line: string): void => {
    wires.orders.push(line);
    const id = line.split(" ")[1];
    for (let word = wires.answers.shift(); word !== undefined && word !== "-"; word = wires.answers.shift()) {
      const [verb, ...rest] = word.split(" ");
      say(port, [verb, id, ...rest].join(" "));
      if (verb !== "GOT") return;
    }
  };
  let isOpen = false;
  let frames = 0;
  const hearFrame = (port: Port, frame: readonly number[]): void => {
    const [unit = 0, kind = 0, , address = 0, value] = frame;
    if (wires.relay.isSilent) return;
    frames += 1;
    const answer = (bytes: readonly number[]): void => {
      const sum = crc(bytes);
      const whole = [...bytes, sum & 0xff, (sum >>> 8) ^ (wires.relay.noise && frames % 2 === 0 ? 1 : 0)];
      // In two pieces, as a slow line hands them over.
      port.into?.enqueue(Uint8Array.from(whole.slice(0, 3)));
      setTimeout(() => port.into?.enqueue(Uint8Array.from(whole.slice(3))), 2);
    };
    if (kind === 5) {
      const on = `${address} ${value === 0xff ? "on" : "off"}`;
      isOpen = value === 0xff;
      if (wires.relay.coils.at(-1) !== on) wires.relay.coils.push(on);
      answer(frame.slice(0, 6));
    } else {
      const inputs: Readonly<Record<number, boolean>> = {
        1: wires.relay.isStuck || (isOpen && wires.relay.passes),
        2: wires.relay.isBroken,
        5: wires.relay.isAlarm,
      };
      answer([unit, kind, 1, inputs[address] === true ? 1 : 0]);
    }
  };

  // The page measures each recorded decision.
  let taps = 0;
  new PerformanceObserver((measures) => {
    taps += measures.getEntriesByName("tap").length;
  }).observe({ type: "measure" });

  globalThis.wires = {
    send: (name, bytes) => portOf(name).into?.enqueue(Uint8Array.from(bytes)),
    lineError: (name) => {
      const port = portOf(name);
      port.into?.error(new DOMException("Framing error", "FramingError"));
      port.stream();
    },
    pullOut: (name) => {
      const port = portOf(name);
      port.isHere = false;
      const { into } = port;
      port.readable = null;
      into?.error(new DOMException("The device has been lost.", "NetworkError"));
      tell(port, "disconnect");
    },
    plugIn: (name) => {
      // A new object, as a browser may hand it out.
      const { usb } = portOf(name);
      const port = new Port({ name, usb, granted: true });
      portsHere[portsHere.findIndex((each) => each.name === name)] = port;
      tell(port, "connect");
    },
    isOpen: (name) => {
      const device = hidsHere.find((each) => each.name === name);
      return device === undefined ? portOf(name).readable !== null : device.opened;
    },
    taps: () => taps,
    report: (name, text) => {
      const device = hidOf(name);
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += 56) {
        const part = bytes.slice(at, at + 56);
        const report = new Uint8Array(63);
        report.set([part.length, 0x5d, 0x51, 0x31, ...part]);
        report.set([at + 56 < bytes.length ? 1 : 0], 62);
        device.dispatchEvent(
          Object.assign(new Event("inputreport"), { reportId: 2, device, data: new DataView(report.buffer) }),
        );
      }
    },
    pullOutHid: (name) => {
      const device = hidOf(name);
      Object.assign(device, { isHere: false, opened: false });
      tellHid(device, "disconnect");
    },
    plugInHid: (name) => {
      const device = hidOf(name);
      device.isHere = true;
      tellHid(device, "connect");
    },
    features: (name) => hidOf(name).features,
    answers: [],
    orders: [],
    relay: { passes: false, isStuck: false, isBroken: false, isAlarm: false, noise: false, isSilent: false, coils: [] },
  };
};
