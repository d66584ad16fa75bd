// Tells what lies along a way that rail_router.js has found: countries, gauges, borders, the line.

const RAIL_TOUCH_M = 2000; // a line that comes back over a border sooner has not crossed it

/** A route in the form of `sco-geo route --format json`, without names of places.
 * @param {RailRouter} router @param {number[]} from @param {number[]} to @param {RailOptions} options */
function findRailRoute(router, from, to, options = {}) {
  const usable = router.usable(options);
  const places = [from, ...(options.via || []), to];
  const entries = places.map((place) => router.snap(place, usable));
  const steps = [];
  for (let i = 1; i < places.length; i++) {
    const leg = router.search(entries[i - 1], entries[i], usable);
    if (!leg) throw railNoRoute(router, places[i - 1], places[i], options);
    steps.push(...leg);
  }
  const end = (place, { distanceM }) => ({ lon: place[0], lat: place[1], snap_km: distanceM / 1000 });
  const pieces = railPieces(router.table, steps);
  return {
    from: end(from, steps[0].first),
    to: end(to, steps[steps.length - 1].last),
    scenario: options.scenario || "today",
    traffic: options.traffic || "freight",
    length_km: pieces.reduce((sum, piece) => sum + piece.metres, 0) / 1000,
    legs: railLegs(pieces),
    by_country: railSums(pieces, "country"),
    by_gauge: railSums(pieces, "gauge_mm"),
    breaks_of_gauge: railBreaks(pieces),
    border_crossings: railBorders(pieces),
    lines: [...new Set(pieces.map((piece) => piece.line))].filter((n) => n >= 0).map((n) => router.table.lines[n]),
    geometry: railGeometry(router.table, steps, options.level ?? 3),
  };
}

// With suspended lines there may be a way: then these are the reason.
function railNoRoute(router, from, to, options) {
  const { table } = router;
  const usable = router.usable(options, true);
  const steps = router.search(router.snap(from, usable), router.snap(to, usable), usable) || [];
  const closed = steps.filter(({ edge }) => table.status[edge] === 3).map(({ edge }) => table.lines[table.line[edge]]);
  const message = `no way by rail from ${from.join(", ")} to ${to.join(", ")}`;
  return new RailError("no_route", message, { from, to, closed: [...new Set(closed.filter(Boolean))] });
}

// What each step runs through, with the place where it begins.
function railPieces(table, steps) {
  const pieces = steps.map((step) => {
    const { edge } = step;
    const [lon, lat] = railPoints(table, step, 0)[0];
    return {
      lon,
      lat,
      metres: step.metres,
      kind: table.lineClass[edge] === RAIL_FERRY ? "ferry" : "track",
      country: table.countries[table.country[edge]],
      gauges: (table.gauges[table.gauge[edge]] || "").split(";").filter(Boolean).map(Number),
      status: RAIL_STATUSES[table.status[edge]],
      line: table.line[edge],
    };
  });
  const long = pieces.filter((piece) => piece.metres > 0);
  return chooseRailGauges(long.length ? long : pieces.slice(0, 1));
}

// Dual-gauge tracks are used with the gauge that can go on farthest; ties are taken as listed.
function chooseRailGauges(pieces) {
  let run = [],
    common = [];
  const close = () => run.forEach((piece) => (piece.gauge_mm = piece.gauges.length ? common[0] : null));
  for (const piece of pieces) {
    const both = common.length ? common.filter((mm) => piece.gauges.includes(mm)) : piece.gauges;
    if (common.length && piece.gauges.length && !both.length) {
      close();
      [run, common] = [[], piece.gauges];
    } else if (piece.gauges.length) common = both;
    run.push(piece);
  }
  close();
  return pieces;
}

function railLegs(pieces) {
  const legs = [];
  for (const { kind, country, gauge_mm, status, metres } of pieces) {
    const last = legs[legs.length - 1];
    const isSame = last && last.kind === kind && last.country === country && last.gauge_mm === gauge_mm && last.status === status;
    if (isSame) last.length_km += metres / 1000;
    else legs.push({ kind, country, gauge_mm, status, length_km: metres / 1000 });
  }
  return legs;
}

function railSums(pieces, key) {
  const sums = {};
  for (const piece of pieces) {
    const name = String(piece[key] ?? "");
    sums[name] = (sums[name] || 0) + piece.metres / 1000;
  }
  return sums;
}

function railBreaks(pieces) {
  const known = pieces.filter((piece) => piece.gauge_mm);
  const changes = known.slice(1).map((piece, i) => [known[i], piece]);
  return changes
    .filter(([a, b]) => a.gauge_mm !== b.gauge_mm)
    .map(([a, b]) => ({ lon: b.lon, lat: b.lat, from_mm: a.gauge_mm, to_mm: b.gauge_mm }));
}

// A border between two states; the sea ("") has none, and a short touch is no crossing.
function railBorders(pieces) {
  const runs = [];
  for (const { country, metres, lon, lat } of pieces) {
    if (runs.length && runs[runs.length - 1].country === country) runs[runs.length - 1].metres += metres;
    else runs.push({ country, metres, lon, lat });
  }
  for (let i = 1; i < runs.length - 1; i++) {
    if (runs[i].metres < RAIL_TOUCH_M && runs[i - 1].country === runs[i + 1].country) runs.splice(i--, 2);
  }
  const changes = runs.slice(1).map((run, i) => [runs[i], run]);
  return changes
    .filter(([a, b]) => a.country && b.country)
    .map(([a, b]) => ({ lon: b.lon, lat: b.lat, from: a.country, to: b.country }));
}

function railGeometry(table, steps, level) {
  const coordinates = [];
  for (const step of steps) {
    for (const point of railPoints(table, step, level)) {
      const last = coordinates[coordinates.length - 1];
      if (!last || last[0] !== point[0] || last[1] !== point[1]) coordinates.push(point);
    }
  }
  if (coordinates.length === 1) coordinates.push(coordinates[0]);
  return { type: "LineString", coordinates };
}

// The points of a step in the direction of travel: where it begins and ends, and between them the
// vertices up to a level of detail.
function railPoints(table, step, level) {
  const { pathOffset, pathLon, pathLat, pathLevel } = table;
  const [begin, finish] = [pathOffset[step.edge], pathOffset[step.edge + 1] - 1];
  const ends = [step.first, step.last].map((entry, i) => {
    if (entry) return { at: entry.segment + entry.fraction, point: [entry.lon, entry.lat] };
    const at = step.isForward === (i === 0) ? begin : finish;
    return { at, point: [pathLon[at] / 1000, pathLat[at] / 1000] };
  });
  const [low, high] = [Math.min(ends[0].at, ends[1].at), Math.max(ends[0].at, ends[1].at)];
  const between = [];
  for (let i = Math.floor(low) + 1; i < high; i++) {
    if (pathLevel[i] <= level) between.push([pathLon[i] / 1000, pathLat[i] / 1000]);
  }
  if (ends[0].at > ends[1].at) between.reverse();
  return [ends[0].point, ...between, ends[1].point];
}
