/** The code, its countdown, and how the credential behind it stands. */
import type { Instant } from "../../shared/terms.ts";
import type { Language } from "../ui/language.ts";
import { Countdown } from "./countdown.tsx";
import { isExpired } from "./life.ts";
import { Qr } from "./qr.tsx";
import type { Shown } from "./state.ts";
import { type Actions, formatInstant, nameOf, type PageProps } from "./view.ts";
import { expiredTitle, fetchWaits, goodUntil, renewalWaits, words } from "./words.ts";
import { badgeWords } from "./words-badge.ts";
import { orderWords } from "./words-order.ts";
import { receiptWords } from "./words-receipt.ts";

export const CodePage = ({ state, badge, view, actions, drawQr }: PageProps) => {
  const { chosen, code, now } = state;
  const { language } = view;
  if (chosen === null) return null;
  return (
    <>
      <h1 class="unseen">{words.title[language]}</h1>
      <button type="button" class="chip" onClick={() => actions.open("people")}>
        <strong>{nameOf(chosen, language)}</strong>
        <span>{words.switchPerson[language]}</span>
      </button>
      {code === null ? (
        <Missing chosen={chosen} now={now} language={language} renewNow={actions.renewNow} />
      ) : (
        <>
          <button
            type="button"
            class="sheet"
            aria-label={words.enlarge[language]}
            onClick={() => actions.enlarge(true)}
          >
            <Qr text={code.text} level="M" label={words.codeLabel[language]} drawQr={drawQr} />
          </button>
          <Countdown left={Math.max(0, code.nextAt - now)} language={language} newCode={actions.newCode} />
          <Standing chosen={chosen} now={now} language={language} />
          {view.isLarge ? (
            <dialog
              class="large"
              aria-label={words.codeLabel[language]}
              ref={showModal}
              onClose={() => actions.enlarge(false)}
            >
              <Qr text={code.text} level="M" label={words.codeLabel[language]} drawQr={drawQr} />
              <p>{words.bright[language]}</p>
              <button type="button" class="main" onClick={() => actions.enlarge(false)}>
                {words.close[language]}
              </button>
            </dialog>
          ) : null}
        </>
      )}
      {badge.badge === null ? null : (
        <button type="button" class="plain staff-offer" onClick={() => actions.open("badge")}>
          {badgeWords.offer[language]}
        </button>
      )}
      {chosen.life === null ? null : (
        <button type="button" class="plain" onClick={() => actions.open("card")}>
          {words.cardOffer[language]}
        </button>
      )}
      {chosen.life === null ? null : (
        <button type="button" class="plain" onClick={() => actions.open("order")}>
          {orderWords.offer[language]}
        </button>
      )}
      {chosen.life === null ? null : (
        <button type="button" class="plain" onClick={() => actions.open("receipt")}>
          {receiptWords.offer[language]}
        </button>
      )}
      {chosen.life === null ? null : (
        <button type="button" class="plain" onClick={() => actions.open("recovery")}>
          {words.recoveryOffer[language]}
        </button>
      )}
    </>
  );
};

type Part = { readonly chosen: Shown; readonly now: Instant; readonly language: Language };

/** In place of the code: it is on its way, or over. */
const Missing = ({ chosen, now, language, renewNow }: Part & Pick<Actions, "renewNow">) => {
  const { life, contact } = chosen;
  const isOver = life !== null && isExpired(life, now);
  return (
    <div class="missing" role="status" data-standing={isOver ? "expired" : "none"}>
      {isOver ? (
        <>
          <h2>{expiredTitle[language](formatInstant(life.exp, language))}</h2>
          <p>{words.expiredText[language]}</p>
        </>
      ) : null}
      {contact.kind === "waiting" ? (
        <>
          <p class="soft">{fetchWaits[language](contact, Math.max(0, contact.retryAt - now))}</p>
          <button type="button" class="main" onClick={renewNow}>
            {isOver ? words.renewNow[language] : words.again[language]}
          </button>
        </>
      ) : (
        <p class="soft">{words.fetching[language]}</p>
      )}
    </div>
  );
};

/** Under the code. */
const Standing = ({ chosen, now, language }: Part) => {
  const { life, contact } = chosen;
  if (life === null) return null;
  return (
    <p class="standing" data-standing={contact.kind === "idle" ? "good" : "renewing"}>
      <strong>{goodUntil[language](formatInstant(life.exp, language))}</strong>
      {contact.kind === "idle" ? words.renewsItself[language] : null}
      {contact.kind === "asking" ? words.renewing[language] : null}
      {contact.kind === "waiting" ? renewalWaits[language](contact, Math.max(0, contact.retryAt - now)) : null}
    </p>
  );
};

const showModal = (dialog: HTMLDialogElement | null): void => {
  if (dialog !== null && !dialog.open) dialog.showModal();
};
