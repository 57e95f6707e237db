/** `staff add`, `staff list`, `staff revoke`: who may help at the terminals. */
import { toBase64url } from "../../shared/bytes.ts";
import type { SigningKey } from "../../shared/keys.ts";
import { type Role, roles } from "../../shared/staff-rules.ts";
import type { Instant } from "../../shared/terms.ts";
import {
  type Arguments,
  type Command,
  type CommandEdges,
  type Office,
  type Outcome,
  refuse,
  tableOf,
} from "../command.ts";
import { drawQrCode } from "../qr.ts";
import { urlOf } from "../settings.ts";
import {
  badgeLifeSeconds,
  badgeLinkSeconds,
  isGoodAt,
  makeBadge,
  makePhoneBadge,
  type StaffRow,
} from "../staff-book.ts";
import { readKeyFile } from "./staff-key.ts";

export const addStaff: Command = {
  name: "staff add",
  usage: "--name N --role assistant|supervisor|technician --site S[,S] [--phone] [--key FILE.json] [--json]",
  about: `Makes a badge for somebody and prints it, once: nothing here keeps it. Good for ${badgeLifeSeconds / 86_400} days at those sites.
--phone prints a link in its place: the phone that opens it, once and within ${badgeLinkSeconds / 60} minutes, has the badge.
assistant: permits, opens, annuls their own; supervisor: also second person, docks, modes; technician: the machine alone.
--key FILE.json is the public part of their security key, see staff key.`,
  options: ["name", "role", "site", "key"],
  flags: ["phone"],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  isForPublisher: true,
  run: async (input, edges) => {
    const wish = readWish(input);
    if (typeof wish === "string") return refuse(wish);
    const path = input.option("key");
    const key = path === undefined ? null : await readKeyFile(path);
    if (typeof key === "string") return refuse(key);
    const office = await edges.open();
    const { registry } = office;
    if (registry.packs().length === 0) return refuse("there is no programme yet: programme add");
    const now = edges.now();
    const other = registry.staff().find((row) => row.name === wish.name && isGoodAt(row, now));
    // Two badges of one person would pass for two people.
    if (other !== undefined) return refuse(`${wish.name} has a badge, ${other.staff}: staff revoke it first`);
    const issuer = await trustedIssuer(office);
    if (issuer === null) return refuse("the key that signs badges was revoked: move keys/staff.jwk away for a new one");
    const about = { ...wish, keys: key === null ? [] : [key] };
    return input.hasFlag("phone") ? printLink(about, office, edges) : printBadge(about, issuer, office, now);
  },
};

type About = Wish & Pick<StaffRow, "keys">;

const printBadge = async (about: About, issuer: SigningKey, office: Office, now: Instant): Promise<Outcome> => {
  const { row, code } = await makeBadge(about, issuer, office.keys.operator, now);
  office.registry.putStaff(row);
  const { version } = await office.publisher.publish();
  return {
    kind: "answered",
    json: { ...row, code, bundle: version },
    text: [
      `${row.name}, ${row.role} at ${row.sites.join(", ")}: badge ${row.staff}.`,
      "Print this now; it is not kept. Whoever has it can use it: a lost one is revoked (staff revoke).",
      drawQrCode(code),
      code,
    ].join("\n"),
  };
};

const printLink = async (about: About, office: Office, edges: CommandEdges): Promise<Outcome> => {
  const { row, code } = await makePhoneBadge(about, office.keys.operator, edges.now());
  office.registry.putStaff(row);
  const { version } = await office.publisher.publish();
  const link = `${urlOf(edges.settings)}/wallet/#badge=${toBase64url(code)}`;
  return {
    kind: "answered",
    json: { ...row, link, bundle: version },
    text: [
      `${row.name}, ${row.role} at ${row.sites.join(", ")}: badge ${row.staff}.`,
      `Open this on their phone within ${badgeLinkSeconds / 60} minutes; it works once. A lost phone: staff revoke.`,
      drawQrCode(link),
      link,
    ].join("\n"),
  };
};

export const listStaff: Command = {
  name: "staff list",
  usage: "[--json]",
  about: "Lists who has a badge, for what and where, and those whose badges were revoked or have ended.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const rows = (await edges.open()).registry.staff();
    const states = rows.map((row) => ({ ...row, state: stateOf(row, edges) }));
    const lines = states.map((row) => [
      row.staff,
      row.role,
      row.sites.join(","),
      row.phone === undefined ? "printed" : "phone",
      row.state,
      `${row.keys.length} key${row.keys.length === 1 ? "" : "s"}`,
      row.name,
    ]);
    return {
      kind: "answered",
      json: states,
      text: lines.length === 0 ? "No staff yet: staff add" : tableOf(lines),
    };
  },
};

export const revokeStaff: Command = {
  name: "staff revoke",
  usage: "BADGE [--json]",
  about: "Takes a badge back, also one that was lost. Terminals know with their next bundle.",
  options: [],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [badge = ""] }, edges) => {
    const { registry, publisher } = await edges.open();
    const revokedAt = registry.atomically(() => {
      const row = registry.staff().find(({ staff }) => staff === badge);
      if (row === undefined) return null;
      const at = row.revokedAt ?? edges.now();
      registry.putStaff({ ...row, revokedAt: at });
      return at;
    });
    if (revokedAt === null) return refuse(`no badge ${badge}: see staff list`);
    const { version } = await publisher.publish();
    return {
      kind: "answered",
      json: { staff: badge, revokedAt, bundle: version },
      text: `Badge ${badge} is revoked with bundle ${version}.`,
    };
  },
};

/** Made once, and trusted for badges of every site of this operator. Null where it was revoked. */
const trustedIssuer = async ({ registry, keys }: Office) => {
  const issuer = await keys.makeStaffIssuer();
  const entry = registry.issuers().find(({ kid }) => kid === issuer.kid);
  if (entry?.revokedAt !== undefined) return null;
  if (entry === undefined) registry.putIssuer({ kid: issuer.kid, use: "staff", jwk: issuer.jwk, name: "Badges" });
  return issuer;
};

const stateOf = (row: StaffRow, edges: CommandEdges): string => {
  if (row.revokedAt !== null) return "revoked";
  if (row.phone?.holder === null) return isGoodAt(row, edges.now()) ? "link not opened" : "link ended";
  return isGoodAt(row, edges.now()) ? "good" : "ended";
};

type Wish = { readonly name: string; readonly role: Role; readonly sites: readonly string[] };

const readWish = ({ option }: Arguments): Wish | string => {
  const missing = ["name", "role", "site"].find((each) => option(each) === undefined);
  if (missing !== undefined) return `--${missing} is missing`;
  const [name = "", site = ""] = [option("name")?.trim(), option("site")];
  const role = roles.find((each) => each === option("role"));
  if (role === undefined) return `--role is "${option("role")}": it can be ${roles.join(", ")}`;
  if (name === "" || name.length > 200) return "--name must have 1 to 200 characters";
  const sites = site.split(",");
  if (sites.length > 20) return "--site: at most 20, a badge would not fit into its code";
  if (!sites.every((each) => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(each))) {
    return `--site is "${site}": it must be site names with commas between`;
  }
  if (sites.join(",").length > 300) return "--site: too long, a badge would not fit into its code";
  return { name, role, sites };
};
