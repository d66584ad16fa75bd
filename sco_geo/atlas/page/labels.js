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
  for (const feature of atlas.visibleFeatures().flatMap((f) => f.pieces)) {
    if (!feature.shape.points.length || zoom < feature.labelZoom) continue;
    list.push({
      text: atlas.nameOf(feature),
      at: feature.shape.points[0],
      kind: "feature",
      rank: feature.isBreak ? 9e4 : 2e4,
      size: 11.5,
      color: feature.look.color,
    });
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

function drawLabels(c, atlas, view, size) {
  const ground = atlas.style.ground,
    taken = [],
    placed = [];
  const candidates = labelCandidates(atlas, atlas.map.getZoom());
  const dots = candidates.filter((l) => l.kind === "feature" || l.kind === "place");
  for (const label of candidates) {
    label.x = label.at[0] * view.scale + view.x;
    label.y = label.at[1] * view.scale + view.y;
  }
  for (const dot of dots) {
    if (dot.kind === "feature") taken.push([dot.x - 5, dot.y - 5, dot.x + 5, dot.y + 5]);
  }
  for (const label of candidates) {
    if (!insideFrame(c, atlas, label.at)) continue;
    if (label.x < -150 || label.y < -40 || label.x > size.x + 150 || label.y > size.y + 40) continue;
    const isState = label.kind === "sco" || label.kind === "state";
    label.font = `${label.kind === "sco" ? 600 : isState ? 400 : 500} ${label.size}px ${LABEL_FONT}`;
    c.font = label.font;
    const spaced = isState && atlas.lang !== "zh";
    if ("letterSpacing" in c) c.letterSpacing = spaced ? "0.6px" : "0px";
    const width = c.measureText(label.text).width + 4,
      height = label.size * 1.3;
    if (label.kind === "place") {
      const dot = [label.x - 3, label.y - 3, label.x + 3, label.y + 3];
      if (overlaps(taken, dot)) continue;
    }
    const box = labelBoxes(label.x, label.y, width, height, label.kind).find((b) => !overlaps(taken, b));
    if (!box) continue;
    taken.push(box);
    if (label.kind === "place") taken.push([label.x - 3, label.y - 3, label.x + 3, label.y + 3]);
    placed.push({ ...label, box });
  }
  c.textBaseline = "middle";
  c.textAlign = "center";
  c.lineJoin = "round";
  for (const label of placed) {
    if (label.kind === "place") circle(c, label.x, label.y, 2.2, "#fffdf8", ground.place, 1.2);
    c.font = label.font;
    if ("letterSpacing" in c)
      c.letterSpacing =
        (label.kind === "sco" || label.kind === "state") && atlas.lang !== "zh" ? "0.6px" : "0px";
    c.lineWidth = 3;
    c.strokeStyle = ground.halo;
    const [x, y] = [(label.box[0] + label.box[2]) / 2, (label.box[1] + label.box[3]) / 2];
    c.strokeText(label.text, x, y);
    c.fillStyle =
      label.kind === "sco"
        ? ground.label_sco
        : label.kind === "feature"
          ? label.color
          : label.kind === "place"
            ? ground.place
            : ground.label;
    c.fillText(label.text, x, y);
  }
  if ("letterSpacing" in c) c.letterSpacing = "0px";
  atlas.labelBoxes = placed.map((label) => ({ text: label.text, box: label.box }));
}
