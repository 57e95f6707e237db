/** Staff hand entries over without a network: a menu, the moving code, and the place where one is read. */
import type { HandOver as HandOverScreen } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { type OnPress, PressButton } from "./press-button.tsx";
import {
  carriedHere,
  failedBecause,
  frameOf,
  readOf,
  rescueFaultWords,
  handOverWords as said,
  savedEntries,
  takenEntries,
  unsentHere,
} from "./words-hand-over.ts";

type Props<Stage extends HandOverScreen["stage"]> = {
  readonly screen: Extract<HandOverScreen, { readonly stage: Stage }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const HandOver = ({ screen, language, onPress }: Props<HandOverScreen["stage"]>) => {
  switch (screen.stage) {
    case "menu":
      return <Menu screen={screen} language={language} onPress={onPress} />;
    case "moving":
      return <MovingCode screen={screen} language={language} onPress={onPress} />;
    case "taking":
      return <Taking screen={screen} language={language} onPress={onPress} />;
  }
};

const Menu = ({ screen, language, onPress }: Props<"menu">) => {
  const { unsent, canMove, canTake, carried } = screen;
  return (
    <section class="sheet hand-over">
      <h1>{headingOf(screen)[language]}</h1>
      <div class="hand-over-words">
        <p class="lead" data-unsent={unsent}>
          {unsent === null && said.counting[language]}
          {unsent === 0 && said.noneUnsent[language]}
          {unsent !== null && unsent > 0 && unsentHere[language](unsent)}
        </p>
        {unsent !== null && unsent > 0 && <p>{said.stays[language]}</p>}
        {unsent !== null && unsent > 0 && !canMove && <p>{said.tooMany[language]}</p>}
        {carried > 0 && <p data-carried={carried}>{carriedHere[language](carried)}</p>}
        <Notice screen={screen} language={language} />
      </div>
      <div class="hand-over-choices">
        {unsent !== null && unsent > 0 && (
          <>
            <PressButton press={{ kind: "save-file" }} onPress={onPress} kind="primary">
              {said.saveFile[language]}
            </PressButton>
            {canMove && (
              <PressButton press={{ kind: "show-moving" }} onPress={onPress} kind="primary">
                {said.showMoving[language]}
              </PressButton>
            )}
          </>
        )}
        {canTake && (
          <>
            <PressButton press={{ kind: "take-over" }} onPress={onPress} kind="secondary">
              {said.takeOver[language]}
            </PressButton>
            <PressButton press={{ kind: "open-file" }} onPress={onPress} kind="secondary">
              {said.openFile[language]}
            </PressButton>
          </>
        )}
        <PressButton press={{ kind: "leave" }} onPress={onPress} kind="secondary">
          {said.leave[language]}
        </PressButton>
      </div>
    </section>
  );
};

const Notice = ({ screen: { notice }, language }: Pick<Props<"menu">, "screen" | "language">) => (
  <p class={notice === null ? "unseen" : "notice"} role="status" data-notice={notice?.kind}>
    {notice?.kind === "saved" && savedEntries[language](notice.entries)}
    {notice?.kind === "taken" && takenEntries[language](notice.entries)}
    {notice?.kind === "refused" && rescueFaultWords[notice.fault][language]}
    {notice?.kind === "failed" && failedBecause[language](notice.detail)}
  </p>
);

const MovingCode = ({ screen, language, onPress }: Props<"moving">) => {
  const { code, frame, frames, isPaused, isSlow } = screen;
  return (
    <section class="sheet hand-over hand-over-moving">
      <svg
        class="moving-code"
        viewBox={`0 0 ${code.size} ${code.size}`}
        role="img"
        aria-label={said.codeLabel[language]}
        data-frame={frame}
        data-code={code.text}
      >
        <rect width={code.size} height={code.size} fill="#fff" />
        <path d={code.path} fill="#000" />
      </svg>
      <div class="hand-over-words">
        <h1>{headingOf(screen)[language]}</h1>
        <p>{said.movingNext[language]}</p>
        <p class="quiet">{frameOf[language](frame, frames)}</p>
        <progress class="progress" max={frames} value={frame} aria-label={said.codePlace[language]} />
      </div>
      <div class="hand-over-choices">
        <PressButton press={{ kind: "pause" }} onPress={onPress} kind="secondary">
          {(isPaused ? said.goOn : said.pause)[language]}
        </PressButton>
        <PressButton press={{ kind: "slow" }} onPress={onPress} kind="secondary" pressed={isSlow}>
          {said.slow[language]}
        </PressButton>
        <PressButton press={{ kind: "back" }} onPress={onPress} kind="secondary">
          {said.leave[language]}
        </PressButton>
      </div>
    </section>
  );
};

const Taking = ({ screen, language, onPress }: Props<"taking">) => {
  const { read, total } = screen;
  return (
    <section class="sheet hand-over">
      <h1>{headingOf(screen)[language]}</h1>
      <div class="hand-over-words">
        <p class="lead">{said.takingNext[language]}</p>
        <p data-read={read} data-total={total}>
          {readOf[language](read, total)}
        </p>
        <progress class="progress" max={total ?? 1} value={read} aria-label={readOf[language](read, total)} />
      </div>
      <div class="hand-over-choices">
        <PressButton press={{ kind: "back" }} onPress={onPress} kind="secondary">
          {said.leave[language]}
        </PressButton>
      </div>
    </section>
  );
};
