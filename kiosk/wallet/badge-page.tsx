/** The staff badge, which nobody takes for a citizen's code: another colour, the role in large, and a clock that runs. */
import { useState } from "preact/hooks";
import type { Language } from "../ui/language.ts";
import { roleNames } from "../ui/words-staff.ts";
import { Countdown } from "./countdown.tsx";
import { Failed } from "./failed.tsx";
import { isExpired } from "./life.ts";
import { Qr } from "./qr.tsx";
import type { BadgeState } from "./state.ts";
import { formatClock, formatInstant, type PageProps } from "./view.ts";
import { fetchWaits, renewalWaits, words } from "./words.ts";
import { badgeEnded, badgeUntil, badgeWords, linkFailed } from "./words-badge.ts";

export const BadgePage = ({ badge: state, view, actions, drawQr }: PageProps) => {
  const { badge, code, link, now, trouble } = state;
  const { language } = view;
  return (
    <>
      {trouble === null ? null : (
        <p class="notice" role="alert">
          {words.trouble[language]} <small>{trouble}</small>
        </p>
      )}
      <Link link={link} language={language} askAgain={() => void actions.badge.askAgain()} />
      {badge === null ? (
        <NoBadge isWaited={link !== null} language={language} />
      ) : (
        <>
          <article class="staff-badge">
            <header>
              <p>
                <strong>{badgeWords.title[language]}</strong>
                <time>{formatClock(now, language)}</time>
              </p>
              <h1>{nameOfRole(badge.role, language)}</h1>
              <p>{badge.sites.join(" · ")}</p>
            </header>
            {code === null ? (
              <Missing badge={badge} now={now} language={language} renewNow={() => void actions.badge.renewNow()} />
            ) : (
              <>
                <Qr text={code.text} level="M" label={badgeWords.codeLabel[language]} drawQr={drawQr} />
                <Countdown
                  left={Math.max(0, code.nextAt - now)}
                  language={language}
                  newCode={() => void actions.badge.refreshCode()}
                />
              </>
            )}
          </article>
          <p class="soft">
            {badgeWords.notYours[language]} {badgeWords.howTo[language]}
          </p>
          {code === null ? null : <Standing badge={badge} now={now} language={language} />}
          <p class="soft">{badgeWords.lost[language]}</p>
          <Remove language={language} remove={() => void actions.badge.remove()} />
        </>
      )}
    </>
  );
};

type Part = {
  readonly badge: NonNullable<BadgeState["badge"]>;
  readonly now: number;
  readonly language: Language;
};

/** What becomes of the link that the page was opened with. */
type LinkProps = { readonly link: BadgeState["link"]; readonly language: Language; readonly askAgain: () => void };

const Link = ({ link, language, askAgain }: LinkProps) => {
  switch (link?.kind) {
    case undefined:
      return null;
    case "asking":
      return (
        <p role="status" data-link="asking">
          {badgeWords.asking[language]}
        </p>
      );
    case "malformed":
      return (
        <p class="notice" role="alert" data-link="malformed">
          {badgeWords.malformed[language]}
        </p>
      );
    case "failed":
      return link.canAsk ? (
        <Failed said={linkFailed[language](link)} language={language} again={askAgain} />
      ) : (
        <p class="notice" role="alert" data-link="refused">
          {linkFailed[language](link)} {badgeWords.another[language]}
        </p>
      );
  }
};

const NoBadge = ({ isWaited, language }: { readonly isWaited: boolean; readonly language: Language }) => (
  <>
    <h1>{badgeWords.title[language]}</h1>
    {isWaited ? null : <p class="soft">{badgeWords.none[language]}</p>}
  </>
);

/** In place of the code: the badge is over. */
const Missing = ({ badge, now, language, renewNow }: Part & { readonly renewNow: () => void }) => {
  const { life, contact } = badge;
  if (!isExpired(life, now)) return null;
  return (
    <div class="missing" role="status" data-standing="expired">
      <h2>{badgeEnded[language](formatInstant(life.exp, language))}</h2>
      <p>{badgeWords.expiredText[language]}</p>
      {contact.kind === "waiting" ? (
        <>
          <p class="soft">{fetchWaits[language](contact, Math.max(0, contact.retryAt - now))}</p>
          <button type="button" class="main" onClick={renewNow}>
            {words.renewNow[language]}
          </button>
        </>
      ) : null}
    </div>
  );
};

const Standing = ({ badge, now, language }: Part) => {
  const { life, contact } = badge;
  return (
    <p class="standing" data-standing={contact.kind === "idle" ? "good" : "renewing"}>
      <strong>{badgeUntil[language](formatInstant(life.exp, language))}</strong>
      {contact.kind === "idle" ? words.renewsItself[language] : null}
      {contact.kind === "asking" ? words.renewing[language] : null}
      {contact.kind === "waiting" ? renewalWaits[language](contact, Math.max(0, contact.retryAt - now)) : null}
    </p>
  );
};

/** Asked twice: nobody gets it back by themselves. */
const Remove = ({ language, remove }: { readonly language: Language; readonly remove: () => void }) => {
  const [isAsked, setAsked] = useState(false);
  if (!isAsked) {
    return (
      <button type="button" class="plain" onClick={() => setAsked(true)}>
        {badgeWords.remove[language]}
      </button>
    );
  }
  return (
    <div class="choices">
      <p>{badgeWords.removeText[language]}</p>
      <button type="button" onClick={() => setAsked(false)}>
        {badgeWords.keep[language]}
      </button>
      <button type="button" class="main" onClick={remove}>
        {badgeWords.removeSure[language]}
      </button>
    </div>
  );
};

const nameOfRole = (role: string, language: Language): string =>
  Object.entries(roleNames).find(([each]) => each === role)?.[1][language] ?? role;
