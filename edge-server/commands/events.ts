/** `events export`, `events send`: what citizens did well, for their programme. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { sha256, toHex } from "../../shared/bytes.ts";
import type { Policy } from "../../shared/policy.ts";
import { createSqliteDelivered } from "../adapters/delivered-sqlite.ts";
import { createSpillFiles } from "../adapters/spill-files.ts";
import { createHttpWebhook } from "../adapters/webhook-http.ts";
import { openByAny } from "../audit-decisions.ts";
import { type Arguments, type Command, type CommandEdges, countOf, type Office, refuse } from "../command.ts";
import { type CreditEvent, eventsOf, sourceOf } from "../credit-events.ts";
import { deliverEvents } from "../event-delivery.ts";
import { explainFileError } from "../files.ts";
import { reconcileLedger } from "../reconcile-run.ts";
import { openAllRoots } from "../root-chain.ts";
import { pathsIn } from "../settings.ts";
import { bucketsFor, type Spill } from "../settle-groups.ts";

const about = `Facts for the programme of a citizen, as CloudEvents 1.0: brought back on time, parked in a zone, checked in
for a volunteer shift. Who did not is in none. --since keeps what was done at or after a time in Unix seconds.`;

export const exportEvents: Command = {
  name: "events export",
  usage: "--programme P --out FILE.ndjson [--since T] [--json]",
  about: `Writes credit events to a file, one a line.\n${about}`,
  options: ["programme", "out", "since"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (input, edges) => {
    const wanted = readWanted(input);
    const out = input.option("out");
    if (typeof wanted === "string") return refuse(wanted);
    if (out === undefined) return refuse("say --out: a file for the events");
    const office = await edges.open();
    if (!isKnown(office, wanted.programme)) return refuse(`there is no programme ${wanted.programme}`);
    try {
      const file = openSync(`${out}.new`, "w", 0o600);
      let events = 0;
      try {
        await findEvents(office, edges, wanted, (event) => {
          writeSync(file, `${JSON.stringify(event)}\n`);
          events += 1;
        });
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(`${out}.new`, out);
      return { kind: "answered", text: `${countOf(events, "event")} in ${out}`, json: { events, out } };
    } catch (error) {
      rmSync(`${out}.new`, { force: true });
      return refuse(explainFileError(error, out));
    }
  },
};

export const sendEvents: Command = {
  name: "events send",
  usage: "--programme P --to URL [--since T] [--json]",
  about: `Brings to a programme's webhook the credit events that it has not taken yet; to be run again and again. Requests are
signed by the operator's edge key, which the root names (RFC 9421). One that is not taken is tried again for half a minute;
then the exit code is 1, and the next run goes on. The same event has the same id.
${about}`,
  options: ["programme", "to", "since"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  isForPublisher: true,
  run: async (input, edges) => {
    const wanted = readWanted(input);
    const url = input.option("to");
    if (typeof wanted === "string") return refuse(wanted);
    if (url === undefined || !isWebhook(url))
      return refuse(`--to is "${url ?? ""}": it must be like https://events.example.org`);
    const office = await edges.open();
    if (!isKnown(office, wanted.programme)) return refuse(`there is no programme ${wanted.programme}`);
    const webhook = createHttpWebhook(url, async () => (await office.publisher.keys()).edge, edges.now);
    const delivered = createSqliteDelivered(pathsIn(edges.settings.folder).events);
    const spill = createSpillFiles(edges.settings.folder, 16);
    try {
      let number = 0;
      await findEvents(office, edges, wanted, (event) =>
        spill.write("event", number++ % spill.buckets, JSON.stringify(event)),
      );
      const { taken, waiting, cause } = await deliverEvents(spilled(spill), wanted.programme, webhook, delivered);
      const text = `${countOf(taken, "event")} taken.${cause === null ? "" : ` ${waiting} wait: ${cause}.`}`;
      return { kind: "answered", text, json: { taken, waiting, cause }, isBad: cause !== null };
    } finally {
      spill.close();
      delivered.close();
    }
  },
};

type Wanted = { readonly programme: string; readonly since: number };

/** What is wrong with it is a text. */
const readWanted = ({ option }: Arguments): Wanted | string => {
  const [programme, since] = [option("programme"), option("since") ?? "0"];
  if (programme === undefined) return "say --programme";
  return /^\d{1,12}$/.test(since)
    ? { programme, since: Number(since) }
    : `--since is "${since}": it must be a time in Unix seconds`;
};

const isKnown = ({ registry }: Office, programme: string): boolean =>
  registry.packs().some((pack) => pack.programme === programme);

/** Over the open network only where it is sealed. */
const isWebhook = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.hash !== "") return false;
  return url.protocol === "https:" || (url.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname));
};

const findEvents = async (
  office: Office,
  edges: CommandEdges,
  { programme, since }: Wanted,
  take: (event: CreditEvent) => void,
): Promise<void> => {
  const { firstRoot, laterRoots } = await office.publisher.current();
  const roots = await openAllRoots(firstRoot, laterRoots);
  const source = sourceOf(toHex(await sha256(firstRoot)));
  const ledger = await office.ledger();
  const entries = await ledger.count();
  const snapshot = await ledger.snapshot();
  const spill = createSpillFiles(edges.settings.folder, bucketsFor(entries));
  const policies = new Map<string, Policy | null>();
  const ignore = (): void => {};
  try {
    await reconcileLedger(
      { ledger: snapshot, entries, spill, openPolicy: (signed) => openByAny(signed, roots), say: edges.showProgress },
      Infinity,
      {
        ...{ policies, conflict: ignore, nobody: ignore, afterRevocation: ignore },
        people: (_, people) => {
          for (const journey of people.flatMap(({ journeys }) => journeys)) {
            if ((journey.end ?? journey.start).at < since) continue;
            eventsOf(journey, programme, source, (hash) => policies.get(hash) ?? null).forEach(take);
          }
        },
      },
    );
  } finally {
    spill.close();
    await snapshot.close();
  }
};

const spilled = function* (spill: Spill): Iterable<CreditEvent> {
  for (let bucket = 0; bucket < spill.buckets; bucket++) {
    for (const line of spill.take("event", bucket)) yield JSON.parse(line) as CreditEvent;
  }
};
