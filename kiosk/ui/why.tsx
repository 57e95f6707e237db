/**
 * A receipt on the screen: its code where people stay, and at the head of every screen that has one, why, for the one who
 * asks. What was decided is not in the page before it is asked for; gone with the next person's receipt (`key`).
 */
import { useRef, useState } from "preact/hooks";
import type { Receipt } from "../../shared/receipt.ts";
import type { Language } from "./language.ts";
import type { OnPress } from "./press-button.tsx";
import { listVersion, readMore, rulesVersion, sayConfirmed, sayDecided, whyWords } from "./words-why.ts";

export const ReceiptCode = ({ receipt, language }: { readonly receipt: Receipt; readonly language: Language }) => (
  <p class="receipt-code">
    {whyWords.code[language]} <strong data-receipt>{receipt.code}</strong>
  </p>
);

type WhyProps = {
  readonly receipt: Receipt;
  readonly isReferred: boolean;
  readonly language: Language;
  readonly onPress: OnPress;
};

export const WhyOnRequest = ({ receipt, isReferred, language, onPress }: WhyProps) => {
  const [isAsked, ask] = useState(false);
  const open = () => {
    ask(true);
    onPress({ kind: "read-why" });
  };
  return (
    <>
      <button type="button" class="button button-head" data-show="why" aria-haspopup="dialog" onClick={open}>
        {whyWords.why[language]}
      </button>
      {isAsked && (
        <Explanation receipt={receipt} isReferred={isReferred} language={language} onClose={() => ask(false)} />
      )}
    </>
  );
};

type ExplanationProps = Omit<WhyProps, "onPress"> & { readonly onClose: () => void };

const Explanation = ({ receipt, isReferred, language, onClose }: ExplanationProps) => {
  const shown = useRef<HTMLDialogElement | null>(null);
  const { code, page, programme, manifest, confirmedAt, own } = receipt;
  const showModal = (dialog: HTMLDialogElement | null): void => {
    shown.current = dialog;
    if (dialog !== null && !dialog.open) dialog.showModal();
  };
  return (
    <dialog ref={showModal} class="why" aria-labelledby="why-title" onClose={onClose}>
      <h2 id="why-title">{whyWords.title[language]}</h2>
      <dl>
        <dt>{whyWords.decided[language]}</dt>
        <dd>{own === null ? whyWords.notShown[language] : sayDecided(own, programme, isReferred, language)}</dd>
        <dt>{whyWords.rules[language]}</dt>
        <dd>{rulesVersion[language](programme.name[language], programme.version)}</dd>
        <dt>{whyWords.confirmed[language]}</dt>
        <dd>{listVersion[language](manifest, own?.list ?? null, sayConfirmed(confirmedAt, language))}</dd>
        <dt>{whyWords.object[language]}</dt>
        <dd>{programme.objection[language]}</dd>
        <dt>{whyWords.code[language]}</dt>
        <dd>
          <strong class="receipt-code">{code}</strong> {readMore[language](page)}
        </dd>
      </dl>
      <button type="button" class="button button-primary" onClick={() => shown.current?.close()}>
        {whyWords.close[language]}
      </button>
    </dialog>
  );
};
