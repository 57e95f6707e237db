/** Waiting, with a camera that does not come back: no code can be read from a phone here, and everybody is told at once. */
import type { ServiceName } from "../../shared/terms.ts";
import type { Language } from "./language.ts";
import { type ReadyProps, readyActions } from "./ready.tsx";
import { Scene } from "./scene.tsx";
import { cameraOutTitle } from "./words-headings.ts";
import { serviceWords } from "./words-services.ts";

export const CameraOut = ({ screen, language, onPress }: ReadyProps) => (
  <Scene picture={null} title={cameraOutTitle[language]} actions={readyActions({ screen, language, onPress })}>
    <p class="lead" data-camera-out>
      {serviceWords[screen.service].cameraOut[language]}
    </p>
  </Scene>
);

/** For those who listen rather than look. */
export const saidOfCamera = (service: ServiceName, language: Language): string =>
  `${cameraOutTitle[language]} ${serviceWords[service].cameraOut[language]}`;
