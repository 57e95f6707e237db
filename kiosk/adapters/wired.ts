/**
 * All that hangs on a terminal's wires: its scanners but for the camera, its machine, and where its payments go. In a frame of the demo, which has
 * no wires, only a keyboard; and there the browser keeps its shortcuts.
 */
import { type ActuatorAddress, type InvalidAddress, readActuatorAddress } from "../../shared/actuator-address.ts";
import type { Profile } from "../../shared/messages.ts";
import type { Payments } from "../payments.ts";
import type { Actuator, Scanner } from "../ports.ts";
import type { Connectable } from "../session.ts";
import type { SimulatedMachine } from "./actuator-simulated.ts";
import { guardKeys } from "./key-guard.ts";
import type { SimulatedAccounts } from "./payments-simulated.ts";
import { hidHere, hidScanner } from "./scanner-hid.ts";
import { serialScanner } from "./scanner-serial.ts";
import { wedgeScanner } from "./scanner-wedge.ts";
import type { WiredScanner } from "./scanner-wired.ts";
import { serialHere, usbOf } from "./serial-port.ts";

export type Wired = {
  /** Fetches what drives this very machine, and no other's. */
  readonly machineFor: (profile: Profile, simulated: Simulated) => Promise<Machine>;
  /** To be started after it is known which machine there is: its port is no scanner's. */
  readonly scanners: () => readonly Scanner[];
  readonly connectables: readonly Connectable[];
  /** Asks the person at the terminal for a device; to be called while a touch is being answered. */
  readonly connect: (wanted: Connectable) => void;
};

export type Simulated = Omit<SimulatedMachine, "docks" | "zone"> & Pick<SimulatedAccounts, "isReachable" | "pays">;

/** `unknown`: why the profile names no machine that this terminal knows. Then nothing moves. */
export type Machine = { readonly actuator: Actuator; readonly payments: Payments; readonly unknown: string | null };

export const wiredHere = (isDemo: boolean): Wired => {
  const serial = isDemo ? null : serialHere();
  const hid = isDemo ? null : hidHere();
  let usbOfMachine: string | null | undefined;
  const found = new Map<Connectable, WiredScanner>();
  if (serial !== null) {
    const isScanner = (port: Parameters<typeof usbOf>[0]): boolean => usbOf(port) !== usbOfMachine;
    found.set("serial", serialScanner(serial, isScanner));
  }
  if (hid !== null) found.set("hid", hidScanner(hid));

  const actuatorAt = async (
    address: ActuatorAddress | InvalidAddress,
    simulated: SimulatedMachine,
  ): Promise<Actuator> => {
    switch (address.kind) {
      case "simulated":
        return (await import("./actuator-simulated.ts")).simulatedActuator(simulated);
      case "http":
        return (await import("./actuator-http.ts")).httpActuator(address.url, simulated.clock);
      case "serial-lines":
        return (await import("./actuator-lines.ts")).linesActuator(address, serial, simulated.clock);
      case "serial-modbus":
        return (await import("./actuator-modbus.ts")).modbusActuator(address, serial, simulated.clock);
      case "invalid":
        return { perform: async () => ({ outcome: "fault", cause: address.error }), docks: async () => [] };
    }
  };

  return {
    machineFor: async (profile, simulated) => {
      const address = readActuatorAddress(profile.actuator);
      if ("usb" in address) usbOfMachine = address.usb;
      const docks = "docks" in profile ? profile.docks : [];
      const unknown = address.kind === "invalid" ? `${profile.actuator}: ${address.error}` : null;
      const { payments: paidAt = "simulated" } = profile;
      const payments =
        paidAt === "simulated"
          ? (await import("./payments-simulated.ts")).simulatedPayments(simulated)
          : (await import("./payments-http.ts")).httpPayments(paidAt);
      return { actuator: await actuatorAt(address, { ...simulated, docks, zone: profile.site }), payments, unknown };
    },
    scanners: () => [isDemo ? wedgeScanner() : guarded(wedgeScanner()), ...found.values()],
    connectables: [...found.keys()],
    connect: (wanted) => void found.get(wanted)?.connect(),
  };
};

/** The wedge sees a key before it is kept back: it spoils the scan. */
const guarded = (wedge: Scanner): Scanner => ({
  ...wedge,
  start: async (onScan, onState) => {
    await wedge.start(onScan, onState);
    guardKeys();
  },
});
