/** A receipt by its code: to the phone that it is about, what was decided and why; and an objection signed by it. */
import { useRef } from "preact/hooks";
import { type OwnDecision, saidCharactersMax, type WhyAnswer } from "../../shared/why.ts";
import type { Language } from "../ui/language.ts";
import { sayTerms } from "../ui/terms-said.ts";
import { listVersion, rulesVersion, sayConfirmed, sayDecided } from "../ui/words-why.ts";
import type { ReceiptAsked } from "./state.ts";
import { formatInstant, type PageProps } from "./view.ts";
import { receiptFailed, receiptWords } from "./words-receipt.ts";

export const ReceiptPage = ({ state, view, actions }: PageProps) => {
  const { receipt } = state;
  const { language } = view;
  const typed = useRef<HTMLInputElement>(null);
  return (
    <>
      <h1>{receiptWords.title[language]}</h1>
      <p class="soft">{receiptWords.about[language]}</p>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          actions.askReceipt(typed.current?.value ?? "");
        }}
      >
        <label class="field">
          {receiptWords.code[language]}
          <input
            ref={typed}
            type="text"
            name="receipt"
            maxLength={40}
            autoComplete="off"
            autoCapitalize="characters"
            spellcheck={false}
            placeholder="7KQM-3F2-9XT4"
            aria-invalid={receipt?.kind === "mistyped"}
            aria-describedby="receipt-said"
          />
        </label>
        <button type="submit" class="main" aria-disabled={receipt?.kind === "asking"}>
          {receiptWords.ask[language]}
        </button>
      </form>
      <p
        id="receipt-said"
        role="status"
        class={receipt === null || receipt.kind === "told" ? "unseen" : "notice"}
        data-receipt={receipt?.kind}
      >
        {sayOf(receipt, language)}
      </p>
      {receipt?.kind === "told" && <Told why={receipt.why} language={language} />}
      {receipt?.kind === "told" && (
        <Objecting key={receipt.why.code} sent={receipt.sent} language={language} onSend={actions.object} />
      )}
    </>
  );
};

const sayOf = (receipt: ReceiptAsked | null, language: Language): string => {
  switch (receipt?.kind) {
    case undefined:
    case "told":
      return "";
    case "asking":
      return receiptWords.asking[language];
    case "mistyped":
      return receiptWords.mistyped[language];
    case "failed":
      return receiptFailed[language](receipt);
  }
};

const Told = ({ why, language }: { readonly why: WhyAnswer; readonly language: Language }) => {
  const { own, rules } = why;
  if (own === null || rules === null) return <p>{receiptWords.gone[language]}</p>;
  const { programme, currency } = rules;
  return (
    <article class="card" data-told={own.reason}>
      <header>
        <h1>{formatInstant(own.at, language)}</h1>
        <span>{own.site}</span>
      </header>
      <p>
        <strong>{sayOwn(own, programme, language)}</strong>
      </p>
      {own.terms !== null && <p>{sayTerms(own.terms, currency, language).join(language === "zh" ? "；" : "; ")}</p>}
      <p>{rulesVersion[language](programme.name[language], programme.version)}</p>
      <p>
        {listVersion[language](
          why.manifest,
          own.list?.version ?? null,
          sayConfirmed(own.list === null ? why.confirmedAt : own.list.confirmedAt, language),
        )}
      </p>
      <p>
        {receiptWords.place[language]} {programme.objection[language]}
      </p>
    </article>
  );
};

type Programme = NonNullable<WhyAnswer["rules"]>["programme"];

const sayOwn = (own: OwnDecision, programme: Programme, language: Language): string =>
  own.isByStaff ? receiptWords.byStaff[language] : sayDecided(own, programme, own.effect === "refer", language);

type Sent = Extract<ReceiptAsked, { readonly kind: "told" }>["sent"];
type ObjectingProps = { readonly sent: Sent; readonly language: Language; readonly onSend: (text: string) => void };

const Objecting = ({ sent, language, onSend }: ObjectingProps) => {
  const text = useRef<HTMLTextAreaElement>(null);
  if (sent?.kind === "opened") {
    return (
      <section class="card" role="status" data-case-secret={sent.secret}>
        <p>{receiptWords.secret[language]}</p>
        <p class="recovery-code" lang="en">
          {sent.secret.split("-").map((group) => (
            <span key={group}>{group} </span>
          ))}
        </p>
        <p>{receiptWords.answerAt[language](location.host)}</p>
      </section>
    );
  }
  return (
    <form
      class="field"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(text.current?.value ?? "");
      }}
    >
      <label class="field">
        {receiptWords.object[language]}
        <textarea ref={text} rows={4} required maxLength={saidCharactersMax} />
      </label>
      <button type="submit" aria-disabled={sent?.kind === "asking"}>
        {receiptWords.send[language]}
      </button>
      {sent?.kind === "failed" && (
        <p class="notice" role="alert">
          {receiptFailed[language](sent)}
        </p>
      )}
    </form>
  );
};
