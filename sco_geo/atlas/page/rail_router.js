// Finds shortest ways on the rail network of rail_network.js, and tells what lies along them.

/**
 * @typedef {{edge: number, segment: number, fraction: number, share: number, distanceM: number,
 *   lon: number, lat: number}} RailEntry where a place meets an edge; share: 0 at its start, 1 at its end
 * @typedef {{edge: number, from: number, to: number, first: ?RailEntry, last: ?RailEntry}} RailStep
 * @typedef {{scenario: ?string, traffic: ?string, avoid: ?string[], via: ?number[][], level: ?number}} RailOptions
 */

const RAIL_SCENARIOS = { today: 1, construction: 2, planned: 3 }; // how many statuses it may use
const RAIL_PASSENGER = 1;
const RAIL_FERRY = 2;
const RAIL_SNAP_M = 25000; // a place farther from all rails has no route
const RAIL_ENTRIES_M = 2000; // edges this much farther than the nearest are entries, too
const RAIL_TOUCH_M = 2000; // a line that comes back over a border sooner has not crossed it

// A heap of numbers by key, smallest first; a number may be in it more than once.
class RailHeap {
  constructor(capacity) {
    this.keys = new Float64Array(capacity);
    this.values = new Int32Array(capacity);
    this.size = 0;
  }

  push(key, value) {
    let at = this.size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.keys[above] <= key) break;
      this.keys[at] = this.keys[above];
      this.values[at] = this.values[above];
      at = above;
    }
    this.keys[at] = key;
    this.values[at] = value;
  }

  /** Removes the first one and returns its number; its key is left in `key`. */
  pop() {
    const value = this.values[0];
    this.key = this.keys[0];
    const key = this.keys[--this.size];
    const moved = this.values[this.size];
    let at = 0;
    for (let below = 1; below < this.size; below = 2 * at + 1) {
      if (below + 1 < this.size && this.keys[below + 1] < this.keys[below]) below++;
      if (this.keys[below] >= key) break;
      this.keys[at] = this.keys[below];
      this.values[at] = this.values[below];
      at = below;
    }
    this.keys[at] = key;
    this.values[at] = moved;
    return value;
  }
}

class RailRouter {
  /** @param {RailTable} table */
  constructor(table) {
    const { nodeCount, edgeCount, start, end } = table;
    this.table = table;
    const first = new Int32Array(nodeCount + 1); // edges at node n: first[n] up to first[n + 1]
    for (const ends of [start, end]) for (const node of ends) first[node + 1]++;
    for (let node = 0; node < nodeCount; node++) first[node + 1] += first[node];
    const next = first.slice();
    this.first = first;
    this.edges = new Int32Array(2 * edgeCount);
    for (let edge = 0; edge < edgeCount; edge++) {
      this.edges[next[start[edge]]++] = edge;
      this.edges[next[end[edge]]++] = edge;
    }
    this.metres = new Float64Array(nodeCount);
    this.cameBy = new Int32Array(nodeCount); // an edge, or ~entry
    this.heap = new RailHeap(2 * edgeCount + 1000);
  }

  /** Which edges may be used: 1 or 0 for each. @param {RailOptions} options */
  usable({ scenario = "today", traffic = "freight", avoid = [] } = {}, withSuspended = false) {
    const { edgeCount, status, lineClass, country, countries } = this.table;
    if (!(scenario in RAIL_SCENARIOS)) throw new RangeError(`unknown scenario ${scenario}`);
    const isAvoided = countries.map((code) => avoid.includes(code));
    const usable = new Uint8Array(edgeCount);
    for (let edge = 0; edge < edgeCount; edge++) {
      const isOpen = status[edge] < RAIL_SCENARIOS[scenario] || (withSuspended && status[edge] === 3);
      const isFor = traffic === "any" || lineClass[edge] !== RAIL_PASSENGER;
      usable[edge] = isOpen && isFor && !isAvoided[country[edge]];
    }
    return usable;
  }

  /** Where a place meets the rails: the nearest edge and those little farther, nearest first.
   * @param {number[]} place @param {Uint8Array} usable @returns {RailEntry[]} */
  snap([lon, lat], usable) {
    const { edgeCount, pathOffset, pathLon, pathLat } = this.table;
    const [perLon, perLat] = metresPerDegree(lat);
    const feet = [];
    let best = Infinity;
    for (let edge = 0; edge < edgeCount; edge++) {
      if (!usable[edge]) continue;
      let near = Infinity,
        segment = 0,
        fraction = 0;
      let i = pathOffset[edge];
      let x1 = (pathLon[i] / 1000 - lon) * perLon;
      let y1 = (pathLat[i] / 1000 - lat) * perLat;
      for (i++; i < pathOffset[edge + 1]; i++) {
        const [x0, y0] = [x1, y1];
        x1 = (pathLon[i] / 1000 - lon) * perLon;
        y1 = (pathLat[i] / 1000 - lat) * perLat;
        const [dx, dy] = [x1 - x0, y1 - y0];
        const square = dx * dx + dy * dy;
        const share = Math.min(Math.max(-(x0 * dx + y0 * dy) / (square > 0 ? square : 1), 0), 1);
        const [x, y] = [x0 + share * dx, y0 + share * dy];
        const metres = Math.sqrt(x * x + y * y);
        if (metres < near) [near, segment, fraction] = [metres, i - 1, share];
      }
      if (near <= best + RAIL_ENTRIES_M) feet.push({ edge, segment, fraction, distanceM: near });
      best = Math.min(best, near);
    }
    if (!(best <= RAIL_SNAP_M)) {
      const km = (best / 1000).toFixed(1);
      throw new RailError("snap_too_far", `${lon}, ${lat} is ${km} km from the nearest rails`, { place: [lon, lat], km: best / 1000 });
    }
    const entries = feet.filter((foot) => foot.distanceM <= best + RAIL_ENTRIES_M);
    return entries.map((foot) => this.entry(foot)).sort((a, b) => a.distanceM - b.distanceM || a.edge - b.edge);
  }

