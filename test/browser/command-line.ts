/** The command line in this process, for a test that runs dozens of commands: each without a start of its own. */
import { Writable } from "node:stream";
import { runCli } from "../../edge-server/cli.ts";
import type { City, Ran } from "../live-city.ts";

export const commandHere = (city: City): City => ({
  ...city,
  greenlane: async (...words): Promise<Ran> => {
    const said = { out: "", err: "" };
    const into = (name: keyof typeof said) =>
      new Writable({
        write: (chunk, _, done) => {
          said[name] += String(chunk);
          done();
        },
      });
    const exitCode = await runCli(words, city.environment, { out: into("out"), err: into("err") });
    return { exitCode, ...said };
  },
});
