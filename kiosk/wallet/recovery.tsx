/** The recovery code, shown once, as it will be on paper. */
import type { PageProps } from "./view.ts";
import { recoveryFailed, words } from "./words.ts";

export const RecoveryPage = ({ state, view, actions }: PageProps) => {
  const { recovery } = state;
  const { language } = view;
  if (recovery === null || recovery.kind === "asking") return <p role="status">{words.recoveryAsking[language]}</p>;
  if (recovery.kind === "failed") {
    return (
      <div class="notice" role="alert">
        <p>{recoveryFailed[language](recovery)}</p>
        <button type="button" class="main" onClick={() => actions.open("recovery")}>
          {words.again[language]}
        </button>
      </div>
    );
  }
  return (
    <>
      <article class="card">
        <header>
          <strong>{words.brand[language]}</strong>
          <h1>{words.recoveryTitle[language]}</h1>
        </header>
        <p class="recovery-code" lang="en" data-recovery={recovery.text}>
          {recovery.text.split("-").map((group) => (
            <span key={group}>{group} </span>
          ))}
        </p>
        <p>{words.recoveryText[language]}</p>
      </article>
      <p class="soft unprinted">{words.recoveryOnce[language]}</p>
      <button type="button" class="main unprinted" onClick={actions.print}>
        {words.print[language]}
      </button>
    </>
  );
};
