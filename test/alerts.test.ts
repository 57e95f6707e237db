/** What ends soon, one row a kind: just before it is said, when it is, and when it is over. */
import { describe, expect, it } from "vitest";
import { type Expiries, findAlerts } from "../edge-server/alerts.ts";
import type { TrustEntry } from "../shared/trust.ts";

const now = 1_800_000_000;
const day = 86_400;
const nothing: Expiries = { manifest: null, keys: [], issuers: [], lists: [], certificateUntil: null };
const issuer = (change: Partial<TrustEntry>): TrustEntry => ({
  ...{ kid: "d6c98cb1ddb931cb", use: "citizen", programme: "here", name: "the city" },
  jwk: { kty: "OKP", crv: "Ed25519", x: "bAWMtohrwnBi6_wzIM2-MNeN3edcHfPq3EQB9V2J6aI" },
  ...change,
});
const severityAt = (known: Partial<Expiries>, at = now) =>
  findAlerts({ ...nothing, ...known }, at).map(({ severity }) => severity);

describe("said from its day on, and as over from its end on", () => {
  it.each<[string, string, number, (until: number) => Partial<Expiries>]>([
    ["a publisher's key", "root-key", 30 * day, (validUntil) => ({ keys: [{ use: "publisher", validUntil }] })],
    ["an edge server's key", "root-key", 30 * day, (validUntil) => ({ keys: [{ use: "edge", validUntil }] })],
    ["an issuer", "issuer", 30 * day, (validUntil) => ({ issuers: [issuer({ validUntil })] })],
    ["a certificate", "certificate", 21 * day, (certificateUntil) => ({ certificateUntil })],
    [
      "a manifest of eight days",
      "manifest",
      2 * day,
      (expiresAt) => ({ manifest: { issuedAt: expiresAt - 8 * day, expiresAt } }),
    ],
  ])("%s", (_, what, before, knownUntil) => {
    const until = now + 400 * day;
    const known = knownUntil(until);
    expect(severityAt(known, until - before - 1)).toEqual([]);
    expect(severityAt(known, until - before)).toEqual(["soon"]);
    expect(severityAt(known, until - 1)).toEqual(["soon"]);
    expect(severityAt(known, until)).toEqual(["now"]);
    expect(findAlerts({ ...nothing, ...known }, until)).toMatchObject([{ what, at: until }]);
  });
});

it("a list is spoken of 30 days after it was published, and where it never was", () => {
  const list = (publishedAt: number | null) => ({ lists: [{ name: "here/a", publishedAt }] });
  expect(severityAt(list(now - 30 * day + 1))).toEqual([]);
  expect(severityAt(list(now - 30 * day))).toEqual(["soon"]);
  expect(findAlerts({ ...nothing, ...list(null) }, now)).toEqual([
    { what: "list", name: "here/a", at: null, severity: "soon" },
  ]);
});

it("what has no end, or was taken back already, is not spoken of", () => {
  expect(findAlerts(nothing, now)).toEqual([]);
  const keys = [{ use: "edge", validUntil: Number.POSITIVE_INFINITY }] as const;
  const issuers = [issuer({}), issuer({ validUntil: now - day, revokedAt: now - 2 * day })];
  expect(findAlerts({ ...nothing, keys, issuers }, now)).toEqual([]);
});

it("an issuer without a name is called by its key", () => {
  const { name: _, ...nameless } = issuer({ validUntil: now });
  expect(findAlerts({ ...nothing, issuers: [nameless] }, now)).toMatchObject([{ name: "d6c98cb1ddb931cb" }]);
});
