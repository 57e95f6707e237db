/** The other end of reception-thread.ts. */
import { parentPort } from "node:worker_threads";
import { concatBytes } from "../../shared/bytes.ts";
import { receiveHere } from "../reception.ts";
import { type ReceptionAnswer, type ReceptionQuestion, unpack } from "./reception-thread.ts";

const answer = async (question: ReceptionQuestion): Promise<ReceptionAnswer> => {
  const { number, terminal, batch, key, head, hashes } = question;
  const held = { head, hashAt: (seq: number) => hashes.get(seq) ?? null };
  const reception = await receiveHere(terminal, unpack(batch), key, held);
  if (reception.kind !== "append") return { number, reception };
  const { entries } = reception;
  return {
    number,
    reception: {
      kind: "append",
      hashes: concatBytes(...entries.map(({ hash }) => hash)),
      columns: entries.map(({ at, kind }) => ({ at, kind })),
      head: reception.head,
    },
  };
};

parentPort?.on("message", async (question: ReceptionQuestion) => parentPort?.postMessage(await answer(question)));
