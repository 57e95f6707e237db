/**
 * The whole of what a terminal shows, drawn from a `Screen`, the small `Status` and the language; what is touched goes out
 * as a `Press`. Knows nothing else.
 *
 * `<main>` carries what tests and support rely on: data-screen, data-service, data-stage, data-effect, data-terms,
 * data-reason. `cameraHost` stays in the document on every screen, since a video that is taken out of it stops.
 */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { CareTouch, Connectable, ReaderCare, Screen, Status } from "../session.ts";
import { CameraOut, saidOfCamera } from "./camera-out.tsx";
import { announcementOf } from "./headings.ts";
import { IdleWarning } from "./idle-warning.tsx";
import { type Language, otherLanguage, tagOf } from "./language.ts";
import { HandOver, Session, StaffDesk } from "./later-screens.ts";
import { OutOfService } from "./out-of-service.tsx";
import { Passage } from "./passage.tsx";
import { Paying } from "./paying.tsx";
import { GlobePicture, PausePicture, ScanItemPicture, ShowCodePicture } from "./pictures.tsx";
import type { OnPress } from "./press-button.tsx";
import { Reading } from "./reading.tsx";
import { Ready } from "./ready.tsx";
import { Refer } from "./refer.tsx";
import { Result } from "./result.tsx";
import { Setup } from "./setup.tsx";
import { StatusFooter } from "./status-footer.tsx";
import { WhyOnRequest } from "./why.tsx";
import { words } from "./words.ts";
import { laneOf, serviceWords } from "./words-services.ts";

export type TerminalScreenProps = {
  readonly screen: Screen;
  readonly status: Status;
  readonly language: Language;
  readonly onPress: OnPress;
  readonly onLanguage: (language: Language) => void;
  /** Whether there is anything that could be handed over (rescue/desk.ts). */
  readonly canHandOver: boolean;
  /** Null where no camera belongs to the terminal. */
  readonly cameraHost: HTMLElement | null;
  /** What staff see and set; null where there is nothing of it. */
  readonly care: ReaderCare | null;
  readonly onCare: (touch: CareTouch) => void;
  readonly connectables?: readonly Connectable[];
  readonly onConnect?: (wanted: Connectable) => void;
};

export const TerminalScreen = (props: TerminalScreenProps) => {
  const {
    screen,
    status,
    language,
    onPress,
    onLanguage,
    cameraHost,
    care,
    onCare,
    connectables = [],
    onConnect,
  } = props;
  const isCameraOut = care?.isCameraOut === true;
  const isAtFoot = !status.isBadgeNeeded || verifiesNothing(screen);
  useLayoutEffect(() => {
    document.documentElement.lang = tagOf[language];
  }, [language]);
  return (
    <main class="terminal" lang={tagOf[language]} {...attributesOf(screen)}>
      <Header screen={screen} language={language} onLanguage={onLanguage} onPress={onPress} />
      <Reader screen={screen} cameraHost={cameraHost} isCameraOut={isCameraOut} />
      {screen.name === "staff" ? (
        <StaffDesk screen={screen} status={status} language={language} care={care} onCare={onCare} onPress={onPress} />
      ) : (
        <Body
          screen={screen}
          language={language}
          isCameraOut={isCameraOut}
          isBadgeNeeded={status.isBadgeNeeded}
          onPress={onPress}
        />
      )}
      <StatusFooter
        status={status}
        language={language}
        care={isAtFoot || isCameraOut ? care : null}
        onCare={onCare}
        connectables={connectables}
        onConnect={onConnect}
        onHandOver={props.canHandOver && isAtFoot && isFree(screen) ? () => onPress({ kind: "hand-over" }) : null}
      />
      <p class="unseen" role="status">
        {isCameraOut && screen.name === "ready"
          ? saidOfCamera(screen.service, language)
          : announcementOf(screen, language)}
      </p>
      {"warning" in screen && screen.warning !== null && (
        <IdleWarning seconds={screen.warning} language={language} onPress={onPress} />
      )}
    </main>
  );
};

/** Nobody is being served. */
const isFree = ({ name }: Screen): boolean => name === "ready" || name === "setup" || name === "out-of-service";

