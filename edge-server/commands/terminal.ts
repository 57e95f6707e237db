/** `terminal enrol`, `terminal list`, `terminal revoke`: the machines. */
import { readActuatorAddress } from "../../shared/actuator-address.ts";
import { deskTasks, dockServices, gateServices, type Profile } from "../../shared/messages.ts";
import { type ServiceName, serviceNames } from "../../shared/terms.ts";
import { type Arguments, type Command, refuse, tableOf } from "../command.ts";
import { enrolmentLifeSeconds, makeEnrolmentLink, makeTerminal, makeTerminalId } from "../enrolment.ts";
import type { TerminalRow } from "../ports.ts";
import { drawQrCode } from "../qr.ts";
import { urlOf } from "../settings.ts";

export const enrolTerminal: Command = {
  name: "terminal enrol",
  usage: `--programme P --profile SERVICE --site S --name N
         [--action entry|exit|both] [--docks 8] [--tasks shift,...] [--actuator WHERE] [--payments URL] [--json]`,
  about: `Makes a terminal and prints the link that enrols the device on which it is opened: once, within 15 minutes.
SERVICE is one of ${serviceNames.join(", ")}.
--action is for gates: metro and bus (entry), venue, shuttle and parking (both); --docks is for stations (8);
--tasks is for desks: of ${deskTasks.join(", ")} (the first three; shift checks volunteers in).
--actuator is a controller on the device itself, such as http://127.0.0.1:9100, serial:lines?usb=1a86:7523 or
serial:modbus?usb=1a86:7523&coil=0&sensor=0; --payments is a gateway there to your payment system, such as
http://127.0.0.1:9200. Without one the machine, or the payment system, is simulated.`,
  options: ["programme", "profile", "site", "name", "action", "docks", "tasks", "actuator", "payments"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  isForPublisher: true,
  run: async (input, edges) => {
    const profile = readProfile(input);
    if (typeof profile === "string") return refuse(profile);
    const { registry, publisher } = await edges.open();
    const pack = registry.packs().find((each) => each.programme === profile.programme);
    if (pack === undefined) return refuse(`no programme ${profile.programme}: see programme list`);
    if (pack.services[profile.service] === undefined) {
      return refuse(`${profile.programme} has no rules for ${profile.service}: add them to its pack`);
    }
    const id = makeTerminalId(profile);
    registry.putTerminal(makeTerminal(id, profile));
    const link = await makeEnrolmentLink({ registry, publisher, url: urlOf(edges.settings) }, id, edges.now());
    return {
      kind: "answered",
      json: { id, link },
      text: [
        `Terminal ${id}: ${profile.service} at ${profile.site}, ${profile.name}.`,
        `Open this on the device within ${enrolmentLifeSeconds / 60} minutes; it works once.`,
        drawQrCode(link),
        link,
      ].join("\n"),
    };
  },
};

export const listTerminals: Command = {
  name: "terminal list",
  usage: "[--json]",
  about: "Lists the terminals: what they do and where, and when they were last heard of.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const terminals = (await edges.open()).registry.terminals();
    const rows = terminals.map((terminal) => [
      terminal.id,
      terminal.profile.service,
      terminal.profile.site,
      stateOf(terminal),
      terminal.lastSeenAt === null ? "never seen" : `seen ${edges.now() - terminal.lastSeenAt} s ago`,
      terminal.profile.name,
    ]);
    return {
      kind: "answered",
      json: terminals.map((terminal) => ({ ...terminal, state: stateOf(terminal) })),
      text: rows.length === 0 ? "No terminal yet: terminal enrol" : tableOf(rows),
    };
  },
};

