/**
 * Sites where they are, north up, drawn from their positions alone: nothing is fetched, so no street is shown. What state a
 * site is in is the shape of its mark, and its colour besides; the list beside the map has all of it in words.
 */
import { type Position, type SiteRow, type TerminalState, terminalStates } from "../../shared/admin.ts";
import { type Language, say, sayState } from "./words.ts";

const width = 640;
const height = 420;
const margin = 48;
/** One site alone, or all on one square, still has some ground around it. */
const degreesMin = 0.004;
const kmPerDegree = 111.2;

type Placed = SiteRow & { readonly at: Position };
type Spot = { readonly row: Placed; readonly x: number; readonly y: number };

const isPlaced = (row: SiteRow): row is Placed => row.at !== null;

/** The state that most needs somebody. */
const worst = ["attention", "silent", "waiting", "well", "revoked"] as const satisfies readonly TerminalState[];
export const stateOfSite = ({ states }: SiteRow): TerminalState => worst.find((state) => states[state] > 0) ?? "well";

/** Degrees of longitude shrink towards the poles; within a city that is all there is to it. */
const spread = (rows: readonly Placed[]): { readonly spots: readonly Spot[]; readonly km: number } => {
  const lats = rows.map(({ at }) => at.lat);
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  const shrink = Math.max(0.01, Math.cos((((south + north) / 2) * Math.PI) / 180));
  const easts = rows.map(({ at }) => at.lon * shrink);
  const [west, east] = [Math.min(...easts), Math.max(...easts)];
  const scale = Math.min(
    (width - 2 * margin) / Math.max(degreesMin, east - west),
    (height - 2 * margin) / Math.max(degreesMin, north - south),
  );
  const spots = rows.map((row) => ({
    row,
    x: width / 2 + (row.at.lon * shrink - (west + east) / 2) * scale,
    y: height / 2 - (row.at.lat - (south + north) / 2) * scale,
  }));
  return { spots, km: scale / kmPerDegree };
};

const letter = 9;
const labelsOf = (spots: readonly Spot[]): readonly Spot[] => {
  const shown: Spot[] = [];
  for (const spot of spots) {
    const isFree = shown.every(
      ({ row, x, y }) =>
        Math.abs(spot.y - y) > 26 || Math.abs(spot.x - x) > ((row.site.length + spot.row.site.length) * letter) / 2,
    );
    if (isFree) shown.push(spot);
  }
  return shown;
};

const shapes: Readonly<Record<TerminalState, string>> = {
  well: "M0-8A8 8 0 1 1 0 8A8 8 0 1 1 0-8Z",
  attention: "M0-11L11 8H-11Z",
  silent: "M-8-8H8V8H-8Z",
  waiting: "M0-11L11 0L0 11L-11 0Z",
  revoked: "M-8-5L-5-8L0-3L5-8L8-5L3 0L8 5L5 8L0 3L-5 8L-8 5L-3 0Z",
};

export const SiteMark = ({ state }: { readonly state: TerminalState }) => (
  <svg class="site-mark" viewBox="-12 -12 24 24" aria-hidden="true">
    <path class="mark" data-state={state} d={shapes[state]} />
  </svg>
);

/** A round length of at most a quarter of the map. */
const ruleOf = (km: number): number => {
  const most = width / 4 / km;
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].map((digit) => digit * power).find((length) => length <= most) ?? power;
};

type SiteMapProps = { readonly language: Language; readonly sites: readonly SiteRow[]; readonly chosen: string };

export const SiteMap = ({ language, sites, chosen }: SiteMapProps) => {
  const rows = sites.filter(isPlaced);
  if (rows.length === 0) return <p class="quiet card">{say(language, "mapEmpty")}</p>;
  const { spots, km } = spread(rows);
  const rule = ruleOf(km);
  const counted = terminalStates
    .map((state) => [state, rows.filter((row) => stateOfSite(row) === state).length] as const)
    .filter(([, count]) => count > 0);
  const words = counted.map(([state, count]) => `${count} ${sayState(language, state)}`).join(", ");
  return (
    <figure class="site-map">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${say(language, "map")}: ${words}`}>
        <rect class="track" width={width} height={height} rx="12" />
        {spots.toReversed().map(({ row, x, y }) => (
          <g key={`${row.programme} ${row.site}`} transform={`translate(${x.toFixed(1)} ${y.toFixed(1)})`}>
            <title>{`${row.site}: ${sayState(language, stateOfSite(row))}`}</title>
            {row.site === chosen ? <circle class="chosen" r="17" /> : null}
            <path class="mark" data-state={stateOfSite(row)} d={shapes[stateOfSite(row)]} />
          </g>
        ))}
        {labelsOf(spots).map(({ row, x, y }) => (
          <text key={`${row.programme} ${row.site}`} x={x} y={y + 32} text-anchor="middle">
            {row.site}
          </text>
        ))}
        <path class="rule" d={`M16 ${height - 24}v8h${rule * km}v-8`} />
        <text x={16} y={height - 30}>
          {rule >= 1 ? `${rule} km` : `${Math.round(rule * 1000)} m`}
        </text>
      </svg>
      <figcaption class="row small">
        {counted.map(([state]) => (
          <span key={state} class="row">
            <SiteMark state={state} />
            {sayState(language, state)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
};
