/** `staff key`, `staff rules`: security keys of staff, and how much staff may do. */
import * as v from "valibot";
import { importPublicKey, type PublicJwk } from "../../shared/keys.ts";
import { readByStaff } from "../../shared/override.ts";
import { staffRulesJson, usualStaffRules } from "../../shared/staff-rules.ts";
import { readTransaction } from "../../shared/transaction.ts";
import { type Command, refuse } from "../command.ts";
import { readJsonFile } from "../files.ts";
import { makePolicy } from "../policy.ts";
import type { LedgerReader } from "../ports.ts";

export const putStaffKey: Command = {
  name: "staff key",
  usage: "BADGE [FILE.json] [--json]",
  about: `Takes a security key for the holder of the badge, in place of any before: the newest that they made known at a
terminal, or that of FILE.json. Ask the person first: whoever had the badge could have made one.
FILE.json is {"id", "spki"} or {"id", "jwk"}, as navigator.credentials.create() gives it at the terminals' own address.`,
  options: [],
  givenMin: 1,
  givenMax: 2,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [badge = "", path] }, edges) => {
    const named = path === undefined ? null : await readKeyFile(path);
    if (typeof named === "string") return refuse(named);
    const { registry, publisher, ledger } = await edges.open();
    const row = registry.staff().find(({ staff }) => staff === badge);
    if (row === undefined) return refuse(`no badge ${badge}: see staff list`);
    if (row.revokedAt !== null) return refuse(`badge ${badge} is revoked`);
    const key = named ?? (await findOffered(await ledger(), badge));
    if (key === null) return refuse(`${row.name} has made no security key known at a terminal, or it was not sent yet`);
    const other = registry.staff().find(({ staff, keys }) => staff !== badge && keys.some(({ id }) => id === key.id));
    if (other !== undefined) return refuse(`this key is that of badge ${other.staff}: a key is one person's`);
    registry.putStaff({ ...row, keys: [key] });
    const { version } = await publisher.publish();
    return {
      kind: "answered",
      json: { staff: badge, id: key.id, bundle: version },
      text: `The key is that of ${row.name}, badge ${badge}, with bundle ${version}.`,
    };
  },
};

export const setStaffRules: Command = {
  name: "staff rules",
  usage: "[FILE.json] [--json]",
  about: `Shows how much staff may do in a shift and what takes a security key, or sets it:
${JSON.stringify(usualStaffRules)}`,
  options: [],
  givenMin: 0,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [path] }, edges) => {
    if (path === undefined) {
      const rules = (await edges.open()).registry.staffRules() ?? usualStaffRules;
      return { kind: "answered", json: rules, text: JSON.stringify(rules, null, 2) };
    }
    const file = readJsonFile(path);
    if (file.kind === "unreadable") return refuse(file.error);
    const rules = v.safeParse(staffRulesJson, file.value);
    if (!rules.success) {
      const [issue] = rules.issues;
      return refuse(`${path}: ${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`);
    }
    const { registry, publisher } = await edges.open();
    const policy = makePolicy(registry.packs(), rules.output, registry.recognitions());
    if (policy.kind === "invalid") return refuse(policy.errors.join("; "));
    registry.putStaffRules(rules.output);
    const { version } = await publisher.publish();
    return { kind: "answered", json: { ...rules.output, bundle: version }, text: `In force with bundle ${version}.` };
  },
};

const idText = /^[A-Za-z0-9_-]{1,1400}$/;

/** The key, or what is wrong with the file. */
export const readKeyFile = async (path: string): Promise<{ readonly id: string; readonly jwk: PublicJwk } | string> => {
  const file = readJsonFile(path, 16 * 1024);
  if (file.kind === "unreadable") return file.error;
  const { id, jwk, spki } = (typeof file.value === "object" && file.value !== null ? file.value : {}) as {
    readonly id?: unknown;
    readonly jwk?: unknown;
    readonly spki?: unknown;
  };
  if (typeof id !== "string" || !idText.test(id)) return `${path}: "id" must be the credential's id, base64url`;
  const key = await importPublicKey(typeof spki === "string" ? await jwkOfSpki(spki) : jwk);
  return key === null ? `${path}: no public P-256 or Ed25519 key in "spki" or "jwk"` : { id, jwk: key.jwk };
};

/** What browsers call the public key: DER. */
const jwkOfSpki = async (spki: string): Promise<unknown> => {
  for (const algorithm of [{ name: "ECDSA", namedCurve: "P-256" }, { name: "Ed25519" }]) {
    const key = await crypto.subtle
      .importKey("spki", Buffer.from(spki, "base64url"), algorithm, true, ["verify"])
      .catch(() => null);
    if (key !== null) return crypto.subtle.exportKey("jwk", key);
  }
  return null;
};

/** The newest that was made at a terminal while this badge was shown. */
const findOffered = async (ledger: LedgerReader, staff: string) => {
  let newest: { readonly at: number; readonly id: string; readonly jwk: PublicJwk } | null = null;
  for (const chain of await ledger.chains()) {
    for await (const { kind, bytes } of ledger.entries(chain)) {
      const transaction = kind === "offered-key" ? readTransaction(bytes) : null;
      const said = transaction === null ? null : readByStaff(transaction);
      if (said?.kind === "offered-key" && said.staff === staff && said.at >= (newest?.at ?? 0)) newest = said;
    }
  }
  return newest === null ? null : { id: newest.id, jwk: newest.jwk };
};
