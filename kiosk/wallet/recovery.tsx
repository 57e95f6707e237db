/** The recovery code, shown once, as it will be on paper. */
import { Failed } from "./failed.tsx";
import type { PageProps } from "./view.ts";
import { recoveryFailed, words } from "./words.ts";

export const RecoveryPage = ({ state, view, actions }: PageProps) => {
  const { recovery } = state;
  const { language } = view;
  if (recovery === null || recovery.kind === "asking") return <p role="status">{words.recoveryAsking[language]}</p>;
  if (recovery.kind === "failed") {
    return (
      <Failed said={recoveryFailed[language](recovery)} language={language} again={() => actions.open("recovery")} />
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
