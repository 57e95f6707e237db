/** The station as a map of its docks: a bike to take, or an empty place to return one. */
import type { Screen } from "../session.ts";
import { hasChoice, headingOf, isChoice } from "./headings.ts";
import type { Language } from "./language.ts";
import { EmptyDockPicture } from "./pictures.tsx";
import { type OnPress, PressButton } from "./press-button.tsx";
import { Scene } from "./scene.tsx";
import { servicePictures } from "./service-pictures.ts";
import { dockNumber, words } from "./words.ts";
import { dockWords } from "./words-services.ts";

type DockScreen = Extract<Screen, { readonly name: "session"; readonly stage: "dock" }>;

type SessionDockProps = { readonly screen: DockScreen; readonly language: Language; readonly onPress: OnPress };

export const SessionDock = ({ screen, language, onPress }: SessionDockProps) => {
  const leave = (
    <PressButton press={{ kind: "leave" }} onPress={onPress} kind="secondary">
      {words.leave[language]}
    </PressButton>
  );
  if (!hasChoice(screen)) {
    return (
      <Scene picture={EmptyDockPicture} title={headingOf(screen)[language]} actions={leave}>
        <p class="lead">{(screen.action === "trip_start" ? words.noVehicle : words.noEmptyDock)[language]}</p>
      </Scene>
    );
  }
  return (
    <section class="sheet sheet-docks">
      <h1>{headingOf(screen)[language]}</h1>
      <ul class="docks">
        {screen.docks.map((each) => (
          <li key={each.dock}>
            {isChoice(screen, each) ? (
              <PressButton press={{ kind: "choose-dock", dock: each.dock }} onPress={onPress} kind="dock">
                <Place dock={each} service={screen.service} language={language} />
              </PressButton>
            ) : (
              <div class="dock-other">
                <Place dock={each} service={screen.service} language={language} />
              </div>
            )}
          </li>
        ))}
      </ul>
      <div class="sheet-actions">{leave}</div>
    </section>
  );
};

type PlaceProps = Pick<DockScreen, "service"> & {
  readonly dock: DockScreen["docks"][number];
  readonly language: Language;
};

const Place = ({ dock: { dock, vehicle }, service, language }: PlaceProps) => {
  const Lent = servicePictures[service];
  return (
    <>
      {vehicle === null ? <EmptyDockPicture /> : <Lent />}
      <span class="dock-name">{dockNumber[language](dock)}</span>
      <span class="dock-state">{(vehicle === null ? words.dockEmpty : dockWords[service].taken)[language]}</span>
    </>
  );
};
