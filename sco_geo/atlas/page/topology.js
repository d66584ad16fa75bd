// Reads the geometry block and turns shapes into paths in scene units (pixels at zoom 0).

function bytesOf(base64) {
  const text = atob(base64),
    bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function decodeArcs(text) {
  const bytes = bytesOf(text);
  const arcs = [];
  let at = 0,
    x = 0,
    y = 0;
  const next = () => {
    let value = 0,
      scale = 1,
      byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  const signed = () => {
    const n = next();
    return n % 2 ? -(n + 1) / 2 : n / 2;
  };
  while (at < bytes.length) {
    const count = next();
    const arc = new Float64Array(2 * count);
    for (let i = 0; i < count; i++) {
      arc[2 * i] = x += signed();
      arc[2 * i + 1] = y += signed();
    }
    arcs.push(arc);
  }
  return arcs;
}

function sceneXY(lon, lat) {
  const [x, y] = PROJECTION.project(lon, lat);
  return [256 * (x / CRS_WIDTH_M + 0.5), 256 * (0.5 - y / CRS_WIDTH_M)];
}

function makeTopology(block) {
  const degrees = decodeArcs(block.arcs);
  const scene = degrees.map((arc) => {
    const out = new Float64Array(arc.length);
    for (let i = 0; i < arc.length; i += 2) {
      [out[i], out[i + 1]] = sceneXY(arc[i] * block.quantum, arc[i + 1] * block.quantum);
    }
    return out;
  });
  function points(refs) {
    const out = [];
    for (const ref of refs) {
      const arc = scene[ref < 0 ? ~ref : ref];
      const skip = out.length ? 1 : 0; // the first vertex repeats the last one of the arc before
      const n = arc.length / 2;
      for (let i = skip; i < n; i++) {
        const j = 2 * (ref < 0 ? n - 1 - i : i);
        out.push(arc[j], arc[j + 1]);
      }
    }
    return out;
  }

  function trace(path, flat) {
    path.moveTo(flat[0], flat[1]);
    for (let i = 2; i < flat.length; i += 2) path.lineTo(flat[i], flat[i + 1]);
  }

  // A shape ready to draw: {type, path, lines, points, box}.
  function shape(number) {
    const [type, ...parts] = block.shapes[number];
    if (type === "N") return { type, lines: [], points: [], box: null };
    if (type === "G") {
      const members = parts.map(shape);
      return { type, members, lines: [], points: [], box: unite(members.map((m) => m.box)) };
    }
    const path = new Path2D(),
      lines = [],
      places = [];
    if (type === "P") {
      for (let i = 0; i < parts.length; i += 2) {
        places.push(sceneXY(parts[i] * block.quantum, parts[i + 1] * block.quantum));
      }
    } else if (type === "L") {
      for (const refs of parts) lines.push(points(refs));
      lines.forEach((line) => trace(path, line));
    } else {
      for (const rings of parts) {
        for (const refs of rings) {
          const ring = points(refs);
          lines.push(ring);
          trace(path, ring);
          path.closePath();
        }
      }
    }
    const flat = type === "P" ? [places.flat()] : lines;
    return { type, path, lines, points: places, box: unite(flat.map(boxOf)) };
  }

  // Coasts are arcs of one polygon only, borders are arcs that two polygons share. Arcs of the
  // `dashed` shapes are left out: they are drawn apart.
  function outlines(numbers, dashed) {
    const coast = new Path2D(),
      border = new Path2D(),
      uses = new Map();
    const arcsOf = (number) => {
      const [type, ...parts] = block.shapes[number];
      return type === "A" || type === "L" ? parts.flat(2).map((ref) => (ref < 0 ? ~ref : ref)) : [];
    };
    for (const arc of numbers.flatMap(arcsOf)) uses.set(arc, (uses.get(arc) || 0) + 1);
    for (const arc of dashed.flatMap(arcsOf)) uses.delete(arc);
    for (const [arc, times] of uses) trace(times > 1 ? border : coast, scene[arc]);
    return { coast, border };
  }

  return { shape, outlines, raw: (n) => block.shapes[n], degrees, quantum: block.quantum };
}

function boxOf(flat) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < flat.length; i += 2) {
    box[0] = Math.min(box[0], flat[i]);
    box[1] = Math.min(box[1], flat[i + 1]);
    box[2] = Math.max(box[2], flat[i]);
    box[3] = Math.max(box[3], flat[i + 1]);
  }
  return box;
}

function unite(boxes) {
  const known = boxes.filter(Boolean);
  if (!known.length) return null;
  return [0, 1, 2, 3].map((i) => (i < 2 ? Math.min : Math.max)(...known.map((b) => b[i])));
}
