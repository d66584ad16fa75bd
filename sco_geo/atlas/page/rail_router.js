// Finds the shortest ways on the rail network that rail_network.js has read.

/**
 * @typedef {{edge: number, segment: number, fraction: number, offsetM: number, distanceM: number,
 *   lon: number, lat: number}} RailEntry where a place meets an edge, offsetM from the start of that
 * @typedef {{edge: number, metres: number, isForward: boolean, first: ?RailEntry, last: ?RailEntry}} RailStep
 *   a whole edge, or from an entry to its end, or from its end to an entry
 * @typedef {{scenario: ?string, traffic: ?string, avoid: ?string[], via: ?number[][], level: ?number}} RailOptions
 */

const RAIL_SCENARIOS = { today: 1, construction: 2, planned: 3 }; // how many statuses it may use
const RAIL_PASSENGER = 1;
// The same rules as in sco_geo/network/snapping.py and _search.py.
const RAIL_SNAP_M = 25000; // a place farther from all rails has no route
const RAIL_ENTRIES_M = 2000; // edges this much farther than the nearest of their component are entries, too
const RAIL_COMPONENT_M = 5000; // a component this much farther than the nearest edge counts, too
const RAIL_CONNECTOR = 2; // a metre from a place to the rails costs as much as this many on them

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
    this.variants = new Map();
    this.heap = new RailHeap(2 * edgeCount + 1000);
  }

  /** For each edge the number of its component, counted from 1, or 0 if it may not be used.
   * @param {RailOptions} options @returns {Int32Array} */
  usable(options = {}, withSuspended = false) {
    const { scenario = "today", traffic = "freight", avoid = [] } = options;
    const key = JSON.stringify([scenario, traffic, [...avoid].sort(), withSuspended]);
    if (!this.variants.has(key)) this.variants.set(key, this.variant(scenario, traffic, avoid, withSuspended));
    return this.variants.get(key);
  }

  variant(scenario, traffic, avoid, withSuspended) {
    const { edgeCount, status, lineClass, country, countries } = this.table;
    if (!(scenario in RAIL_SCENARIOS)) throw new RangeError(`unknown scenario ${scenario}`);
    const isAvoided = countries.map((code) => avoid.includes(code));
    const usable = new Int32Array(edgeCount);
    for (let edge = 0; edge < edgeCount; edge++) {
      const isOpen = status[edge] < RAIL_SCENARIOS[scenario] || (withSuspended && status[edge] === 3);
      const isFor = traffic === "any" || lineClass[edge] !== RAIL_PASSENGER;
      usable[edge] = isOpen && isFor && !isAvoided[country[edge]] ? -1 : 0;
    }
    this.numberComponents(usable);
    return usable;
  }

  // Gives each connected component of the edges that hold -1 a number of its own.
  numberComponents(usable) {
    const { edgeCount, start, end } = this.table;
    const stack = [];
    let count = 0;
    for (let seed = 0; seed < edgeCount; seed++) {
      if (usable[seed] !== -1) continue;
      usable[seed] = ++count;
      stack.push(seed);
      while (stack.length) {
        const edge = stack.pop();
        for (const node of [start[edge], end[edge]]) {
          for (let i = this.first[node]; i < this.first[node + 1]; i++) {
            if (usable[this.edges[i]] !== -1) continue;
            usable[this.edges[i]] = count;
            stack.push(this.edges[i]);
          }
        }
      }
    }
  }

  /** Where a place meets the rails, nearest first.
   * @param {number[]} place @param {Int32Array} usable @returns {RailEntry[]} */
  snap([lon, lat], usable) {
    const nearest = new Map(); // component: metres
    let feet = [],
      best = Infinity;
    for (let edge = 0; edge < usable.length; edge++) {
      if (!usable[edge]) continue;
      const foot = this.foot(edge, lon, lat, best + RAIL_COMPONENT_M + RAIL_ENTRIES_M);
      if (!foot) continue;
      feet.push(foot);
      best = Math.min(best, foot.distanceM);
      const component = usable[edge];
      nearest.set(component, Math.min(nearest.get(component) ?? Infinity, foot.distanceM));
    }
    if (!(best <= RAIL_SNAP_M)) {
      const km = (best / 1000).toFixed(1);
      throw new RailError("snap_too_far", `${lon}, ${lat} is ${km} km from the nearest rails`, { place: [lon, lat], km: best / 1000 });
    }
    feet = feet.filter(({ edge, distanceM }) => {
      const own = nearest.get(usable[edge]);
      return own <= best + RAIL_COMPONENT_M && distanceM <= Math.min(own + RAIL_ENTRIES_M, RAIL_SNAP_M);
    });
    return feet.map((foot) => this.entry(foot)).sort((a, b) => a.distanceM - b.distanceM || a.edge - b.edge);
  }

  // The point of an edge that is nearest to a place, in the plane with the lengths of a degree
  // there; null if it is farther than a limit. The file's document has the formula.
  foot(edge, lon, lat, limit) {
    const { pathOffset, pathLon, pathLat } = this.table;
    const [perLon, perLat] = lat === this.atLat ? this.perDegree : (this.perDegree = metresPerDegree(lat));
    this.atLat = lat;
    let near = limit,
      segment = -1,
      fraction = 0;
    let i = pathOffset[edge];
    let x1 = (pathLon[i] / 1000 - lon) * perLon;
    let y1 = (pathLat[i] / 1000 - lat) * perLat;
    for (i++; i < pathOffset[edge + 1]; i++) {
      const x0 = x1,
        y0 = y1;
      x1 = (pathLon[i] / 1000 - lon) * perLon;
      y1 = (pathLat[i] / 1000 - lat) * perLat;
      const dx = x1 - x0,
        dy = y1 - y0;
      const square = dx * dx + dy * dy;
      const share = Math.min(Math.max(-(x0 * dx + y0 * dy) / (square > 0 ? square : 1), 0), 1);
      const x = x0 + share * dx,
        y = y0 + share * dy;
      const metres = Math.sqrt(x * x + y * y);
      if (metres < near || (metres === near && segment < 0)) [near, segment, fraction] = [metres, i - 1, share];
    }
    return segment < 0 ? null : { edge, segment, fraction, distanceM: near };
  }

  entry(foot) {
    const { lengthM, pathOffset, pathLon, pathLat } = this.table;
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
    return { ...foot, ...place, offsetM: whole > 0 ? Math.round((before / whole) * lengthM[edge]) : 0 };
  }

  /** The shortest way from one of the entries to one of the others; null if there is none.
   * Connectors count in the search and not in the length.
   * @param {RailEntry[]} from @param {RailEntry[]} to @returns {?RailStep[]} */
  search(from, to, usable) {
    const { start, end, lengthM } = this.table;
    const { heap, metres, cameBy, first, edges } = this;
    const best = this.onOneEdge(from, to);
    const exits = new Map(); // node: [cost from there, entry, whether it is run from its start]
    for (const entry of to) {
      for (const [node, cost, isForward] of this.endsOf(entry)) {
        if (!exits.has(node)) exits.set(node, []);
        exits.get(node).push([cost, entry, isForward]);
      }
    }
    heap.size = 0;
    metres.fill(Infinity);
    const reach = (node, there, by) => {
      if (there >= metres[node]) return;
      metres[node] = there;
      cameBy[node] = by;
      heap.push(there, node);
    };
    from.forEach((entry, number) => {
      this.endsOf(entry).forEach(([node, cost, isStart]) => reach(node, cost, ~(2 * number + !isStart)));
    });
    while (heap.size) {
      const node = heap.pop();
      const here = heap.key;
      if (here >= best.cost) break;
      if (here > metres[node]) continue;
      for (const [rest, entry, isForward] of exits.get(node) || []) {
        if (here + rest < best.cost) Object.assign(best, { cost: here + rest, node, entry, isForward, steps: null });
      }
      for (let i = first[node]; i < first[node + 1]; i++) {
        const edge = edges[i];
        if (usable[edge]) reach(start[edge] === node ? end[edge] : start[edge], here + lengthM[edge], edge);
      }
    }
    return best.steps || (best.cost < Infinity ? this.walkBack(best, from) : null);
  }

  // Both ends of the edge of an entry: node, what it costs to get there, whether it is the start.
  endsOf({ edge, offsetM, distanceM }) {
    const { start, end, lengthM } = this.table;
    const cost = RAIL_CONNECTOR * distanceM;
    return [
      [start[edge], cost + offsetM, true],
      [end[edge], cost + lengthM[edge] - offsetM, false],
    ];
  }

  onOneEdge(from, to) {
    const best = { cost: Infinity, steps: null };
    for (const first of from) {
      for (const last of to) {
        if (first.edge !== last.edge) continue;
        const metres = Math.abs(first.offsetM - last.offsetM);
        const cost = metres + RAIL_CONNECTOR * (first.distanceM + last.distanceM);
        const step = { edge: first.edge, metres, isForward: first.offsetM <= last.offsetM, first, last };
        if (cost < best.cost) Object.assign(best, { cost, steps: [step] });
      }
    }
    return best;
  }

  walkBack({ node, entry, isForward }, from) {
    const { start, end, lengthM } = this.table;
    const part = (isFromStart, { edge, offsetM }) => (isFromStart ? offsetM : lengthM[edge] - offsetM);
    const steps = [{ edge: entry.edge, metres: part(isForward, entry), isForward, first: null, last: entry }];
    for (;;) {
      const by = this.cameBy[node];
      if (by < 0) {
        const first = from[~by >> 1];
        const toEnd = (~by & 1) === 1;
        steps.push({ edge: first.edge, metres: part(!toEnd, first), isForward: toEnd, first, last: null });
        return steps.reverse();
      }
      const isAlong = end[by] === node;
      steps.push({ edge: by, metres: lengthM[by], isForward: isAlong, first: null, last: null });
      node = isAlong ? start[by] : end[by];
    }
  }
}
