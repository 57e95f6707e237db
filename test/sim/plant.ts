/**
 * Plants a bug: `node --import ./test/sim/plant.ts ...` with its name in SIM_PLANT. The text of one file is replaced while it
 * is loaded; what lies on the disk stays as it is. A text that is not there exactly once is a mistake of the corpus: throws.
 */
import { registerHooks } from "node:module";
import { planted } from "./planted.ts";

const name = process.env.SIM_PLANT ?? "";
const bug = planted.find((each) => each.name === name);
if (bug === undefined) throw new Error(`no bug is called ${name}`);
let isPlanted = false;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/${bug.file}`)) return loaded;
    const text = String(loaded.source instanceof Uint8Array ? Buffer.from(loaded.source) : loaded.source);
    if (text.split(bug.find).length !== 2)
      throw new Error(`${name}: its text does not stand in ${bug.file} exactly once`);
    isPlanted = true;
    return { ...loaded, source: text.replace(bug.find, () => bug.replace) };
  },
});

process.on("exit", () => {
  if (!isPlanted) console.error(`${name}: ${bug.file} was never loaded`);
});
