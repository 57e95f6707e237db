import { array, assert, boolean, constantFrom, integer, property, string, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import { crc16, encodeRequest, type ModbusRequest, readAnswer } from "../kiosk/modbus-frame.ts";
import { encodeOrder, readReport } from "../kiosk/relay-lines.ts";
import { readActuatorAddress } from "../shared/actuator-address.ts";
import { fromHex, fromUtf8, toHex, toUtf8 } from "../shared/bytes.ts";

const bytesOf = (hex: string): Uint8Array => fromHex(hex.replaceAll(" ", "")) ?? new Uint8Array();

describe("Modbus RTU", () => {
  const write: ModbusRequest = { kind: "write-coil", unit: 0x11, address: 0xac, on: true };
  const read: ModbusRequest = { kind: "read-input", unit: 1, address: 0 };

  test("has the CRC of the catalogue", () => {
    expect(crc16(toUtf8("123456789"))).toBe(0x4b37);
  });

  test.each([
    ["coil on", write, "11 05 00ac ff00 4e8b"],
    ["coil off", { ...write, on: false }, "11 05 00ac 0000 0f7b"],
    ["relay 0 on", { ...write, unit: 1, address: 0 }, "01 05 0000 ff00 8c3a"],
    ["relay 0 off", { ...write, unit: 1, address: 0, on: false }, "01 05 0000 0000 cdca"],
    ["input 0", read, "01 02 0000 0001 b9ca"],
  ] as const)("asks for %s", (_, request, frame) => {
    expect(toHex(encodeRequest(request))).toBe(frame.replaceAll(" ", ""));
  });

  test.each([
    ["an echo", write, "11 05 00ac ff00 4e8b", { kind: "written" }],
    ["off", read, "01 02 01 00 a188", { kind: "input", on: false }],
    ["on", read, "01 02 01 01 6048", { kind: "input", on: true }],
    ["an exception", read, "01 82 02 c161", { kind: "exception", code: 2 }],
    ["nothing yet", read, "", { kind: "incomplete" }],
    ["half", write, "11 05 00ac ff", { kind: "incomplete" }],
    ["half an exception", read, "01 82", { kind: "incomplete" }],
    ["all but its last byte", read, "01 02 01 01 60", { kind: "incomplete" }],
  ] as const)("reads %s", (_, request, frame, answer) => {
    expect(readAnswer(request, bytesOf(frame))).toEqual(answer);
  });

  test.each([
    ["another unit", read, "02 02 01 01 6078"],
    ["another function", read, "01 01 01 01 9048"],
    ["another coil's echo", write, "11 05 00ad ff00 1f4b"],
    ["the other state's echo", write, "11 05 00ac 0000 0f7b"],
    ["a wrong crc", read, "01 02 01 01 6148"],
    ["its crc the other way round", read, "01 02 01 01 4860"],
    ["two inputs", read, "01 02 01 03 e189"],
    ["a second byte of inputs", read, "01 02 02 01 00 b9e8"],
    ["a byte too many", read, "01 02 01 01 6048 00"],
    ["noise before it", read, "00 01 02 01 01 6048"],
    ["an exception without a code", read, "01 82 00 40a0"],
    ["another function's exception", read, "01 85 02 c351"],
    ["an exception and more", read, "01 82 02 c161 00"],
  ] as const)("refuses %s", (_, request, frame) => {
    expect(readAnswer(request, bytesOf(frame)).kind).toBe("invalid");
  });

  test("takes no answer with a flipped bit", () => {
    assert(
      property(constantFrom("11 05 00ac ff00 4e8b", "01 02 01 00 a188"), integer({ min: 0, max: 63 }), (frame, bit) => {
        const bytes = bytesOf(frame);
        const at = bit % (8 * bytes.length);
        bytes[at >> 3] = (bytes[at >> 3] ?? 0) ^ (1 << (at & 7));
        expect(["invalid", "incomplete"]).toContain(readAnswer(bytes.length === 8 ? write : read, bytes).kind);
      }),
    );
  });

  test("reads its own frames of every coil, and makes nothing of any bytes", () => {
    assert(
      property(integer({ min: 1, max: 247 }), integer({ min: 0, max: 65_535 }), boolean(), (unit, address, on) => {
        const request = { kind: "write-coil", unit, address, on } as const;
        expect(readAnswer(request, encodeRequest(request))).toEqual({ kind: "written" });
      }),
    );
    assert(
      property(uint8Array({ maxLength: 12 }), (bytes) => {
        expect(["invalid", "incomplete"]).toContain(readAnswer(read, bytes).kind);
      }),
    );
  });
});

describe("the lines of a controller", () => {
  const signed = (text: string): string => {
    const crc = crc16(toUtf8(text)).toString(16).toUpperCase().padStart(4, "0");
    return `${text} *${crc}`;
  };

  const withLetters =
    ["1", "2", "3", "4"].map((id) => signed(`GOT ${id}`)).find((line) => /\*.*[A-F]/.test(line)) ?? "";

  test("say what is to be done", () => {
    const say = (command: Parameters<typeof encodeOrder>[0]) => fromUtf8(encodeOrder(command));
    expect(say({ kind: "act", id: "t1/e/7", command: { kind: "open-gate" } })).toBe("ACT t1/e/7 open-gate *71DD\n");
    expect(say({ kind: "act", id: "a", command: { kind: "release-item", item: "LIB-42" } })).toBe(
      `${signed("ACT a release-item LIB-42")}\n`,
    );
    expect(say({ kind: "act", id: "a", command: { kind: "lock-dock", dock: "3" } })).toBe(
      `${signed("ACT a lock-dock 3")}\n`,
    );
    expect(say({ kind: "docks", id: "d/1" })).toBe(`${signed("DOCKS d/1")}\n`);
  });

  test("never carry a second line", () => {
    const command = { kind: "release-item", item: "A\nACT x open-gate" } as const;
    expect(() => encodeOrder({ kind: "act", id: "a", command })).toThrow(RangeError);
  });

  test.each([
    ["GOT a/b/1", { kind: "got", id: "a/b/1" }],
    ["DONE a", { kind: "done", id: "a", vehicle: null }],
    ["DONE a bike-7", { kind: "done", id: "a", vehicle: "bike-7" }],
    ["TIMEOUT a", { kind: "timeout", id: "a" }],
    ["FAULT a", { kind: "fault", id: "a", cause: "" }],
    ["FAULT a the wing is bent", { kind: "fault", id: "a", cause: "the wing is bent" }],
    ["ALARM ON", { kind: "alarm", id: "ON" }],
    ["DOCKS a", { kind: "docks", id: "a", docks: [] }],
    [
      "DOCKS a 1=bike-7 2=",
      {
        kind: "docks",
        id: "a",
        docks: [
          { dock: "1", vehicle: "bike-7" },
          { dock: "2", vehicle: null },
        ],
      },
    ],
  ] as const)("are read: %s", (text, report) => {
    expect(readReport(signed(text))).toEqual(report);
  });

  test.each([
    ["no checksum", "DONE a"],
    ["a wrong one", "DONE a *0000"],
    ["one in small letters", withLetters.replace(/\*.*/, (crc) => crc.toLowerCase())],
    ["nothing else", signed("")],
    ["no id", signed("DONE")],
    ["another verb", signed("OPENED a")],
    ["two vehicles", signed("DONE a b c")],
    ["two spaces", signed("DONE  a")],
    ["something after GOT", signed("GOT a b")],
    ["an alarm that is not on", signed("ALARM OFF")],
    ["something after an alarm", signed("ALARM ON now")],
    ["no = in a dock", signed("DOCKS a 1")],
    ["a dock twice", signed("DOCKS a 1= 1=")],
    ["a letter outside ASCII", signed("FAULT a défaut")],
    ["too much", signed(`FAULT a ${"x".repeat(1000)}`)],
  ])("are ignored with %s", (_, line) => {
    expect(readReport(line)).toBeNull();
  });

  test("are ignored whatever else they are", () => {
    assert(property(string(), (line) => readReport(line) === null));
    assert(
      property(array(string()), (words) => {
        const report = readReport(signed(words.join(" ")));
        if (report !== null)
          expect(["GOT", "DONE", "TIMEOUT", "FAULT", "DOCKS", "ALARM"]).toContain(words.join(" ").split(" ")[0]);
      }),
    );
  });
});

describe("an actuator's address", () => {
  test.each([
    ["simulated", { kind: "simulated" }],
    ["http://127.0.0.1:9100", { kind: "http", url: "http://127.0.0.1:9100" }],
    ["http://localhost:9100/gate", { kind: "http", url: "http://localhost:9100/gate" }],
    ["serial:lines", { kind: "serial-lines", usb: null, baudRate: 9600 }],
    ["serial:lines?baud=115200&usb=1a86:7523", { kind: "serial-lines", usb: "1a86:7523", baudRate: 115_200 }],
    [
      "serial:modbus",
      {
        ...{ kind: "serial-modbus", usb: null, baudRate: 9600, parity: "none", unit: 1, coil: 0 },
        ...{ accept: null, sensor: 0, fault: null, seconds: 10 },
      },
    ],
    [
      "serial:modbus?usb=0403:6001&baud=19200&parity=even&unit=17&coil=172&accept=173&sensor=4&fault=5&seconds=30",
      {
        ...{ kind: "serial-modbus", usb: "0403:6001", baudRate: 19_200, parity: "even", unit: 17, coil: 172 },
        ...{ accept: 173, sensor: 4, fault: 5, seconds: 30 },
      },
    ],
    [
      "serial:modbus?sensor=1&fault=2&alarm=3",
      {
        ...{ kind: "serial-modbus", usb: null, baudRate: 9600, parity: "none", unit: 1, coil: 0 },
        ...{ accept: null, sensor: 1, fault: 2, alarm: 3, seconds: 10 },
      },
    ],
  ] as const)("is read: %s", (text, address) => {
    expect(readActuatorAddress(text)).toEqual(address);
  });

  test.each([
    ["", "on the device"],
    ["Simulated", "on the device"],
    ["http://10.0.0.1/", "on the device"],
    ["https://example.org/", "on the device"],
    ["http://localhost:80@example.org/", "on the device"],
    ["http://localhost.example.org/", "on the device"],
    ["serial:", "on the device"],
    ["serial:can", "on the device"],
    ["serial:lines?", "on the device"],
    ["serial:lines?usb", "NAME=VALUE"],
    ["serial:lines?usb=1a86:7523&usb=1a86:7523", "NAME=VALUE"],
    ["serial:lines?usb=1a86:7523&", "NAME=VALUE"],
    ["serial:lines?usb=1A86:7523", "NAME=VALUE"],
    ["serial:lines?usb=1a86", "usb"],
    ["serial:lines?coil=1", "coil is not known here"],
    ["serial:lines?baud=09600", "baud"],
    ["serial:lines?baud=300", "baud"],
    ["serial:modbus?unit=0", "unit"],
    ["serial:modbus?unit=248", "unit"],
    ["serial:modbus?coil=65536", "coil"],
    ["serial:modbus?accept=x", "coil"],
    ["serial:modbus?accept=0", "another coil"],
    ["serial:modbus?sensor=99999", "input"],
    ["serial:modbus?fault=0", "another input"],
    ["serial:modbus?alarm=0", "another input"],
    ["serial:modbus?fault=4&alarm=4", "another input"],
    ["serial:modbus?alarm=x", "input"],
    ["serial:modbus?seconds=31", "seconds"],
    ["serial:modbus?parity=mark", "parity"],
  ])("is refused: %s", (text, error) => {
    expect(readActuatorAddress(text)).toMatchObject({ kind: "invalid", error: expect.stringContaining(error) });
  });
});
