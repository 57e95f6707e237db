/** `programme recognise`: how visitors with another programme's score are served. */
import type { Recognition } from "../../shared/policy.ts";
import { type Command, refuse } from "../command.ts";
import { makePolicy } from "../policy.ts";

export const recogniseProgramme: Command = {
  name: "programme recognise",
  usage: "VISITOR --at HERE (--scores FROM=AS,... | --none) [--json]",
  about: `Serves visitors of one programme at the terminals of another by their own score list. Each FROM is a cut of the
visitors' pack, each AS one of the pack here: a score from FROM up counts as AS, and a higher one never for less. Both packs
must be published, and the visitors' issuer trusted. --none: they have the ordinary terms again.`,
  options: ["at", "scores"],
  flags: ["none"],
  givenMin: 1,
  givenMax: 1,
  hasJson: true,
  isForPublisher: true,
  run: async ({ given: [visitor = ""], option, hasFlag }, edges) => {
    const here = option("at");
    const said = option("scores");
    if (here === undefined) return refuse("--at is missing: the programme of the terminals");
    if ((said === undefined) !== hasFlag("none")) return refuse("say either --scores FROM=AS,... or --none");
    const scores = said === undefined ? null : readScores(said);
    if (typeof scores === "string") return refuse(scores);

    const { registry, publisher } = await edges.open();
    const others = registry.recognitions().filter((each) => each.visitor !== visitor || each.here !== here);
    const all = scores === null ? others : [...others, { visitor, here, scores }];
    const policy = makePolicy(registry.packs(), registry.staffRules(), all);
    if (policy.kind === "invalid") return refuse(policy.errors[0] ?? "not a policy");
    if (scores === null) registry.dropRecognition(visitor, here);
    else registry.putRecognition({ visitor, here, scores });
    const { version } = await publisher.publish();
    const how =
      scores === null
        ? "the ordinary terms"
        : scores.map(({ atLeast, as }) => `from ${atLeast} what ${as} has`).join(", ");
    return {
      kind: "answered",
      json: { visitor, here, scores: scores ?? [], bundle: version },
      text: `Visitors of ${visitor} at ${here}: ${how}. In force with bundle ${version}.`,
    };
  },
};

const readScores = (text: string): Recognition["scores"] | string => {
  const rows = text.split(",").map((each) => /^(-?\d{1,9})=(-?\d{1,9})$/.exec(each.trim()));
  const scores = rows.flatMap((row) => (row === null ? [] : [{ atLeast: Number(row[1]), as: Number(row[2]) }]));
  return scores.length === rows.length ? scores : `--scores is "${text}": it must be like 501=650,701=697`;
};
