/** The console, wired: who is signed in, which page, in which language. */
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import {
  mayActAs,
  type OperatorAnswer,
  type OperatorRole,
  operatorAnswer,
  overviewAnswer,
} from "../../shared/admin.ts";
import { ask, type Trouble, useAnswer } from "./ask.ts";
import { EnrolPage } from "./enrol-page.tsx";
import { ExportsPage } from "./exports-page.tsx";
import { FiguresPage } from "./figures-page.tsx";
import { LivePage } from "./live-page.tsx";
import { ObjectionsPage } from "./objections-page.tsx";
import { OperatorsPage } from "./operators-page.tsx";
import { OverridesPage } from "./overrides-page.tsx";
import { Notice, type PageProps } from "./parts.tsx";
import { PasskeysPage } from "./passkeys-page.tsx";
import { PublishPage } from "./publish-page.tsx";
import { QuarantinePage } from "./quarantine-page.tsx";
import { ReceiptPage } from "./receipt-page.tsx";
import { SignIn } from "./sign-in.tsx";
import { TerminalsPage } from "./terminals-page.tsx";
import { type Language, say, tagOf, type Word } from "./words.ts";

/** Taken out of the address at once: it is good once, and belongs into no history. */
const takeCode = (): string | null => {
  const code = /^#welcome=([A-Za-z0-9_-]{22})$/.exec(location.hash)?.[1] ?? null;
  if (location.hash.startsWith("#welcome=")) history.replaceState(null, "", location.pathname);
  return code;
};

const pages = [
  { name: "terminals", role: "viewer", Page: TerminalsPage },
  { name: "live", role: "viewer", Page: LivePage },
  { name: "overrides", role: "viewer", Page: OverridesPage },
  { name: "objections", role: "viewer", Page: ObjectionsPage },
  { name: "quarantine", role: "viewer", Page: QuarantinePage },
  { name: "figures", role: "viewer", Page: FiguresPage },
  { name: "receipt", role: "viewer", Page: ReceiptPage },
  { name: "enrol", role: "operator", Page: EnrolPage },
  { name: "publish", role: "operator", Page: PublishPage },
  { name: "exports", role: "operator", Page: ExportsPage },
  { name: "passkeys", role: "viewer", Page: PasskeysPage },
  { name: "operators", role: "administrator", Page: OperatorsPage },
] as const satisfies readonly { name: Word; role: OperatorRole; Page: (props: PageProps) => unknown }[];

type PageName = (typeof pages)[number]["name"];
const pageOf = (hash: string): PageName => pages.find(({ name }) => `#${name}` === hash)?.name ?? "terminals";

type FrameProps = Omit<PageProps, "overview"> & { readonly onOut: () => void; readonly onLanguage: () => void };

const Frame = ({ language, operator, onOut, onLanguage }: FrameProps) => {
  const [current, setCurrent] = useState(pageOf(location.hash));
  const overview = useAnswer(overviewAnswer, "/overview", 10);
  useEffect(() => {
    const turn = (): void => setCurrent(pageOf(location.hash));
    addEventListener("hashchange", turn);
    return () => removeEventListener("hashchange", turn);
  }, []);
  useEffect(() => {
    if (overview.trouble?.word === "not-signed-in") onOut();
  }, [overview.trouble, onOut]);
  const allowed = pages.filter(({ role }) => mayActAs(operator.role, role));
  const shown = allowed.find(({ name }) => name === current) ?? pages[0];
  const open: { readonly [page: string]: number | undefined } = {
    overrides: overview.value?.openOverrides,
    objections: overview.value?.openObjections,
  };
  const leave = async (): Promise<void> => {
    await ask(operatorAnswer, "/sessions", "DELETE");
    onOut();
  };
  return (
    <div class="frame">
      <header class="head">
        <strong>{say(language, "title")}</strong>
        <span>{operator.name}</span>
        <button type="button" onClick={onLanguage} lang={language === "zh" ? "en" : "zh-Hans"}>
          {say(language, "language")}
        </button>
        <button type="button" onClick={() => void leave()}>
          {say(language, "signOut")}
        </button>
      </header>
      <nav class="nav" aria-label={say(language, "pages")}>
        {allowed.map(({ name }) => (
          <a key={name} href={`#${name}`} {...(name === shown.name ? { "aria-current": "page" as const } : {})}>
            {say(language, name)}
            {(open[name] ?? 0) > 0 ? <span>{open[name]}</span> : null}
          </a>
        ))}
      </nav>
      <main class="page" data-page={shown.name}>
        <h1>{say(language, shown.name)}</h1>
        <shown.Page key={shown.name} language={language} operator={operator} overview={overview} />
      </main>
    </div>
  );
};

/** While nobody can tell who is signed in. */
const askAgainSeconds = 5;

const Console = ({ code }: { readonly code: string | null }) => {
  const [language, setLanguage] = useState<Language>(navigator.language.startsWith("zh") ? "zh" : "en");
  const [operator, setOperator] = useState<OperatorAnswer | null>(null);
  const [isAsked, setAsked] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [link, setLink] = useState(code);
  useEffect(() => {
    document.documentElement.lang = tagOf[language];
    document.title = say(language, "title");
  }, [language]);
  useEffect(() => {
    let again: ReturnType<typeof setTimeout> | undefined;
    const look = async (): Promise<void> => {
      const answer = await ask(operatorAnswer, "/sessions");
      const found = answer.kind === "failed" && answer.trouble.word !== "not-signed-in" ? answer.trouble : null;
      if (answer.kind === "answered") setOperator(answer.value);
      setTrouble(found);
      setAsked(found === null);
      if (found !== null) again = setTimeout(() => void look(), askAgainSeconds * 1000);
    };
    void look();
    return () => clearTimeout(again);
  }, []);
  const change = (): void => setLanguage(language === "zh" ? "en" : "zh");
  const comeIn = (who: OperatorAnswer): void => {
    setLink(null);
    setOperator(who);
  };
  if (!isAsked) {
    return (
      <div class="sign-in">
        <Notice language={language} trouble={trouble} />
        <p class="quiet">{say(language, "loading")}</p>
      </div>
    );
  }
  if (operator === null || link !== null) {
    return <SignIn language={language} code={link} onLanguage={change} onSignedIn={comeIn} />;
  }
  return <Frame language={language} operator={operator} onOut={() => setOperator(null)} onLanguage={change} />;
};

const app = document.getElementById("app");
if (app !== null) render(<Console code={takeCode()} />, app);