  entry(foot) {
    const { pathOffset, pathLon, pathLat } = this.table;
    const { edge, segment, fraction } = foot;
    const point = (i) => [pathLon[i] / 1000, pathLat[i] / 1000];
    let before = 0,
      whole = 0;
    for (let i = pathOffset[edge]; i < pathOffset[edge + 1] - 1; i++) {
      const metres = segmentMetres(...point(i), ...point(i + 1));
      if (i < segment) before += metres;
      if (i === segment) before += fraction * metres;
      whole += metres;
    }
    const [[lon0, lat0], [lon1, lat1]] = [point(segment), point(segment + 1)];
    const place = { lon: lon0 + (lon1 - lon0) * fraction, lat: lat0 + (lat1 - lat0) * fraction };
    return { ...foot, ...place, share: whole > 0 ? before / whole : 0 };
  }

  /** The shortest way from one of the entries to one of the others; null if there is none.
   * Connectors count in the search and not in the length.
   * @param {RailEntry[]} from @param {RailEntry[]} to @returns {?RailStep[]} */
  search(from, to, usable) {
    const { start, end, lengthM } = this.table;
    const best = this.onOneEdge(from, to);
    const exits = new Map(); // node: [metres from there, entry]
    const leave = (node, metres, entry) => {
      if (!exits.has(node)) exits.set(node, []);
      exits.get(node).push([metres, entry]);
    };
    for (const entry of to) {
      const length = lengthM[entry.edge];
      leave(start[entry.edge], entry.distanceM + entry.share * length, entry);
      leave(end[entry.edge], entry.distanceM + (1 - entry.share) * length, entry);
    }
    const { heap, metres, cameBy, first, edges } = this;
    heap.size = 0;
    metres.fill(Infinity);
    const reach = (node, there, by) => {
      if (there >= metres[node]) return;
      metres[node] = there;
      cameBy[node] = by;
      heap.push(there, node);
    };
    from.forEach((entry, number) => {
      const length = lengthM[entry.edge];
      reach(start[entry.edge], entry.distanceM + entry.share * length, ~(2 * number));
      reach(end[entry.edge], entry.distanceM + (1 - entry.share) * length, ~(2 * number + 1));
    });
    while (heap.size) {
      const node = heap.pop();
      const here = heap.key;
      if (here >= best.metres) break;
      if (here > metres[node]) continue;
      for (const [rest, entry] of exits.get(node) || []) {
        if (here + rest < best.metres) Object.assign(best, { metres: here + rest, node, entry, steps: null });
      }
      for (let i = first[node]; i < first[node + 1]; i++) {
        const edge = edges[i];
        if (usable[edge]) reach(start[edge] === node ? end[edge] : start[edge], here + lengthM[edge], edge);
      }
    }
    if (!Number.isFinite(best.metres)) return null;
    return best.steps || this.walkBack(best.node, best.entry, from);
  }

  onOneEdge(from, to) {
    const best = { metres: Infinity, steps: null };
    for (const a of from) {
      for (const b of to) {
        if (a.edge !== b.edge) continue;
        const metres = a.distanceM + b.distanceM + Math.abs(a.share - b.share) * this.table.lengthM[a.edge];
        const step = { edge: a.edge, from: a.share, to: b.share, first: a, last: b };
        if (metres < best.metres) Object.assign(best, { metres, steps: [step] });
      }
    }
    return best;
  }

  walkBack(node, exit, from) {
    const { start, end } = this.table;
    const steps = [{ edge: exit.edge, from: this.exitEnd(node, exit), to: exit.share, first: null, last: exit }];
    for (;;) {
      const by = this.cameBy[node];
      if (by < 0) {
        const entry = from[~by >> 1];
        steps.push({ edge: entry.edge, from: entry.share, to: ~by & 1, first: entry, last: null });
        return steps.reverse();
      }
      const isAlong = end[by] === node;
      steps.push({ edge: by, from: isAlong ? 0 : 1, to: isAlong ? 1 : 0, first: null, last: null });
      node = isAlong ? start[by] : end[by];
    }
  }

  // By which end of its edge a way from a node comes to an exit: on a loop, by the nearer one.
  exitEnd(node, exit) {
    const { start, end } = this.table;
    if (start[exit.edge] === end[exit.edge]) return exit.share <= 0.5 ? 0 : 1;
    return start[exit.edge] === node ? 0 : 1;
  }
}

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
      metres: Math.abs(step.to - step.from) * table.lengthM[edge],
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
    const at = (i ? step.to : step.from) === 0 ? begin : finish;
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
