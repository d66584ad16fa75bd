// Reads the file of the rail network, whose bytes docs/rail-network-format.md describes. Angles are
// degrees, pairs are [lon, lat], lengths say their unit. Needs nothing else of the page.

/**
 * The network as flat arrays; codes as in sco_geo/network/_table.py. Edge k is drawn through the
 * points pathOffset[k] up to pathOffset[k + 1], nodes included, in thousandths of a degree.
 * @typedef {{nodeCount: number, edgeCount: number, start: Int32Array, end: Int32Array, lengthM: Int32Array,
 *   country: Uint8Array, gauge: Uint8Array, status: Uint8Array, lineClass: Uint8Array, basis: Uint8Array,
 *   line: Int32Array, pathOffset: Int32Array, pathLon: Int32Array, pathLat: Int32Array, pathLevel: Uint8Array,
 *   countries: string[], gauges: string[], lines: Object[], meta: Object}} RailTable
 */

const RAIL_STATUSES = ["operating", "construction", "planned", "suspended"];
const RAIL_SIGNED = new Set(["root_lon", "root_lat", "step_lon", "step_lat", "length_rest"]);

class RailError extends Error {
  /** @param {string} kind "snap_too_far", "no_route" or "format" */
  constructor(kind, message, more) {
    super(message);
    Object.assign(this, { name: "RailError", kind }, more);
  }
}

// The same arithmetic as in sco_geo/network/_snapping_math.py, in the same order: only operations
// that every computer rounds alike, so that the bits are the same.
const RAIL_RADIAN = Math.PI / 180;
const RAIL_F = 1 / 298.257223563;
const RAIL_E2 = RAIL_F * (2 - RAIL_F);
const [RAIL_C16, RAIL_C14, RAIL_C12, RAIL_C10] = [1 / 20922789888000, -1 / 87178291200, 1 / 479001600, -1 / 3628800];
const [RAIL_C8, RAIL_C6, RAIL_C4, RAIL_C2] = [1 / 40320, -1 / 720, 1 / 24, -1 / 2];

function railCosine(lat) {
  const x = lat * RAIL_RADIAN;
  const s = x * x;
  const high = (((RAIL_C16 * s + RAIL_C14) * s + RAIL_C12) * s + RAIL_C10) * s;
  return ((((high + RAIL_C8) * s + RAIL_C6) * s + RAIL_C4) * s + RAIL_C2) * s + 1;
}

/** Metres of a degree of longitude and of latitude. @returns {[number, number]} */
function metresPerDegree(lat) {
  const cosine = railCosine(lat);
  const w = 1 - RAIL_E2 * (1 - cosine * cosine);
  const across = 6378137 / Math.sqrt(w);
  return [across * cosine * RAIL_RADIAN, ((across * (1 - RAIL_E2)) / w) * RAIL_RADIAN];
}

// As in the function above, once more without its array: 100,000 segments are measured at the start.
function segmentMetres(lon0, lat0, lon1, lat1) {
  const cosine = railCosine((lat0 + lat1) * 0.5);
  const w = 1 - RAIL_E2 * (1 - cosine * cosine);
  const across = 6378137 / Math.sqrt(w);
  const x = (lon1 - lon0) * (across * cosine * RAIL_RADIAN);
  const y = (lat1 - lat0) * (((across * (1 - RAIL_E2)) / w) * RAIL_RADIAN);
  return Math.sqrt(x * x + y * y);
}

/** @param {Uint8Array} bytes the file @returns {Promise<ArrayBuffer>} */
async function inflateRailNetwork(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).arrayBuffer();
}

/** @param {ArrayBuffer} buffer the inflated file @returns {RailTable} */
function readRailNetwork(buffer) {
  const bytes = new Uint8Array(buffer);
  if (String.fromCharCode(...bytes.subarray(0, 8)) !== "SCORAIL1") {
    throw new RailError("format", "this is no rail network of this version");
  }
  let at = 16 + new DataView(buffer).getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(16, at)));
  const columns = {};
  for (const [name, count, width] of header.streams) {
    columns[name] = railColumn(bytes, at, count, width, RAIL_SIGNED.has(name));
    at += count * width;
  }
  const line = new Int32Array(columns.line);
  for (let edge = 0; edge < line.length; edge++) line[edge] -= 1;
  const table = { ...railTopology(columns), line };
  Object.assign(table, railPaths(columns, table));
  const { country, gauge, status, line_class: lineClass, basis } = columns;
  Object.assign(table, { country, gauge, status, lineClass, basis });
  table.lengthM = railLengths(columns.length_rest, header.length_permille, table);
  const { countries, gauges, lines, meta } = header;
  return Object.assign(table, { countries, gauges, lines, meta });
}

