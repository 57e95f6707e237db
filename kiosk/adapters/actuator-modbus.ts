/**
 * A relay with inputs on a serial line, by Modbus RTU (modbus-frame.ts): one coil opens the gate or works the desk's pad,
 * one input is on while somebody passes or the thing has moved. It knows no docks.
 *
 * The sensor has to be off before anything moves (somebody may still stand there, for 2 s); then the coil is on until the
 * sensor comes on (`completed`) or the address's seconds are over (`timed-out`), and off again whatever happened. `fault`:
 * no answer to three requests, an exception, a sensor that stays on, the fault input, a coil that could not be switched off.
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

export const modbusActuator = (address: ModbusAddress, serial: Serial | null, clock: Clock): Actuator => {
  const { usb, baudRate, parity } = address;
  const line = { link: serialLink(serial, usb, { baudRate, parity, bufferSize: 256 }), clock, address };
  return {
    perform: actOnce(async (command) => {
      const coil = coilOf(command, address);
      if (coil === null) return faulted(`this relay is not made for ${command.kind}`);
      try {
        return await move(line, coil);
      } catch (cause) {
        return faulted(causeOf(cause));
      }
    }),
    docks: async () => [],
  };
};

type Line = { readonly link: SerialLink; readonly clock: Clock; readonly address: ModbusAddress };

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
    await switchCoil(line, coil, false);
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

/** Asks until there is an answer that fits; to ask twice for the same changes nothing. */
const ask = async ({ link, clock }: Line, request: ModbusRequest) => {
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
