// Tells what lies along the ways that rail_router.js finds, as `sco-geo route` does: legs, sums,
// borders, breaks of gauge and the line. Names of places and crossings are for others to add.

const RAIL_FERRY = 2;
const RAIL_TOUCH_M = 2000; // a line that comes back over a border sooner has not crossed it
const RAIL_SAME_M = 50; // a connector shorter than this is none
const RAIL_LINE_NAMES = ["id", "name", "name_zh", "name_ru", "status", "opened"];

/** A route in the form of `sco-geo route --format json`.
 * @param {RailRouter} router @param {number[]} from @param {number[]} to @param {RailOptions} options */
function findRailRoute(router, from, to, options = {}) {
  const { table } = router;
  const variant = router.variant(options);
  const places = [from, ...(options.via || []), to];
  const points = places.map((place) => router.snap(place, variant));
  const ways = [];
  for (let i = 1; i < places.length; i++) {
    const steps = router.search(points[i - 1], points[i], variant);
    if (!steps) throw railNoRoute(router, places[i - 1], places[i], options);
    if (steps.every((step) => step.metres === 0)) refuseOnePoint(places[i - 1], places[i]);
    ways.push(steps);
  }
  const stops = places.map(([lon, lat], i) => ({ lon, lat, snap_km: points[i].distanceM / 1000 }));
  const parts = railPieces(table, ways);
  const pieces = parts.flat();
  return {
    from: stops[0],
    to: stops[stops.length - 1],
    via: stops.slice(1, -1),
    scenario: options.scenario || "today",
    traffic: options.traffic || "freight",
    length_km: pieces.reduce((sum, piece) => sum + piece.metres, 0) / 1000,
    legs: parts.flatMap((part, i) => railLegs(part, ways[i])),
    by_country: railSums(pieces, (piece) => piece.country || "outside"),
    by_gauge: railSums(pieces, (piece) => piece.gauge_mm || "unknown"),
    breaks_of_gauge: railChanges(pieces, "gauge_mm", "_mm"),
    border_crossings: railChanges(pieces, "country", ""),
    lines: railLines(table, pieces),
    geometry: railGeometry(table, ways, options.level ?? 3),
  };
}

// A route of 0 km is one between equal places only.
function refuseOnePoint(from, to) {
  if (from[0] === to[0] && from[1] === to[1]) return;
  const message = `${from.join(", ")} and ${to.join(", ")} are at one point of the rails`;
  throw new RailError("no_route", message, { from, to, closed: [] });
}

// With suspended lines there may be a way: then these are the reason.
function railNoRoute(router, from, to, options) {
  const { status, line, lines } = router.table;
  const variant = router.variant(options, true);
  const steps = router.search(router.snap(from, variant), router.snap(to, variant), variant) || [];
  const isClosed = ({ edge }) => status[edge] === RAIL_SUSPENDED && line[edge] >= 0;
  const closed = [...new Set(steps.filter(isClosed).map(({ edge }) => lines[line[edge]]))];
  return new RailError("no_route", `no way by rail from ${from.join(", ")} to ${to.join(", ")}`, { from, to, closed });
}

// What each step of each way runs through, and the place where it begins.
function railPieces(table, ways) {
  const parts = ways.map((steps) => {
    const long = steps.filter((step) => step.metres > 0);
    return (long.length ? long : steps.slice(0, 1)).map((step) => railPiece(table, step));
  });
  const [begin, finish] = [ways[0][0].first, ways.at(-1).at(-1).last];
  chooseRailGauges(begin.lon <= finish.lon ? parts.flat() : parts.flat().reverse());
  return parts;
}

function railPiece(table, step) {
  const { edge, metres } = step;
  const [[lon, lat]] = railPoints(table, step, 0);
  return {
    lon,
    lat,
    metres,
    kind: table.lineClass[edge] === RAIL_FERRY ? "ferry" : "track",
    country: table.countries[table.country[edge]] || null,
    gauges: table.gauges[table.gauge[edge]].split(";").filter(Boolean).map(Number),
    gauge_mm: null,
    status: RAIL_STATUSES[table.status[edge]],
    line: table.line[edge],
  };
}

// Dual-gauge tracks are used so that there are as few breaks as can be, at borders if possible; of
// several ways the first listed gauge. From west to east, so that both directions break at one place.
function chooseRailGauges(pieces) {
  const known = pieces.filter(({ gauges }) => gauges.length);
  const costs = []; // for each piece and gauge: [cost of the way up to there, gauge before]
  known.forEach(({ gauges, country }, i) => {
    const breakCost = i && country !== known[i - 1].country ? 1 : 1.001;
    costs.push(
      gauges.map((mm) => {
        if (i === 0) return [0, -1];
        const ways = costs[i - 1].map(([cost], before) => cost + (known[i - 1].gauges[before] === mm ? 0 : breakCost));
        const least = Math.min(...ways);
        return [least, ways.indexOf(least)];
      }),
    );
  });
  for (let i = known.length - 1, at = -1; i >= 0; i--) {
    if (at < 0) at = costs[i].findIndex(([cost]) => cost === Math.min(...costs[i].map(([other]) => other)));
    known[i].gauge_mm = known[i].gauges[at];
    at = costs[i][at][1];
  }
}

