/**
 * What hands entries over without a network, wired: the desk where staff do it, and the carrier of other terminals'. A
 * terminal has its desk before its log is open: where that does not succeed, what can be read of it is still to be had.
 */
import type { PublicKey } from "../../shared/keys.ts";
import type { Instant } from "../../shared/terms.ts";
import { browserClock as clock } from "../adapters/clock.ts";
import type { Database } from "../adapters/database.ts";
import { gunzip, gzip } from "../adapters/gzip.ts";
import { browserRandom as random } from "../adapters/random.ts";
import { openFile, saveFile } from "../adapters/rescue-file.ts";
import { carriedStore, findRemains } from "../adapters/store-carried.ts";
import { databaseCopy } from "../adapters/store-log.ts";
import type { Display } from "../display.tsx";
import type { Identity, LogCopy, Uplink } from "../ports.ts";
import { type Carrier, createCarrier } from "./carrier.ts";
import { createRescueDesk, type DeskParts, type RescueDesk } from "./desk.ts";
import { gatherRescues, type RescueParts } from "./gather.ts";

export type RescueEdges = {
  readonly identity: Identity;
  readonly database: Database;
  /** The log's second copy. */
  readonly second: Pick<LogCopy, "find">;
  readonly display: Pick<Display, "showOver" | "offerHandOver" | "shown">;
};

export type ServingEdges = {
  readonly uplink: Uplink;
  readonly edgeKeys: () => readonly PublicKey[];
  readonly now: () => Instant;
};

export type Rescue = {
  /** Nobody writes yet. */
  readonly desk: RescueDesk;
  /** The second copy is busy following the first: it is asked only where the first cannot be read. */
  readonly whileServing: (serving: ServingEdges) => { readonly desk: RescueDesk; readonly carrier: Carrier };
};

export const wireRescue = ({ identity, database, second, display }: RescueEdges): Rescue => {
  const kept = [databaseCopy(database).find, () => findRemains(database)];
  type Edges = Pick<RescueParts, "sources" | "spare" | "now"> & Pick<DeskParts, "carrier">;

  const openDesk = ({ carrier, ...edges }: Edges): RescueDesk =>
    createRescueDesk({
      terminal: identity.terminal,
      gather: () => gatherRescues({ identity, gzip, random, ...edges }),
      show: display.showOver,
      ...{ carrier, saveFile, openFile, clock },
      loadQr: async () => (await import("../wallet/adapters/qr.ts")).drawQr,
    });

  display.offerHandOver();
  return {
    desk: openDesk({ sources: () => [...kept, second.find], spare: async () => [], now: clock.now, carrier: null }),
    whileServing: ({ uplink, edgeKeys, now }) => {
      const store = carriedStore(database);
      // Of a terminal whose disk failed, the newest entry may be in the second copy alone.
      const isServing = () => display.shown().screen.name !== "out-of-service";
      const sources = () => (isServing() ? kept : [...kept, second.find]);
      const carrier = createCarrier({ store, identity, uplink, edgeKeys, gunzip, clock, random });
      return { carrier, desk: openDesk({ sources, spare: second.find, now, carrier }) };
    },
  };
};
