/** Makes a terminal and shows the code that enrols the device before it. */
import { useState } from "preact/hooks";
import { type EnrolAnswer, enrolAnswer } from "../../shared/admin.ts";
import { dockServices, gateServices } from "../../shared/messages.ts";
import { serviceNames } from "../../shared/terms.ts";
import { ask, type Trouble } from "./ask.ts";
import { Choice, Field, Notice, type PageProps } from "./parts.tsx";
import { say } from "./words.ts";
import { sayName } from "./words-names.ts";

const isIn = (services: readonly string[], service: string): boolean => services.includes(service);

export const EnrolPage = ({ language }: PageProps) => {
  const [service, setService] = useState("metro");
  const [action, setAction] = useState("entry");
  const [dockCount, setDockCount] = useState("8");
  const [task, setTask] = useState("usual");
  const [programme, setProgramme] = useState("");
  const [site, setSite] = useState("");
  const [name, setName] = useState("");
  const [actuator, setActuator] = useState("simulated");
  const [made, setMade] = useState<EnrolAnswer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const ownOf = () => {
    if (isIn(gateServices, service)) return { action };
    if (isIn(dockServices, service)) return { docks: docksOf(dockCount) };
    return service === "desk" && task === "shift" ? { tasks: ["shift"] } : {};
  };
  const make = async (): Promise<void> => {
    const profile = { service, programme, site, name, actuator, ...ownOf() };
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
          choices={serviceNames.map((value) => ({ value, text: sayName(language, value) }))}
          onChange={setService}
        />
        {isIn(gateServices, service) ? (
          <Choice
            label={say(language, "what")}
            value={action}
            choices={[
              ...(["entry", "exit"] as const).map((value) => ({ value, text: sayName(language, value) })),
              { value: "both", text: say(language, "both") },
            ]}
            onChange={setAction}
          />
        ) : null}
        {isIn(dockServices, service) ? (
          <Field label={say(language, "docks")} value={dockCount} lengthMax={2} onChange={setDockCount} />
        ) : null}
        {service === "desk" ? (
          <Choice
            label={say(language, "tasks")}
            value={task}
            choices={[
              { value: "usual", text: say(language, "usualTasks") },
              { value: "shift", text: say(language, "shiftTasks") },
            ]}
            onChange={setTask}
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

/** None where that is no number: the server says what is wrong. */
const docksOf = (count: string): readonly string[] =>
  Array.from({ length: /^\d{1,2}$/.test(count) ? Number(count) : 0 }, (_, index) => String(index + 1));

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
