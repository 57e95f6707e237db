/** What a terminal fetches, and when, is the same whoever stands before it: fetching reveals nothing about citizens. */
import { expect, it } from "vitest";
import { createBundleKeeper } from "../kiosk/bundle-keeper.ts";
import { loadFlow } from "../kiosk/flows/flow.ts";
import { createJournal } from "../kiosk/journal.ts";
import type { Payments } from "../kiosk/payments.ts";
import type { Actuator, Uplink } from "../kiosk/ports.ts";
import { createTerminal } from "../kiosk/terminal.ts";
import { type City, createBundleStore, createFakeClock, foundCity, noChance, type Release, release } from "./city.ts";
import { now } from "./sample.ts";
import { countingRandom, createMemoryLog, createPhone } from "./terminal-world.ts";

const minutes = 10;

/** Ten minutes of a gate, with a new bundle in the middle: what was asked of the server, and how many were let through. */
const watchGate = async (city: City, releases: readonly [Release, Release], indices: readonly number[]) => {
  const clock = createFakeClock();
  const log = createMemoryLog();
  const asked: string[] = [];
  let published = releases[0];
  const uplink: Uplink = {
    enrol: async () => ({ kind: "unreachable", cause: "not asked here" }),
    fetchManifest: async () => {
      asked.push(`${clock.now() - now}: manifest`);
      return { kind: "answered", value: published.answer };
    },
    fetchArtefact: async ({ sha256 }, from) => {
      asked.push(`${clock.now() - now}: ${sha256} from ${from}`);
      return { kind: "answered", value: { kind: "whole", bytes: published.files.get(sha256) ?? new Uint8Array(0) } };
    },
    packBatch: async (batch) => batch,
    sendBatch: async () => ({ kind: "unreachable", cause: "not asked here" }),
    sendRescue: async () => ({ kind: "unreachable", cause: "not asked here" }),
    onReturn: () => () => {},
  };
  const { identity } = city;
  const actuator: Actuator = { docks: async () => [], perform: async () => ({ outcome: "completed" }) };
  const journal = createJournal(await log.open(identity.terminal), log, clock, countingRandom());
  const store = createBundleStore();
  const keeper = createBundleKeeper({ store, uplink, clock, random: noChance, identity, now: journal.now });
  const payments: Payments = { ask: async () => ({ outcome: "done" }) };
  const unheard = {
    onScreen: () => {},
    onStaff: () => {},
    site: null,
    securityKey: null,
    onPresented: () => {},
    onRecorded: () => {},
  };
  const parts = {
    app: "test",
    page: "edge/why",
    identity,
    journal,
    log,
    createFlow: await loadFlow(identity.profile),
    isNewChain: true,
    keeper,
    actuator,
    payments,
    clock,
    ...unheard,
  };
  const terminal = createTerminal(parts);
  await keeper.start();
  await keeper.poll();
  await terminal.start();

  for (let minute = 0; minute < minutes; minute++) {
    if (minute === minutes / 2) published = releases[1];
    for (const index of indices) {
      const phone = await createPhone(city.keys.issuer, clock, index, "phone");
      terminal.sight({ text: await phone.code(), seenAt: clock.ticks() });
      await terminal.settled();
    }
    terminal.sight({ text: `foreign ${minute} ${indices}`, seenAt: clock.ticks() });
    clock.move(60);
    await keeper.poll();
    await terminal.settled();
  }
  await terminal.stop();
  keeper.stop();
  return { asked, passed: log.entries.length };
};

it("depends on nobody: with nobody there, with people of every band, and with one who is in no list", async () => {
  const city = await foundCity();
  const releases = [
    await release(city, { version: 5 }),
    await release(city, { version: 6, statuses: [15, 15, 15, 15, 0] }),
  ] as const;
  const nobody = await watchGate(city, releases, []);
  expect(nobody.asked.length).toBeGreaterThan(minutes + 6);
  for (const indices of [[0, 1, 2, 3], [2], [99, 99]]) {
    const watched = await watchGate(city, releases, indices);
    expect(watched.passed).toBeGreaterThan(nobody.passed + minutes);
    expect(watched.asked).toEqual(nobody.asked);
  }
});
