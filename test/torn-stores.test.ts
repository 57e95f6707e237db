/** What counts by itself once it is written is there, whatever a power cut takes of a transaction (database.ts). */
import { expect, test } from "vitest";
import type { Database } from "../kiosk/adapters/database.ts";
import { bundleStore } from "../kiosk/adapters/store-bundle.ts";
import { carriedStore } from "../kiosk/adapters/store-carried.ts";
import { identityStore } from "../kiosk/adapters/store-identity.ts";
import type { StoredBundle } from "../kiosk/ports.ts";
import { toBase64url, toUtf8 } from "../shared/bytes.ts";
import { createDatabaseDisk, openSimulatedDatabase } from "./sim/database.ts";

/** A database that begins a new file in the middle of a transaction, `torn` writes after it began. */
const createTorn = () => {
  const tear = { torn: 0 };
  const disk = createDatabaseDisk(
    () => 0,
    (writes) => Math.min(tear.torn, writes),
  );
  const db: Database = openSimulatedDatabase(disk, (_, transact) => transact(() => {}));
  return { tear, disk, db };
};

const bundleOf = (version: number): StoredBundle => ({
  roots: [toUtf8("root 1")],
  newestRoots: [toUtf8(`root ${version}`)],
  manifest: toUtf8(`manifest ${version}`),
  artefacts: new Map(["trust", "policy", "list"].map((name) => [name, toUtf8(`${name} ${version}`)])),
  checkedAt: version,
});

test.each(Array.from({ length: 13 }, (_, gone) => gone))("a bundle, %i writes of which are gone", async (gone) => {
  const { tear, disk, db } = createTorn();
  const { artefacts, ...rows } = bundleOf(2);
  await bundleStore(db).write(bundleOf(1));
  tear.torn = gone;
  await bundleStore(db).write({ artefacts, ...rows });
  disk.cutPower();
  expect(Object.fromEntries(disk.rows("bundle"))).toEqual(rows);
  expect(disk.rows("artefacts")).toEqual(artefacts);
});

test("another terminal's rescue", async () => {
  const { tear, disk, db } = createTorn();
  const carried = { id: "a", terminal: "t-2", entries: 3, sealed: toUtf8("sealed") };
  tear.torn = 1;
  await carriedStore(db).put(carried);
  disk.cutPower();
  expect([...disk.rows("carried").values()]).toEqual([carried]);
});

test("who this terminal is", async () => {
  const { tear, disk, db } = createTorn();
  const answer = { terminal: "t-1", root: "cm9vdA", operatorKey: toBase64url(new Uint8Array(32)) };
  type Write = Parameters<ReturnType<typeof identityStore>["write"]>;
  tear.torn = 1;
  await identityStore(db).write(answer as Write[0], toUtf8("hash"), {} as Write[2]);
  disk.cutPower();
  expect(disk.rows("meta").get("identity")).toMatchObject({ terminal: "t-1", firstRoot: toUtf8("root") });
});
