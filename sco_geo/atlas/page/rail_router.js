// Finds the shortest ways on the rail network that rail_network.js has read.

/**
 * @typedef {{edge: number, segment: number, fraction: number, offsetM: number, distanceM: number,
 *   lon: number, lat: number}} RailPoint where a place is on the rails: offsetM from the start of an edge
 * @typedef {{edge: number, metres: number, isForward: boolean, first: ?RailPoint, last: ?RailPoint}} RailStep
 *   a whole edge, or from a point to its end, or from its end to a point
 * @typedef {{scenario: ?string, traffic: ?string, avoid: ?string[], via: ?number[][], level: ?number}} RailOptions
 * @typedef {{component: Int32Array, metres: number[], landmarks: Map<number, Float64Array[]>}} RailVariant
 *   component: its number for each edge, counted from 1; 0 for edges that may not be used
 */

const RAIL_SCENARIOS = { today: 1, construction: 2, planned: 3 }; // how many statuses it may use
const RAIL_SUSPENDED = 3;
const RAIL_PASSENGER = 1;
// The same rules as in sco_geo/network/snapping.py; docs/rail-network-format.md has them in words.
const RAIL_SNAP_M = 25000; // a place farther from all rails has no route
const RAIL_ENTRY_M = 2000; // lines this much farther than the nearest one may be taken, too
const RAIL_SHORT_M = 500000; // a component shorter than this is left for a longer one ...
const RAIL_OTHER_M = 5000; // ... that is this much farther away
const RAIL_CONNECTOR = 2; // a metre more to a line is worth this many less from there to everywhere
const RAIL_LANDMARKS = 6; // far ends of a component that stand for everywhere

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
    this.cameBy = new Int32Array(nodeCount); // an edge, or -1
    this.variants = new Map();
    this.heap = new RailHeap(2 * edgeCount + 2);
  }

  /** What of the network may be used. @param {RailOptions} options @returns {RailVariant} */
  variant({ scenario = "today", traffic = "freight", avoid = [] } = {}, withSuspended = false) {
    if (!(scenario in RAIL_SCENARIOS)) throw new RangeError(`unknown scenario ${scenario}`);
    const key = JSON.stringify([scenario, traffic, [...avoid].sort(), withSuspended]);
    if (!this.variants.has(key)) {
      const { edgeCount, status, lineClass, country, countries } = this.table;
      const isAvoided = countries.map((code) => avoid.includes(code));
      const component = new Int32Array(edgeCount);
      for (let edge = 0; edge < edgeCount; edge++) {
        const isOpen = status[edge] < RAIL_SCENARIOS[scenario] || (withSuspended && status[edge] === RAIL_SUSPENDED);
        const isFor = traffic === "any" || lineClass[edge] !== RAIL_PASSENGER;
        component[edge] = isOpen && isFor && !isAvoided[country[edge]] ? -1 : 0;
      }
      this.variants.set(key, { component, metres: this.numberComponents(component), landmarks: new Map() });
    }
    return this.variants.get(key);
  }

  // Gives each connected component of the edges that hold -1 a number, and returns their lengths.
  numberComponents(component) {
    const { edgeCount, start, end, lengthM } = this.table;
    const stack = [];
    const lengths = [0];
    for (let seed = 0; seed < edgeCount; seed++) {
      if (component[seed] !== -1) continue;
      const number = lengths.push(0) - 1;
      component[seed] = number;
      stack.push(seed);
      while (stack.length) {
        const edge = stack.pop();
        lengths[number] += lengthM[edge];
        for (const node of [start[edge], end[edge]]) {
          for (let i = this.first[node]; i < this.first[node + 1]; i++) {
            if (component[this.edges[i]] !== -1) continue;
            component[this.edges[i]] = number;
            stack.push(this.edges[i]);
          }
        }
      }
    }
    return lengths;
  }

  /** The one point of the rails where a place is, wherever a route goes from there.
   * @param {number[]} place @param {RailVariant} variant @returns {RailPoint} */
  snap([lon, lat], variant) {
    const { component, metres } = variant;
    const feet = this.feet(lon, lat, component);
    const nearest = feet.reduce((a, b) => (b.distanceM < a.distanceM ? b : a), { distanceM: Infinity });
    if (!(nearest.distanceM <= RAIL_SNAP_M)) {
      const km = nearest.distanceM / 1000;
      throw new RailError("snap_too_far", `${lon}, ${lat} is ${km.toFixed(1)} km from the nearest rails`, { place: [lon, lat], km });
    }
    let number = component[nearest.edge];
    if (metres[number] < RAIL_SHORT_M) {
      const reach = Math.min(nearest.distanceM + RAIL_OTHER_M, RAIL_SNAP_M);
      const others = feet.filter((foot) => foot.distanceM <= reach).map((foot) => component[foot.edge]);
      number = others.reduce((a, b) => (metres[b] > metres[a] ? b : a));
    }
    const onIt = feet.filter((foot) => component[foot.edge] === number);
    const limit = Math.min(Math.min(...onIt.map((foot) => foot.distanceM)) + RAIL_ENTRY_M, RAIL_SNAP_M);
    const near = onIt.filter((foot) => foot.distanceM <= limit).map((foot) => this.pointOf(foot));
    if (near.length === 1) return near[0];
    const landmarks = this.landmarks(variant, number);
    const scores = near.map((point) => RAIL_CONNECTOR * point.distanceM + this.remoteness(point, landmarks));
    return near[scores.indexOf(Math.min(...scores))];
  }

  // The nearest point of each usable edge that may matter, by the number of the edge. The plane has
  // the lengths of a degree at the place.
  feet(lon, lat, component) {
    const { edgeCount, pathOffset, pathLon, pathLat } = this.table;
    const [perLon, perLat] = metresPerDegree(lat);
    const feet = [];
    let best = Infinity;
    for (let edge = 0; edge < edgeCount; edge++) {
      if (!component[edge]) continue;
      let near = Infinity;
      let segment = 0;
      let fraction = 0;
      let i = pathOffset[edge];
      let x1 = (pathLon[i] / 1000 - lon) * perLon;
      let y1 = (pathLat[i] / 1000 - lat) * perLat;
      for (i++; i < pathOffset[edge + 1]; i++) {
        const x0 = x1;
        const y0 = y1;
        x1 = (pathLon[i] / 1000 - lon) * perLon;
        y1 = (pathLat[i] / 1000 - lat) * perLat;
        const dx = x1 - x0;
        const dy = y1 - y0;
        const square = dx * dx + dy * dy;
        const share = Math.min(Math.max(-(x0 * dx + y0 * dy) / (square > 0 ? square : 1), 0), 1);
        const x = x0 + share * dx;
        const y = y0 + share * dy;
        const metres = Math.sqrt(x * x + y * y);
        if (metres < near) [near, segment, fraction] = [metres, i - 1, share];
      }
      best = Math.min(best, near);
      if (near <= best + RAIL_OTHER_M + RAIL_ENTRY_M) feet.push({ edge, segment, fraction, distanceM: near });
    }
    return feet.filter((foot) => foot.distanceM <= best + RAIL_OTHER_M + RAIL_ENTRY_M);
  }

  pointOf(foot) {
    const { lengthM, pathOffset, pathLon, pathLat } = this.table;
    const { edge, segment, fraction } = foot;
    const at = (i) => [pathLon[i] / 1000, pathLat[i] / 1000];
    let before = 0;
    let whole = 0;
    for (let i = pathOffset[edge]; i < pathOffset[edge + 1] - 1; i++) {
      const metres = segmentMetres(...at(i), ...at(i + 1));
      if (i <= segment) before += i < segment ? metres : fraction * metres;
      whole += metres;
    }
    const [[lon0, lat0], [lon1, lat1]] = [at(segment), at(segment + 1)];
    const place = { lon: lon0 + (lon1 - lon0) * fraction, lat: lat0 + (lat1 - lat0) * fraction };
    return { ...foot, ...place, offsetM: whole > 0 ? Math.round((before / whole) * lengthM[edge]) : 0 };
  }

  // Metres from some far ends of a component to all nodes. Each is the node farthest from those
  // before it; the first search only leads to the first far end.
  landmarks({ component, landmarks }, number) {
    if (!landmarks.has(number)) {
      const { start, end } = this.table;
      const nodes = new Set();
      component.forEach((of, edge) => of === number && nodes.add(start[edge]).add(end[edge]));
      const inside = Int32Array.from(nodes).sort();
      const rows = [];
      let node = inside[0];
      let far = null;
      for (let i = 0; i <= RAIL_LANDMARKS; i++) {
        this.spread([[node, 0]], component);
        const row = this.metres.slice();
        far = i > 1 ? far.map((metres, at) => Math.min(metres, row[at])) : row;
        for (const other of inside) if (far[other] > far[node]) node = other;
        if (i > 0) rows.push(row);
      }
      landmarks.set(number, rows);
    }
    return landmarks.get(number);
  }

  // How far a point is from the landmarks of its component, on the average.
  remoteness(point, landmarks) {
    const [[start, before], [end, after]] = this.endsOf(point);
    return landmarks.reduce((sum, row) => sum + Math.min(row[start] + before, row[end] + after), 0) / landmarks.length;
  }

  // Both ends of the edge of a point, the start first: node, metres from the point.
  endsOf({ edge, offsetM }) {
    const { start, end, lengthM } = this.table;
    return [
      [start[edge], offsetM],
      [end[edge], lengthM[edge] - offsetM],
    ];
  }

  // Dijkstra's search from some nodes, until it is farther than `isFar` allows.
  spread(seeds, component, isFar = () => false) {
    const { heap, metres, cameBy, first, edges } = this;
    const { start, end, lengthM } = this.table;
    heap.size = 0;
    metres.fill(Infinity);
    for (const [node, there] of seeds) {
      if (there >= metres[node]) continue;
      metres[node] = there;
      cameBy[node] = -1;
      heap.push(there, node);
    }
    while (heap.size) {
      const node = heap.pop();
      const here = heap.key;
      if (here > metres[node]) continue;
      if (isFar(node, here)) return;
      for (let i = first[node]; i < first[node + 1]; i++) {
        const edge = edges[i];
        if (!component[edge]) continue;
        const next = start[edge] === node ? end[edge] : start[edge];
        const there = here + lengthM[edge];
        if (there >= metres[next]) continue;
        metres[next] = there;
        cameBy[next] = edge;
        heap.push(there, next);
      }
    }
  }

  /** The shortest way between two points; null if there is none.
   * @param {RailPoint} from @param {RailPoint} to @param {RailVariant} variant @returns {?RailStep[]} */
  search(from, to, { component }) {
    const [exits, entries] = [this.endsOf(to), this.endsOf(from)];
    const best = { metres: Infinity };
    if (from.edge === to.edge) best.metres = Math.abs(from.offsetM - to.offsetM);
    this.spread(entries, component, (node, here) => {
      exits.forEach(([exit, rest], isEnd) => {
        if (exit === node && here + rest < best.metres) Object.assign(best, { metres: here + rest, node, isEnd });
      });
      return here >= best.metres;
    });
    if (best.node !== undefined) return this.walkBack(best, from, to);
    if (best.metres === Infinity) return null;
    return [{ edge: to.edge, metres: best.metres, isForward: from.offsetM <= to.offsetM, first: from, last: to }];
  }

  walkBack({ node, isEnd }, from, to) {
    const { start, end, lengthM } = this.table;
    const steps = [{ edge: to.edge, metres: this.endsOf(to)[isEnd][1], isForward: !isEnd, first: null, last: to }];
    for (let edge = this.cameBy[node]; edge >= 0; edge = this.cameBy[node]) {
      const isForward = end[edge] === node;
      steps.push({ edge, metres: lengthM[edge], isForward, first: null, last: null });
      node = isForward ? start[edge] : end[edge];
    }
    const reached = this.endsOf(from).map(([at, metres], i) => (at === node && metres === this.metres[node] ? i : -1));
    const isForward = Math.max(...reached) === 1;
    steps.push({ edge: from.edge, metres: this.metres[node], isForward, first: from, last: null });
    return steps.reverse();
  }
}
