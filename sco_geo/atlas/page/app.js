// The atlas: state, what folium's elements call, and the small public object window.sco.

const atlas = {
  layers: [],
  base: [],
  units: [],
  places: [],
  byId: new Map(),
  selection: null,
  lang: "en",
  date: "",
  map: null,
  scene: null,
  labelBoxes: [],

  textOf(texts) {
    if (!texts) return "";
    return typeof texts === "string" ? texts : texts[this.lang] || texts.en || "";
  },
  nameOf(feature) {
    return this.own(feature, "name") || feature.id;
  },
  // A property in the reader's language: note_ru for note, where there is one.
  own(feature, key) {
    const value = (this.lang !== "en" && feature.p[`${key}_${this.lang}`]) || feature.p[key];
    return value === null || value === undefined ? "" : String(value);
  },
  // A text of the tables in the reader's language, or as it stands.
  say(text) {
    return this.translations[text]?.[this.lang] || text;
  },
  featureName(id) {
    const feature = this.byId.get(id);
    return feature ? this.nameOf(feature) : id;
  },
  // The name of a part of a length: a state, a contested area, or what lies in none of them.
  stateName(code) {
    if (code === "outside") return this.strings[this.lang].outside;
    if (code.startsWith("disputed:")) return this.featureName(code.slice(9));
    const unit = this.stateByIso.get(code);
    return unit ? unit.names[this.lang] : code;
  },
  systemName(id) {
    return this.textOf(this.systemNames[id]) || id;
  },
  selected() {
    return this.selection === null ? null : this.byId.get(this.selection) || null;
  },
  // Kept until the state changes: it is asked for with every frame.
  visibleFeatures() {
    const list = () => this.layers.filter((layer) => layer.visible).flatMap((layer) => layer.features);
    return (this.inView ||= list().filter((feature) => this.isThere(feature)));
  },
  // Whether a feature exists on the date of the map. What has no dated status is always there, but
  // a point that belongs to a line comes and goes with the dated sections of that line.
  isThere(feature) {
    if (feature.kind === "territory" || feature.layer.isBase) return true;
    if (this.history[feature.id]) return this.intervalOf(feature) !== null;
    if (feature.p.opened || feature.p.closed) return this.isOpen(feature.p);
    if (!feature.p.system || !feature.shape.points.length) return true;
    const dated = (this.sections.get(feature.p.system) || []).filter(
      (f) => this.history[f.id] || f.p.opened || f.p.closed,
    );
    return !dated.length || dated.some((section) => this.isThere(section));
  },
  // Whether the date of the map lies between `opened`, or the day on which that was announced, and
  // `closed`, to the precision they have. What is no ISO date says nothing.
  isOpen({ opened, closed, announced }) {
    const hasBegun = !isIsoDate(opened) || this.hasCome(opened) || this.hasCome(announced);
    return hasBegun && !(isIsoDate(closed) && this.date.slice(0, closed.length) > closed);
  },
  hasCome(day) {
    return isIsoDate(day) && this.date.slice(0, day.length) >= day;
  },
  // Other features of visible layers at the very point where this one stands.
  alsoHere(feature) {
    const key = feature.stackKey;
    return key ? this.visibleFeatures().filter((f) => f.stackKey === key && f.id !== feature.id) : [];
  },
  dashOf(feature) {
    const { dashes } = this.style;
    return dashes[this.statusOf(feature)] || (feature.p.routing === "inferred" ? dashes.inferred : null);
  },
  intervalOf(feature) {
    const rows = this.history[feature.id] || [];
    return rows.find((r) => r.from <= this.date && (!r.to || this.date < r.to)) || null;
  },
  statusOf(feature) {
    if (!this.history[feature.id]) {
      const isAnnounced = isIsoDate(feature.p.announced) && !this.hasCome(feature.p.opened);
      return isAnnounced ? "planned" : feature.p.status || "";
    }
    const row = this.intervalOf(feature);
    return row ? row.status : "none";
  },
  statusOfState(iso) {
    const feature = this.memberByIso.get(iso);
    return feature && feature.layer.visible ? this.statusOf(feature) : null;
  },
  statusCounts() {
    const counts = { member: 0, observer: 0, dialogue_partner: 0, partner: 0 };
    for (const feature of this.memberByIso.values()) {
      const status = this.statusOf(feature);
      if (status in counts) counts[status] += 1;
    }
    return Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
  },

  setLanguage(lang) {
    if (!this.strings[lang]) throw new Error(`no language ${lang}`);
    this.lang = lang;
    this.refresh();
  },
  setDate(date) {
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new Error(`${date} is not a date YYYY-MM-DD`);
    this.date = date;
    this.refresh();
  },
  setLayer(id, visible) {
    const layer = this.layers.find((l) => l.id === id);
    if (!layer) throw new Error(`no layer ${id}`);
    layer.visible = Boolean(visible);
    this.refresh();
  },
  select(id, fly) {
    const before = document.activeElement;
    this.selection = id !== null && this.byId.has(id) ? id : null;
    this.refresh();
    const feature = this.selected();
    if (!feature) {
      const from = this.returnTo && document.querySelector(`[data-feature="${CSS.escape(this.returnTo)}"]`);
      if (from) from.focus();
      this.returnTo = null;
      return;
    }
    if (before?.dataset?.feature) this.returnTo = before.dataset.feature;
    if (fly) {
      this.show(feature);
      document.getElementById("sco-details-title").focus({ preventScroll: true });
    }
  },

  // Bring a feature into the part of the map that no panel covers.
  show(feature) {
    if (!feature.shape.box) return;
    const [w, n, e, s] = feature.shape.box,
      map = this.map,
      crs = map.options.crs;
    const pad = this.padding();
    const room = map.getSize().subtract([pad.left + pad.right + 60, pad.top + pad.bottom + 60]);
    const fit = Math.log2(Math.min(room.x / Math.max(e - w, 1e-6), room.y / Math.max(s - n, 1e-6)));
    const zoom = Math.max(
      map.getMinZoom(),
      Math.min(feature.shape.points.length ? 6.5 : 7, Math.floor(fit * 4) / 4),
    );
    const middle = L.point((w + e) / 2, (n + s) / 2).multiplyBy(2 ** zoom);
    const shift = L.point((pad.right - pad.left) / 2, (pad.bottom - pad.top) / 2);
    map.setView(crs.pointToLatLng(middle.add(shift), zoom), zoom, { animate: false });
  },
  // Move the map if the details have opened over the place that was clicked.
  uncover(point) {
    const pad = this.padding(),
      size = this.map.getSize();
    const over = [point.x - (size.x - pad.right - 40), point.y - (size.y - pad.bottom - 40)];
    if (over.some((by) => by > 0))
      this.map.panBy(
        over.map((by) => Math.max(0, by)),
        { animate: false },
      );
  },
  padding() {
    const size = this.map.getSize(),
      pad = { left: 0, right: 0, top: 0, bottom: 0 };
    const panel = document.getElementById("sco-panel").getBoundingClientRect();
    const details = document.getElementById("sco-details");
    if (size.x > 700) {
      pad.left = panel.right;
      pad.right = details.hidden ? 0 : details.getBoundingClientRect().width + 12;
    } else {
      pad.bottom = details.hidden
        ? panel.height
        : Math.max(panel.height, details.getBoundingClientRect().height);
    }
    return pad;
  },
  home() {
    const size = this.map.getSize(),
      corners = size.x > size.y ? HOME : HOME_UPRIGHT;
    const box = unite(corners.map(([lon, lat]) => boxOf(sceneXY(lon, lat))));
    this.show({ shape: { box, points: [] } });
  },

  refresh() {
    this.inView = null;
    buildSheets(this);
    buildControls(this);
    this.scene._update();
    this.remember();
  },
  state() {
    const center = this.map.getCenter();
    return {
      lang: this.lang,
      date: this.date,
      hidden: this.layers.filter((l) => !l.visible).map((l) => l.id),
      selection: this.selection,
      view: [round(wrap(center.lng), 3), round(center.lat, 3), round(this.map.getZoom(), 2)],
    };
  },
  remember() {
    if (location.protocol === "about:") return; // a notebook frame has no address of its own
    const s = this.state();
    const parts = [`lang=${s.lang}`, `date=${s.date}`, `at=${s.view.join(",")}`];
    parts.push(`off=${s.hidden.map(encodeURIComponent).join(",")}`);
    if (s.selection) parts.push(`sel=${encodeURIComponent(s.selection)}`);
    window.history.replaceState(null, "", `#${parts.join("&")}`);
  },
  recall() {
    const pairs = new URLSearchParams(location.hash.slice(1));
    if (this.strings[pairs.get("lang")]) this.lang = pairs.get("lang");
    if (/^\d{4}-\d{2}-\d{2}$/.test(pairs.get("date") || "")) this.date = pairs.get("date");
    if (pairs.has("off")) {
      const hidden = new Set(pairs.get("off").split(","));
      for (const layer of this.layers) layer.visible = !hidden.has(layer.id);
    }
    this.selection = this.byId.has(pairs.get("sel")) ? pairs.get("sel") : null;
    const view = (pairs.get("at") || "").split(",").map(Number);
    return view.length === 3 && view.every(Number.isFinite) ? view : null;
  },
};