export const revokeTerminal: Command = {
  name: "terminal revoke",
  usage: "ID [--json]",
  about: "Refuses the terminal from now on. What it still hands in is kept, and marked as written after this.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [id = ""] }, edges) => {
    const { registry } = await edges.open();
    const revokedAt = registry.atomically(() => {
      const terminal = registry.terminal(id);
      if (terminal === null) return null;
      const at = terminal.revokedAt ?? edges.now();
      registry.putTerminal({ ...terminal, revokedAt: at });
      return at;
    });
    if (revokedAt === null) return refuse(`no terminal ${id}: see terminal list`);
    return { kind: "answered", json: { id, revokedAt }, text: `Terminal ${id} is revoked.` };
  },
};

const stateOf = (terminal: TerminalRow): string => {
  if (terminal.revokedAt !== null) return "revoked";
  return terminal.key === null ? "not enrolled" : "enrolled";
};

/** What was asked for, or what is wrong with it. */
const readProfile = ({ option }: Arguments): Profile | string => {
  const missing = ["programme", "profile", "site", "name"].find((name) => option(name) === undefined);
  if (missing !== undefined) return `--${missing} is missing`;
  const [programme = "", site = "", name = ""] = [option("programme"), option("site"), option("name")];
  const service = serviceNames.find((each) => each === option("profile"));
  if (service === undefined) return `--profile is "${option("profile")}": it can be ${serviceNames.join(", ")}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(site))
    return `--site is "${site}": it must be a word such as east-library`;
  if (name.trim() === "" || name.length > 200) return "--name must have 1 to 200 characters";
  if (!isGate(service) && option("action") !== undefined) return "--action is for gates";
  if (!isStation(service) && option("docks") !== undefined) return "--docks is for bike, umbrella and power-bank";
  const tasks = option("tasks")?.split(",");
  if (service !== "desk" && tasks !== undefined) return "--tasks is for desks";
  const actuator = option("actuator") ?? "simulated";
  const unfit = unfitFor(service, actuator);
  if (unfit !== null) return `--actuator is "${actuator}": ${unfit}`;
  const payments = option("payments") ?? "simulated";
  if (payments.length > 200 || !["simulated", "http"].includes(readActuatorAddress(payments).kind)) {
    return `--payments is "${payments}": it must be on the device itself, such as http://127.0.0.1:9200`;
  }

  const shared = { programme, site, name, actuator, payments };
  if (isGate(service)) {
    const action = option("action") ?? (service === "metro" || service === "bus" ? "entry" : "both");
    if (action !== "entry" && action !== "exit" && action !== "both") {
      return `--action is "${action}": it can be entry, exit or both`;
    }
    return { service, action, ...shared };
  }
  if (service === "desk" && tasks !== undefined) {
    const known = deskTasks.filter((each) => tasks.includes(each));
    if (known.length !== tasks.length) return `--tasks is "${tasks}": it can be some of ${deskTasks.join(",")}`;
    return { service, tasks: known, ...shared };
  }
  if (!isStation(service)) return { service, ...shared };
  const docks = option("docks") ?? "8";
  if (!/^[1-9]\d?$/.test(docks) || Number(docks) > 60) return `--docks is "${docks}": it must be 1 to 60`;
  return { service, docks: Array.from({ length: Number(docks) }, (_, index) => String(index + 1)), ...shared };
};

const isGate = (service: ServiceName): service is (typeof gateServices)[number] =>
  (gateServices as readonly ServiceName[]).includes(service);

const isStation = (service: ServiceName): service is (typeof dockServices)[number] =>
  (dockServices as readonly ServiceName[]).includes(service);

/** Why this machine cannot do what the terminal is for; null where it can. */
const unfitFor = (service: Profile["service"], actuator: string): string | null => {
  if (actuator.length > 200) return "it must have at most 200 characters";
  const address = readActuatorAddress(actuator);
  if (address.kind === "invalid") return address.error;
  if (address.kind !== "serial-modbus" || isGate(service) || service === "inquiry") return null;
  if (isStation(service)) return "a relay knows no docks: use serial:lines or a controller over HTTP";
  if (service === "desk") return "a relay draws no numbers: use serial:lines or a controller over HTTP";
  return address.accept === null ? "a library desk needs accept=N, the coil that takes an item back" : null;
};
