/**
 * A small edge server without sockets, for its tests: keys drawn for each run, a registry in memory, a ledger in memory,
 * a bundle of the sample city, and terminals that write real chains and sign real requests.
 */
import type { Hono } from "hono";
import { createSqliteLedger } from "../edge-server/adapters/ledger-sqlite.ts";
import { type AppDeps, createApp } from "../edge-server/app.ts";
import type { LogLine } from "../edge-server/events.ts";
import { createPassages } from "../edge-server/passages.ts";
import type { Published, Registry, TerminalRow } from "../edge-server/ports.ts";
import { createSpentCodes } from "../edge-server/spent-codes.ts";
import { watchLedger } from "../edge-server/surveyor.ts";
import { encodeBatch } from "../shared/batch.ts";
import { signPolicy } from "../shared/bundle.ts";
import { type Bytes, sha256, toBase64url, toHex, toUtf8 } from "../shared/bytes.ts";
import { decide } from "../shared/decide.ts";
import { contentDigestOf, signRequest } from "../shared/http-signature.ts";
import type { SigningKey } from "../shared/keys.ts";
import { type Chain, type Entry, genesisOf, makeEntry } from "../shared/log.ts";
import type { GateProfile, Profile } from "../shared/messages.ts";
import { encodePolicy } from "../shared/policy.ts";
import { signRoot } from "../shared/root.ts";
import type { Standing } from "../shared/status-list.ts";
import { signStatement } from "../shared/sync.ts";
import type { Decided, Happening, Installed, Personal } from "../shared/transaction.ts";
import { drawKey, now, samplePolicy } from "./sample.ts";

export type World = Awaited<ReturnType<typeof createWorld>>;
export type TestTerminal = Awaited<ReturnType<World["addTerminal"]>>;

export const createWorld = async (changes: Partial<AppDeps> = {}) => {
  const [root, publisher, edge] = [await drawKey(), await drawKey(), await drawKey("P-256")];
  const rootBytes = await signRoot(
    {
      v: 1,
      version: 1,
      threshold: 1,
      roots: [{ jwk: root.jwk }],
      publishers: [{ jwk: publisher.jwk }],
      edges: [{ jwk: edge.jwk }],
    },
    [root],
  );
  const signedPolicy = await signPolicy(encodePolicy(samplePolicy), publisher);
  const policyHash = toHex(await sha256(signedPolicy));
  const published: Published = {
    version: 1,
    firstRoot: rootBytes,
    laterRoots: [],
    manifest: toUtf8("a manifest"),
    keys: { [policyHash]: "00".repeat(32) },
  };

  const clock = { now };
  const rows = new Map<string, TerminalRow>();
  const registry: AppDeps["registry"] & Pick<Registry, "terminals"> = {
    terminals: () => [...rows.values()],
    terminal: (id) => rows.get(id) ?? null,
    putTerminal: (row) => void rows.set(row.id, row),
    atomically: (change) => change(),
  };
  const ledger = createSqliteLedger(":memory:");
  const lines: LogLine[] = [];
  /** What comes in is read at once; what others add, never. */
  const spentCodes = createSpentCodes({
    ...{ ledger, registry, now: () => clock.now, after: () => () => {} },
    onFailed: (cause) => lines.push({ event: "spent-unread", cause }),
  });
  const app = createApp({
    registry,
    ledger: watchLedger(ledger, spentCodes.nudge),
    publisher: {
      current: async () => published,
      artefact: (name) => (name === policyHash ? signedPolicy : null),
    },
    edgeKey: async () => edge,
    operator: { bytes: toUtf8("operator"), version: 1 },
    enrol: async () => ({ kind: "refused", problem: "code-refused", detail: "used" }),
    passages: createPassages({ ledger, registry }),
    spentCodes,
    takeOrder: null,
    issueBadge: null,
    issue: null,
    lostPhone: null,
    demo: null,
    admin: null,
    metrics: async () => "",
    webFolder: "/nowhere",
    hasTls: false,
    now: () => clock.now,
    writeLog: (line) => lines.push(line),
    ...changes,
  });

  const addTerminal = async (id: string, standing: Partial<GateProfile> = {}) => {
    const key = await drawKey("P-256");
    const profile = {
      ...{ service: "metro", action: "entry", programme: "here", site: "gate-1", name: id, actuator: "simulated" },
      ...standing,
    } as const satisfies Profile;
    rows.set(id, { id, profile, key: key.jwk, enrolledAt: now, revokedAt: null, lastSeenAt: null });
    return createTerminal(id, key);
  };
  const revokeTerminal = (id: string): void => {
    const row = rows.get(id);
    if (row !== undefined) rows.set(id, { ...row, revokedAt: clock.now });
  };

  const installed: Installed = {
    kind: "installed",
    manifest: 1,
    policy: policyHash,
    signedPolicy: toBase64url(signedPolicy),
  };
  return {
    ...{ app, ledger, registry, rows, clock, lines, published, installed, policyHash, signedPolicy },
    ...{ rootBytes, publisher, edge, addTerminal, revokeTerminal },
  };
};

