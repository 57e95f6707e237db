/** Scanners and machines on wires, with `navigator.serial` and `navigator.hid` made up: what reaches the ports. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import { httpActuator } from "../kiosk/adapters/actuator-http.ts";
import { linesActuator } from "../kiosk/adapters/actuator-lines.ts";
import { modbusActuator } from "../kiosk/adapters/actuator-modbus.ts";
import { browserClock } from "../kiosk/adapters/clock.ts";
import { hidHere, hidScanner } from "../kiosk/adapters/scanner-hid.ts";
import { serialScanner } from "../kiosk/adapters/scanner-serial.ts";
import { type Serial, serialHere, usbOf } from "../kiosk/adapters/serial-port.ts";
import { crc16 } from "../kiosk/modbus-frame.ts";
import type { Scanner } from "../kiosk/ports.ts";
import { type ModbusAddress, readActuatorAddress } from "../shared/actuator-address.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { type MadeUp, makeUpDevices } from "./browser/wired-devices.ts";

const none: MadeUp = { ports: [], hids: [] };

/** Each test has a browser of its own. */
const makeUp = (devices: Partial<MadeUp>): void => {
  Object.defineProperty(globalThis, "navigator", { value: { userActivation: { isActive: true } }, configurable: true });
  makeUpDevices({ ...none, ...devices });
};

const serial = (): Serial => {
  const here = serialHere();
  if (here === null) throw new Error("no serial");
  return here;
};

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

const send = async (port: string, text: string): Promise<void> => {
  wires.send(port, [...Buffer.from(text)]);
  await pause(20);
};

const listenTo = async (scanner: Scanner) => {
  const texts: string[] = [];
  const states: string[] = [];
  await scanner.start(
    ({ text }) => texts.push(text),
    (state) => states.push(state.kind === "broken" ? state.cause : state.kind),
  );
  // A serial port's first 100 ms are no whole line.
  await pause(150);
  return { texts, states };
};

describe("serial scanners", () => {
  const gate = "1a86:7523";
  const scanners = () => serialScanner(serial(), (port) => usbOf(port) !== gate);

  beforeEach(() =>
    makeUp({
      ports: [
        { name: "one", usb: "0c2e:0b6a", granted: true },
        { name: "two", usb: "067b:2303", granted: true },
        { name: "new", usb: "067b:2303", granted: false },
        { name: "gate", usb: gate, granted: true },
      ],
    }),
  );

  test("are read beside each other, and the gate is none", async () => {
    const { texts, states } = await listenTo(scanners());
    await send("one", "GL1:ONE\r");
    await send("two", "GL1:TWO\r\n");
    expect(texts).toEqual(["GL1:ONE", "GL1:TWO"]);
    expect(states).toEqual(["scanning"]);
    expect(wires.isOpen("gate")).toBe(false);
    expect(wires.isOpen("new")).toBe(false);
  });

  test("pulled out in the middle of a code report none, and the next once plugged in again", async () => {
    const { texts, states } = await listenTo(scanners());
    await send("one", "LIB-0");
    wires.pullOut("one");
    await pause(20);
    await send("two", "GL1:TWO\r");
    wires.plugIn("one");
    await pause(150);
    await send("one", "GL1:ONE\r");
    expect(texts).toEqual(["GL1:TWO", "GL1:ONE"]);
    expect(states).toEqual(["scanning", "unplugged", "scanning"]);
  });

  test("after an error on the line take nothing for whole up to the next end", async () => {
    const { texts, states } = await listenTo(scanners());
    await send("one", "LIB-0");
    wires.lineError("one");
    await send("one", "00042\rGL1:ONE\r");
    expect(texts).toEqual(["GL1:ONE"]);
    expect(states).toEqual(["scanning"]);
  });

  test("whose first line began before they were opened take nothing of it", async () => {
    const texts: string[] = [];
    await scanners().start(
      ({ text }) => texts.push(text),
      () => {},
    );
    await send("one", "00042\rGL1:ONE\r");
    expect(texts).toEqual(["GL1:ONE"]);
  });

  test("that end no line say so, until they do", async () => {
    const { texts, states } = await listenTo(scanners());
    await send("one", "GL1:ONE");
    await pause(600);
    expect(states.at(-1)).toContain("half a line came");
    await send("one", "\rGL1:TWO\r");
    expect(texts).toEqual(["GL1:TWO"]);
    expect(states.at(-1)).toBe("scanning");
  });

  test("given by a person are read at once; refused, nothing happens", async () => {
    const scanner = scanners();
    const { texts } = await listenTo(scanner);
    await scanner.connect();
    await pause(150);
    await send("new", "GL1:NEW\r");
    expect(texts).toEqual(["GL1:NEW"]);
    await scanner.connect();
  });

  test("are let go when stopped", async () => {
    const scanner = scanners();
    const { texts } = await listenTo(scanner);
    await scanner.stop();
    await pause(20);
    expect(["one", "two"].filter((name) => wires.isOpen(name))).toEqual([]);
    wires.plugIn("one");
    await pause(20);
    expect(wires.isOpen("one")).toBe(false);
    expect(texts).toEqual([]);
  });
});

