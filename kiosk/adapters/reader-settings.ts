/** What staff have set about reading and sounding on this terminal: kept under its slot, and forgotten where it is damaged. */
import type { ChosenCamera, ReaderSettings, SettingsStore } from "../ports.ts";

const unset: ReaderSettings = { camera: null, volume: 3, voice: false };

export const settingsStore = (slot: string, storage: Pick<Storage, "getItem" | "setItem">): SettingsStore => {
  const name = `greenlane/${slot}/reader`;
  return {
    read: () => {
      try {
        return readSettings(JSON.parse(storage.getItem(name) ?? "null"));
      } catch {
        return unset;
      }
    },
    write: (settings) => storage.setItem(name, JSON.stringify(settings)),
  };
};

const readSettings = (found: unknown): ReaderSettings => {
  if (typeof found !== "object" || found === null) return unset;
  const { camera, volume, voice } = found as Partial<Record<keyof ReaderSettings, unknown>>;
  return {
    camera: isCamera(camera) ? camera : null,
    volume: typeof volume === "number" && volume >= 1 && volume <= 5 ? Math.round(volume) : unset.volume,
    voice: voice === true,
  };
};

const isCamera = (found: unknown): found is ChosenCamera =>
  typeof found === "object" &&
  found !== null &&
  typeof Reflect.get(found, "id") === "string" &&
  typeof Reflect.get(found, "label") === "string";
