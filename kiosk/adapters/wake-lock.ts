/** Keeps the display on while the page is seen. A device that does not allow it (a low battery) goes dark: no harm. */
export const keepAwake = (): void => {
  const ask = (): void => {
    if (document.hidden || !("wakeLock" in navigator)) return;
    navigator.wakeLock.request("screen").catch((cause: unknown) => console.warn("the display may go dark:", cause));
  };
  document.addEventListener("visibilitychange", ask);
  ask();
};