describe("HID scanners", () => {
  beforeEach(() => makeUp({ hids: [{ name: "hid", vendorId: 0x0c2e, granted: true }] }));

  test("are told to scan, read, pulled out and plugged in again", async () => {
    const here = hidHere();
    if (here === null) throw new Error("no HID");
    const scanner = hidScanner(here);
    const { texts, states } = await listenTo(scanner);
    const long = `GL1:${"A".repeat(400)}`;
    wires.report("hid", long);
    wires.report("hid", "https://a/01/%E0%A4%A/0123456789");
    wires.pullOutHid("hid");
    await pause(20);
    wires.plugInHid("hid");
    await pause(20);
    wires.report("hid", "GL1:B");
    expect(texts).toEqual([long, "https://a/01/%E0%A4%A/0123456789", "GL1:B"]);
    expect(states).toEqual(["scanning", "unplugged", "scanning"]);
    expect(wires.features("hid")).toEqual([
      [0xfe, 1],
      [0xfe, 1],
    ]);
    await scanner.stop();
    await pause(20);
    expect(wires.isOpen("hid")).toBe(false);
  });
});

const of = (seq: number) => ({ terminal: "t", epoch: "e", seq });
const openGate = { kind: "open-gate" } as const;
const gate = { name: "gate", usb: "1a86:7523", granted: true } as const;

