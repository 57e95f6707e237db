/** The city of the simulation: its keys, its bundle, and people with phones. Everything in it is made from names. */
import { deepStrictEqual } from "node:assert";
import type { InForce } from "../../kiosk/reading.ts";
import { type Bundle, signPolicy } from "../../shared/bundle.ts";
import { sha256, toHex } from "../../shared/bytes.ts";
import { decodeCbor, encodeCbor, labels, signSign1 } from "../../shared/cose.ts";
import { issueCredential, toQrText } from "../../shared/credential.ts";
import type { SigningKey } from "../../shared/keys.ts";
import { encodePolicy } from "../../shared/policy.ts";
import { openFirstRoot, type Root, signRoot } from "../../shared/root.ts";
import { packStatuses } from "../../shared/status-list.ts";
import { openTrust } from "../../shared/trust.ts";
import { samplePolicy } from "../sample.ts";
import { fingerprintOf, keyOf } from "./crypto.ts";
import { beginsAt } from "./device.ts";

/** A code that is shown; `identity`: of the presentation, by what the phone signed. */
export type ShownCode = { readonly text: string; readonly identity: string };
export type Phone = { readonly show: (at: number) => Promise<ShownCode> };

export type City = {
  readonly root: Root;
  readonly edgeKey: SigningKey;
  readonly inForce: InForce;
  readonly phones: readonly Phone[];
};

const phoneCount = 24;
const day = 86_400;
const statuses = [0, 1, 2, 3, 12, 13];

let made: Promise<City> | null = null;

/** The same for every world of this process. */
export const openCity = (): Promise<City> => {
  made ??= makeCity();
  return made;
};

const makeCity = async (): Promise<City> => {
  const [rootKey, publisher, edgeKey] = [await keyOf("root"), await keyOf("publisher"), await keyOf("edge")];
  const issuer = await keyOf("issuer");
  const rootBytes = await signRoot(
    {
      ...{ v: 1, version: 1, threshold: 1, roots: [{ jwk: rootKey.jwk }] },
      ...{ publishers: [{ jwk: publisher.jwk }], edges: [{ jwk: edgeKey.jwk }] },
    },
    [rootKey],
  );
  const root = await openFirstRoot(rootBytes, await sha256(rootBytes));
  const trust = await openTrust([
    { kid: issuer.kid, use: "citizen", jwk: issuer.jwk, programme: "here", lists: ["a"] },
  ]);
  if (root.kind !== "opened" || trust.kind === "invalid") throw new Error("the city has no root or no trust");
  const signedPolicy = await signPolicy(encodePolicy(samplePolicy), publisher);
  const bundle: Bundle = {
    root: root.value,
    manifest: {
      ...{ v: 1, operator: "o", version: 1, root: 1, artefacts: [] },
      ...{ issuedAt: beginsAt, expiresAt: beginsAt + 365 * day },
    },
    ...{ trust: trust.value, trustVersion: 1, policy: samplePolicy, staff: { v: 1, revoked: [] } },
    ...{ policyHash: toHex(await sha256(signedPolicy)), signedPolicy },
    lists: [
      {
        ...{ programme: "here", list: "a", version: 1, cuts: 7 },
        statuses: { packed: packStatuses(statuses), entries: statuses.length },
      },
    ],
  };
  const phones = [];
  for (let number = 0; number < phoneCount; number++) phones.push(await makePhone(issuer, number));
  return { root: root.value, edgeKey, inForce: { bundle, checkedAt: beginsAt }, phones };
};

const makePhone = async (issuer: SigningKey, number: number): Promise<Phone> => {
  const holder = await keyOf(`phone ${number}`);
  const index = number % statuses.length;
  const claims = { sub: `person-${String(number).padStart(4, "0")}`, iat: beginsAt - day, exp: beginsAt + 30 * day };
  const credential = await issueCredential({ ...claims, status: { uri: "a", index }, holder: holder.jwk }, issuer);
  const carried = decodeCbor(credential)?.value;
  deepStrictEqual(encodeCbor(carried), credential);
  return {
    // As `present` makes it, without reading the credential again each time.
    show: async (at) => {
      let identity = "";
      const signing: SigningKey = {
        ...holder,
        sign: (bytes) => {
          identity = fingerprintOf(bytes);
          return holder.sign(bytes);
        },
      };
      const bytes = await signSign1(new Map([[labels.kcwt, carried]]), encodeCbor(new Map([[6, at]])), signing);
      return { text: toQrText(bytes), identity };
    },
  };
};
