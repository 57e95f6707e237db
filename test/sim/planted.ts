/**
 * Bugs that the simulation must find: each replaces one text in one file (plant.ts). Most are ones that others have shipped
 * (FIELD, part 4), or that this code could have been written with. `seed`: one that finds it, for a quick check.
 */

/** The worlds that they are looked for in: the network is worse than usual. */
export const plantedWorld = { taps: 200, terminals: 2, share: 0.01, shares: { delivery: 0.15, server: 0.03 } } as const;
export const harshWorld = { ...plantedWorld, share: 0.03 } as const;

export type Planted = {
  readonly name: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
  readonly why: string;
  readonly seed: number;
  /** Looked for where three times as much goes wrong. */
  readonly isRare: boolean;
};

const bug = (
  name: string,
  file: string,
  find: string,
  replace: string,
  why: string,
  seed = 1,
  isRare = false,
): Planted => ({
  ...{ name, file, find, replace, why, seed, isRare },
});

export const planted: readonly Planted[] = [
  /* Disks. */
  bug(
    "relaxed-durability",
    "test/sim/database.ts",
    "const isStrict = true;",
    "const isStrict = false as boolean;",
    "the default of IndexedDB: a power cut takes what was answered",
    1,
  ),
  bug(
    "no-page-lock",
    "test/sim/locks.ts",
    "const isExclusive = true;",
    "const isExclusive = false as boolean;",
    "two tabs serve at once",
    5,
  ),
  bug(
    "file-not-flushed",
    "kiosk/journal-files.ts",
    "    writeAt(handle, index.end, bytes);\n    handle.flush();",
    "    writeAt(handle, index.end, bytes);",
    "a file that is written is not on the disk",
    1,
  ),
  bug(
    "short-write-ignored",
    "kiosk/journal-files.ts",
    "if (handle.write(bytes, { at }) !== bytes.length) throw",
    "if (handle.write(bytes, { at }) < 0) throw",
    "the disk took a part, and nobody looked",
    9,
  ),
  bug(
    "no-checksum",
    "kiosk/journal-file.ts",
    "checksumOf(content) === checksum ?",
    "checksum >= 0 ?",
    "a flipped bit in the file is believed",
    40,
  ),
  bug(
    "append-overwrites",
    "kiosk/adapters/store-log.ts",
    'tx.objectStore("log").add(entry)),',
    'tx.objectStore("log").put({ ...entry, personal: null })),',
    "what is personal is dropped on the way to the disk",
    1,
  ),
  bug(
    "cursor-not-kept",
    "kiosk/adapters/store-log.ts",
    'seq > ackedSeq && store.put(seq, "ackedSeq"),',
    "",
    "the cursor is only in memory",
    2,
  ),
  bug(
    "head-not-beside",
    "kiosk/adapters/store-log.ts",
    '        tx.objectStore("meta").put(next, "head"),\n',
    "",
    "the head is not in the transaction of its entry",
    1,
  ),

  /* The log. */
  bug(
    "act-before-append",
    "kiosk/twin-log.ts",
    "await Promise.race([inBoth, theirs",
    "void Promise.race([inBoth, theirs",
    "an append is answered before it is durable",
    1,
  ),
  bug(
    "write-not-awaited",
    "kiosk/lane.ts",
    "const ref = await journal.write(decided, personalOf(shown, asked), at);",
    "const ref = { terminal: 't-1', epoch: '', seq: journal.head().seq + 1 }; void journal.write(decided, personalOf(shown, asked), at);",
    "the gate moves for what is not yet written",
    1,
  ),
  bug(
    "second-copy-answers-early",
    "kiosk/log-follower.ts",
    "      await goOnWith(catchUp);\n      return head !== null && head.seq >= entry.seq;",
    "      void goOnWith(catchUp);\n      return true;",
    "the second copy says that it has what it was only asked for",
    1,
  ),
  bug(
    "unread-is-written-over",
    "kiosk/log-follower.ts",
    "        isUnread = true;\n        fall(reason);\n        return null;",
    "        fall(reason);\n        return null;",
    "a second copy that could not be read is written over, with an entry that it alone had",
    45,
    true,
  ),
  bug(
    "seq-from-a-count",
    "kiosk/twin-log.ts",
    "    known = result.content;\n",
    "    const { head } = result.content;\n    known = { ...result.content, head: { ...head, seq: (await first.read(1, 1e4)).length } };\n",
    "the newest seq is taken from how many there are, and older ones were pruned",
    2,
    true,
  ),
  bug(
    "epoch-reused",
    "kiosk/twin-log.ts",
    "known = await begin({ terminal, epoch: random.bytes(16) }, result.floorAt);",
    "known = await begin({ terminal, epoch: new Uint8Array(16) }, result.floorAt);",
    "a terminal that lost its log begins under the same name again",
    17,
  ),
  bug(
    "first-copy-wins",
    "kiosk/twin-log.ts",
    "const found = [...ofFirst, ...(ofSecond ?? [])];",
    "const found = [...ofFirst];",
    "the second copy is never looked at",
    3,
  ),
  bug(
    "damaged-not-repaired",
    "kiosk/twin-log.ts",
    "      await first.rewrite(content);\n      findings",
    "      findings",
    "a damaged database is gone on with as it is",
    10,
  ),
  bug(
    "hash-not-woven",
    "kiosk/log-weave.ts",
    "follows: before.filter((_, at) => equalBytes(next[at]?.hash ?? hash, hash))",
    "follows: before.filter((_, at) => next[at] !== undefined)",
    "an altered entry is taken for a link of the chain",
    9,
  ),
  bug(
    "remains-not-kept",
    "kiosk/twin-log.ts",
    "if (others.length > 0) await first.keepRemains(copy, others);",
    "",
    "what was never told of a lost log is thrown away",
    19,
  ),
  bug(
    "remains-not-told",
    "kiosk/terminal.ts",
    "retellRemains({ log: parts.log, journal, clock, run });",
    "",
    "what remained is never told",
    9,
  ),
  bug(
    "fork-goes-on",
    "kiosk/twin-log.ts",
    "known = await begin({ terminal: chain.terminal, epoch: random.bytes(16) }, floorAt);",
    "known = await begin(chain, floorAt);",
    "after a fork the same name is used again",
    19,
  ),
  bug(
    "prune-before-ack",
    "kiosk/adapters/store-log.ts",
    'return Math.min(due + 1, (await meta(tx, "ackedSeq")) ?? 0);',
    'return ((await meta(tx, "head"))?.seq ?? 0) - 2;',
    "entries leave by age, told or not",
    42,
  ),
  bug(
    "prune-on-ack",
    "kiosk/adapters/store-log.ts",
    'const until = ((await meta(tx, "floorAt")) ?? 0) - keptSeconds;',
    'const until = (await meta(tx, "floorAt")) ?? 0;',
    "what was acknowledged goes at once, and a restored server misses it",
    5,
  ),

  /* The terminal. */
  bug("replay-memory-lost", "kiosk/terminal.ts", "recall(memory, known);", "", "a restart forgets who was let in", 5),
  bug(
    "bounce-not-remembered",
    "kiosk/memory.ts",
    "seen.set(identity, { at: decided.at, windowUntil, lastTicks: ticks ?? Number.NEGATIVE_INFINITY });",
    "",
    "one presentation lets in again and again",
    1,
  ),
  bug(
    "replay-forgotten-early",
    "kiosk/memory.ts",
    "if (each.windowUntil < now) seen.delete(identity);",
    "if (each.at < now - 10) seen.delete(identity);",
    "a presentation is good for longer than it is remembered",
    10,
  ),
  bug(
    "floor-not-kept",
    "kiosk/journal.ts",
    "let floorAt = stored.floorAt;",
    "let floorAt = 0;",
    "a clock that is set back makes old codes good again",
    1,
  ),
  bug(
    "outcome-lost",
    "kiosk/lane.ts",
    '    await journal.write(\n      { kind: "acted",',
    '    if (acted.outcome === "completed") await journal.write(\n      { kind: "acted",',
    "what became of it is only written when it went well",
    1,
  ),
  bug(
    "outcome-always-completed",
    "kiosk/lane.ts",
    "...told },",
    '...told, outcome: "completed" },',
    "a gate that did not turn is charged",
    1,
  ),
  bug(
    "act-twice",
    "kiosk/lane.ts",
    "const acted = await actuator.perform(command, ref);",
    "await actuator.perform(command, ref);\n    const acted = await actuator.perform(command, ref);",
    "the machine moves twice for one permit",
    1,
  ),
  bug(
    "refusals-after-the-act",
    "kiosk/lane.ts",
    "    await refusals.flush();\n    const decidedAt",
    "    const decidedAt",
    "a run of refusals is written after what came behind it",
    1,
  ),
  bug(
    "refusals-forgotten-at-stop",
    "kiosk/terminal.ts",
    "      run(refusals.flush);\n      await queue;",
    "      await queue;",
    "what was open when the page was closed is not written",
    41,
  ),

  /* The outbox. */
  bug(
    "any-2xx-moves-the-cursor",
    "kiosk/outbox.ts",
    'if (ack === null) return fail("an ack that no edge key signed");',
    "if (ack === null) { cursor.move(head().seq, now()); next = head().seq + 1; return true; }",
    "a captive portal's answer counts as the server's",
    1,
  ),
  bug(
    "500-is-success",
    "kiosk/outbox.ts",
    'return answer.kind === "rejected" ? takeRejected(answer) : takeAck(answer.value, batch.last);',
    'if (answer.kind === "rejected") { cursor.move(batch.last.seq, now()); next = batch.last.seq + 1; return true; }\n    return takeAck(answer.value, batch.last);',
    "Workbox: an answer is an answer",
    2,
  ),
  bug(
    "ack-not-verified",
    "shared/sync.ts",
    '(await verifySign1(signed.sign1, key)) !== "ok"',
    "key.kid.length === 0",
    "whoever knows the name of a key can acknowledge",
    3,
  ),
  bug(
    "ack-of-another-chain",
    "shared/sync.ts",
    "return isOfChain(ack, chain) && ours !== null && equalBytes(ours, ack.hash) ? ack.seq : null;",
    "return ours !== null || isOfChain(ack, chain) ? ack.seq : null;",
    "an ack of another terminal moves the cursor",
    70,
  ),
  bug(
    "cursor-before-the-answer",
    "kiosk/outbox.ts",
    '    if (answer.kind === "unreachable") return fail(null);',
    '    await log.acknowledge(batch.last.seq, now());\n    if (answer.kind === "unreachable") return fail(null);',
    "what was sent counts as told",
    1,
  ),
  bug(
    "gap-is-skipped",
    "kiosk/outbox.ts",
    "        next = from;\n        gaps += 1;",
    "        next = head().seq + 1;\n        gaps += 1;",
    "what the ledger misses is passed over",
    1,
  ),
  bug(
    "gap-ignored",
    "kiosk/outbox.ts",
    "        next = from;\n        gaps += 1;",
    "        gaps += 1;",
    "a restored server asks again, and is not heard",
    1,
  ),
  bug(
    "personal-not-sent",
    "shared/batch.ts",
    "  writeBytes(place, bytes);\n  if (personal === null) {",
    "  writeBytes(place, bytes);\n  if (personal === null || place.at > 0) {",
    "what is personal never leaves the terminal",
    1,
  ),

  /* The server. */
  bug(
    "ack-before-commit",
    "edge-server/log-intake.ts",
    "  const settled = await ledger.settle(arrival, judgeBatch(edgeKey, chain, sender, batch, now));\n",
    '  const head = await ledger.head(chain);\n  const judged = await judgeBatch(edgeKey, chain, sender, batch, now)({ head, hashAt: () => null });\n  const settling = ledger.settle(arrival, judgeBatch(edgeKey, chain, sender, batch, now));\n  if (judged.answer.kind === "acked") return judged.answer;\n  const settled = await settling;\n',
    "the ack leaves before what it says is durable",
    116,
  ),
  bug(
    "dedup-by-seq-only",
    "shared/sync.ts",
    "each.seq <= held.head.seq && !isHeld(held, each)",
    "each.seq <= held.head.seq && held.hashAt(each.seq) === null",
    "another history under the same numbers is taken for the same",
    114,
  ),
  bug(
    "fork-merged",
    "shared/sync.ts",
    'if (forked !== undefined) return { kind: "fork", seq: forked.seq };',
    "",
    "a second history is sewn to the first",
    114,
  ),
  bug(
    "gap-accepted",
    "shared/sync.ts",
    'if (batch.from > held.head.seq + 1) return { kind: "gap", next: held.head.seq + 1 };',
    'if (batch.from > held.head.seq + 1) return { kind: "append", entries: [], head: held.head };',
    "what is missing is acknowledged as far as it is there, and never asked for",
    1,
  ),
  bug(
    "checkpoint-not-compared",
    "shared/sync.ts",
    "if (last === undefined || checkpoint.seq !== last.seq || !equalBytes(checkpoint.hash, last.hash)) {",
    "if (last === undefined) {",
    "bytes that were altered on the way are stored",
    1,
  ),
  bug(
    "every-batch-is-new",
    "shared/sync.ts",
    "const fresh = entries.filter((each) => each.seq > held.head.seq);",
    "const fresh = entries;",
    "what was there already is stored once more",
    1,
  ),
];
