/** The shape that most screens share: a picture, a heading with what belongs to it, and what can be touched. */
import type { ComponentChildren } from "preact";
import type { Picture } from "./pictures.tsx";

export type SceneProps = {
  /** None where the reader stands in its place. */
  readonly picture: Picture | null;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly actions?: ComponentChildren;
};

export const Scene = ({ picture: Drawn, title, children, actions }: SceneProps) => (
  <section class={Drawn === null ? "scene" : "scene with-picture"}>
    {Drawn !== null && (
      <div class="scene-picture">
        <Drawn />
      </div>
    )}
    <div class="scene-words">
      <h1>{title}</h1>
      {children}
    </div>
    {actions !== undefined && <div class="scene-actions">{actions}</div>}
  </section>
);
