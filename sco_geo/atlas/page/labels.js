// Names on the map: states by size, features and cities by importance, none over another.

const LABEL_FONT =
  '"Segoe UI", "Noto Sans", "Helvetica Neue", Arial, "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif';

// Candidates in order of importance; `at` is in scene units.
function labelCandidates(atlas, zoom) {
  const list = [];
  for (const unit of atlas.units) {
    if (!/^[A-Z]{3}$/.test(unit.iso)) continue; // units without a state code are drawn, not named
    const status = atlas.statusOfState(unit.iso);
    const sco = status && status !== "none";
    const room = Math.sqrt(unit.area) * (sco ? 1.35 : 0.8); // km across
    if (room * 2 ** zoom < 5200) continue;
    list.push({
      text: unit.names[atlas.lang],
      at: unit.label,
      kind: sco ? "sco" : "state",
      rank: (sco ? 3e4 : 0) + unit.area / 1e3,
      size: Math.max(10.5, Math.min(16, 7 + Math.log10(unit.area))),
    });
  }
  for (const feature of atlas.disputed) {
    if (!feature.label || Math.sqrt(feature.p.area_km2 || 0) * 2 ** zoom < 9000) continue;
    list.push({
      text: atlas.nameOf(feature),
      at: feature.label,
      kind: "state",
      rank: 3e3,
      size: 10.5,
    });
  }
  const stacks = new Map();
  for (const feature of atlas.visibleFeatures().flatMap((f) => f.pieces)) {
    if (!feature.shape.points.length || zoom < feature.labelZoom) continue;
    const below = feature.stackKey && stacks.get(feature.stackKey);
    if (below) {
      below.more += 1; // one name for several features at one point
      continue;
    }
    const label = {
      text: atlas.nameOf(feature),
      more: 0,
      at: feature.shape.points[0],
      kind: "feature",
      rank: feature.isBreak ? 9e4 : feature.p.relation ? 5e3 : 2e4,
      size: 11.5,
      color: feature.look.color,
    };
    stacks.set(feature.stackKey, label);
    list.push(label);
  }
  for (const place of atlas.places) {
    if (zoom < place.minZoom) continue;
    list.push({
      text: place.names[atlas.lang],
      at: place.at,
      kind: "place",
      rank: (place.minZoom <= 3 ? 8e4 : 1e4) - 900 * place.minZoom + (place.capital ? 500 : 0),
      size: place.capital ? 11.5 : 11,
    });
  }
  for (const label of list) label.name = label.text;
  for (const label of stacks.values()) if (label.more) label.text += ` +${label.more}`;
  return list.sort((a, b) => b.rank - a.rank || (a.text < b.text ? -1 : 1));
}

function overlaps(boxes, box) {
  return boxes.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1]);
}

function insideFrame(c, atlas, [x, y]) {
  c.save();
  c.setTransform(1, 0, 0, 1, 0, 0);
  const is = c.isPointInPath(atlas.frame, x, y);
  c.restore();
  return is;
}

function labelBoxes(x, y, width, height, kind) {
  if (kind === "sco" || kind === "state") {
    return [0, -0.8, 0.8].map((dy) => [
      x - width / 2,
      y + (dy - 0.5) * height,
      x + width / 2,
      y + (dy + 0.5) * height,
    ]);
  }
  const gap = 7;
  return [
    [x + gap, y - height / 2, x + gap + width, y + height / 2],
    [x - gap - width, y - height / 2, x - gap, y + height / 2],
    [x - width / 2, y - gap - height, x + width / 2, y - gap],
    [x - width / 2, y + gap, x + width / 2, y + gap + height],
  ];
}

// Where names may stand: inside the window, and not under the panels. In pixels of the canvas.
function labelRoom(scene) {
  const container = scene._map.getContainer().getBoundingClientRect();
  const origin = scene._map.containerPointToLayerPoint([0, 0]).subtract(scene._bounds.min);
  const onCanvas = (rect) => {
    const [x, y] = [origin.x - container.left, origin.y - container.top];
    return [rect.left + x, rect.top + y, rect.right + x, rect.bottom + y];
  };
  const covers = ["panel", "details", "controls", "scale", "credit"]
    .map((name) => document.getElementById(`sco-${name}`).getBoundingClientRect())
    .filter((rect) => rect.width > 0);
  return { origin, window: onCanvas(container), covers: covers.map(onCanvas) };
}

