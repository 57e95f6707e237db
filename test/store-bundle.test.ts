/** The bundle on disk: one that is written is there, whatever a power cut takes of the transaction. */
import { expect, test } from "vitest";
import { bundleStore } from "../kiosk/adapters/store-bundle.ts";
import type { StoredBundle } from "../kiosk/ports.ts";
import { toUtf8 } from "../shared/bytes.ts";
import { createDatabaseDisk, openSimulatedDatabase } from "./sim/database.ts";

const bundleOf = (version: number): StoredBundle => ({
  roots: [toUtf8("root 1")],
  newestRoots: [toUtf8(`root ${version}`)],
  manifest: toUtf8(`manifest ${version}`),
  artefacts: new Map(["trust", "policy", "list"].map((name) => [name, toUtf8(`${name} ${version}`)])),
  checkedAt: version,
});

test("a database that begins a new file in the middle of it, and loses its power then", async () => {
  const before = bundleOf(1);
  const next = bundleOf(2);
  for (let gone = 0; gone <= 12; gone++) {
    let torn = 0;
    const disk = createDatabaseDisk(
      () => 0,
      (writes) => Math.min(torn, writes),
    );
    const store = bundleStore(openSimulatedDatabase(disk, (_, transact) => transact(() => {})));
    await store.write(before);
    torn = gone;
    await store.write(next);
    disk.cutPower();
    const { artefacts, ...rows } = next;
    expect(Object.fromEntries(disk.rows("bundle")), `${gone}`).toEqual(rows);
    expect(disk.rows("artefacts"), `${gone}`).toEqual(artefacts);
  }
});
