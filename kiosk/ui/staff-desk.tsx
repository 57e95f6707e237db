/** Once a badge has opened it: what to do, and why, each one touch. Large words for who stands; nothing of anybody's terms. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { noteCharsMax } from "../../shared/staff-rules.ts";
import type { CareTouch, ReaderCare, StaffNotice, StaffScreen, Status } from "../session.ts";
import { headingOf } from "./headings.ts";
import type { Language } from "./language.ts";
import { type OnPress, PressButton } from "./press-button.tsx";
import { ReaderCareList } from "./reader-care.tsx";
import { ReceiptCode } from "./why.tsx";
import { artefactNames, dockNumber, freshnessWords } from "./words.ts";
import { referWordsOf } from "./words-refer.ts";
import {
  badgeUnknown,
  badgeWords,
  declineWords,
  doneWords,
  effectWordsOf,
  roleNames,
  staffWords as said,
  unfitWords,
} from "./words-staff.ts";
import { readMore } from "./words-why.ts";

type StaffDeskProps = {
  readonly screen: StaffScreen;
  readonly status: Status;
  readonly language: Language;
  readonly care: ReaderCare | null;
  readonly onCare: (touch: CareTouch) => void;
  readonly onPress: OnPress;
};

export const StaffDesk = (props: StaffDeskProps) => {
  const { screen, language, onPress } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  // Each step is read from its beginning, also by those who listen.
  useLayoutEffect(() => heading.current?.focus(), [screen.stage]);
  return (
    <section class="sheet staff">
      <div class="staff-head">
        <h1 ref={heading} tabIndex={-1}>
          {headingOf(screen)[language]}
          {screen.stage === "choices" && <small> {roleNames[screen.role][language]}</small>}
        </h1>
        <PressButton press={{ kind: "staff-close" }} onPress={onPress} kind="secondary">
          {said.close[language]}
        </PressButton>
      </div>
      <Stage {...props} />
    </section>
  );
};

const Stage = (props: StaffDeskProps) => {
  const { screen, language, onPress } = props;
  switch (screen.stage) {
    case "choices":
      return <Choices screen={screen} language={language} onPress={onPress} />;
    case "reason":
      return <Reasons screen={screen} language={language} onPress={onPress} />;
    case "dock":
      return (
        <Grid language={language} onPress={onPress} canGoBack>
          {screen.docks.map((dock) => (
            <PressButton key={dock} press={{ kind: "staff-dock", dock }} onPress={onPress} kind="mode">
              {dockNumber[language](dock)}
            </PressButton>
          ))}
        </Grid>
      );
    case "item":
      return (
        <Grid language={language} onPress={onPress} canGoBack>
          <p class="lead">{said.itemNext[language]}</p>
          {screen.isOdd && (
            <p class="notice" role="status" data-notice="not-an-item">
              {said.notAnItem[language]}
            </p>
          )}
        </Grid>
      );
    case "blocked-items":
      return (
        <Grid language={language} onPress={onPress} canGoBack>
          {screen.items.map((item) => (
            <PressButton key={item} press={{ kind: "staff-item", item }} onPress={onPress} kind="mode">
              {item}
            </PressButton>
          ))}
        </Grid>
      );
    case "second":
      return (
        <Grid language={language} onPress={onPress} canGoBack>
          <p class="lead">{said.secondNext[language]}</p>
          {screen.unfit !== null && (
            <p class="notice" role="status" data-notice={screen.unfit}>
              {unfitWords[screen.unfit][language]}
            </p>
          )}
        </Grid>
      );
    case "key":
      return <p class="lead">{said.keyNext[language]}</p>;
    case "objection":
      return (
        <div class="lead" data-objection>
          <strong>{said.object[language]}</strong>
          {screen.objection[language]}
          {screen.receipt !== undefined && (
            <>
              <ReceiptCode receipt={screen.receipt} language={language} />
              {readMore[language](screen.receipt.page)}
            </>
          )}
        </div>
      );
    case "refused":
      return (
        <p class="lead" role="status" data-fault={screen.fault}>
          {(badgeWords[screen.fault] ?? badgeUnknown)[language]} {said.askDesk[language]}
        </p>
      );
    case "machine":
      return <Machine {...props} canSet={screen.canSet} />;
  }
};

type ChoicesProps = {
  readonly screen: Extract<StaffScreen, { readonly stage: "choices" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

const Choices = ({ screen, language, onPress }: ChoicesProps) => (
  <>
    <p class="staff-about" data-refusal={screen.refusal ?? ""}>
      {screen.refusal === null ? (
        said.nobody[language]
      ) : (
        <>
          {said.answers[language]}
          <strong>{referWordsOf(screen.refusal).happened[language]}</strong>
        </>
      )}
    </p>
    {screen.notice !== null && (
      <p class="notice" role="status" data-notice={screen.notice.kind}>
        {noticeOf(screen.notice, screen.things, language)}
      </p>
    )}
    <Grid language={language} onPress={onPress} canGoBack={false}>
      {screen.choices.map((effect) => (
        <PressButton
          key={effect}
          press={{ kind: "staff-do", effect }}
          onPress={onPress}
          kind={effect === "permit" || effect === "end-release" ? "primary" : "secondary"}
        >
          {effectWordsOf(effect, screen.things)[language]}
        </PressButton>
      ))}
      {screen.looks.includes("machine") && (
        <PressButton press={{ kind: "staff-machine" }} onPress={onPress} kind="mode">
          {said.machine[language]}
        </PressButton>
      )}
      {screen.looks.includes("key") && (
        <PressButton press={{ kind: "staff-key" }} onPress={onPress} kind="mode">
          {said.makeKey[language]}
        </PressButton>
      )}
      {screen.looks.includes("hand-over") && (
        <PressButton press={{ kind: "hand-over" }} onPress={onPress} kind="mode">
          {said.handOver[language]}
        </PressButton>
      )}
    </Grid>
  </>
);

type ReasonsProps = {
  readonly screen: Extract<StaffScreen, { readonly stage: "reason" }>;
  readonly language: Language;
  readonly onPress: OnPress;
};

/** The reason is what counts; words of their own, where the pack allows them, come before it and can be left out. */
const Reasons = ({ screen, language, onPress }: ReasonsProps) => {
  const note = useRef<HTMLInputElement>(null);
  const give: OnPress = (press) =>
    onPress(press.kind === "staff-reason" && note.current !== null ? { ...press, note: note.current.value } : press);
  return (
    <>
      {screen.canWrite && (
        <label class="staff-note">
          {said.note[language]}
          <input
            ref={note}
            type="text"
            maxLength={noteCharsMax}
            autocomplete="off"
            onInput={() => onPress({ kind: "more-time" })}
          />
        </label>
      )}
      <Grid language={language} onPress={give} canGoBack>
        {screen.reasons.map(({ id, name }) => (
          <PressButton key={id} press={{ kind: "staff-reason", reason: id }} onPress={give} kind="mode">
            {name[language]}
          </PressButton>
        ))}
      </Grid>
    </>
  );
};