// All lowest bytes of the numbers, then all second ones, and so on.
function railColumn(bytes, at, count, width, isSigned) {
  const lowest = bytes.subarray(at, at + count);
  if (width === 1 && !isSigned) return lowest;
  const values = new Int32Array(lowest);
  for (let plane = 1; plane < width; plane++) {
    const higher = bytes.subarray(at + plane * count, at + (plane + 1) * count);
    for (let i = 0; i < count; i++) values[i] |= higher[i] << (8 * plane);
  }
  if (isSigned) for (let i = 0; i < count; i++) values[i] = (values[i] >>> 1) ^ -(values[i] & 1);
  return values;
}

// Tree edges come first, one to each node but the roots; then the links, each to an earlier node.
function railTopology(columns) {
  const { parent_step: parentStep, link_start_step: linkStartStep, link_span: linkSpan } = columns;
  const nodeCount = parentStep.length;
  const edgeCount = columns.chain_count.length;
  const start = new Int32Array(edgeCount);
  const end = new Int32Array(edgeCount);
  let edge = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (!parentStep[node]) continue;
    start[edge] = node - parentStep[node];
    end[edge++] = node;
  }
  const treeCount = edge;
  for (let i = 0, node = 0; edge < edgeCount; i++, edge++) {
    start[edge] = node += linkStartStep[i];
    end[edge] = node - linkSpan[i];
  }
  return { nodeCount, edgeCount, treeCount, start, end };
}

function railPaths(columns, { nodeCount, edgeCount, treeCount, start, end }) {
  const { parent_step: parentStep, chain_count: counts, chain_level: levels } = columns;
  const pathOffset = new Int32Array(edgeCount + 1);
  const pathLevel = new Uint8Array(levels.length + 2 * edgeCount);
  for (let edge = 0, at = 0, vertex = 0; edge < edgeCount; edge++) {
    const last = (at += counts[edge] + 2) - 1;
    for (let i = pathOffset[edge] + 1; i < last; i++) pathLevel[i] = levels[vertex++];
    pathOffset[edge + 1] = at;
  }
  const along = (roots, steps) => {
    const node = new Int32Array(nodeCount);
    for (let i = 0, root = 0; i < nodeCount; i++) if (!parentStep[i]) node[i] = roots[root++];
    const path = new Int32Array(pathLevel.length);
    for (let edge = 0, step = 0, at = 0; edge < edgeCount; edge++) {
      let value = (path[at++] = node[start[edge]]);
      for (const last = pathOffset[edge + 1] - 1; at < last; ) path[at++] = value += steps[step++];
      if (edge < treeCount) node[end[edge]] = value + steps[step++];
      path[at++] = node[end[edge]];
    }
    return path;
  };
  const pathLon = along(columns.root_lon, columns.step_lon);
  return { pathOffset, pathLevel, pathLon, pathLat: along(columns.root_lat, columns.step_lat) };
}

// The length of an edge is stored as its difference from what the drawn line lets expect.
function railLengths(rest, permille, { edgeCount, pathOffset, pathLon: lon, pathLat: lat }) {
  const lengthM = new Int32Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge++) {
    let metres = 0;
    let x = lon[pathOffset[edge]] / 1000;
    let y = lat[pathOffset[edge]] / 1000;
    for (let i = pathOffset[edge] + 1; i < pathOffset[edge + 1]; i++) {
      const x0 = x;
      const y0 = y;
      x = lon[i] / 1000;
      y = lat[i] / 1000;
      metres += Math.floor(segmentMetres(x0, y0, x, y) + 0.5);
    }
    lengthM[edge] = 10 * (Math.floor((metres * permille + 5000) / 10000) + rest[edge]);
  }
  return lengthM;
}
