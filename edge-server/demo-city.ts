/**
 * The demo city: a first start without any programme has something to show. Its issuer is trusted for its own list
 * alone. Made whole or not at all; the publisher publishes it with its next `current`.
 */
import type { DemoCitizens, DemoTerminals, Profile } from "../shared/messages.ts";
import type { Instant, ServiceName } from "../shared/terms.ts";
import type { Citizens } from "./citizens.ts";
import { demoProgramme, makeDemoPack } from "./demo-pack.ts";
import { demoEntries, demoList, makeDemoPeople } from "./demo-people.ts";
import { type LinkEdges, makeEnrolmentLink, makeTerminal, makeTerminalId } from "./enrolment.ts";
import { type IssuerEdges, makeSub } from "./issuer.ts";
import type { KeyStore } from "./keys.ts";
import type { Registry } from "./ports.ts";

/** How many terminals of demo pages wait to be enrolled; the oldest go first. */
export const demoTerminalsMax = 300;

export type CityEdges = { readonly registry: Registry; readonly citizens: Citizens; readonly keys: KeyStore };

/** True where it made one: there was no programme yet. */
export const createDemoCity = async ({ registry, citizens, keys }: CityEdges): Promise<boolean> => {
  if (registry.packs().length > 0) return false;
  const issuer = await keys.makeIssuer(demoProgramme);
  return registry.atomically(() => {
    if (registry.packs().length > 0) return false;
    const pack = makeDemoPack();
    const people = makeDemoPeople(pack, makeSub);
    // In a file of their own, so not of this transaction: after a crash in between they are simply made again.
    citizens.replaceAll(people.citizens);
    registry.putPack(pack);
    registry.putIssuer({
      kid: issuer.kid,
      use: "citizen",
      jwk: issuer.jwk,
      programme: demoProgramme,
      lists: [demoList],
      name: "Demo city",
    });
    registry.putList({
      programme: demoProgramme,
      list: demoList,
      version: 1,
      cuts: pack.cuts.version,
      entries: demoEntries,
      packed: people.packed,
    });
    for (const [index, profile] of demoServices.map((service) => profileOf[service]).entries()) {
      registry.putTerminal(makeTerminal(["gate-1", "desk-1", "station-1"][index] ?? makeTerminalId(profile), profile));
    }
    return true;
  });
};

/** What the issuer needs to answer; null where this server issues for no demo city. */
export const openDemoIssuer = async ({ registry, citizens, keys }: CityEdges): Promise<IssuerEdges | null> => {
  const key = await keys.issuer(demoProgramme);
  if (key === null || citizens.shown().length === 0) return null;
  return { programme: demoProgramme, list: demoList, key, citizens, registry };
};

export const listDemoCitizens = (citizens: Citizens): DemoCitizens => ({
  programme: demoProgramme,
  citizens: citizens.shown().flatMap(({ handle, shown }) => (shown === null ? [] : [{ handle, ...shown }])),
});

export type DemoTerminalEdges = LinkEdges & { readonly registry: Registry };

/** One of each of `services` for one visitor's page, each with the link that enrols it. */
export const createDemoTerminals = async (
  edges: DemoTerminalEdges,
  now: Instant,
  services: readonly ServiceName[] = demoServices,
): Promise<DemoTerminals> => {
  const { registry } = edges;
  const made = services
    .map((service) => profileOf[service])
    .map((profile) => makeTerminal(`${visitorPrefix}${makeTerminalId(profile)}`, profile));
  registry.atomically(() => {
    const waiting = registry.terminals().filter(({ id, key }) => id.startsWith(visitorPrefix) && key === null);
    const surplus = Math.max(0, waiting.length + made.length - demoTerminalsMax);
    for (const { id } of waiting.slice(0, surplus)) registry.dropTerminal(id);
    for (const terminal of made) registry.putTerminal(terminal);
  });
  const terminals: DemoTerminals["terminals"] = [];
  for (const { id, profile } of made) {
    terminals.push({ terminal: id, profile, link: await makeEnrolmentLink(edges, id, now) });
  }
  return { terminals };
};

/** Terminals of demo pages: nobody enrols one by hand. */
export const visitorPrefix = "demo-";

/** What a visitor sees first. */
const demoServices = ["metro", "library", "bike"] as const satisfies readonly ServiceName[];

const placed = (site: string, zh: string, en: string) =>
  ({ programme: demoProgramme, site, name: `${zh} · ${en}`, actuator: "simulated", payments: "simulated" }) as const;
const docks = ["1", "2", "3", "4", "5", "6", "7", "8"];

const profileOf: Readonly<Record<ServiceName, Profile>> = {
  metro: { service: "metro", action: "entry", ...placed("dongjiekou", "东街口站 1 号闸机", "Dongjiekou, gate 1") },
  bus: { service: "bus", action: "entry", ...placed("line-27", "27 路公交车", "Bus line 27") },
  library: { service: "library", ...placed("city-library", "市图书馆 1 号自助机", "City library, desk 1") },
  bike: { service: "bike", docks, ...placed("west-lake", "西湖公园自行车站", "West Lake Park station") },
  umbrella: { service: "umbrella", docks, ...placed("three-lanes", "三坊七巷借伞点", "Three Lanes, umbrellas") },
  "power-bank": { service: "power-bank", docks, ...placed("south-gate", "南门兜充电宝柜", "Nanmendou, power banks") },
  venue: { service: "venue", action: "both", ...placed("sports-hall", "市体育馆入口", "City sports hall") },
  shuttle: { service: "shuttle", action: "both", ...placed("drum-hill", "鼓山景区接驳车", "Drum Hill shuttle") },
  parking: { service: "parking", action: "both", ...placed("wuyi-square", "五一广场停车场", "Wuyi Square car park") },
  desk: { service: "desk", ...placed("city-hospital", "市医院服务台", "City hospital, service desk") },
  inquiry: { service: "inquiry", ...placed("civic-centre", "市民中心查询机", "Civic centre") },
};
