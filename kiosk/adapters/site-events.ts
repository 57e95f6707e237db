/**
 * Follows `GET /v1/site/events` (FORMATS, "HTTP"): one line a code that is used up where this terminal stands. While the
 * server can be reached it is asked again whenever the answer has ended, broke off or was silent for 40 s, after 1 to 60 s;
 * at once when the server is there again. What is no line of ours ends the answer, and a terminal goes on without.
 *
 * Of several terminals in one browser one follows at a time: a browser has six connections to one server, for all of them.
 */
import { readAnswer, type SpentCode, spentCode } from "../../shared/messages.ts";
import type { Reach } from "../reach.ts";
import { withLock } from "./locks.ts";
import { watchSilence } from "./silence.ts";

export type SiteEvents = {
  readonly open: (signal: AbortSignal) => Promise<Response>;
  readonly reach: Pick<Reach, "isOnline" | "onChange">;
  readonly hear: (spent: SpentCode) => void;
};

const silentMillisecondsMax = 40_000;
const pauseMilliseconds = { first: 1_000, max: 60_000 };
const lineLengthMax = 1_000;

export const followSite = ({ open, reach, hear }: SiteEvents): void => {
  let pause = pauseMilliseconds.first;
  let isFollowing = false;
  let wake = (): void => {};
  let leave = (): void => {};

  const follow = async (): Promise<void> => {
    if (!reach.isOnline()) return;
    const ended = new AbortController();
    leave = () => ended.abort();
    const silence = watchSilence(silentMillisecondsMax, leave);
    try {
      const response = await open(ended.signal);
      if (!response.ok || response.body === null) return await response.body?.cancel();
      await readLines(response.body, (line) => {
        silence.heard();
        pause = pauseMilliseconds.first;
        if (line !== "") hear(lineOf(line));
      });
    } catch {
      // As without a network.
    } finally {
      silence.end();
      ended.abort();
    }
  };

  const goOn = async (): Promise<void> => {
    isFollowing = true;
    while (reach.isOnline()) {
      await withLock("greenlane/site-events", follow);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pause * (0.5 + Math.random() / 2));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      pause = Math.min(2 * pause, pauseMilliseconds.max);
    }
    isFollowing = false;
  };

  const onChange = (): void => {
    if (!reach.isOnline()) leave();
    wake();
    if (reach.isOnline() && !isFollowing) void goOn();
  };
  reach.onChange(onChange);
  onChange();
};

const readLines = async (
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onLine: (line: string) => void,
): Promise<void> => {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    const { value } = await reader.read();
    if (value === undefined) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > lineLengthMax) throw new Error("a line without an end");
    for (const line of lines) onLine(line);
  }
};

const lineOf = (line: string): SpentCode => {
  const spent = readAnswer(spentCode, JSON.parse(line));
  if (spent === null) throw new Error("no line of ours");
  return spent;
};