describe("a controller by lines", () => {
  beforeEach(() => makeUp({ ports: [gate], controller: { kind: "lines", port: "gate" } }));
  const machine = () =>
    linesActuator({ kind: "serial-lines", usb: "1a86:7523", baudRate: 9600 }, serial(), browserClock);

  test("acts once on the same entry, and on the next again", async () => {
    const actuator = machine();
    wires.answers.push("GOT", "DONE", "GOT", "TIMEOUT");
    const both = [actuator.perform(openGate, of(1)), actuator.perform(openGate, of(1))];
    expect(await Promise.all(both)).toEqual([{ outcome: "completed" }, { outcome: "completed" }]);
    expect(await actuator.perform(openGate, of(1))).toEqual({ outcome: "completed" });
    expect(wires.orders).toHaveLength(1);
    expect(await actuator.perform(openGate, of(2))).toEqual({ outcome: "timed-out" });
    expect(wires.orders).toHaveLength(2);
  });

  test("is told again what it did not get, under the same id", async () => {
    wires.answers.push("-", "-", "GOT", "DONE bike-7");
    const command = { kind: "unlock-dock", dock: "3" } as const;
    expect(await machine().perform(command, of(1))).toEqual({ outcome: "completed", vehicle: "bike-7" });
    expect(wires.orders).toHaveLength(3);
    expect(new Set(wires.orders).size).toBe(1);
  });

  test("is not believed about another order", async () => {
    const actuator = machine();
    wires.answers.push("GOT");
    const acting = actuator.perform(openGate, of(2));
    await pause(50);
    const told = "DONE t/e/1";
    await send("gate", `${told} *${crc16(toUtf8(told)).toString(16).toUpperCase().padStart(4, "0")}\n`);
    await send("gate", "TIMEOUT t/e/2 *0000\n");
    wires.pullOut("gate");
    expect(await acting).toMatchObject({ outcome: "fault", cause: expect.stringContaining("pulled out") });
  });

  test.each([
    ["says so", ["GOT", "FAULT the wing is bent"], "the wing is bent"],
    ["gives no cause", ["FAULT"], "gives no cause"],
    ["does not answer", ["-", "-", "-"], "does not answer"],
  ])("is a fault where it %s", async (_, answers, cause) => {
    wires.answers.push(...answers);
    const actuated = await machine().perform(openGate, of(1));
    expect(actuated).toEqual({ outcome: "fault", cause: expect.stringContaining(cause) });
  });

  test("is a fault where it is pulled out or not there, and found again", async () => {
    const actuator = machine();
    wires.answers.push("GOT");
    const acting = actuator.perform(openGate, of(1));
    await pause(50);
    wires.pullOut("gate");
    expect(await acting).toMatchObject({ outcome: "fault", cause: expect.stringContaining("pulled out") });
    const gone = { outcome: "fault", cause: expect.stringContaining("not here or not permitted") };
    expect(await actuator.perform(openGate, of(2))).toMatchObject(gone);
    wires.plugIn("gate");
    wires.answers.push("GOT", "DONE");
    expect(await actuator.perform(openGate, of(3))).toEqual({ outcome: "completed" });
  });

  test("says what stands in its docks; none where it does not", async () => {
    wires.answers.push("DOCKS 1=bike-7 2=");
    const docks = [
      { dock: "1", vehicle: "bike-7" },
      { dock: "2", vehicle: null },
    ];
    expect(await machine().docks()).toEqual(docks);
    wires.pullOut("gate");
    expect(await machine().docks()).toEqual([]);
  });
});

describe("a fire alarm by lines", () => {
  beforeEach(() => makeUp({ ports: [gate], controller: { kind: "lines", port: "gate" } }));
  const signed = (line: string) => `${line} *${crc16(toUtf8(line)).toString(16).toUpperCase().padStart(4, "0")}\n`;
  const watched = () => {
    let ticks = 0;
    const clock = { ...browserClock, ticks: () => ticks };
    const actuator = linesActuator({ kind: "serial-lines", usb: "1a86:7523", baudRate: 9600 }, serial(), clock);
    const heard = { alarms: 0 };
    actuator.watchAlarm?.(async () => {
      heard.alarms += 1;
    });
    const pass = (milliseconds: number): void => {
      ticks += milliseconds;
    };
    return { actuator, heard, pass };
  };
  const opened = () => expect.poll(() => wires.isOpen("gate")).toBe(true);

  test("is heard once while it lasts, and again when it comes back", async () => {
    const { heard, pass } = watched();
    await opened();
    for (let second = 0; second < 5; second++) {
      await send("gate", signed("ALARM ON"));
      pass(1000);
    }
    await expect.poll(() => heard.alarms).toBe(1);
    pass(4000);
    await send("gate", signed("ALARM ON"));
    await expect.poll(() => heard.alarms).toBe(2);
  });

  test("is heard in the middle of an act, whose answer is not lost, also where both open the port", async () => {
    const { actuator, heard } = watched();
    wires.answers.push("GOT");
    const acting = actuator.perform(openGate, of(1));
    await expect.poll(() => wires.orders.length).toBe(1);
    await send("gate", signed("ALARM ON"));
    await expect.poll(() => heard.alarms).toBe(1);
    await send("gate", signed("DONE t/e/1"));
    expect(await acting).toEqual({ outcome: "completed" });
  });

  test("is not heard of a line that does not fit", async () => {
    const { heard } = watched();
    await opened();
    for (const line of [
      "ALARM ON *0000\n",
      signed("ALARM OFF"),
      signed("ALARM ON now"),
      signed("ALARM"),
      "ALARM ON\n",
    ]) {
      await send("gate", line);
    }
    expect(heard.alarms).toBe(0);
    await send("gate", signed("ALARM ON"));
    await expect.poll(() => heard.alarms).toBe(1);
  });

  test("is waited for while its port is not there", async () => {
    wires.pullOut("gate");
    const { heard } = watched();
    wires.plugIn("gate");
    await expect.poll(() => wires.isOpen("gate"), { timeout: 5000 }).toBe(true);
    await send("gate", signed("ALARM ON"));
    await expect.poll(() => heard.alarms).toBe(1);
  });
});

