/** How the terminal is: small, on every screen, and honest. What staff should look at is behind one touch. */
import { useRef } from "preact/hooks";
import type { CareTouch, Connectable, Progress, ReaderCare, Status } from "../session.ts";
import { formatAge, formatShare } from "./format.ts";
import type { Language } from "./language.ts";
import { ReaderCareList } from "./later-screens.ts";
import {
  artefactNames,
  connectWords,
  freshnessWords,
  ordinaryIn,
  ordinaryNow,
  staffNotes,
  updating,
  versionNamed,
  waitingToBeSent,
  words,
} from "./words.ts";
import { handOverTitles } from "./words-headings.ts";

type StatusFooterProps = {
  readonly status: Status;
  readonly language: Language;
  readonly connectables: readonly Connectable[];
  readonly onConnect: ((wanted: Connectable) => void) | undefined;
  /** Null where nothing can be handed over from here. */
  readonly onHandOver: (() => void) | null;
  readonly care: ReaderCare | null;
  readonly onCare: (touch: CareTouch) => void;
};

export const StatusFooter = (props: StatusFooterProps) => {
  const { status, language } = props;
  return (
    <footer class="status">
      <ul class="status-line">
        <li class={status.isOnline ? "is-online" : "is-offline"} data-online={status.isOnline}>
          {(status.isOnline ? words.online : words.offline)[language]}
        </li>
        <li data-pending={status.pending}>{waitingToBeSent[language](status.pending)}</li>
        {groupByAge(status.artefacts).map(({ names, ageSeconds, freshness }) => (
          <li key={names[0]} data-artefacts={names.join(" ")} data-freshness={freshness}>
            {names.map((name) => artefactNames[name][language]).join(language === "zh" ? "、" : ", ")}{" "}
            <strong>{freshnessWords[freshness][language]}</strong>
            {ageSeconds !== null && ` (${formatAge(ageSeconds, language) ?? words.now[language]})`}
          </li>
        ))}
        {status.version !== "" && <li data-version={status.version}>{versionNamed[language](status.version)}</li>}
        {status.download !== null && (
          <li data-download={status.download.bytes}>
            {updating[language](formatShare(shareOf(status.download), language))}
          </li>
        )}
      </ul>
      <StaffNotes {...props} />
    </footer>
  );
};

const StaffNotes = (props: StatusFooterProps) => {
  const { status, language, connectables, onConnect, onHandOver, care, onCare } = props;
  const notes = useRef<HTMLDetailsElement>(null);
  const { alarms, ordinaryInSeconds } = status;
  const count = alarms.length + (ordinaryInSeconds === null ? 0 : 1);
  if (count === 0 && onHandOver === null && connectables.length === 0 && care === null) return null;
  const handOver = (): void => {
    if (notes.current !== null) notes.current.open = false;
    onHandOver?.();
  };
  return (
    <details class="alarms" ref={notes}>
      <summary>{count === 0 ? words.forStaff[language] : staffNotes[language](count)}</summary>
      <ul>
        {ordinaryInSeconds !== null && (
          <li data-ordinary-in={ordinaryInSeconds}>{forecast(ordinaryInSeconds, language)}</li>
        )}
        {alarms.map((alarm) => (
          <li key={alarm} lang="en">
            {alarm}
          </li>
        ))}
        {onHandOver !== null && (
          <li>
            <button type="button" class="button button-secondary" data-press="hand-over" onClick={handOver}>
              {handOverTitles.menu[language]}
            </button>
          </li>
        )}
        {connectables.map((wanted) => (
          <li key={wanted}>
            <button
              type="button"
              class="button button-secondary"
              data-connect={wanted}
              onClick={() => onConnect?.(wanted)}
            >
              {connectWords[wanted][language]}
            </button>
          </li>
        ))}
        {care !== null && <ReaderCareList care={care} language={language} onCare={onCare} />}
      </ul>
    </details>
  );
};

const forecast = (seconds: number, language: Language): string => {
  if (seconds === 0) return ordinaryNow[language];
  return ordinaryIn[language](formatAge(Math.max(seconds, 60), language) ?? words.now[language]);
};

type Artefact = Status["artefacts"][number];

/** They come in one bundle, so most of the time one line says it of all. */
const groupByAge = (artefacts: readonly Artefact[]) => {
  const isSame = (a: Artefact, b: Artefact): boolean => a.freshness === b.freshness && a.ageSeconds === b.ageSeconds;
  const firsts = artefacts.filter((each, at) => artefacts.findIndex((other) => isSame(each, other)) === at);
  return firsts.map((first) => ({
    ...first,
    names: artefacts.filter((each) => isSame(each, first)).map(({ name }) => name),
  }));
};

/** In permille, whole percents. */
const shareOf = ({ bytes, total }: Progress): number => 10 * Math.floor((100 * bytes) / total);
