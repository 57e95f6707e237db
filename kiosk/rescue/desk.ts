/**
 * Where staff hand entries over without a network: take this terminal's off it, as a file or as a moving code, and bring
 * those of another one. Nothing is removed by it and everything is sealed, so anybody may stand here; it gives way to
 * whoever is served, and closes by itself when nobody uses it any more.
 *
 * The moving code runs at `framesPerSecond`, or slower, for `movingSecondsMax`; then it counts as unused.
 */

import { type Bytes, concatBytes } from "../../shared/bytes.ts";
import { rescueBytesMax } from "../../shared/rescue.ts";
import {
  type Assembly,
  addFrame,
  encodeFrames,
  framePrefix,
  isComplete,
  joinFrames,
  readFrame,
} from "../../shared/rescue-frames.ts";
import { createIdle } from "../idle.ts";
import type { Clock, Scan } from "../ports.ts";
import type { HandOver, HandOverNotice, Press, Screen } from "../session.ts";
import type { Carrier } from "./carrier.ts";
import type { Gathered } from "./gather.ts";

export type DrawQr = (text: string, level: "M") => { readonly size: number; readonly path: string };

export type DeskParts = {
  readonly terminal: string;
  readonly gather: () => Promise<Gathered>;
  /** Null where this terminal has no bundle and cannot take anything over. */
  readonly carrier: Pick<Carrier, "take" | "pending"> | null;
  /** Over what the terminal shows; null: no more. */
  readonly show: (screen: HandOver | null) => void;
  /** Fetched only where it is needed. */
  readonly loadQr: () => Promise<DrawQr>;
  /** Null where nobody chose a file. */
  readonly saveFile: (name: string, bytes: Bytes) => Promise<"saved" | null>;
  readonly openFile: (bytesMax: number) => Promise<Bytes | null>;
  readonly clock: Clock;
};

export type RescueDesk = {
  /** True where the press was meant for the desk. */
  readonly press: (press: Press) => boolean;
  /** True where the text was. */
  readonly sight: (scan: Scan) => boolean;
  /** What the terminal shows now. */
  readonly give: (screen: Screen) => void;
  readonly isOpen: () => boolean;
};

export const framesPerSecond = { usual: 8, slow: 3 };
const movingSecondsMax = 600;
/** Two and a half minutes for one round. More than that goes into a file. */
const framesShownMax = 1200;
const fileBytesMax = 32 * rescueBytesMax;

type Menu = Extract<HandOver, { readonly stage: "menu" }>;

