// Builds DOM nodes. Text enters the page only as text nodes and attributes, never as HTML.

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  node.append(...children.flat());
  return node;
}

// A link, if the address is one that a reader may open; else the text alone.
function link(address, text) {
  if (!/^https?:\/\//i.test(address || "")) return document.createTextNode(text);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, text);
}

function symbol(feature, atlas) {
  const { style } = atlas;
  const image = svg("svg", {
    class: "symbol",
    viewBox: "0 0 28 14",
    width: 28,
    height: 14,
    "aria-hidden": "true",
  });
  if (feature.layer.isBase) {
    image.append(...disputedSymbol(feature.p.treatment, style));
  } else if (feature.shape.type === "A") {
    const look = feature.kind === "territory" ? style.territories.member : style.area;
    image.append(
      svg("rect", { x: 3, y: 1.5, width: 22, height: 11, fill: look.fill, stroke: style.ground.coast }),
    );
  } else if (flatten(feature.shape).some((s) => s.points.length)) {
    image.append(pointSymbol(feature, style));
  } else {
    image.append(lineSymbol(feature.look, atlas.dashOf(feature), feature.p.accuracy_km >= MIN_BAND_KM));
  }
  return image;
}

function lineSymbol(look, dash, hasBand) {
  const group = svg("g", {});
  const line = { x1: 1, y1: 7, x2: 27, y2: 7 };
  if (hasBand)
    group.append(svg("line", { ...line, stroke: look.color, "stroke-width": 11, "stroke-opacity": 0.16 }));
  group.append(
    svg("line", {
      ...line,
      stroke: look.color,
      "stroke-width": look.width,
      "stroke-dasharray": (dash || []).join(" "),
    }),
  );
  return group;
}

function pointSymbol(feature, style) {
  const color = feature.look.color,
    light = style.ground.casing;
  const outline = feature.isBreak ? DIAMOND : SYMBOLS[feature.look.symbol];
  if (outline) {
    const size = feature.isBreak ? 5.5 : 4.8;
    const points = outline.map(([x, y]) => `${14 + size * x},${7 + size * y}`).join(" ");
    const [fill, stroke] = feature.isBreak ? [light, color] : [color, light];
    return svg("polygon", { points, fill, stroke, "stroke-width": feature.isBreak ? 2 : 1 });
  }
  if (feature.look.symbol === "ring")
    return svg("circle", { cx: 14, cy: 7, r: 3.6, fill: light, stroke: color, "stroke-width": 1.6 });
  if (!feature.isEstimate) return svg("circle", { cx: 14, cy: 7, r: 4, fill: color, stroke: light });
  return svg(
    "g",
    {},
    svg("circle", { cx: 14, cy: 7, r: 6, fill: "none", stroke: color, "stroke-dasharray": "2.5 2" }),
    svg("circle", { cx: 14, cy: 7, r: 2.6, fill: light, stroke: color, "stroke-width": 1.2 }),
  );
}

// The sign of a contested area, or of a contested line.
function disputedSymbol(treatment, style) {
  const look = style.disputed[treatment],
    { coast } = style.ground;
  if (!look) {
    const { color, width, dash } = style.disputed.line;
    return [lineSymbol({ color, width }, dash)];
  }
  const signs = [
    svg("rect", { x: 3, y: 1.5, width: 22, height: 11, fill: look.fill || "none", stroke: coast }),
  ];
  for (let x = 4; x < 24; x += 4)
    signs.push(
      svg("line", { x1: x, y1: 2, x2: Math.min(x + 10, 25), y2: Math.min(12, 27 - x), stroke: look.hatch }),
    );
  return signs;
}
