// Reads the blocks of the page and makes features and state from them.

// Corners that the first view must show: the member states from Belarus to Kamchatka and Goa.
const HOME = [
  [24, 56],
  [38, 27],
  [73, 8],
  [119, 23],
  [146, 44],
  [100, 71],
];
// The same for a tall screen: the lines of the atlas, from Tashkent to Tianjin, and around them.
const HOME_UPRIGHT = [
  [52, 44],
  [117, 40],
  [70, 20],
  [100, 55],
];

function round(value, digits) {
  return Number(value.toFixed(digits));
}

function wrap(lon) {
  return lon > 180 ? lon - 360 : lon;
}

// The data of a block: JSON, deflated, in base64.
async function readBlock(element) {
  const stream = new Blob([bytesOf(element.textContent)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  return JSON.parse(await new Response(stream).text());
}

function readBlocks() {
  return Promise.all(
    [
      document.getElementById("sco-topology"),
      document.getElementById("sco-data"),
      ...document.querySelectorAll("script[data-sco-layer]"),
    ].map(readBlock),
  );
}

function flatten(shape) {
  return shape.type === "G" ? shape.members.flatMap(flatten) : [shape];
}

// A table to look words of the data up in: it has its own entries and none of the language.
function table(entries) {
  return Object.assign(Object.create(null), entries);
}

function makeFeature(raw, layer, topology, style) {
  const kind = raw.kind,
    p = raw.p,
    shape = topology.shape(raw.shape);
  const isPoint = flatten(shape).some((part) => part.points.length);
  const point = isPoint && (style.points[p.role] || style.points[p.roles ? "hub" : kind]);
  const look = point || style.lines[kind] || style.lines[layer.lineKind] || style.lines.other;
  const isEstimate = p.geometry_basis === "estimate";
  const feature = {
    id: raw.id,
    p,
    m: raw.m || null,
    kind,
    layer,
    look,
    isEstimate,
    shape,
    isBreak: String(p.role || "").includes("break_of_gauge"),
  };
  // Stations along a line come with the zoom; a point that is no part of a line is there at once.
  const isEnd = /\b(origin|destination|start|end)\b/.test(p.role || "");
  feature.isKey = feature.isBreak || isEnd || !p.system;
  feature.minZoom = p.roles ? 3.5 : !p.system ? 0 : feature.isKey ? 3 : isEstimate ? 5.5 : 5;
  feature.labelZoom = p.system ? Math.max(p.relation ? 5.5 : 4.75, feature.minZoom) : 3.5;
  if (p.roles) feature.labelZoom = Infinity; // the name of the city is on the map already
  if (kind === "event" || kind === "institution") feature.labelZoom = 5;
  const [spot] = feature.shape.points;
  feature.stackKey = spot ? `${layer.id} ${spot.map((v) => v.toFixed(6))}` : null;
  feature.pieces = flatten(feature.shape).map((shape) =>
    shape === feature.shape ? feature : Object.assign(Object.create(feature), { shape }),
  );
  return feature;
}

function startAtlas(map, block, data, raw) {
  Object.assign(atlas, {
    map,
    topology: makeTopology(block),
    meta: data.meta,
    strings: table(data.strings),
    style: Object.fromEntries(Object.entries(data.style).map(([part, looks]) => [part, table(looks)])),
    sources: table(data.sources),
    claims: table(data.claims),
    scopes: table(data.scopes),
    history: table(data.history),
    translations: table(data.translations),
    facts: data.facts,
    systems: table(data.systems),
    systemNames: table(data.system_names),
    dates: data.meta.dates,
    date: data.meta.as_of,
    lang: data.meta.lang,
    frame: makeFrame(),
    graticule: makeGraticule(),
  });
  readLayers(raw);
  readBase(data, raw);
  const view = atlas.recall();
  document.getElementById("sco-panel").classList.toggle("small", map.getSize().x <= 700);
  buildSheets(atlas);
  if (view) map.setView([view[1], view[0]], view[2], { animate: false });
  else if (atlas.selected()?.shape.box) atlas.show(atlas.selected());
  else atlas.home();
  buildControls(atlas); // before the first drawing: names keep clear of the controls
  atlas.scene = new Scene(atlas).addTo(map);
  atlas.remember();
  connect(map);
}

function readLayers(raw) {
  for (const entry of raw) {
    const layer = { ...entry, lineKind: entry.features.map((f) => f.kind).find((k) => atlas.style.lines[k]) };
    layer.features = entry.features.map((f) => makeFeature(f, layer, atlas.topology, atlas.style));
    layer.features.forEach((f) => atlas.byId.set(f.id, f));
    atlas.layers.push(layer);
  }
  const territories = atlas.layers.flatMap((l) => l.features).filter((f) => f.kind === "territory");
  const lines = atlas.layers.flatMap((l) => l.features).filter((f) => f.m && f.p.system);
  atlas.sections = new Map();
  for (const line of lines) {
    atlas.sections.set(line.p.system, [...(atlas.sections.get(line.p.system) || []), line]);
  }
  atlas.memberByIso = new Map(territories.map((f) => [String(f.p.countries), f]));
}

function readBase(data, raw) {
  const { topology } = atlas;
  atlas.units = data.units.map((unit) => ({
    ...unit,
    label: sceneXY(unit.label[0], unit.label[1]),
    shape: unit.shape === null ? null : topology.shape(unit.shape),
  }));
  atlas.base = atlas.units.filter((unit) => unit.shape);
  atlas.stateByIso = new Map(atlas.units.map((unit) => [unit.iso, unit]));
  atlas.places = data.places.map((place) => ({ ...place, at: sceneXY(place.at[0], place.at[1]) }));
  const layer = { ...data.disputed, id: "disputed", visible: true, isBase: true };
  atlas.disputed = data.disputed.features.map((entry) => {
    const id = atlas.byId.has(entry.id) ? `disputed-${entry.id}` : entry.id;
    const feature = makeFeature({ ...entry, id }, layer, topology, atlas.style);
    return Object.assign(feature, { label: entry.label && sceneXY(...entry.label) });
  });
  atlas.disputedLayer = Object.assign(layer, { features: atlas.disputed });
  atlas.disputed.forEach((feature) => atlas.byId.set(feature.id, feature));
  const territories = raw.flatMap((entry) => entry.features).filter((f) => f.kind === "territory");
  const drawn = [...data.units, ...territories].map((entry) => entry.shape);
  const dashed = data.disputed.features.filter((f) => f.kind === "boundary_line").map((f) => f.shape);
  atlas.outlines = topology.outlines(
    drawn.filter((shape) => shape !== null),
    dashed,
  );
}

function connect(map) {
  map.on("click", (event) => {
    const feature = atlas.scene.hit(event.containerPoint);
    atlas.select(feature ? feature.id : null);
    if (feature) atlas.uncover(event.containerPoint);
  });
  let waiting = null;
  map.on("mousemove", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      map.getContainer().style.cursor = atlas.scene.hit(event.containerPoint) ? "pointer" : "";
    }, 40);
  });
  map.on("moveend", () => {
    keepInside(map);
    buildScale(atlas);
    atlas.remember();
  });
  map.on("resize", () => atlas.refresh());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && atlas.selection !== null) atlas.select(null);
  });
  window.addEventListener("hashchange", () => {
    const view = atlas.recall();
    if (view) map.setView([view[1], view[0]], view[2], { animate: false });
    atlas.refresh();
  });
}
