/** `issuer trust`, `issuer list`, `issuer revoke`: whose credentials are accepted. */
import { importPublicKey, type PublicKey } from "../../shared/keys.ts";
import type { TrustEntry } from "../../shared/trust.ts";
import { type Arguments, type Command, countOf, type Office, refuse, tableOf } from "../command.ts";
import { readJsonFile } from "../files.ts";
import { kidsOf } from "../keys.ts";

export const trustIssuer: Command = {
  name: "issuer trust",
  usage: "KEY.jwk --programme P [--use citizen|staff] [--sites A,B] [--name N] [--json]",
  about: `Accepts credentials signed by this key (Ed25519 or P-256, the public JWK) from now on.
--use citizen is the default; --sites bounds a staff key to those sites. A key has one use.`,
  options: ["programme", "use", "sites", "name"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async (input, edges) => {
    const wish = readWish(input);
    if (typeof wish === "string") return refuse(wish);
    const [path = ""] = input.given;
    const file = readJsonFile(path);
    if (file.kind === "unreadable") return refuse(file.error);
    if (isPrivate(file.value))
      return refuse(`${path} holds a private key: keep it, and pass the public one (without "d")`);
    const key = await importPublicKey(file.value);
    if (key === null) return refuse(`${path} is not a public Ed25519 or P-256 key as JWK`);

    const office = await edges.open();
    if (!office.registry.packs().some((pack) => pack.programme === wish.programme)) {
      return refuse(`no programme ${wish.programme}: see programme list`);
    }
    const old = office.registry.issuers().find((entry) => entry.kid === key.kid) ?? null;
    const clash = old === null ? await otherUseOf(office, key) : clashOf(old, wish);
    if (clash !== null) return refuse(`key ${key.kid} ${clash}`);

    const entry: TrustEntry = { ...old, kid: key.kid, jwk: key.jwk, ...wish };
    office.registry.putIssuer(entry);
    const { version } = await office.publisher.publish();
    const bound = wish.sites === undefined ? "" : ` at ${wish.sites.join(", ")}`;
    return {
      kind: "answered",
      json: { ...entry, bundle: version },
      text: `Key ${key.kid} is trusted for ${wish.use} credentials of ${wish.programme}${bound}, with bundle ${version}.`,
    };
  },
};

export const listIssuers: Command = {
  name: "issuer list",
  usage: "[--json]",
  about: "Lists the keys whose credentials are accepted, and those that were revoked.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const issuers = (await edges.open()).registry.issuers();
    const rows = issuers.map((entry) => [
      entry.kid,
      entry.use,
      entry.programme ?? "",
      entry.revokedAt === undefined ? "trusted" : `revoked at ${entry.revokedAt}`,
      entry.name ?? "",
    ]);
    return {
      kind: "answered",
      json: issuers,
      text: rows.length === 0 ? "No issuer yet: issuer trust KEY.jwk --programme P" : tableOf(rows),
    };
  },
};

export const revokeIssuer: Command = {
  name: "issuer revoke",
  usage: "KID [--json]",
  about: "Accepts nothing signed by this key any more, however old. Terminals know with their next bundle.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [kid = ""] }, edges) => {
    if (!/^[0-9a-f]{16}$/.test(kid)) return refuse(`"${kid}" is not a kid: 16 hexadecimal digits, see issuer list`);
    const { registry, publisher } = await edges.open();
    const entry = registry.issuers().find((each) => each.kid === kid);
    if (entry === undefined) return refuse(`no issuer ${kid}: see issuer list`);
    const revokedAt = entry.revokedAt ?? edges.now();
    registry.putIssuer({ ...entry, revokedAt });
    const { version } = await publisher.publish();
    const left = registry.issuers().filter((each) => each.revokedAt === undefined).length;
    return {
      kind: "answered",
      json: { kid, revokedAt, bundle: version },
      text: `Key ${kid} is revoked with bundle ${version}; ${countOf(left, "key")} still trusted.`,
    };
  },
};

type Wish = Pick<TrustEntry, "use" | "sites" | "name"> & { readonly programme: string };

/** What was asked for, or what is wrong with it. */
const readWish = ({ option }: Arguments): Wish | string => {
  const [programme, use = "citizen", sites, name] = ["programme", "use", "sites", "name"].map(option);
  if (programme === undefined) return "--programme is missing";
  if (use !== "citizen" && use !== "staff") return `--use is "${use}": it can be citizen or staff`;
  if (sites !== undefined && use !== "staff") return "--sites bounds a staff key: it goes with --use staff";
  const bounded = sites?.split(",");
  if (bounded?.some((site) => !/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(site))) {
    return `--sites is "${sites}": it must be site names with commas between`;
  }
  if (name !== undefined && (name === "" || name.length > 200)) return "--name must have 1 to 200 characters";
  return {
    programme,
    use,
    ...(bounded === undefined ? {} : { sites: bounded }),
    ...(name === undefined ? {} : { name }),
  };
};

const isPrivate = (jwk: unknown): boolean => typeof jwk === "object" && jwk !== null && "d" in jwk;

const clashOf = (old: TrustEntry, wish: Wish): string | null => {
  if (old.revokedAt !== undefined) return "was revoked: the issuer needs a new one";
  if (old.use !== wish.use || old.programme !== wish.programme) {
    return `is trusted for ${old.use} credentials of ${old.programme}: a key has one use`;
  }
  return null;
};

const otherUseOf = async ({ registry, keys }: Office, key: PublicKey): Promise<string | null> => {
  if (kidsOf(await keys.held()).has(key.kid)) return "is this server's own: a key has one use";
  const isTerminals = registry.terminals().some((terminal) => terminal.key?.x === key.jwk.x);
  return isTerminals ? "is a terminal's: a key has one use" : null;
};
