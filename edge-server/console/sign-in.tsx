/** Coming in: by name and password, or by a one-time link that sets one. */
import { useState } from "preact/hooks";
import { type OperatorAnswer, operatorAnswer } from "../../shared/admin.ts";
import { ask, type Trouble } from "./ask.ts";
import { Field, Notice } from "./parts.tsx";
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
      </form>
      <button type="button" onClick={onLanguage} lang={language === "zh" ? "en" : "zh-Hans"}>
        {say(language, "language")}
      </button>
    </main>
  );
};
