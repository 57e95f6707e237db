/** Reads what is proposed on the console, a pack's text or a list's file, as the command line reads it (see rehearsals.ts). */
import { createHash } from "node:crypto";
import { encodePolicy, type Pack } from "../shared/policy.ts";
import { listsMax } from "./list-artefact.ts";
import { compareLists } from "./list-change.ts";
import { judgePack } from "./pack-proposal.ts";
import { lineOf, reportPack } from "./pack-report.ts";
import { operatorCurrency } from "./policy.ts";
import type { ListName, ListRow, Registry } from "./ports.ts";
import { hashOf, type ReadProposed, type Refusal } from "./rehearsals.ts";
import { readScores } from "./scores-csv.ts";

/** Ten million rows and more; a pack is bounded by its JSON. */
export const listBytesMax = 256 * 1024 * 1024;

/** The pack's programme, and how to read it; or what is wrong. */
export const proposePack = (
  text: string,
  registry: Registry,
): { readonly kind: "pack"; readonly pack: Pack; readonly read: ReadProposed } | Refusal => {
  const report = reportPack(text, operatorCurrency);
  if (report.kind === "wrong") {
    const [first] = report.findings;
    return refuse(first === undefined ? "It is not a pack." : `Line ${lineOf(first)}`);
  }
  const { pack } = report;
  const read: ReadProposed = async () => {
    const judged = judgePack(pack, registry);
    if (judged.kind === "clash") return refuse(sentence(judged.problem));
    const { before, after, listsToPublishAnew } = judged;
    return {
      kind: "read",
      ...{ sha256: hashOf(text), version: pack.version, change: null },
      listsToPublishAnew: [...listsToPublishAnew],
      proposal: { kind: "policy", before, after },
      based: hashOf(encodePolicy(before)),
      base: () => {
        const now = judgePack(pack, registry);
        return now.kind === "clash" ? now.problem : hashOf(encodePolicy(now.before));
      },
      put: () => registry.putPack(pack),
    };
  };
  return { kind: "pack", pack, read };
};

/** `body`: cancelled when it is to stop, so that nobody waits for what a slow line may still bring. */
export const proposeList =
  (name: ListName, body: ReadableStream<Uint8Array> | null, registry: Registry): ReadProposed =>
  async (stop, onRead) => {
    const packNow = () => registry.packs().find(({ programme }) => programme === name.programme);
    const pack = packNow();
    if (pack === undefined) return refuse(`There is no programme ${name.programme}: publish its policy first.`);
    const lists = registry.lists();
    const isNew = !lists.some((row) => row.programme === name.programme && row.list === name.list);
    if (isNew && lists.length >= listsMax) return refuse(`There are ${listsMax} lists already.`);

    const hash = createHash("sha256");
    let isTooLarge = false;
    let isCut = false;
    const chunks = async function* () {
      const reader = body?.getReader();
      const end = (): void => void reader?.cancel().catch(() => {});
      stop.addEventListener("abort", end);
      let bytes = 0;
      try {
        for (;;) {
          const next = await reader?.read();
          if (next === undefined || next.value === undefined) return;
          bytes += next.value.length;
          isTooLarge = bytes > listBytesMax;
          if (isTooLarge) return;
          hash.update(next.value);
          yield next.value;
          await new Promise<void>((resolve) => setImmediate(resolve)); // whoever waits for an ack goes first
        }
      } catch {
        isCut = true;
      } finally {
        stop.removeEventListener("abort", end);
        end();
      }
    };
    const scores = await readScores(chunks(), pack, onRead);
    if (isTooLarge) return { kind: "refused", problem: "too-large", detail: `At most ${listBytesMax} bytes.` };
    if (isCut || stop.aborted) return { kind: "refused", problem: "malformed", detail: "The file was cut off." };
    if (scores.kind === "invalid") return refuse(`Line ${scores.line}: ${scores.problem}.`);

    const { packed, entries, rows } = scores;
    const cuts = pack.cuts.version;
    const old = registry.list(name);
    const { moves, ...compared } = compareLists(old, { packed, entries, cuts }, pack);
    const isOnly = lists.filter(({ programme }) => programme === name.programme).length === 1;
    const policy = isOnly && moves !== null ? judgePack(pack, registry) : null;
    return {
      kind: "read",
      ...{ sha256: hash.digest("hex"), version: null, listsToPublishAnew: [] },
      change: { rows, entries, ...compared, restrictions: registry.restrictions(name).length },
      proposal:
        policy?.kind === "fits" && moves !== null
          ? { kind: "list", policy: policy.after, programme: name.programme, moves }
          : null,
      based: baseOf(pack, old),
      base: () => baseOf(packNow(), registry.list(name)),
      put: () => {
        const version = (registry.list(name)?.version ?? 0) + 1;
        registry.putList({ ...name, version, cuts, entries, packed });
      },
    };
  };

const baseOf = (pack: Pack | undefined, list: ListRow | null): string =>
  hashOf(JSON.stringify(pack ?? null), list?.packed ?? "none");

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const refuse = (detail: string): Refusal => ({ kind: "refused", problem: "proposal-refused", detail });
