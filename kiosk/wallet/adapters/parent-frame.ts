/**
 * The page that frames the phone, such as the demo: it is told the code, and may ask for a new one. Only a parent of
 * the same origin is spoken to or heard.
 *
 *     to the parent     {greenlane: "code", text}     text null while there is no code
 *     from the parent   {greenlane: "new-code"}       the code was shown
 *                       {greenlane: "renew"}          the city was started anew
 */
export type ParentFrame = { readonly tellCode: (text: string | null) => void };

export type Wish = "new-code" | "renew";

export const joinParentFrame = (onWish: (wish: Wish) => void): ParentFrame => {
  const { parent } = window;
  if (parent === window) return { tellCode: () => {} };
  addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    if (origin !== location.origin || source !== parent) return;
    const wish = typeof data === "object" && data !== null && "greenlane" in data ? data.greenlane : null;
    if (wish === "new-code" || wish === "renew") onWish(wish);
  });
  let told: string | null | undefined;
  return {
    tellCode: (text) => {
      if (text === told) return;
      told = text;
      parent.postMessage({ greenlane: "code", text }, location.origin);
    },
  };
};
