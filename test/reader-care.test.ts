/** What staff set at a terminal, and where it is kept. */
import { describe, expect, test } from "vitest";
import { settingsStore } from "../kiosk/adapters/reader-settings.ts";
import { createLatency } from "../kiosk/latency.ts";
import type { OpenCamera } from "../kiosk/ports.ts";
import { createCarer } from "../kiosk/reader-care.ts";

const createStorage = () => {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
  };
};

const front = { id: "f", label: "Front" };
const back = { id: "b", label: "Back" };

const createCare = (storage = createStorage()) => {
  const chosen: string[] = [];
  const carer = createCarer({
    store: settingsStore("main", storage),
    latency: createLatency(() => 0),
    hasVoice: (tag) => tag === "en",
    onChosen: () => chosen.push(carer.settings().camera?.id ?? ""),
    onChange: () => {},
  });
  return { carer, chosen, storage };
};

const opened = (lights: boolean[]): OpenCamera => ({
  id: "f",
  cameras: [front, back],
  light: { isOn: false, turn: async (isOn) => void lights.push(isOn) },
});

describe("care", () => {
  test("a camera that was chosen is opened, and remembered for this terminal alone", () => {
    const { carer, chosen, storage } = createCare();
    carer.noteCamera(opened([]));
    carer.touch({ kind: "camera", id: "b" });
    expect(chosen).toEqual(["b"]);
    expect(createCare(storage).carer.settings().camera).toEqual(back);
    expect(settingsStore("other", storage).read().camera).toBeNull();
  });

  test("one that is not there is not chosen", () => {
    const { carer, chosen } = createCare();
    carer.noteCamera(opened([]));
    carer.touch({ kind: "camera", id: "gone" });
    expect(chosen).toEqual([]);
    expect(carer.settings().camera).toBeNull();
  });

  test("volume and voice are kept; a voice is offered where one speaks the language", () => {
    const { carer, storage } = createCare();
    carer.touch({ kind: "volume", volume: 5 });
    carer.touch({ kind: "voice", isOn: true });
    expect(createCare(storage).carer.current("en")).toMatchObject({ volume: 5, voice: true });
    expect(carer.current("zh-Hans").voice).toBeNull();
  });

  test("the light is offered while a camera with one is open", () => {
    const lights: boolean[] = [];
    const { carer } = createCare();
    expect(carer.current("en").light).toBeNull();
    carer.noteCamera(opened(lights));
    expect(carer.current("en").light).toBe(false);
    carer.touch({ kind: "light", isOn: true });
    expect(lights).toEqual([true]);
    carer.noteCamera(null);
    expect(carer.current("en").light).toBeNull();
  });

  test("a camera is out only once it stayed broken, and until it reads again", () => {
    const { carer } = createCare();
    const isOut = () => carer.current("en").isCameraOut;
    carer.noteState({ kind: "broken", cause: "camera stands still" });
    expect(isOut()).toBe(false);
    carer.noteState({ kind: "broken", cause: "camera stands still", isLasting: true });
    expect(isOut()).toBe(true);
    carer.noteState({ kind: "scanning" });
    expect(isOut()).toBe(false);
  });

  test.each(["", "{", "[]", '"x"', '{"camera":{"id":1},"volume":99,"voice":"yes"}'])(
    "what is damaged is forgotten: %s",
    (text) => {
      const storage = createStorage();
      storage.setItem("greenlane/main/reader", text);
      expect(settingsStore("main", storage).read()).toEqual({ camera: null, volume: 3, voice: false });
    },
  );
});