type GridProps = {
  readonly language: Language;
  readonly onPress: OnPress;
  readonly canGoBack: boolean;
  readonly children: ComponentChildren;
};

const Grid = ({ language, onPress, canGoBack, children }: GridProps) => (
  <div class="staff-choices">
    {children}
    {canGoBack && (
      <PressButton press={{ kind: "staff-back" }} onPress={onPress} kind="secondary">
        {said.back[language]}
      </PressButton>
    )}
  </div>
);

const Machine = ({
  status,
  language,
  care,
  onCare,
  onPress,
  canSet,
}: StaffDeskProps & { readonly canSet: boolean }) => (
  <ul class="staff-machine">
    {status.artefacts.map(({ name, freshness }) => (
      <li key={name}>
        {artefactNames[name][language]}: <strong>{freshnessWords[freshness][language]}</strong>
      </li>
    ))}
    <li>
      {said.waiting[language]}: <strong>{status.pending}</strong>
    </li>
    <li>
      {said.version[language]}: <strong>{status.version}</strong>
    </li>
    <li>
      {(status.alarms.length === 0 ? said.allWell : said.notes)[language]}
      {status.alarms.map((alarm) => (
        <p key={alarm} lang="en">
          {alarm}
        </p>
      ))}
    </li>
    {care !== null && canSet && <ReaderCareList care={care} language={language} onCare={onCare} />}
    <li>
      <PressButton press={{ kind: "staff-back" }} onPress={onPress} kind="secondary">
        {said.back[language]}
      </PressButton>
    </li>
  </ul>
);

const noticeOf = (notice: StaffNotice, things: "docks" | "items", language: Language): string => {
  if (notice.kind === "offered") return said.offered[language];
  if (notice.kind === "done") return doneWords[language](effectWordsOf(notice.effect, things)[language]);
  return (notice.kind === "failed" ? said.failed : declineWords[notice.cause])[language];
};
