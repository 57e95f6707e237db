/**
 * The server: two processes with the real judgement over one SQLite ledger. A process may end at any await; what is committed
 * stays, until somebody restores a backup. A backup is how many additions there were: nothing in a ledger is edited.
 */
import { createSqliteLedger } from "../../edge-server/adapters/ledger-sqlite.ts";
import type { Sender } from "../../edge-server/auth.ts";
import { createLogIntake, type Judgement, type LogIntake } from "../../edge-server/log-intake.ts";
import type { Addition, Arrival, Ledger } from "../../edge-server/ports.ts";
import { type ProblemWord, problems } from "../../edge-server/problem.ts";
import type { Answer } from "../../kiosk/ports.ts";
import type { Bytes } from "../../shared/bytes.ts";
import { problemType } from "../../shared/messages.ts";
import type { City } from "./city.ts";
import { beginsAt } from "./device.ts";
import type { Dice } from "./dice.ts";
import type { Faults } from "./faults.ts";
import type { Life } from "./locks.ts";
import type { Scheduler } from "./scheduler.ts";

export type Added = { readonly arrival: Arrival; readonly addition: Addition };

export type ServerParts = {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: Faults;
  readonly city: City;
  readonly onCommitted: (added: Added) => void;
  /** It went back: this is what it has now. */
  readonly onRestored: (added: readonly Added[]) => void;
};

export type Server = {
  /** `answer` is called once, or never. True where this delivery met a fault here. */
  readonly take: (sender: Sender, batch: Bytes, answer: (answer: Answer<Bytes>) => void) => void;
  readonly faultsMet: () => number;
  readonly ledger: () => Ledger;
  readonly close: () => Promise<void>;
};

type Running = { readonly life: Life; readonly intake: LogIntake };

const processCount = 2;
/** Time stands still while the code has its turn: whoever rests for the machine's would come back hours later. */
const restAtOnce = async (): Promise<void> => {};
/** What was acknowledged is kept by terminals for 72 hours: a backup is never as old as that. */
const backupEveryMilliseconds = 6 * 3600 * 1000;

export const createServer = (parts: ServerParts): Server => {
  const { scheduler, dice, faults, city } = parts;
  let ledger = createSqliteLedger(":memory:");
  let added: Added[] = [];
  let backups: { readonly at: number; readonly count: number }[] = [{ at: 0, count: 0 }];
  let met = 0;
  const running: (Running | null)[] = Array.from({ length: processCount }, () => null);

  const pause = (life: Life, milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      scheduler.after(milliseconds, () => {
        if (life.isAlive) resolve();
      });
    });
  const forever = (): Promise<never> => new Promise(() => {});

  const backUp = (): void => {
    const newest = backups.at(-1)?.at ?? 0;
    if (scheduler.now() - newest < backupEveryMilliseconds) return;
    backups = [...backups.slice(-2), { at: scheduler.now(), count: added.length }];
  };

  const crash = (life: Life): void => {
    life.isAlive = false;
    const at = running.findIndex((each) => each?.life === life);
    if (at === -1) return;
    running[at] = null;
    scheduler.after(dice.between(500, 20_000), () => start(at));
  };

  const restore = async (): Promise<void> => {
    for (const each of running) if (each !== null) crash(each.life);
    backUp();
    const { count } = dice.pick(backups);
    backups = backups.filter((each) => each.count <= count);
    added = added.slice(0, count);
    await ledger.close();
    ledger = createSqliteLedger(":memory:");
    for (const { arrival, addition } of added) await ledger.settle(arrival, async () => ({ answer: null, addition }));
    parts.onRestored(added);
  };

  const ledgerOf = (life: Life): Ledger => ({
    ...ledger,
    settle: async (arrival, judge) => {
      await pause(life, dice.between(0.2, 20));
      const fault = faults.at("server");
      if (fault !== null) met += 1;
      if (fault === "unavailable") return { kind: "unavailable", cause: "the database is failing over" };
      if (fault === "restored-from-backup") {
        await restore();
        return forever();
      }
      backUp();
      let addition: Addition | null = null;
      const settled = await ledger.settle(arrival, async (held) => {
        const judged = await judge(held);
        await pause(life, dice.between(0.2, 5));
        if (fault === "crash-before-commit") {
          crash(life);
          return forever();
        }
        addition = judged.addition;
        return judged;
      });
      if (addition !== null) {
        added.push({ arrival, addition });
        parts.onCommitted({ arrival, addition });
      }
      if (fault === "crash-after-commit") {
        crash(life);
        return forever();
      }
      await pause(life, dice.between(0.2, 20));
      return settled;
    },
  });

  const start = (at: number): void => {
    const life = { isAlive: true };
    running[at] = { life, intake: createLogIntake(ledgerOf(life), async () => city.edgeKey, restAtOnce) };
  };
  for (let at = 0; at < processCount; at++) start(at);

  return {
    take: (sender, batch, answer) => {
      const alive = running.filter((each) => each !== null);
      if (alive.length === 0) return;
      const { life, intake } = dice.pick(alive);
      const now = beginsAt + Math.floor(scheduler.now() / 1000);
      void intake(sender, async () => ({ value: batch }), now).then(
        (read) => {
          if (life.isAlive && "value" in read) answer(answerTo(read.value));
        },
        () => {
          if (life.isAlive) answer(problemAnswer("internal"));
        },
      );
    },
    faultsMet: () => met,
    ledger: () => ledger,
    close: () => ledger.close(),
  };
};

/** As the route answers, and as the uplink reads that. */
const answerTo = (judgement: Judgement): Answer<Bytes> => {
  if (judgement.kind === "acked") return { kind: "answered", value: judgement.ack };
  return problemAnswer(judgement.kind, judgement.kind === "gap" ? { next: judgement.next } : {});
};

export const problemAnswer = (word: ProblemWord, extra: { readonly next?: number } = {}): Answer<Bytes> => {
  const [status, title] = problems[word];
  return { kind: "rejected", status, problem: { type: problemType(word), title, status, ...extra } };
};
