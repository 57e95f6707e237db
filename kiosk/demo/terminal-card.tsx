/** One real terminal in its frame, what can be held to its reader, and its log. */
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
      <h2 id={`name-${slot}`}>{name}</h2>
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

const allowDrop = (event: DragEvent): void => event.preventDefault();
