/**
 * Where a terminal's machine is, as its profile says it:
 *
 *     simulated
 *     http://127.0.0.1:9100              a controller on the device itself
 *     serial:lines?NAME=VALUE&...        a controller on a serial line, by lines of text
 *     serial:modbus?NAME=VALUE&...       a relay and its inputs on a serial line, by Modbus RTU
 *
 *     usb=1a86:7523    which port, by its USB vendor and product; without it the machine's own port
 *     baud=9600        1200 to 921600; 8 data bits, 1 stop bit
 *   and of modbus
 *     parity=none      none, even or odd
 *     unit=1           1 to 247
 *     coil=0           what opens the gate, or releases an item: 0 to 65535, like those that follow
 *     accept=N         the coil that takes an item back; a library desk needs it
 *     sensor=0         the discrete input that is on while somebody passes or the thing has moved
 *     fault=N          the discrete input that is on while the machine is broken; without it none is read
 *     alarm=N          the discrete input that is on while there is a fire alarm; without it none is read
 *     seconds=10       how long it stays open: 1 to 30
 *
 * Each name at most once, numbers without leading zeros, nothing unknown. What it does not know is no address: a terminal
 * that is older than its profile moves nothing.
 */

type OnSerial = { readonly usb: string | null; readonly baudRate: number };

export type LinesAddress = { readonly kind: "serial-lines" } & OnSerial;
export type ModbusAddress = OnSerial & {
  readonly kind: "serial-modbus";
  readonly parity: "none" | "even" | "odd";
  readonly unit: number;
  readonly coil: number;
  readonly accept: number | null;
  readonly sensor: number;
  readonly fault: number | null;
  readonly alarm?: number;
  readonly seconds: number;
};

export type ActuatorAddress =
  | { readonly kind: "simulated" }
  | { readonly kind: "http"; readonly url: string }
  | LinesAddress
  | ModbusAddress;

export type InvalidAddress = { readonly kind: "invalid"; readonly error: string };

export const readActuatorAddress = (text: string): ActuatorAddress | InvalidAddress => {
  if (text === "simulated") return { kind: "simulated" };
  // A page's content security policy lets it talk to nothing else.
  if (/^http:\/\/(127\.0\.0\.1|localhost)(:\d{1,5})?(\/[!-~]*)?$/.test(text)) return { kind: "http", url: text };
  const [, protocol, query = ""] = /^serial:(lines|modbus)(?:\?([!-~]+))?$/.exec(text) ?? [];
  if (protocol === undefined) return invalid("it must be on the device itself, such as http://127.0.0.1:9100");
  const given = readQuery(query);
  if (given === null) return invalid("after ? it must be NAME=VALUE, joined by &, each name once");
  return protocol === "lines" ? readLines(given) : readModbus(given);
};

const invalid = (error: string): InvalidAddress => ({ kind: "invalid", error });

type Given = ReadonlyMap<string, string>;

const readQuery = (query: string): Given | null => {
  const given = new Map<string, string>();
  for (const pair of query === "" ? [] : query.split("&")) {
    const [, name, value] = /^([a-z]+)=([0-9a-z:]+)$/.exec(pair) ?? [];
    if (name === undefined || value === undefined || given.has(name)) return null;
    given.set(name, value);
  }
  return given;
};

const ofLines = ["usb", "baud"];
const ofModbus = [...ofLines, "parity", "unit", "coil", "accept", "sensor", "fault", "alarm", "seconds"];

const readLines = (given: Given): LinesAddress | InvalidAddress => {
  const line = readSerial(given, ofLines);
  return "error" in line ? line : { kind: "serial-lines", ...line };
};

const readModbus = (given: Given): ModbusAddress | InvalidAddress => {
  const line = readSerial(given, ofModbus);
  if ("error" in line) return line;
  const parity = given.get("parity") ?? "none";
  if (parity !== "none" && parity !== "even" && parity !== "odd") return invalid("parity can be none, even or odd");
  const [unit, seconds] = [number(given, "unit", 1, 247, 1), number(given, "seconds", 1, 30, 10)];
  const [coil, sensor] = [number(given, "coil", 0, 65_535, 0), number(given, "sensor", 0, 65_535, 0)];
  const [accept, fault] = [number(given, "accept", 0, 65_535, null), number(given, "fault", 0, 65_535, null)];
  const alarm = number(given, "alarm", 0, 65_535, null);
  if (unit === undefined || unit === null) return invalid("unit must be 1 to 247");
  if (seconds === undefined || seconds === null) return invalid("seconds must be 1 to 30");
  if (coil === undefined || coil === null || accept === undefined) return invalid("a coil must be 0 to 65535");
  if (sensor === undefined || sensor === null || fault === undefined) return invalid("an input must be 0 to 65535");
  if (accept === coil) return invalid("accept must be another coil than the one that releases");
  if (alarm === undefined) return invalid("an input must be 0 to 65535");
  if (fault === sensor) return invalid("fault must be another input than the sensor");
  if (alarm !== null && (alarm === sensor || alarm === fault)) {
    return invalid("alarm must be another input than the sensor and the fault");
  }
  return {
    kind: "serial-modbus",
    ...line,
    parity,
    unit,
    coil,
    accept,
    sensor,
    fault,
    ...(alarm === null ? {} : { alarm }),
    seconds,
  };
};

const readSerial = (given: Given, known: readonly string[]): OnSerial | InvalidAddress => {
  const unknown = [...given.keys()].find((name) => !known.includes(name));
  if (unknown !== undefined) return invalid(`${unknown} is not known here: ${known.join(", ")} are`);
  const usb = given.get("usb") ?? null;
  if (usb !== null && !/^[0-9a-f]{4}:[0-9a-f]{4}$/.test(usb)) return invalid("usb must be such as 1a86:7523");
  const baudRate = number(given, "baud", 1200, 921_600, 9600);
  if (baudRate === undefined || baudRate === null) return invalid("baud must be 1200 to 921600");
  return { usb, baudRate };
};

/** Undefined where it is none. */
const number = (given: Given, name: string, min: number, max: number, without: number | null) => {
  const text = given.get(name);
  if (text === undefined) return without;
  const value = /^(0|[1-9]\d{0,5})$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
};
