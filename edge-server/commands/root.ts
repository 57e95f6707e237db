/** `root rotate`, `root list`: the operator's own keys, and what to do when one is stolen. */
import { sha256, toHex } from "../../shared/bytes.ts";
import type { PublicKey } from "../../shared/keys.ts";
import { isValidAt, type Root, type TimedKey } from "../../shared/root.ts";
import type { Instant } from "../../shared/terms.ts";
import { type Command, refuse, tableOf } from "../command.ts";
import { type KeyUse, kidsOf } from "../keys.ts";
import { openAllRoots } from "../root-chain.ts";

const uses = ["publisher", "edge", "root"] as const satisfies readonly KeyUse[];

export const rotateRoot: Command = {
  name: "root rotate",
  usage: "[--publisher] [--edge] [--root] [--json]",
  about: `Makes new keys for these uses and the next root, signed by the thresholds of both, and publishes everything anew.
A publisher key that was stolen is worth nothing from then on; an edge key acknowledges nothing more, and what it
acknowledged before still audits. Terminals follow with their next bundle, running servers at once.`,
  options: [],
  flags: uses,
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  isForPublisher: true,
  run: async ({ hasFlag }, edges) => {
    const wanted = new Set<KeyUse>(uses.filter(hasFlag));
    if (wanted.size === 0) return refuse("say which keys: --publisher, --edge or --root");
    const { publisher } = await edges.open();
    const published = await publisher.rotate(wanted);
    const keys = await publisher.keys();
    const version = 1 + published.laterRoots.length;
    const made = uses
      .filter((use) => wanted.has(use))
      .map((use) => ({ use, kid: use === "root" ? (keys.roots[0]?.kid ?? "") : keys[use].kid }));
    return {
      kind: "answered",
      json: { root: version, keys: made, bundle: published.version },
      text: [
        `Root ${version} is in force with bundle ${published.version}.`,
        ...made.map(({ use, kid }) => `The ${use} key is ${kid} now.`),
      ].join("\n"),
    };
  },
};

export const listRoots: Command = {
  name: "root list",
  usage: "[--json]",
  about: "Lists the keys of the newest root and what has become of earlier ones.",
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: true,
  run: async (_, edges) => {
    const { publisher, keys } = await edges.open();
    const { firstRoot, laterRoots } = await publisher.current();
    const roots = await openAllRoots(firstRoot, laterRoots);
    const held = kidsOf(await keys.held());
    const rows = listKeys(roots, edges.now()).map((row) => ({ ...row, isHere: held.has(row.kid) }));
    const newest = roots.at(-1);
    const pin = toHex(await sha256(firstRoot));
    return {
      kind: "answered",
      json: { root: roots.length, firstRoot: pin, threshold: newest?.threshold, keys: rows },
      text: [
        `The SHA-256 of the first root: ${pin}`,
        `Root ${roots.length}, signed by ${newest?.threshold} of ${newest?.roots.length}.`,
        tableOf(
          rows.map(({ kid, use, state, sinceRoot, validFrom, validUntil, isHere }) => [
            kid,
            use,
            state,
            `since root ${sinceRoot}`,
            [validFrom === null ? "" : `from ${validFrom}`, validUntil === null ? "" : `until ${validUntil}`]
              .join(" ")
              .trim(),
            isHere ? "" : "not held here",
          ]),
        ),
      ].join("\n"),
    };
  },
};

type KeyRow = {
  readonly kid: string;
  readonly use: KeyUse;
  /** `replaced`: the newest root does not name it. `over`: its time is. */
  readonly state: "in force" | "over" | "replaced";
  readonly sinceRoot: number;
  readonly validFrom: Instant | null;
  readonly validUntil: Instant | null;
};

/** Each key as the newest root that names it says. */
const listKeys = (roots: readonly Root[], now: Instant): readonly KeyRow[] => {
  const rows = new Map<string, KeyRow>();
  for (const root of roots) {
    const isNewest = root === roots.at(-1);
    for (const { use, timed } of keysIn(root)) {
      const { kid } = timed.key;
      rows.set(kid, {
        kid,
        use,
        state: !isNewest ? "replaced" : isValidAt(timed, now) ? "in force" : "over",
        sinceRoot: rows.get(kid)?.sinceRoot ?? root.version,
        validFrom: timed.validFrom === 0 ? null : timed.validFrom,
        validUntil: timed.validUntil === Number.MAX_SAFE_INTEGER ? null : timed.validUntil,
      });
    }
  }
  return [...rows.values()];
};

const keysIn = (root: Root): readonly { readonly use: KeyUse; readonly timed: TimedKey }[] => [
  ...root.roots.map((key) => ({ use: "root", timed: unbounded(key) }) as const),
  ...root.publishers.map((timed) => ({ use: "publisher", timed }) as const),
  ...root.edges.map((timed) => ({ use: "edge", timed }) as const),
];

const unbounded = (key: PublicKey): TimedKey => ({ key, validFrom: 0, validUntil: Number.MAX_SAFE_INTEGER });