test("two ports of the same make are nobody's gate", async () => {
  makeUp({ ports: [gate, { ...gate, name: "other" }] });
  const actuator = linesActuator({ kind: "serial-lines", usb: "1a86:7523", baudRate: 9600 }, serial(), browserClock);
  expect(await actuator.perform(openGate, of(1))).toMatchObject({
    outcome: "fault",
    cause: expect.stringContaining("two"),
  });
});

describe("a relay by Modbus", () => {
  beforeEach(() => makeUp({ ports: [gate], controller: { kind: "modbus", port: "gate" } }));
  const machine = (more = "") => {
    const address = readActuatorAddress(`serial:modbus?usb=1a86:7523&coil=3&sensor=1&fault=2&seconds=1${more}`);
    return modbusActuator(address as ModbusAddress, serial(), browserClock);
  };
  const onAndOff = ["3 on", "3 off"];

  test("is completed when the sensor says so, in a noise too, and the coil is off after", async () => {
    const actuator = machine();
    Object.assign(wires.relay, { passes: true });
    expect(await actuator.perform(openGate, of(1))).toEqual({ outcome: "completed" });
    expect(await actuator.perform(openGate, of(1))).toEqual({ outcome: "completed" });
    expect(wires.relay.coils).toEqual(onAndOff);
    Object.assign(wires.relay, { noise: true });
    expect(await actuator.perform(openGate, of(2))).toEqual({ outcome: "completed" });
    expect(wires.relay.coils).toEqual([...onAndOff, ...onAndOff]);
  });

  test("takes no late answer for the next one's", async () => {
    const actuator = machine();
    Object.assign(wires.relay, { passes: true });
    expect(await actuator.perform(openGate, of(1))).toEqual({ outcome: "completed" });
    wires.send("gate", [0x01, 0x02, 0x01, 0x01, 0x60, 0x48]);
    await pause(20);
    expect(await actuator.perform(openGate, of(2))).toEqual({ outcome: "completed" });
  });

  test("is timed out when nobody passes", async () => {
    expect(await machine().perform(openGate, of(1))).toEqual({ outcome: "timed-out" });
    expect(wires.relay.coils).toEqual(onAndOff);
  });

  test("is a fault, unmoved, where it says that it is broken or its sensor stays on", async () => {
    Object.assign(wires.relay, { isBroken: true });
    const actuator = machine();
    const broken = await actuator.perform(openGate, of(1));
    expect(broken).toEqual({ outcome: "fault", cause: "the machine says it is broken" });
    Object.assign(wires.relay, { isBroken: false, isStuck: true });
    const stuck = await actuator.perform(openGate, of(2));
    expect(stuck).toEqual({ outcome: "fault", cause: "the sensor is on before anything moved" });
    expect(wires.relay.coils).toEqual([]);
  });

  test("that falls silent while it is open is a fault that says so", async () => {
    const acting = machine().perform(openGate, of(1));
    await expect.poll(() => wires.relay.coils).toEqual(["3 on"]);
    Object.assign(wires.relay, { isSilent: true });
    expect(await acting).toEqual({ outcome: "fault", cause: "it may stand open: the relay does not answer" });
  });

  test("takes an item back by its own coil, and moves no docks", async () => {
    Object.assign(wires.relay, { passes: true });
    const back = { kind: "accept-item", item: "LIB-1" } as const;
    expect(await machine("&accept=4").perform(back, of(1))).toEqual({ outcome: "completed" });
    expect(wires.relay.coils).toEqual(["4 on", "4 off"]);
    const actuator = machine();
    const unfit = { outcome: "fault", cause: expect.stringContaining("is not made for") };
    expect(await actuator.perform(back, of(2))).toEqual(unfit);
    expect(await actuator.perform({ kind: "unlock-dock", dock: "1" }, of(3))).toEqual(unfit);
    expect(await actuator.docks()).toEqual([]);
  });

  test("stands open until it is closed, also where somebody is just passing", async () => {
    const actuator = machine();
    const acting = actuator.perform(openGate, of(1));
    await expect.poll(() => wires.relay.coils).toEqual(["3 on"]);
    expect(await actuator.perform({ kind: "hold-open" }, of(2))).toEqual({ outcome: "completed" });
    expect(await acting).toEqual({ outcome: "timed-out" });
    expect(wires.relay.coils).toEqual(["3 on"]);
    expect(await actuator.perform({ kind: "close" }, of(3))).toEqual({ outcome: "completed" });
    expect(wires.relay.coils).toEqual(onAndOff);
  });

  test("says when the fire alarm comes on, once each time, and is not asked where none is wired", async () => {
    let alarms = 0;
    const actuator = machine("&alarm=5");
    actuator.watchAlarm?.(async () => {
      alarms += 1;
    });
    Object.assign(wires.relay, { isAlarm: true });
    await expect.poll(() => alarms, { timeout: 5000 }).toBe(1);
    expect(await actuator.perform({ kind: "hold-open" }, of(1))).toEqual({ outcome: "completed" });
    expect(alarms).toBe(1);
    expect(machine().watchAlarm).toBeUndefined();
  });
});