/** No badge could be read here: what needs one elsewhere is at the foot. */
const verifiesNothing = (screen: Screen): boolean =>
  screen.name === "setup" || (screen.name === "out-of-service" && screen.cause !== "gate" && screen.cause !== "closed");

const attributesOf = (screen: Screen) => ({
  "data-screen": screen.name,
  "data-service": "service" in screen ? screen.service : undefined,
  "data-stage": "stage" in screen ? screen.stage : undefined,
  ...judgementOf(screen),
});

const judgementOf = (screen: Screen) => {
  if (screen.name === "refer") return { "data-effect": "refer", "data-reason": screen.reason };
  if (!("granted" in screen) || screen.granted === null) return {};
  const { terms, reason } = screen.granted;
  return { "data-effect": "permit", "data-terms": terms, "data-reason": reason };
};

type HeaderProps = Pick<TerminalScreenProps, "screen" | "language" | "onLanguage" | "onPress">;

const Header = ({ screen, language, onLanguage, onPress }: HeaderProps) => {
  const receipt = "receipt" in screen ? screen.receipt : undefined;
  const other = otherLanguage(language);
  const lane = screen.name === "ready" || screen.name === "result" ? laneOf(screen.service, screen.action) : undefined;
  return (
    <header class="head">
      <p class="place">
        {"service" in screen ? (
          <>
            {serviceWords[screen.service].place[language]}
            {lane !== undefined && <strong>{lane[language]}</strong>}
          </>
        ) : (
          "Greenlane"
        )}
      </p>
      {receipt !== undefined && (
        <WhyOnRequest
          key={receipt.code}
          receipt={receipt}
          isReferred={screen.name === "refer"}
          language={language}
          onPress={onPress}
        />
      )}
      <button
        type="button"
        class="button button-head button-language"
        lang={tagOf[other]}
        data-language={other}
        onClick={() => onLanguage(other)}
      >
        <GlobePicture />
        {words.inOtherLanguage[language]}
      </button>
    </header>
  );
};

/** Where codes and items are held. Always in the document; seen where something is to be scanned. */
type ReaderProps = Pick<TerminalScreenProps, "screen" | "cameraHost"> & { readonly isCameraOut: boolean };

const Reader = ({ screen, cameraHost, isCameraOut }: ReaderProps) => {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    place.current?.replaceChildren(...(cameraHost === null ? [] : [cameraHost]));
  }, [cameraHost]);
  return (
    <div class="reader" aria-hidden="true">
      {readerPictureOf(screen, isCameraOut)}
      <div class="reader-preview" ref={place} />
    </div>
  );
};

const readerPictureOf = (screen: Screen, isCameraOut: boolean) => {
  if (isCameraOut) return <PausePicture />;
  return screen.name === "session" ? <ScanItemPicture /> : <ShowCodePicture />;
};

type BodyProps = Pick<TerminalScreenProps, "language" | "onPress"> & {
  readonly screen: Exclude<Screen, { readonly name: "staff" }>;
  readonly isCameraOut: boolean;
  readonly isBadgeNeeded: boolean;
};

const Body = ({ screen, language, isCameraOut, isBadgeNeeded, onPress }: BodyProps) => {
  switch (screen.name) {
    case "setup":
      return <Setup screen={screen} language={language} />;
    case "ready":
      return isCameraOut ? (
        <CameraOut screen={screen} language={language} onPress={onPress} />
      ) : (
        <Ready screen={screen} language={language} onPress={onPress} />
      );
    case "reading":
      return <Reading language={language} />;
    case "paying":
      return <Paying language={language} />;
    case "result":
      return <Result screen={screen} language={language} onPress={onPress} />;
    case "refer":
      return <Refer screen={screen} language={language} />;
    case "out-of-service":
      return <OutOfService screen={screen} language={language} onPress={onPress} isBadgeNeeded={isBadgeNeeded} />;
    case "passage":
      return <Passage screen={screen} language={language} />;
    case "hand-over":
      return <HandOver screen={screen} language={language} onPress={onPress} />;
    case "session":
      return <Session screen={screen} language={language} onPress={onPress} />;
  }
};
