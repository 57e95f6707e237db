/** Many terminals that send their logs at once, as after a night without a network. */

import { encodeBatch } from "../../shared/batch.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { toHex } from "../../shared/bytes.ts";
import { contentDigestOf, signRequest } from "../../shared/http-signature.ts";
import type { SigningKey } from "../../shared/keys.ts";
import { type Entry, genesisOf, makeEntry } from "../../shared/log.ts";
import { signStatement } from "../../shared/sync.ts";
import { type City, succeed } from "../live-city.ts";
import { drawKey } from "../sample.ts";

const sendingAtOnce = 8;

/** Enrols `terminals` and sends `entriesEach` from each; entries taken in a second. Any refusal throws. */
export const sendFromTerminals = async (city: City, terminals: number, entriesEach: number): Promise<number> => {
  const bodies: { readonly id: string; readonly key: SigningKey; readonly body: Bytes }[] = [];
  for (let number = 0; number < terminals; number++) {
    const { id, key } = await enrol(city, number);
    bodies.push({ id, key, body: await batchOf(id, key, entriesEach) });
  }
  const startedAt = performance.now();
  const queue = [...bodies];
  const sender = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) await send(city, next.id, next.key, next.body);
  };
  await Promise.all(Array.from({ length: sendingAtOnce }, sender));
  return (terminals * entriesEach * 1000) / (performance.now() - startedAt);
};

const enrol = async (city: City, number: number): Promise<{ readonly id: string; readonly key: SigningKey }> => {
  const answer = await succeed(
    city,
    ...["terminal", "enrol", "--programme", "fuzhou-moli", "--profile", "metro", "--site", "load"],
    ...["--name", `Load ${number}`, "--json"],
  );
  const code = /#enrol=([^.]+)\./.exec(JSON.parse(answer).link)?.[1];
  const key = await drawKey();
  const response = await fetch(`${city.url}/v1/enrolments`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code, key: key.jwk }),
  });
  if (!response.ok) throw new Error(`enrolment: ${response.status} ${await response.text()}`);
  const { terminal } = (await response.json()) as { readonly terminal: string };
  return { id: terminal, key };
};

const batchOf = async (terminal: string, key: SigningKey, count: number): Promise<Bytes> => {
  const epoch = crypto.getRandomValues(new Uint8Array(16));
  const entries: Entry[] = [];
  let head = await genesisOf({ terminal, epoch });
  for (let number = 0; number < count; number++) {
    const at = Math.floor(Date.now() / 1000);
    const personal = { pseudonym: toHex(epoch), item: `item-${number}` };
    const cause = "x".repeat(700);
    const stamp = { v: 1, at, boot: "bench", clock: "device" } as const;
    const entry = await makeEntry(head, { ...stamp, kind: "fault", part: "bench", cause }, personal, epoch);
    entries.push(entry);
    head = entry;
  }
  const at = Math.floor(Date.now() / 1000);
  const checkpoint = await signStatement("checkpoint", { terminal, epoch, ...head, at }, key);
  return encodeBatch({ epoch, from: 1, entries, checkpoint });
};

const send = async (city: City, id: string, key: SigningKey, body: Bytes): Promise<void> => {
  const url = `${city.url}/v1/log`;
  const headers = { "content-type": "application/cbor", "content-digest": await contentDigestOf(body) };
  const at = Math.floor(Date.now() / 1000);
  const signed = await signRequest({ method: "POST", url, headers }, key, id, at, crypto.randomUUID());
  const response = await fetch(url, { method: "POST", headers: { ...headers, ...signed }, body });
  if (!response.ok) throw new Error(`log: ${response.status} ${await response.text()}`);
};
