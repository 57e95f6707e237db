/**
 * A relay with inputs on a serial line, by Modbus RTU (modbus-frame.ts): one coil opens the gate or works the desk's pad,
 * one input is on while somebody passes or the thing has moved. It knows no docks.
 *
 * The sensor has to be off before anything moves (somebody may still stand there, for 2 s); then the coil is on until the
 * sensor comes on (`completed`) or the address's seconds are over (`timed-out`), and off again whatever happened. `fault`:
 * no answer to three requests, an exception, a sensor that stays on, the fault input, a coil that could not be switched off.
 *
 * `hold-open` switches the coil on and leaves it so until `close`, also in the middle of an act. The alarm input is read every
 * second. A relay without power lets go of its coil: wire the gate so that it stands open then, as a fire alarm of the house
 * opens it by itself; the input is there so that the terminal writes it down, and staff close again.
 */
import type { ModbusAddress } from "../../shared/actuator-address.ts";
import { encodeRequest, type ModbusRequest, readAnswer } from "../modbus-frame.ts";
import type { Actuated, Actuator, Clock, Command } from "../ports.ts";
import { actOnce } from "./acted-once.ts";
import { type SerialLink, serialLink } from "./serial-link.ts";
import type { Serial } from "./serial-port.ts";

const answerMilliseconds = 300;
const triesMax = 3;
/** More than the 3.5 characters between two frames, at any speed. */
const betweenSeconds = 0.03;
const clearSeconds = 2;
const alarmSeconds = 1;

export const modbusActuator = (address: ModbusAddress, serial: Serial | null, clock: Clock): Actuator => {
  const { usb, baudRate, parity } = address;
  const line = { link: serialLink(serial, usb, { baudRate, parity, bufferSize: 256 }), clock, address, ...freeLine() };
  return {
    perform: actOnce(async (command) => {
      if (command.kind === "hold-open" || command.kind === "close") return hold(line, command.kind === "hold-open");
      const coil = coilOf(command, address);
      if (coil === null) return faulted(`this relay is not made for ${command.kind}`);
      try {
        return await move(line, coil);
      } catch (cause) {
        return faulted(causeOf(cause));
      }
    }),
    docks: async () => [],
    ...(address.alarm === undefined ? {} : { watchAlarm: watchInput(line, address.alarm) }),
  };
};

type Line = {
  readonly link: SerialLink;
  readonly clock: Clock;
  readonly address: ModbusAddress;
  /** The answer before: one is asked at a time. */
  before: Promise<unknown>;
  /** It stands open until it is closed. */
  isHeld: boolean;
};

const freeLine = (): Pick<Line, "before" | "isHeld"> => ({ before: Promise.resolve(), isHeld: false });

const hold = async (line: Line, isHeld: boolean): Promise<Actuated> => {
  line.isHeld = isHeld;
  try {
    await switchCoil(line, line.address.coil, isHeld);
    return { outcome: "completed" };
  } catch (cause) {
    return faulted(causeOf(cause));
  }
};

/** Calls back whenever it comes on. A relay that does not answer says nothing of an alarm. */
const watchInput = (line: Line, input: number) => (onAlarm: () => Promise<void>) => {
  let wasOn = false;
  const look = async (): Promise<void> => {
    const on = await isOn(line, input).catch(() => wasOn);
    if (on && !wasOn) void onAlarm();
    wasOn = on;
    line.clock.after(alarmSeconds, () => void look());
  };
  void look();
};

const coilOf = ({ kind }: Command, { coil, accept }: ModbusAddress): number | null => {
  if (kind === "open-gate" || kind === "release-item") return coil;
  return kind === "accept-item" ? accept : null;
};

const move = async (line: Line, coil: number): Promise<Actuated> => {
  const { sensor, seconds } = line.address;
  if (!(await waitFor(line, sensor, false, clearSeconds))) return faulted("the sensor is on before anything moved");
  let moved: Actuated;
  try {
    await switchCoil(line, coil, true);
    moved = { outcome: (await waitFor(line, sensor, true, seconds)) ? "completed" : "timed-out" };
  } catch (cause) {
    moved = faulted(causeOf(cause));
  }
  try {
    if (!line.isHeld || coil !== line.address.coil) await switchCoil(line, coil, false);
  } catch (cause) {
    return faulted(`it may stand open: ${moved.cause ?? causeOf(cause)}`);
  }
  // Somebody may have passed while it closed.
  if (moved.outcome === "timed-out" && (await isOn(line, sensor))) return { outcome: "completed" };
  return moved;
};

/** False when the input is not so within the seconds. Throws where the machine says that it is broken. */
const waitFor = async (line: Line, input: number, on: boolean, seconds: number): Promise<boolean> => {
  const { clock, address } = line;
  const until = clock.ticks() + 1000 * seconds;
  do {
    if (address.fault !== null && (await isOn(line, address.fault))) throw new Error("the machine says it is broken");
    if ((await isOn(line, input)) === on) return true;
  } while (clock.ticks() < until);
  return false;
};

const switchCoil = async (line: Line, coil: number, on: boolean): Promise<void> => {
  const answer = await ask(line, { kind: "write-coil", unit: line.address.unit, address: coil, on });
  if (answer.kind === "exception") throw new Error(`the relay refuses coil ${coil}: exception ${answer.code}`);
};

const isOn = async (line: Line, input: number): Promise<boolean> => {
  const answer = await ask(line, { kind: "read-input", unit: line.address.unit, address: input });
  if (answer.kind !== "input") throw new Error(`the relay refuses input ${input}: ${JSON.stringify(answer)}`);
  return answer.on;
};

const ask = (line: Line, request: ModbusRequest) => {
  const answer = line.before.then(() => askNow(line, request));
  line.before = answer.catch(() => {}); // who asked hears of it
  return answer;
};

/** Asks until there is an answer that fits; to ask twice for the same changes nothing. */
const askNow = async ({ link, clock }: Line, request: ModbusRequest) => {
  for (let tries = 0; tries < triesMax; tries++) {
    await new Promise<void>((resolve) => clock.after(betweenSeconds, resolve));
    await link.write(encodeRequest(request));
    const until = clock.ticks() + answerMilliseconds;
    const received: number[] = [];
    while (true) {
      const left = until - clock.ticks();
      const bytes = left <= 0 ? null : await link.read(left);
      if (bytes === null) break;
      received.push(...bytes);
      const answer = readAnswer(request, Uint8Array.from(received));
      if (answer.kind === "invalid") break;
      if (answer.kind !== "incomplete") return answer;
    }
  }
  throw new Error("the relay does not answer");
};

const causeOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause)).slice(0, 200);

const faulted = (cause: string): Actuated => ({ outcome: "fault", cause });
