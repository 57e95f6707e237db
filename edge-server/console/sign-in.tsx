/** Coming in: by name and password, by a passkey, or by a one-time link that sets a password. */
import { useState } from "preact/hooks";
import { challengeAnswer, type OperatorAnswer, operatorAnswer } from "../../shared/admin.ts";
import { ask, type Trouble } from "./ask.ts";
import { Field, Notice } from "./parts.tsx";
import { answerChallenge, hasPasskeys } from "./passkey.ts";
import { type Language, say } from "./words.ts";

type SignInProps = {
  readonly language: Language;
  readonly code: string | null;
  readonly onLanguage: () => void;
  readonly onSignedIn: (operator: OperatorAnswer) => void;
};

export const SignIn = ({ language, code, onLanguage, onSignedIn }: SignInProps) => {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [isBusy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    setBusy(true);
    const [path, json] =
      code === null ? ["/sessions", { name, password }] : (["/welcomes", { code, name, password }] as const);
    const answer = await ask(operatorAnswer, path, "POST", json);
    setBusy(false);
    if (answer.kind === "answered") return onSignedIn(answer.value);
    setTrouble(answer.trouble);
    setPassword("");
  };
  const usePasskey = async (): Promise<void> => {
    setBusy(true);
    setTrouble(await comeInByPasskey());
    setBusy(false);
  };
  const comeInByPasskey = async (): Promise<Trouble | null> => {
    const asked = await ask(challengeAnswer, "/sessions/challenges", "POST");
    if (asked.kind === "failed") return asked.trouble;
    const given = await answerChallenge(asked.value);
    if (given === null) return { word: "no-passkey", detail: "", retrySeconds: 0 };
    const answer = await ask(operatorAnswer, "/sessions/passkeys", "POST", given);
    if (answer.kind === "failed") return { ...answer.trouble, word: passkeyTrouble(answer.trouble.word) };
    onSignedIn(answer.value);
    return null;
  };
  return (
    <main class="sign-in">
      <h1>{say(language, code === null ? "signIn" : "welcome")}</h1>
      {code === null ? null : <p>{say(language, "welcomeAbout")}</p>}
      <Notice language={language} trouble={trouble} />
      <form
        class="sign-in-form card"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field label={say(language, "name")} value={name} complete="username" lengthMax={32} onChange={setName} />
        <Field
          label={say(language, code === null ? "password" : "newPassword")}
          isSecret={true}
          value={password}
          complete={code === null ? "current-password" : "new-password"}
          onChange={setPassword}
        />
        <button type="submit" class="main-button" disabled={isBusy}>
          {say(language, "signIn")}
        </button>
        {code === null && hasPasskeys() ? (
          <button type="button" disabled={isBusy} onClick={() => void usePasskey()}>
            {say(language, "passkeySignIn")}
          </button>
        ) : null}
      </form>
      <button type="button" onClick={onLanguage} lang={language === "zh" ? "en" : "zh-Hans"}>
        {say(language, "language")}
      </button>
    </main>
  );
};

const passkeyTrouble = (word: string): string => (word === "sign-in-refused" ? "passkey-unknown" : word);
