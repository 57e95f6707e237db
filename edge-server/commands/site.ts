/** `site place`: where a site is, for the console's map. */
import * as v from "valibot";
import { type Position, position } from "../../shared/admin.ts";
import { type Command, refuse } from "../command.ts";

export const placeSite: Command = {
  name: "site place",
  usage: "SITE --at LAT,LON [--json]",
  about: `Puts a site on the console's map: degrees of WGS 84, such as 26.0745,119.2965; "--at none" takes it off.
Terminals are told nothing of it.`,
  options: ["at"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  run: async ({ given: [site = ""], option }, edges) => {
    const given = option("at");
    if (given === undefined) return refuse("--at is missing");
    const at = given === "none" ? null : readPosition(given);
    if (at === "invalid") return refuse(`--at is "${given}": it must be LAT,LON such as 26.0745,119.2965, or none`);
    const { registry } = await edges.open();
    if (!registry.terminals().some(({ profile }) => profile.site === site)) {
      return refuse(`no terminal stands at ${site}: see terminal list`);
    }
    registry.putPlace(site, at);
    const where = at === null ? "not on the map" : `at ${at.lat},${at.lon}`;
    return { kind: "answered", json: { site, at }, text: `${site} is ${where}.` };
  },
};

const readPosition = (text: string): Position | "invalid" => {
  const [, lat, lon] = /^(-?\d{1,2}(?:\.\d{1,8})?),(-?\d{1,3}(?:\.\d{1,8})?)$/.exec(text) ?? [];
  const result = v.safeParse(position, { lat: Number(lat), lon: Number(lon) });
  return result.success ? result.output : "invalid";
};
