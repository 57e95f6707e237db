/** One real terminal in its frame, what can be held to its reader, and its log. */
import { type ServiceName, serviceNames } from "../../shared/terms.ts";
import { serviceWords } from "../ui/words-services.ts";
import type { DemoTerminal } from "./demo.ts";
import { LogStrip } from "./log-strip.tsx";
import type { PageProps } from "./page-props.ts";
import { shelf, terminalNames, words } from "./words.ts";

type TerminalCardProps = PageProps & { readonly terminal: DemoTerminal };

export const TerminalCard = ({ terminal, demo, language, actions }: TerminalCardProps) => {
  const { service, slot, hash } = terminal;
  const name = terminalNames[service][language];
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    actions.showCode(terminal);
  };
  return (
    <section
      class="terminal"
      data-service={service}
      aria-labelledby={`name-${slot}`}
      onDragOver={allowDrop}
      onDrop={drop}
    >
      <div class="terminal-top">
        <h2 id={`name-${slot}`}>{name}</h2>
        <Chooser terminal={terminal} demo={demo} language={language} actions={actions} />
      </div>
      <iframe
        title={name}
        src={`/kiosk/?slot=${slot}&scanner=demo${hash}`}
        data-frame={slot}
        onLoad={() => actions.shrink(terminal)}
      />
      <button type="button" class="main" disabled={demo.code === null} onClick={() => actions.showCode(terminal)}>
        {demo.code === null ? words.pickFirst[language] : words.showCode[language]}
      </button>
      {service === "library" ? (
        <ul class="shelf" aria-label={words.shelf[language]}>
          {shelf.map(({ barcode, title }) => (
            <li key={barcode}>
              <button type="button" onClick={() => actions.showBook(terminal, barcode)}>
                {title[language]}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <LogStrip terminal={terminal} language={language} />
    </section>
  );
};

/** The services that are not on the page yet. */
const Chooser = ({ terminal, demo, language, actions }: TerminalCardProps) => {
  const isHere = (service: ServiceName) => demo.terminals.some((each) => each.service === service);
  return (
    <select
      aria-label={words.choose[language]}
      value={terminal.service}
      onChange={({ currentTarget }) => {
        const chosen = serviceNames.find((each) => each === currentTarget.value);
        if (chosen !== undefined) actions.choose(terminal, chosen);
      }}
    >
      {serviceNames
        .filter((each) => each === terminal.service || !isHere(each))
        .map((each) => (
          <option key={each} value={each}>
            {serviceWords[each].place[language]}
          </option>
        ))}
    </select>
  );
};

const allowDrop = (event: DragEvent): void => event.preventDefault();