function dotBox(label, radius) {
  return [label.x - radius, label.y - radius, label.x + radius, label.y + radius];
}

function isInside(box, [west, north, east, south]) {
  return box[0] >= west && box[1] >= north && box[2] <= east && box[3] <= south;
}

// A town that is a city of the base and a point of several lines is named once.
function isSameName(a, b) {
  return a.name === b.name && Math.hypot(a.x - b.x, a.y - b.y) < 90;
}

// Whether the name of a place would run over a contested area: another side is better.
function isOverContested(c, atlas, view, [west, north, east, south]) {
  const y = ((north + south) / 2 - view.y) / view.scale;
  const xs = [west, (west + east) / 2, east].map((x) => (x - view.x) / view.scale);
  const areas = atlas.disputed.filter((f) => f.shape.type === "A" && f.p.treatment === "hatch");
  c.save();
  c.setTransform(1, 0, 0, 1, 0, 0);
  const is = xs.some((x) =>
    areas.some((f) => near(f.shape.box, x, y, 0) && c.isPointInPath(f.shape.path, x, y, "evenodd")),
  );
  c.restore();
  return is;
}

function setFont(c, label, lang) {
  const weight = { sco: 600, state: 400 }[label.kind] || 500;
  c.font = `${weight} ${label.size}px ${LABEL_FONT}`;
  const isSpaced = (label.kind === "sco" || label.kind === "state") && lang !== "zh";
  if ("letterSpacing" in c) c.letterSpacing = isSpaced ? "0.6px" : "0px";
}

function placeLabels(c, atlas, view, room) {
  const candidates = labelCandidates(atlas, atlas.map.getZoom());
  for (const label of candidates) {
    label.x = label.at[0] * view.scale + view.x;
    label.y = label.at[1] * view.scale + view.y;
  }
  const dots = candidates.filter((label) => label.kind === "feature").map((label) => dotBox(label, 5));
  const taken = [...room.covers, ...dots];
  const placed = [];
  for (const label of candidates) {
    if (!isInside(dotBox(label, 0), room.window) || !insideFrame(c, atlas, label.at)) continue;
    const isPlace = label.kind === "place";
    if (isPlace && overlaps(taken, dotBox(label, 3))) continue;
    if (placed.some((other) => isSameName(other, label))) continue;
    setFont(c, label, atlas.lang);
    const width = c.measureText(label.text).width + 4;
    const boxes = labelBoxes(label.x, label.y, width, label.size * 1.3, label.kind);
    const isOwn = label.kind === "state" || label.kind === "sco";
    const clear = isOwn ? [] : boxes.filter((b) => !isOverContested(c, atlas, view, b));
    const box = [...clear, ...boxes].find((b) => isInside(b, room.window) && !overlaps(taken, b));
    if (!box) continue;
    taken.push(box);
    if (isPlace) taken.push(dotBox(label, 3));
    placed.push({ ...label, box });
  }
  return placed;
}

function drawLabels(c, atlas, view, scene) {
  const room = labelRoom(scene);
  const { ground } = atlas.style;
  const inks = { sco: ground.label_sco, state: ground.label, place: ground.place };
  const placed = placeLabels(c, atlas, view, room);
  c.textBaseline = "middle";
  c.textAlign = "center";
  c.lineJoin = "round";
  for (const label of placed) {
    if (label.kind === "place") circle(c, label.x, label.y, 2.2, "#fffdf8", ground.place, 1.2);
    setFont(c, label, atlas.lang);
    const [x, y] = [(label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2];
    c.lineWidth = 3;
    c.strokeStyle = ground.halo;
    c.strokeText(label.text, x, y);
    c.fillStyle = inks[label.kind] || label.color;
    c.fillText(label.text, x, y);
  }
  const { x, y } = room.origin;
  atlas.labelBoxes = placed.map(({ text, box }) => ({
    text,
    box: [box[0] - x, box[1] - y, box[2] - x, box[3] - y],
  }));
}
