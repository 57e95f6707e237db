/** Makes a terminal and shows the code that enrols the device before it. */
import { useState } from "preact/hooks";
import { type EnrolAnswer, enrolAnswer } from "../../shared/admin.ts";
import { ask, type Trouble } from "./ask.ts";
import { Choice, Field, Notice, type PageProps } from "./parts.tsx";
import { say } from "./words.ts";

const services = ["metro", "library", "bike"] as const;

export const EnrolPage = ({ language }: PageProps) => {
  const [service, setService] = useState("metro");
  const [action, setAction] = useState("entry");
  const [programme, setProgramme] = useState("");
  const [site, setSite] = useState("");
  const [name, setName] = useState("");
  const [actuator, setActuator] = useState("simulated");
  const [made, setMade] = useState<EnrolAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const make = async (): Promise<void> => {
    const own = service === "metro" ? { action } : service === "bike" ? { docks } : {};
    const profile = { service, programme, site, name, actuator, ...own };
    const answer = await ask(enrolAnswer, "/terminals", "POST", { profile });
    setMade(answer.kind === "answered" ? answer.value : null);
    setTrouble(answer.kind === "failed" ? answer.trouble : null);
  };
  return (
    <>
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Choice
          label={say(language, "service")}
          value={service}
          choices={services.map((value) => ({ value, text: value }))}
          onChange={setService}
        />
        {service === "metro" ? (
          <Choice
            label={say(language, "what")}
            value={action}
            choices={(["entry", "exit"] as const).map((value) => ({ value, text: say(language, value) }))}
            onChange={setAction}
          />
        ) : null}
        <Field label={say(language, "programme")} value={programme} lengthMax={64} onChange={setProgramme} />
        <Field label={say(language, "siteWord")} value={site} lengthMax={64} onChange={setSite} />
        <Field label={say(language, "terminalName")} value={name} onChange={setName} />
        <Field label={say(language, "actuator")} value={actuator} onChange={setActuator} />
        <button type="submit" class="main-button">
          {say(language, "make")}
        </button>
      </form>
      <Notice language={language} trouble={trouble} />
      {made === null ? null : (
        <section class="card" aria-label={made.id}>
          <h2 class="code">{made.id}</h2>
          <p>{say(language, "scanLink")}</p>
          <QrCode rows={made.qr} label={made.id} />
          <p class="code small">{made.link}</p>
        </section>
      )}
    </>
  );
};

const docks = Array.from({ length: 8 }, (_, index) => String(index + 1));

const QrCode = ({ rows, label }: { readonly rows: readonly string[]; readonly label: string }) => (
  <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label}>
    <rect width={rows.length} height={rows.length} fill="#fff" />
    <path
      fill="#000"
      d={rows
        .flatMap((row, y) =>
          [...row.matchAll(/1+/g)].map(({ index, 0: run }) => `M${index} ${y}h${run.length}v1h-${run.length}z`),
        )
        .join("")}
    />
  </svg>
);
