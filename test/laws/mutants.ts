/**
 * Bugs that the laws must find, each a text replaced in one file: what `decide` could have been written with, or the check of
 * packs. A text that does not stand in its file exactly once is a mistake of this list.
 */
export type Mutant = { readonly name: string; readonly file: string; readonly find: string; readonly replace: string };

const inFile =
  (file: string) =>
  (name: string, find: string, replace: string): Mutant => ({ name, file, find, replace });

const inDecide = inFile("decide.ts");
const inPolicy = inFile("policy.ts");
const inCheck = inFile("pack-check.ts");
const inTerms = inFile("terms.ts");
const inPack = inFile("pack.ts");
const inSchema = inFile("pack-schema.ts");

export const mutants: readonly Mutant[] = [
  /* The ladder: a rung that is missing, weaker, or in another place. */
  inDecide("serves what is not offered", " || !offers(request)) return", ") return"),
  inDecide(
    "asks for a code at a return",
    'if (needsNoCode(request)) return permit(rules.ordinary, "no-code-needed");',
    "",
  ),
  inDecide(
    "opens without a code",
    'if (reading.kind === "none") return refer("unreadable");',
    'if (reading.kind === "none") return permit(rules.ordinary, "ordinary");',
  ),
  inDecide(
    "opens for an unreadable code",
    'if (reading.kind === "fault") return refer(reading.fault);',
    'if (reading.kind === "fault") return permit(rules.ordinary, "ordinary");',
  ),
  inDecide("takes a badge for a citizen's code", 'if (reading.use === "staff") return refer("staff-badge");', ""),
  inDecide(
    "forgets replays",
    'if (reading.form === "presentation" && facts.history.seenAt !== null) return refer("replay");',
    "",
  ),
  inDecide(
    "takes a card for replayed",
    'if (reading.form === "presentation" && facts.history.seenAt',
    "if (facts.history.seenAt",
  ),
  inDecide("trusts a revoked credential", 'if (facts.knowledge.standing === "revoked") return refer("revoked");', ""),
  inDecide(
    "takes cards everywhere",
    'if (reading.form === "bearer" && rules.card === null) return refer("card-not-accepted");',
    "",
  ),
  inDecide(
    "never has enough of a card",
    'if (reading.form === "bearer" && isCardUsedUp(rules, facts)) return refer("card-limit");',
    "",
  ),
  inDecide("counts a phone's taps as a card's", 'if (reading.form === "bearer" && isCardUsedUp', "if (isCardUsedUp"),
  inDecide("allows one tap of a card too many", "facts.history.cardTaps >= ", "facts.history.cardTaps > "),
  inDecide("knows no passback", 'if (isPassback(request, rules, facts)) return refer("passback");', ""),
  inDecide(
    "keeps people for a second too long",
    "request.at) < rules.passbackSeconds",
    "request.at) <= rules.passbackSeconds",
  ),
  inDecide("believes a clock that went back", "Math.abs(b - a)", "b - a"),
  inDecide("is never full", 'if (isFull(request, rules)) return refer("full");', ""),
  inDecide("lets one too many in", "inside >= Math", "inside > Math"),
  inDecide("takes the share for more room", "Math.min(limitOf(rules.capacity), ", "Math.max(limitOf(rules.capacity), "),
  inDecide("knows no share", "Math.min(limitOf(rules.capacity), limitOf(places))", "limitOf(rules.capacity)"),
  inDecide("lets nobody out of what is full", 'action === "entry" && inside', "inside"),
  inDecide("lends without end", 'if (itemsLeft(request, granted) <= 0) return refer("items-max");', ""),
  inDecide("lends one too many", "if (itemsLeft(request, granted) <= 0)", "if (itemsLeft(request, granted) < 0)"),
  inDecide("lends nothing at a renewal", 'if (request.action !== "checkout") return 1;', ""),
  inDecide(
    "forgets the kinds",
    "Math.min(ofAll, itemsMaxOf(terms, request.kind) - (request.kindBefore ?? 0))",
    "ofAll",
  ),
  inDecide(
    "knows kinds alone",
    "Math.min(ofAll, itemsMaxOf(terms, request.kind) - (request.kindBefore ?? 0))",
    "itemsMaxOf(terms, request.kind) - (request.kindBefore ?? 0)",
  ),
  inDecide("renews for ever", 'if (renewalsLeft(request, granted) <= 0) return refer("renewals-max");', ""),
  inDecide(
    "renews once too often",
    "if (renewalsLeft(request, granted) <= 0)",
    "if (renewalsLeft(request, granted) < 0)",
  ),
  inDecide(
    "judges by the renewals of a checkout",
    'action === "renew" ? limitOf(terms.renewalsMax) - renewalsBefore : 1',
    "limitOf(terms.renewalsMax) - renewalsBefore",
  ),

  /* On which terms. */
  inDecide("knows no choice of a deposit", 'if (tier !== null) return permit(tier, "ordinary");', ""),
  inDecide("takes a choice for a perk", 'permit(tier, "ordinary")', 'permit(tier, "perk")'),
  inDecide(
    "gives perks to strangers",
    'if (home === null) return permit(rules.ordinary, "other-programme");',
    'if (home === null) return permit({ ...rules.ordinary, priceFactor: 0 }, "other-programme");',
  ),
  inDecide(
    "owes strangers",
    'return permit(rules.ordinary, "other-programme")',
    'return owe(rules.ordinary, "other-programme")',
  ),
  inDecide(
    "gives a card perks against the rules",
    'if (reading.form === "bearer" && rules.card?.perks !== true) return permit(rules.ordinary, "ordinary");',
    "",
  ),
  inDecide("believes old keys", 'if (isOld(knowledge.checkedAt.trust)) return owe(rules.ordinary, "trust-stale");', ""),
  inDecide(
    "believes old rules",
    'if (isOld(knowledge.checkedAt.policy)) return owe(rules.ordinary, "policy-stale");',
    "",
  ),
  inDecide(
    "believes an old list",
    'if (isOld(knowledge.checkedAt.list)) return owe(rules.ordinary, "list-stale");',
    "",
  ),
  inDecide("believes what was never confirmed", "checkedAt === null || !(", "checkedAt !== null && !("),
  inDecide(
    "believes a clock that is no number",
    "!(timeBetween(checkedAt, request.at) <= policy.perkGraceSeconds)",
    "timeBetween(checkedAt, request.at) > policy.perkGraceSeconds",
  ),
  inDecide(
    "is a second short of grace",
    "request.at) <= policy.perkGraceSeconds",
    "request.at) < policy.perkGraceSeconds",
  ),
  inDecide("needs no list", 'if (knowledge.cuts === null) return owe(rules.ordinary, "list-missing");', ""),
  inDecide(
    "takes other cuts for its own",
    'if (knowledge.cuts !== home.pack.cuts.version) return owe(rules.ordinary, "cuts-differ");',
    "",
  ),
  inDecide(
    "sorts a visitor by the cuts of here",
    "knowledge.cuts !== home.pack.cuts.version",
    "knowledge.cuts !== pack.cuts.version",
  ),
  inDecide(
    "takes an unknown band for none",
    'if (isUnknown(knowledge.standing, home.pack)) return owe(rules.ordinary, "band-unknown");',
    "",
  ),
  inDecide(
    "looks for a visitor's band in the pack of here",
    "isUnknown(knowledge.standing, home.pack)",
    "isUnknown(knowledge.standing, pack)",
  ),
  inDecide(
    "gives a perk while an objection is pending",
    'if (typeof knowledge.standing !== "number") return permit(rules.ordinary, "ordinary");',
    'if (knowledge.standing === "none") return permit(rules.ordinary, "ordinary");\n  if (typeof knowledge.standing !== "number") return owe(rules.ordinary, "ordinary");',
  ),
  inDecide(
    "owes what nobody was due",
    'if (perk === null) return permit(rules.ordinary, "ordinary");',
    'if (perk === null) return owe(rules.ordinary, "ordinary");',
  ),
  inDecide("owes nothing", "({ ...permit(terms, reason), owed: true })", "permit(terms, reason)"),
  inDecide("says that a perk is owed", 'reason: "perk", owed: false };', 'reason: "perk", owed: true };'),
  inDecide("forgets what it gave", "perk: perk.id, reason", "perk: null, reason"),

  /* Perks, homes and bands. */
  inPolicy("gives the lowest perk", "perk.atLeast > best.atLeast", "perk.atLeast < best.atLeast"),
  inPolicy("gives perks one point too late", "perk.atLeast > reached", "perk.atLeast >= reached"),
  inPolicy("gives what nobody reached", " || perk.atLeast > reached) continue", ") continue"),
  inPolicy("gives perks to no score at all", "if (reached === undefined || !isSet(perk)", "if (!isSet(perk)"),
  inPolicy(
    "is one band off",
    "scoreHere: (band) => here.cuts.at[band - 1] }",
    "scoreHere: (band) => here.cuts.at[band] }",
  ),
  inPolicy(
    "recognises everybody of whom it has a pack",
    "const pack = recognised === undefined ? null : packOf(value, recognised.visitor);\n  if (recognised === undefined || pack === null) return null;",
    'const pack = packOf(value, programme ?? "");\n  if (pack === null) return null;\n  if (recognised === undefined) return { pack, scoreHere: (band) => pack.cuts.at[band - 1] };',
  ),
  inPolicy(
    "recognises also elsewhere",
    "each.visitor === programme && each.here === here.programme",
    "each.visitor === programme",
  ),
  inPolicy(
    "counts a visitor's score as it is",
    "recognisedScore(recognised, pack.cuts.at[band - 1])",
    "pack.cuts.at[band - 1]",
  ),
  inPolicy("counts a visitor for the least", "scores.findLast((each)", "scores.find((each)"),
  inPolicy("counts a visitor for more than said", "each.atLeast <= reached)?.as", "each.atLeast <= reached + 100)?.as"),
  inPolicy(
    "chooses a deposit for everybody",
    "id === undefined ? undefined : rules.tiers?.find((each) => each.id === id)",
    "rules.tiers?.[0]",
  ),
  inPolicy(
    "takes any word for a service",
    "Object.hasOwn(value.services, wanted) ? (value.services[wanted] ?? null) : null",
    "value.services[wanted] ?? value.services.metro ?? null",
  ),
  inPack("forgets the ordinary terms beside a perk", "  ...ordinary,\n  ...definedOnly", "  ...definedOnly"),
  inPack("grants what is unknown", 'each.atLeast !== "unknown"', "true"),

  /* What is given back, or asked for without a code. */
  inTerms("keeps umbrellas", '["checkin", "trip_end"]', '["checkin"]'),
  inTerms("opens every exit", 'action === "exit" && servicesLeftFreely.includes(service)', 'action === "exit"'),
  inTerms(
    "keeps visitors inside",
    'actionsWithoutCode.includes(action) || (action === "exit" && servicesLeftFreely.includes(service))',
    "actionsWithoutCode.includes(action)",
  ),

  /* What may be written into a pack. */
  ...(["deposit", "priceFactor"] as const).map((each) =>
    inTerms(`allows a dearer ${each}`, `a.${each} <= b.${each} &&`, "true &&"),
  ),
  ...(["freeSeconds", "loanSeconds", "itemsMax"] as const).map((each) =>
    inTerms(`allows less ${each}`, `a.${each} >= b.${each} &&`, "true &&"),
  ),
  inTerms("allows to take pay-later away", "Number(a.payLater) >= Number(b.payLater) &&", "true &&"),
  inTerms("allows to close the green channel", "Number(a.greenChannel) >= Number(b.greenChannel) &&", "true &&"),
  inTerms(
    "allows fewer of a kind",
    "kindsIn(a, b).every((kind) => itemsMaxOf(a, kind) >= itemsMaxOf(b, kind)) &&",
    "true &&",
  ),
  inTerms(
    "looks at the kinds of one alone",
    "Object.keys(a.itemsByKind ?? {}).concat(Object.keys(b.itemsByKind ?? {}))",
    "Object.keys(b.itemsByKind ?? {})",
  ),
  inTerms("allows fewer renewals", "limitOf(a.renewalsMax) >= limitOf(b.renewalsMax) &&", "true &&"),
  inTerms("allows less to be paid later", 'payLaterOf(a, "payLaterMax") >= payLaterOf(b, "payLaterMax") &&', "true &&"),
  inTerms("allows it to be due sooner", 'payLaterOf(a, "payLaterSeconds") >= payLaterOf(b, "payLaterSeconds")', "true"),
  inTerms("takes no limit for nothing", "limit ?? Number.POSITIVE_INFINITY", "limit ?? 0"),
  inTerms(
    "counts what could be paid later by who may not",
    "terms.payLater ? limitOf(terms[limit]) : 0",
    "limitOf(terms[limit])",
  ),
  inCheck(
    "takes a perk worse than ordinary",
    "worseIn(improve(rules.ordinary, each), rules.ordinary)",
    "worseIn(rules.ordinary, rules.ordinary)",
  ),
  inCheck(
    "takes a worse perk while its threshold is unknown",
    "...rules.perks.flatMap((each) =>\n      worseIn(",
    "...perks.flatMap((each) =>\n      worseIn(",
  ),
  inCheck(
    "takes a higher perk that gives less",
    "...perks.flatMap((each, index) => flawsOfHigher(rules, each, perks[index - 1], pathOf(each))),",
    "",
  ),
  inCheck(
    "compares perks as they stand",
    "const perks = sortedPerks(rules);",
    'const perks = rules.perks.filter((each) => each.atLeast !== "unknown") as SetPerk[];',
  ),
  inCheck(
    "takes a threshold that is no cut",
    ".filter((each) => !pack.cuts.at.includes(each.atLeast))",
    ".filter(() => false)",
  ),
  inCheck(
    "takes two perks of one name",
    "...twice(rules.perks, ({ id }) => id).map(",
    "...twice([] as Perk[], ({ id }) => id).map(",
  ),
  inCheck(
    "takes two perks of one cut",
    "...twice(perks, ({ atLeast }) => atLeast).map(",
    "...twice([] as SetPerk[], ({ atLeast }) => atLeast).map(",
  ),
  inCheck("takes bands that fall", "cut > (pack.cuts.at[index - 1] ?? min) && cut <= max", "cut > min && cut <= max"),
  inCheck(
    "takes a band twice",
    "cut > (pack.cuts.at[index - 1] ?? min)",
    "cut >= (pack.cuts.at[index - 1] ?? min + 1)",
  ),
  inCheck("takes bands above the scale", " && cut <= max", ""),
  inCheck(
    "takes bands at the bottom of the scale",
    "pack.cuts.at[index - 1] ?? min)",
    "pack.cuts.at[index - 1] ?? min - 1)",
  ),
  inCheck("takes a scale that is upside down", '...(min < max ? [] : [flaw(["scale"], "min must be below max")]),', ""),
  inCheck("takes a scale of nothing", "...(min < max ?", "...(min <= max ?"),
  inCheck(
    "takes a deposit that buys less",
    "worseIn({ ...improve(ordinary, each), deposit: ordinary.deposit }, ordinary)",
    "worseIn(ordinary, ordinary)",
  ),
  inCheck(
    "refuses every deposit that is dearer",
    "{ ...improve(ordinary, each), deposit: ordinary.deposit }",
    "improve(ordinary, each)",
  ),
  inCheck(
    "takes two choices of one name",
    "...twice(tiers, ({ id }) => id).map(",
    "...twice([] as typeof tiers, ({ id }) => id).map(",
  ),
  inCheck("never looks at kinds", "    ...flawsOfKinds(rules),\n", ""),
  inCheck(
    "takes two kinds of one name",
    "...twice(kinds, ({ id }) => id)",
    "...twice([] as typeof kinds, ({ id }) => id)",
  ),
  inCheck("takes an item of two kinds", "...twice(starts, ", "...twice([] as typeof starts, "),
  inCheck("takes ordinary limits of no kind", '    { path: ["ordinary"], terms: ordinary },\n', ""),
  inCheck("takes a perk's limits of no kind", "...perks.map(({ terms }, index)", "...[].map(({ terms }, index)"),
  inCheck("takes a choice's limits of no kind", "...tiers.map(({ terms }, index)", "...[].map(({ terms }, index)"),
  inCheck("tells whoever holds a card what it gives", 'name === "inquiry" && rules.card !== null', "false"),
  inPolicy(
    "takes amounts in another currency",
    "each.currency === undefined || each.currency === value.currency",
    "true",
  ),
  inPolicy(
    "needs a currency in every pack",
    "each.currency === undefined || each.currency === value.currency",
    "each.currency === value.currency",
  ),
  inPolicy("takes a programme twice", "...repeated(packs.map((each) => each.programme)).map(", "...repeated([]).map("),
  inPolicy(
    "never looks at visitors",
    "...recognises.flatMap((each, index) =>",
    "...[].flatMap((each: Recognition, index) =>",
  ),
  inPolicy("takes two leaves for one visitor", "...repeated(recognises.map(", "...repeated([].map("),
  inPolicy(
    "lets a programme recognise itself",
    "if (visitor === here) return",
    "if (visitor === here.concat(here)) return",
  ),
  inPolicy("recognises at a score that is no cut there", "from.cuts.at.includes(atLeast)", "true"),
  inPolicy("recognises as a score that is no cut here", "to.cuts.at.includes(as)", "true"),
  inPolicy("lets a visitor's scores fall", "before === undefined || atLeast > before.atLeast", "true"),
  inPolicy("counts a visitor's higher score for less", "before === undefined || as >= before.as", "true"),
  inPolicy(
    "never looks at the packs",
    '...packs.flatMap((each, index) => flawsIn(each).map((found) => within(["packs", index], found))),',
    "",
  ),
  inSchema("takes six bands", "v.pipe(v.array(score), v.maxLength(5))", "v.pipe(v.array(score), v.maxLength(6))"),
];
