/** How the terminal is: small, on every screen, and honest. What staff should look at is behind one touch. */
import type { Status } from "../session.ts";
import { formatAge } from "./format.ts";
import type { Language } from "./language.ts";
import { artefactNames, freshnessWords, staffNotes, waitingToBeSent, words } from "./words.ts";

type StatusFooterProps = { readonly status: Status; readonly language: Language };

export const StatusFooter = ({ status, language }: StatusFooterProps) => (
  <footer class="status">
    <ul class="status-line">
      <li class={status.isOnline ? "is-online" : "is-offline"} data-online={status.isOnline}>
        {(status.isOnline ? words.online : words.offline)[language]}
      </li>
      <li data-pending={status.pending}>{waitingToBeSent[language](status.pending)}</li>
      {status.artefacts.map(({ name, ageSeconds, freshness }) => (
        <li key={name} data-artefact={name} data-freshness={freshness}>
          {artefactNames[name][language]} <strong>{freshnessWords[freshness][language]}</strong>
          {ageSeconds !== null && ` (${formatAge(ageSeconds, language) ?? words.now[language]})`}
        </li>
      ))}
    </ul>
    {status.alarms.length > 0 && (
      <details class="alarms">
        <summary>{staffNotes[language](status.alarms.length)}</summary>
        <ul lang="en">
          {status.alarms.map((alarm) => (
            <li key={alarm}>{alarm}</li>
          ))}
        </ul>
      </details>
    )}
  </footer>
);