export const createRescueDesk = (parts: DeskParts): RescueDesk => {
  const { clock, carrier } = parts;
  let screen: HandOver | null = null;
  let unsent: number | null = null;
  let canMove = false;
  let texts: readonly string[] = [];
  let drawQr: DrawQr | null = null;
  let movingFromTicks = 0;
  let assembly: Assembly | null = null;
  let cancelStep = (): void => {};

  const idle = createIdle(
    clock,
    (warning) => {
      if (screen !== null) put({ ...screen, warning });
    },
    () => close(),
  );

  const put = (next: HandOver): void => {
    screen = next;
    parts.show(next);
  };

  const menu = (notice: HandOverNotice | null): Menu => ({
    name: "hand-over",
    warning: null,
    stage: "menu",
    unsent,
    canMove,
    canTake: carrier !== null,
    carried: carrier?.pending() ?? 0,
    notice,
  });

  /** Back to the menu, unless the desk was closed meanwhile. */
  const goBack = (notice: HandOverNotice | null): void => {
    if (screen === null) return;
    cancelStep();
    [texts, assembly] = [[], null];
    idle.touch();
    put(menu(notice));
  };

  const close = (): void => {
    cancelStep();
    idle.stop();
    [screen, texts, assembly] = [null, [], null];
    parts.show(null);
  };

  /** Said in the menu, also what goes wrong on the way. */
  const attempt = (work: () => Promise<HandOverNotice | null>): void => {
    work().then(goBack, (reason: unknown) => goBack(failed(reason instanceof Error ? reason.message : String(reason))));
  };

  const gather = async (): Promise<Gathered> => {
    const gathered = await parts.gather();
    const [sealed, ...others] = gathered.rescues;
    const frames = sealed === undefined || others.length > 0 ? [] : await encodeFrames(sealed);
    [unsent, canMove] = [gathered.entries, frames.length > 0 && frames.length <= framesShownMax];
    return gathered;
  };

  /** Whoever went on meanwhile is not called back. */
  const count = async (): Promise<void> => {
    const { unread } = await gather();
    const notice = unread.length === 0 ? null : failed(unread.join("; "));
    if (screen?.stage === "menu") put({ ...menu(notice), warning: screen.warning });
  };

  const save = async (): Promise<HandOverNotice | null> => {
    const { entries, rescues } = await gather();
    const day = new Date(clock.now() * 1000).toISOString().slice(0, 10);
    const saved = await parts.saveFile(`greenlane-rescue-${parts.terminal}-${day}.glr`, concatBytes(...rescues));
    return saved === null ? null : { kind: "saved", entries };
  };

  const startMoving = async (): Promise<void> => {
    const [sealed] = (await gather()).rescues;
    drawQr ??= await parts.loadQr();
    if (sealed === undefined || !canMove || screen?.stage !== "menu") return goBack(null);
    texts = await encodeFrames(sealed);
    movingFromTicks = clock.ticks();
    showFrame(0, { isPaused: false, isSlow: false });
  };

  const showFrame = (at: number, pace: Pace): void => {
    cancelStep();
    const index = at % texts.length;
    const text = texts[index] ?? "";
    const code = { text, ...(drawQr?.(text, "M") ?? { size: 0, path: "" }) };
    const warning = screen?.warning ?? null;
    put({ name: "hand-over", warning, stage: "moving", code, frame: index + 1, frames: texts.length, ...pace });
    if (pace.isPaused) return;
    if (clock.ticks() - movingFromTicks < movingSecondsMax * 1000) idle.touch();
    const seconds = 1 / (pace.isSlow ? framesPerSecond.slow : framesPerSecond.usual);
    cancelStep = clock.after(seconds, () => {
      if (screen?.stage === "moving") showFrame(index + 1, pace);
    });
  };

  const finishTaking = async (complete: Assembly): Promise<HandOverNotice> => {
    const sealed = await joinFrames(complete);
    return sealed === null ? { kind: "refused", fault: "altered" } : takeFile(sealed);
  };

  const takeFile = async (file: Bytes): Promise<HandOverNotice> => {
    const taken = await carrier?.take(file);
    if (taken === undefined) throw new Error("nothing can be taken over here yet");
    return taken.refused === null
      ? { kind: "taken", entries: taken.entries }
      : { kind: "refused", fault: taken.refused };
  };

  const openFile = async (): Promise<HandOverNotice | null> => {
    const file = await parts.openFile(fileBytesMax);
    return file === null ? null : takeFile(file);
  };

  const open = (): void => {
    [unsent, canMove] = [null, false];
    put(menu(null));
    idle.touch();
    count().catch((reason: unknown) => goBack(failed(String(reason))));
  };

  const change = (at: HandOver, press: Press): void => {
    switch (press.kind) {
      case "save-file":
        attempt(save);
        break;
      case "show-moving":
        startMoving().catch((reason: unknown) => goBack(failed(String(reason))));
        break;
      case "take-over":
        put({ name: "hand-over", warning: null, stage: "taking", read: 0, total: null });
        break;
      case "open-file":
        attempt(openFile);
        break;
      case "pause":
      case "slow":
        if (at.stage === "moving") showFrame(at.frame - 1, changePace(at, press.kind));
        break;
      case "back":
        goBack(null);
        break;
      case "leave":
        close();
    }
  };

  return {
    press: (press) => {
      if (press.kind === "hand-over") open();
      else if (screen === null) return false;
      else {
        idle.touch();
        change(screen, press);
      }
      return true;
    },
    sight: ({ text }) => {
      // Never a tap, also where nobody reads it yet: refused again and again, it would close the desk under staff's hands.
      if (!text.startsWith(framePrefix)) return false;
      if (screen?.stage !== "taking") return true;
      const frame = readFrame(text);
      const before = assembly;
      // One that is complete is being stored.
      if (frame === null || (before !== null && isComplete(before))) return true;
      assembly = addFrame(before, frame);
      if (assembly === before) return true;
      idle.touch();
      put({ ...screen, read: assembly.parts.size, total: assembly.total });
      const complete = assembly;
      if (isComplete(complete)) attempt(() => finishTaking(complete));
      return true;
    },
    give: ({ name }) => {
      if (screen !== null && (serving as readonly string[]).includes(name)) close();
    },
    isOpen: () => screen !== null,
  };
};

type Pace = { readonly isPaused: boolean; readonly isSlow: boolean };

const changePace = ({ isPaused, isSlow }: Pace, what: "pause" | "slow"): Pace => ({
  isPaused: what === "pause" ? !isPaused : isPaused,
  isSlow: what === "slow" ? !isSlow : isSlow,
});

const serving = ["reading", "result", "refer", "session"] as const satisfies readonly Screen["name"][];

const failed = (detail: string): HandOverNotice => ({ kind: "failed", detail });
