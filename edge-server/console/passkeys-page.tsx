/** An operator's own passkeys: made with the password, removed at any time; the password stays. */
import { useState } from "preact/hooks";
import { passkeyBeginAnswer, passkeyRow, passkeysAnswer } from "../../shared/admin.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { Field, Loaded, Notice, type PageProps, Table } from "./parts.tsx";
import { hasPasskeys, makePasskey } from "./passkey.ts";
import { say, sayTime } from "./words.ts";

export const PasskeysPage = ({ language, operator }: PageProps) => {
  const asked = useAnswer(passkeysAnswer, "/passkeys", 60);
  const [label, setLabel] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);
  const add = async (): Promise<Trouble | null> => {
    const begun = await ask(passkeyBeginAnswer, "/passkeys/challenges", "POST", { password });
    if (begun.kind === "failed") return begun.trouble;
    const made = await makePasskey(begun.value, operator.name);
    if (made === null) return { word: "no-passkey", detail: "", retrySeconds: 0 };
    const kept = await ask(passkeyRow, "/passkeys", "POST", { ...made, label });
    if (kept.kind === "failed") return kept.trouble;
    setLabel("");
    return null;
  };
  const send = async (): Promise<void> => {
    setBusy(true);
    setTrouble(await add());
    setPassword("");
    setBusy(false);
    asked.again();
  };
  const remove = async (id: string): Promise<void> => {
    const answer = await ask(passkeysAnswer, `/passkeys/${id}`, "DELETE");
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
    asked.again();
  };
  return (
    <>
      <p class="quiet">{say(language, hasPasskeys() ? "passkeyAbout" : "passkeyNowhere")}</p>
      <Notice language={language} trouble={trouble} />
      {hasPasskeys() ? (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            void send();
          }}
        >
          <Field label={say(language, "passkeyLabel")} value={label} lengthMax={60} onChange={setLabel} />
          <Field
            label={say(language, "password")}
            isSecret={true}
            value={password}
            complete="current-password"
            onChange={setPassword}
          />
          <button type="submit" class="main-button" disabled={isBusy}>
            {say(language, "passkeyAdd")}
          </button>
        </form>
      ) : null}
      <Loaded language={language} asked={asked}>
        {({ passkeys }) => (
          <Table
            language={language}
            label={say(language, "passkeys")}
            heads={["passkeyName", "time", "remove"].map((word) => say(language, word as "time"))}
            rows={passkeys.map((each) => ({
              key: each.id,
              cells: [
                each.label,
                sayTime(language, each.createdAt),
                <button key="remove" type="button" onClick={() => void remove(each.id)}>
                  {say(language, "remove")}
                </button>,
              ],
            }))}
          />
        )}
      </Loaded>
    </>
  );
};
