/**
 * Modbus RTU frames (Modbus over Serial Line 1.02, Modbus Application Protocol 1.1b3), of the two functions that a relay
 * with inputs needs:
 *
 *     write one coil         unit 05 address (2) FF00 or 0000   crc      answer: the same again
 *     read one input         unit 02 address (2) 0001           crc      answer: unit 02 01 00 or 01 crc
 *     an exception                                                       answer: unit function+80 code crc
 *
 * Numbers are big-endian; crc is CRC-16 (reflected polynomial A001, from FFFF), low byte first. An answer is exactly one of
 * these and fits its request, or `invalid`; `incomplete` while it can still become one.
 */
import type { Bytes } from "../shared/bytes.ts";

export type ModbusRequest =
  | { readonly kind: "write-coil"; readonly unit: number; readonly address: number; readonly on: boolean }
  | { readonly kind: "read-input"; readonly unit: number; readonly address: number };

export type ModbusAnswer =
  | { readonly kind: "written" }
  | { readonly kind: "input"; readonly on: boolean }
  | { readonly kind: "exception"; readonly code: number }
  | { readonly kind: "incomplete" }
  | { readonly kind: "invalid" };

export const encodeRequest = (request: ModbusRequest): Bytes => {
  const value = request.kind === "read-input" ? 0x0001 : request.on ? 0xff00 : 0x0000;
  return withCrc([request.unit, functionOf(request), ...twoBytes(request.address), ...twoBytes(value)]);
};

export const readAnswer = (request: ModbusRequest, bytes: Uint8Array): ModbusAnswer => {
  const whole = answersTo(request);
  if (bytes.length < exceptionLength) {
    return whole.some((each) => startsWith(each, bytes)) || startsAsException(request, bytes) ? incomplete : invalid;
  }
  const at = whole.findIndex((each) => startsWith(each, bytes));
  if (at >= 0) {
    if (bytes.length < (whole[at]?.length ?? 0)) return incomplete;
    return request.kind === "write-coil" ? { kind: "written" } : { kind: "input", on: at === 1 };
  }
  const code = bytes[2] ?? 0;
  const exception = withCrc([request.unit, functionOf(request) | 0x80, code]);
  const isException = startsWith(exception, bytes) && code > 0;
  return isException ? { kind: "exception", code } : invalid;
};

/** CRC-16 of Modbus. */
export const crc16 = (bytes: Iterable<number>): number => {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
};

const incomplete = { kind: "incomplete" } as const;
const invalid = { kind: "invalid" } as const;
const exceptionLength = 5;

const functionOf = ({ kind }: ModbusRequest): number => (kind === "write-coil" ? 0x05 : 0x02);

const twoBytes = (value: number): readonly number[] => [value >>> 8, value & 0xff];

const withCrc = (frame: readonly number[]): Bytes => {
  const crc = crc16(frame);
  return Uint8Array.of(...frame, crc & 0xff, crc >>> 8);
};

/** Every right answer; of an input first that it is off, then on. */
const answersTo = (request: ModbusRequest): readonly Bytes[] => {
  if (request.kind === "write-coil") return [encodeRequest(request)];
  return [0, 1].map((bit) => withCrc([request.unit, functionOf(request), 1, bit]));
};

const startsWith = (whole: Uint8Array, bytes: Uint8Array): boolean =>
  bytes.length <= whole.length && bytes.every((byte, at) => byte === whole[at]);

const startsAsException = (request: ModbusRequest, bytes: Uint8Array): boolean =>
  startsWith(Uint8Array.of(request.unit, functionOf(request) | 0x80), bytes.slice(0, 2));