/** A terminal that writes a chain. `epoch` tells apart what it wrote before and after it lost its log. */
export const createTerminal = async (
  id: string,
  key: SigningKey,
  epoch: Bytes = crypto.getRandomValues(new Uint8Array(16)),
) => {
  const chain: Chain = { terminal: id, epoch };
  const genesis = await genesisOf(chain);
  const entries: Entry[] = [];

  const write = async (happening: Happening, personal: Personal = {}): Promise<Entry> => {
    const stamp = { v: 1, at: now + entries.length, boot: "boot", clock: "device" } as const;
    const salt = crypto.getRandomValues(new Uint8Array(16));
    const entry = await makeEntry(entries.at(-1) ?? genesis, { ...stamp, ...happening }, personal, salt);
    entries.push(entry);
    return entry;
  };
  const checkpointAt = (seq: number, by: SigningKey = key): Promise<Bytes> =>
    signStatement("checkpoint", { ...chain, seq, hash: entries[seq - 1]?.hash ?? genesis.hash, at: now }, by);
  /** The entries `from` to `to`, as they are sent. */
  const batch = async (from = 1, to = entries.length, by: SigningKey = key): Promise<Bytes> =>
    encodeBatch({ epoch, from, entries: entries.slice(from - 1, to), checkpoint: await checkpointAt(to, by) });

  return {
    id,
    key,
    chain,
    genesis,
    entries,
    write,
    checkpointAt,
    batch,
    sibling: () => createTerminal(id, key, epoch),
  };
};

export type SendChanges = {
  readonly headers?: Readonly<Record<string, string>>;
  readonly createdAt?: number;
  readonly nonce?: string;
  /** Sent instead of what was signed. */
  readonly sentBody?: Bytes;
  readonly key?: SigningKey;
};

/** A signed request as a terminal sends it. */
export const sendSigned = async (
  app: Hono,
  sender: Pick<TestTerminal, "id" | "key">,
  path: string,
  body: Bytes | null,
  changes: SendChanges = {},
): Promise<Response> => {
  const method = body === null ? "GET" : "POST";
  const headers = {
    ...(body === null ? {} : { "content-type": "application/cbor", "content-digest": await contentDigestOf(body) }),
    ...changes.headers,
  };
  const { createdAt = now, nonce = toBase64url(crypto.getRandomValues(new Uint8Array(16))) } = changes;
  const request = { method, url: `http://localhost${path}`, headers };
  const signature = await signRequest(request, changes.key ?? sender.key, sender.id, createdAt, nonce);
  const sent = changes.sentBody ?? body;
  return app.request(path, { method, headers: { ...headers, ...signature }, ...(sent === null ? {} : { body: sent }) });
};

/** An entry through a metro gate, decided by the sample policy: with the perk of band 2 or on ordinary terms. */
export const decidedTap = (policyHash: string, standing: Standing = 2): Decided => {
  const request = { service: "metro", action: "entry", programme: "here", place: { site: "gate-1" } } as const;
  const reading = { kind: "verified", form: "presentation", use: "citizen", programme: "here" } as const;
  // Instants of the knowledge are those of the first entry: fresh for every short chain of a test.
  const knowledge = { standing, cuts: 7, checkedAt: { trust: now, policy: now, list: now } };
  const history = { seenAt: null, sameActionAt: null, cardTaps: 0 };
  const result = decide({ ...request, at: now }, reading, { policy: samplePolicy, knowledge, history });
  const artefacts = { manifest: 1, policy: policyHash, list: 1 };
  return { kind: "decided", request, reading, knowledge, history, artefacts, result };
};

export const problemWord = async (response: Response): Promise<string> =>
  String((await response.json()).type).replace("urn:greenlane:problem:", "");