function railLegs(pieces, steps) {
  const connector = ({ distanceM }) => {
    const leg = { kind: "connector", country: null, gauge_mm: null, status: null, length_km: distanceM / 1000 };
    return distanceM > RAIL_SAME_M ? [leg] : [];
  };
  const legs = [];
  for (const { kind, country, gauge_mm, status, metres } of pieces) {
    const last = legs[legs.length - 1];
    const leg = { kind, country, gauge_mm, status, length_km: metres / 1000 };
    if (last && last.gauge_mm && gauge_mm && last.gauge_mm !== gauge_mm) {
      legs.push({ kind: "transfer", country, gauge_mm, status: null, length_km: 0 });
    }
    const isSame = last && ["kind", "country", "gauge_mm", "status"].every((key) => last[key] === leg[key]);
    if (isSame) last.length_km += leg.length_km;
    else legs.push(leg);
  }
  return [...connector(steps[0].first), ...legs, ...connector(steps.at(-1).last)];
}

function railSums(pieces, nameOf) {
  const metres = {};
  for (const piece of pieces) metres[nameOf(piece)] = (metres[nameOf(piece)] || 0) + piece.metres;
  return Object.fromEntries(Object.entries(metres).map(([name, sum]) => [name, sum / 1000]));
}

function railLines({ lines }, pieces) {
  const used = new Map();
  for (const { line, metres } of pieces) if (line >= 0) used.set(line, (used.get(line) || 0) + metres);
  return [...used].map(([number, metres]) => {
    const names = RAIL_LINE_NAMES.filter((name) => lines[number][name]);
    return { ...Object.fromEntries(names.map((name) => [name, lines[number][name]])), length_km: metres / 1000 };
  });
}

// Where a value changes along the way. Stretches without one (at sea, gauge unknown) count for
// nothing, and neither do short ones between two of one value: a border that is only touched.
function railChanges(pieces, key, unit) {
  let runs = railRuns(pieces.filter((piece) => piece[key]).map((piece) => ({ ...piece, value: piece[key] })));
  for (;;) {
    const isTouch = (run, i) => i > 0 && i < runs.length - 1 && run.metres < RAIL_TOUCH_M && runs[i - 1].value === runs[i + 1].value;
    const touches = runs.filter(isTouch).sort((a, b) => a.metres - b.metres);
    if (!touches.length) break;
    runs = railRuns(runs.filter((run) => run !== touches[0]));
  }
  return runs.slice(1).map((run, i) => {
    return { lon: run.lon, lat: run.lat, [`from${unit}`]: runs[i].value, [`to${unit}`]: run.value };
  });
}

function railRuns(pieces) {
  const runs = [];
  for (const { value, lon, lat, metres } of pieces) {
    const last = runs[runs.length - 1];
    if (last && last.value === value) last.metres += metres;
    else runs.push({ value, lon, lat, metres });
  }
  return runs;
}

function railGeometry(table, ways, level) {
  const points = ways.flat().flatMap((step) => railPoints(table, step, level));
  const coordinates = points.filter(([lon, lat], i) => i === 0 || lon !== points[i - 1][0] || lat !== points[i - 1][1]);
  if (coordinates.length === 1) coordinates.push(coordinates[0]);
  return { type: "LineString", coordinates };
}

// The points of a step in the direction of travel: where it begins and ends, and between them the
// vertices up to a level of detail.
function railPoints(table, step, level) {
  const { pathOffset, pathLon, pathLat, pathLevel } = table;
  const nodes = [pathOffset[step.edge], pathOffset[step.edge + 1] - 1];
  const [begin, finish] = [step.first, step.last].map((entry, i) => {
    if (entry) return { at: entry.segment + entry.fraction, point: [entry.lon, entry.lat] };
    const at = nodes[step.isForward ? i : 1 - i];
    return { at, point: [pathLon[at] / 1000, pathLat[at] / 1000] };
  });
  const between = [];
  const high = Math.max(begin.at, finish.at);
  for (let i = Math.floor(Math.min(begin.at, finish.at)) + 1; i < high; i++) {
    if (pathLevel[i] <= level) between.push([pathLon[i] / 1000, pathLat[i] / 1000]);
  }
  if (begin.at > finish.at) between.reverse();
  return [begin.point, ...between, finish.point];
}
