import type { Command } from "../command.ts";

export const serveCommand: Command = {
  name: "serve",
  usage: "",
  about: `Runs the server until it is told to stop.
Settings are in the environment: GREENLANE_DATA, PORT, GREENLANE_HOST, GREENLANE_DEMO, GREENLANE_URL, TLS_CERT, TLS_KEY.`,
  options: [],
  givenMin: 0,
  givenMax: 0,
  hasJson: false,
  run: async (_, edges) => {
    await edges.serve();
    return { kind: "served" };
  },
};