describe("a controller over HTTP", () => {
  /** Answers as it is told; `asked` counts what was asked for. */
  const controller = async (answer: (path: string) => { readonly status?: number; readonly body: unknown }) => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      const { status = 200, body } = answer(request.url ?? "");
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { asked, actuator: httpActuator(url, browserClock), close: () => server.close() };
  };

  test("tells of a fire alarm, once each time that it comes on", async () => {
    let isOn = false;
    const { actuator, asked, close } = await controller(() => ({ body: { alarm: isOn } }));
    let alarms = 0;
    actuator.watchAlarm?.(async () => {
      alarms += 1;
    });
    await expect.poll(() => asked.length, { timeout: 5000 }).toBeGreaterThan(1);
    expect(alarms).toBe(0);
    isOn = true;
    await expect.poll(() => alarms, { timeout: 5000 }).toBe(1);
    const before = asked.length;
    await expect.poll(() => asked.length, { timeout: 5000 }).toBeGreaterThan(before + 1);
    expect(alarms).toBe(1);
    close();
  });

  test("to which no alarm is wired is asked once", async () => {
    const { actuator, asked, close } = await controller((path) =>
      path === "/alarm" ? { status: 404, body: {} } : { body: { outcome: "completed" } },
    );
    actuator.watchAlarm?.(async () => {});
    await expect.poll(() => asked).toEqual(["/alarm"]);
    expect(await actuator.perform({ kind: "hold-open" }, of(1))).toEqual({ outcome: "completed" });
    await pause(1500);
    expect(asked).toEqual(["/alarm", "/act"]);
    close();
  });
});
