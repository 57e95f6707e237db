/** On another device: the recovery code is typed, and what is to become of the lost phone is chosen. */
import { useRef } from "preact/hooks";
import type { LossWish } from "../../shared/recovery.ts";
import type { Language } from "../ui/language.ts";
import type { LossReport } from "./state.ts";
import type { PageProps } from "./view.ts";
import { lossDone, lossFailed, words } from "./words.ts";

export const LostPage = ({ state, view, actions }: PageProps) => {
  const { loss } = state;
  const { language } = view;
  const typed = useRef<HTMLInputElement>(null);
  const report = (wanted: LossWish): void => actions.reportLoss(typed.current?.value ?? "", wanted);
  const isBusy = loss?.kind === "asking";
  return (
    <>
      <h1>{words.lostTitle[language]}</h1>
      <p class="soft">{words.lostText[language]}</p>
      <label class="field">
        {words.lostLabel[language]}
        <input
          ref={typed}
          type="text"
          maxLength={60}
          autoComplete="off"
          autoCapitalize="characters"
          spellcheck={false}
          placeholder="XXXX XXXX XXXX XXXX XXXX XXXX"
          aria-invalid={loss?.kind === "mistyped"}
          aria-describedby="loss-said"
        />
      </label>
      <p id="loss-said" role="status" class={loss === null ? "unseen" : "notice"} data-loss={loss?.kind}>
        {sayOf(loss, language)}
      </p>
      <div class="choices">
        <button type="button" class="main" disabled={isBusy} onClick={() => report("suspend")}>
          {words.suspend[language]}
          <small>{words.suspendText[language]}</small>
        </button>
        <button type="button" disabled={isBusy} onClick={() => report("resume")}>
          {words.resume[language]}
        </button>
        <button type="button" disabled={isBusy} onClick={() => report("replace")}>
          {words.replace[language]}
          <small>{words.replaceText[language]}</small>
        </button>
      </div>
    </>
  );
};

const sayOf = (loss: LossReport | null, language: Language): string => {
  switch (loss?.kind) {
    case undefined:
      return "";
    case "asking":
      return words.lossAsking[language];
    case "mistyped":
      return words.mistyped[language];
    case "failed":
      return lossFailed[language](loss);
    case "done":
      return lossDone[loss.wanted][language];
  }
};