function buildSheets(atlas) {
  document.documentElement.lang = atlas.lang === "zh" ? "zh-Hans" : atlas.lang;
  document.title = atlas.textOf(atlas.meta.title);
  buildPanel(atlas);
  buildDetails(atlas);
}

let announceReady, announceFailure;
window.sco = {
  ready: new Promise((resolve, reject) => {
    announceReady = resolve;
    announceFailure = reject;
  }),
  layers: () =>
    atlas.layers.map((l) => ({
      id: l.id,
      visible: l.visible,
      features: l.features.length,
      drawn: l.features.filter((f) => atlas.scene.drawn.has(f.id)).length,
    })),
  setLayer: (id, visible) => atlas.setLayer(id, visible),
  select: (id) => atlas.select(id, true),
  setLanguage: (lang) => atlas.setLanguage(lang),
  setDate: (date) => atlas.setDate(date),
  measure: (points) => measureKm(points),
  state: () => atlas.state(),
  toScreen: (lon, lat) => {
    const point = atlas.map.latLngToContainerPoint([lat, lon < FRAME_WEST ? lon + 360 : lon]);
    return [point.x, point.y];
  },
  project: (lon, lat) => PROJECTION.project(lon, lat),
  unproject: (x, y) => PROJECTION.unproject(x, y),
  arcs: () => atlas.topology.degrees,
  labels: () => atlas.labelBoxes,
};

window.scoStart = (map) => {
  map.setView([45, 85], 3, { animate: false }); // so that what others add has a view to stand in
  readBlocks()
    .then(([block, data, ...raw]) => {
      startAtlas(map, block, data, raw);
      requestAnimationFrame(() => announceReady());
    })
    .catch((error) => {
      document.getElementById("sco-failure").hidden = false;
      announceFailure(error);
    });
};
