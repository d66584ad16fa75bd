// Reads the file of the rail network, whose bytes docs/rail-network-format.md describes. Angles are
// degrees, pairs are [lon, lat], lengths say their unit. Needs nothing else of the page.

/**
 * The network as flat arrays; codes as in sco_geo/network/_table.py. Edge k is drawn through the
 * points pathOffset[k] up to pathOffset[k + 1], nodes included, in thousandths of a degree.
 * @typedef {{nodeCount: number, edgeCount: number, start: Int32Array, end: Int32Array, lengthM: Int32Array,
 *   country: Int32Array, gauge: Int32Array, status: Int32Array, lineClass: Int32Array, basis: Int32Array,
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
const RAIL_COSINE = [1 / 20922789888000, -1 / 87178291200, 1 / 479001600, -1 / 3628800, 1 / 40320, -1 / 720, 1 / 24, -1 / 2, 1];
const RAIL_RADIAN = Math.PI / 180;
const RAIL_F = 1 / 298.257223563;
const RAIL_E2 = RAIL_F * (2 - RAIL_F);

/** Metres of a degree of longitude and of latitude. @returns {[number, number]} */
function metresPerDegree(lat) {
  const x = lat * RAIL_RADIAN;
  const square = x * x;
  let cosine = RAIL_COSINE[0];
  for (let i = 1; i < RAIL_COSINE.length; i++) cosine = cosine * square + RAIL_COSINE[i];
  const w = 1 - RAIL_E2 * (1 - cosine * cosine);
  const across = 6378137 / Math.sqrt(w);
  return [across * cosine * RAIL_RADIAN, ((across * (1 - RAIL_E2)) / w) * RAIL_RADIAN];
}

function segmentMetres(lon0, lat0, lon1, lat1) {
  const [perLon, perLat] = metresPerDegree((lat0 + lat1) * 0.5);
  const x = (lon1 - lon0) * perLon;
  const y = (lat1 - lat0) * perLat;
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
  const table = { ...railTopology(columns), line: columns.line.map((n) => n - 1) };
  Object.assign(table, railPaths(columns, table));
  const { country, gauge, status, line_class: lineClass, basis } = columns;
  Object.assign(table, { country, gauge, status, lineClass, basis });
  table.lengthM = railLengths(columns.length_rest, header.length_permille, table);
  const { countries, gauges, lines, meta } = header;
  return Object.assign(table, { countries, gauges, lines, meta });
}

function railColumn(bytes, at, count, width, isSigned) {
  const values = new Int32Array(count);
  for (let plane = 0; plane < width; plane++) {
    const from = at + plane * count;
    for (let i = 0; i < count; i++) values[i] |= bytes[from + i] << (8 * plane);
  }
  if (isSigned) for (let i = 0; i < count; i++) values[i] = (values[i] >>> 1) ^ -(values[i] & 1);
  return values;
}

// Tree edges come first, one to each node but the roots; then the links, each to an earlier node.
function railTopology(columns) {
  const nodeCount = columns.parent_step.length;
  const edgeCount = columns.chain_count.length;
  const start = new Int32Array(edgeCount);
  const end = new Int32Array(edgeCount);
  let edge = 0;
  for (let node = 0; node < nodeCount; node++) {
    if (!columns.parent_step[node]) continue;
    start[edge] = node - columns.parent_step[node];
    end[edge++] = node;
  }
  const treeCount = edge;
  for (let i = 0, node = 0; i < columns.link_span.length; i++, edge++) {
    start[edge] = node += columns.link_start_step[i];
    end[edge] = node - columns.link_span[i];
  }
  return { nodeCount, edgeCount, treeCount, start, end };
}

function railPaths(columns, { nodeCount, edgeCount, treeCount, start, end }) {
  const counts = columns.chain_count;
  const pathOffset = new Int32Array(edgeCount + 1);
  for (let edge = 0; edge < edgeCount; edge++) pathOffset[edge + 1] = pathOffset[edge] + counts[edge] + 2;
  const pathLevel = new Uint8Array(pathOffset[edgeCount]);
  for (let edge = 0, i = 0; edge < edgeCount; edge++) {
    for (let k = 1; k <= counts[edge]; k++) pathLevel[pathOffset[edge] + k] = columns.chain_level[i++];
  }
  const along = (roots, steps) => {
    const node = new Int32Array(nodeCount);
    for (let i = 0, root = 0; i < nodeCount; i++) if (!columns.parent_step[i]) node[i] = roots[root++];
    const path = new Int32Array(pathOffset[edgeCount]);
    for (let edge = 0, step = 0; edge < edgeCount; edge++) {
      let at = pathOffset[edge];
      let value = (path[at++] = node[start[edge]]);
      for (let k = 0; k < counts[edge]; k++) path[at++] = value += steps[step++];
      if (edge < treeCount) node[end[edge]] = value + steps[step++];
      path[at] = node[end[edge]];
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
    for (let i = pathOffset[edge] + 1; i < pathOffset[edge + 1]; i++) {
      metres += Math.floor(segmentMetres(lon[i - 1] / 1000, lat[i - 1] / 1000, lon[i] / 1000, lat[i] / 1000) + 0.5);
    }
    lengthM[edge] = 10 * (Math.floor((metres * permille + 5000) / 10000) + rest[edge]);
  }
  return lengthM;
}
