// The legend: an entry for each layer with its list, contested areas and lines, and the signs.

function layerEntry(atlas, layer, t, isOpen) {
  const there = layer.features.filter((f) => atlas.isThere(f));
  const lines = there.filter((f) => f.m);
  const points = there.filter((f) => !f.m && f.shape.points.length);
  const states = there.filter((f) => f.kind === "territory");
  const first = lines[0] || states[0] || layer.features[0];
  const counted = [];
  if (states.length)
    counted.push(countOf(states.filter((f) => atlas.statusOf(f) !== "none").length, "states", atlas, t));
  if (lines.length) {
    const km = lines.reduce((sum, f) => sum + f.m.length_km, 0);
    counted.push(
      countOf(lines.length, "sections", atlas, t),
      t("km_drawn").replace("{km}", formatKm(km, atlas.lang)),
    );
  }
  if (points.length) counted.push(countOf(points.length, "points", atlas, t));
  const others = there.length - lines.length - points.length - states.length;
  if (others) counted.push(countOf(others, "features", atlas, t));
  if (!there.length && layer.features.length) counted.push(t("absent"));
  const id = `layer-${layer.id}`;
  const name = atlas.textOf(layer.title);
  return el(
    "div",
    { class: "layer" },
    el(
      "div",
      { class: "layer-head" },
      el("input", {
        type: "checkbox",
        id,
        checked: layer.visible,
        onchange: (e) => atlas.setLayer(layer.id, e.target.checked),
      }),
      first ? symbol(first, atlas) : null,
      el(
        "label",
        { for: id },
        el("span", { class: "layer-title" }, name),
        el("span", { class: "quiet" }, counted.join(" · ")),
      ),
    ),
    states.length ? statusLegend(atlas, t) : null,
    unfolding(
      { "data-key": id, open: isOpen(id, false) },
      el("summary", { "aria-label": `${t("show_list")}: ${name}` }, t("show_list")),
      () => [featureLists(atlas, there, t), notes(atlas, layer, t)].flat(),
    ),
  );
}

// The features of a layer: states by name, sections and places under the line they belong to, hubs
// under their role.
function featureLists(atlas, features, t) {
  const list = (some) =>
    el(
      "ul",
      { class: "features" },
      some.map((f) => featureEntry(atlas, f, t)),
    );
  const isByName = features.some((f) => f.kind === "territory");
  if (isByName) {
    const compare = (a, b) => atlas.nameOf(a).localeCompare(atlas.nameOf(b), atlas.lang);
    return list([...features].sort(compare));
  }
  const parts = new Map();
  for (const feature of features) {
    const names = feature.p.roles ? String(feature.p.roles).split(";") : [feature.p.system || ""];
    for (const name of names) parts.set(name, [...(parts.get(name) || []), feature]);
  }
  if (parts.size < 2) return list(features);
  return [...parts].map(([key, some]) => {
    const system = atlas.systems[key];
    const title = atlas.systemNames[key] ? atlas.systemName(key) : t(`v_${key}`) || key;
    const extra = system ? formatKm(system.length_km, atlas.lang) : String(some.length);
    const whole = [el("span", {}, title), el("span", { class: "number" }, extra)];
    const first = system && some.find((f) => f.m);
    const open = { type: "button", class: "feature", onclick: () => atlas.select(first.id, true) };
    const head = el("h4", {}, first ? el("button", open, whole) : whole);
    return el("div", { class: "part" }, title ? head : null, list(some));
  });
}

// The legend of contested areas and lines. They belong to the base: no switch turns them off.
function disputedEntry(atlas, t, isOpen) {
  const id = "layer-disputed",
    signs = ["hatch", "hatch_light", "dashed"];
  const shown = signs.filter((sign) => atlas.disputed.some((f) => f.p.treatment === sign));
  return el(
    "div",
    { class: "layer", id: "sco-disputed" },
    el("p", { class: "layer-title" }, t("disputed_title")),
    el(
      "ul",
      { class: "signs" },
      shown.map((sign) =>
        el("li", {}, svgBox(disputedSymbol(sign, atlas.style)), el("span", {}, t(`sign_${sign}`))),
      ),
    ),
    el("p", { class: "quiet" }, t("disputed_short")),
    unfolding(
      { "data-key": id, open: isOpen(id, false) },
      el("summary", { "aria-label": `${t("show_list")}: ${t("disputed_title")}` }, t("show_list")),
      () => [
        el(
          "ul",
          { class: "features" },
          atlas.disputed.map((f) => featureEntry(atlas, f, t)),
        ),
        notes(atlas, atlas.disputedLayer, t),
      ],
    ),
  );
}

const PLURALS = {}; // rules by language: making them takes milliseconds

// "1 section", "5 sections", "5 участков", "5 段": the plural form that the language wants.
function countOf(n, key, atlas, t) {
  const forms = t(key).split("|"),
    rule = (PLURALS[atlas.lang] ||= new Intl.PluralRules(atlas.lang)).select(n);
  const form = atlas.lang === "ru" ? ({ one: 0, few: 1 }[rule] ?? 2) : rule === "one" ? 0 : 1;
  return `${n.toLocaleString(atlas.lang)} ${forms[form] || forms.at(-1)}`;
}

function statusLegend(atlas, t) {
  const counts = atlas.statusCounts();
  return el(
    "ul",
    { class: "status-legend" },
    Object.entries(counts).map(([status, n]) => {
      const look = atlas.style.territories[status] || atlas.style.territories.none;
      const image = svg(
        "svg",
        { class: "symbol", viewBox: "0 0 28 14", width: 28, height: 14, "aria-hidden": "true" },
        svg("rect", {
          x: 3,
          y: 1.5,
          width: 22,
          height: 11,
          fill: look.fill,
          stroke: atlas.style.ground.coast,
        }),
      );
      if (look.hatch)
        for (let x = 6; x < 26; x += 6)
          image.append(svg("line", { x1: x - 3, y1: 12, x2: x + 3, y2: 2, stroke: look.hatch }));
      return el(
        "li",
        {},
        image,
        el("span", {}, t(`status_${status}`)),
        el("span", { class: "number" }, String(n)),
      );
    }),
  );
}

function featureEntry(atlas, feature, t, name = atlas.nameOf(feature)) {
  const extra = feature.m
    ? formatKm(feature.m.length_km, atlas.lang)
    : feature.kind === "territory"
      ? t(`status_${atlas.statusOf(feature)}`)
      : "";
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: "feature",
        "data-feature": feature.id,
        "aria-pressed": String(atlas.selection === feature.id),
        onclick: () => atlas.select(feature.id, true),
      },
      feature.kind === "territory" || !feature.shape.box ? null : symbol(feature, atlas),
      el("span", {}, name),
      el("span", { class: "number" }, extra),
    ),
  );
}

function notes(atlas, layer, t) {
  const content = [];
  if (atlas.textOf(layer.description)) content.push(el("p", {}, atlas.textOf(layer.description)));
  if (layer.unlocated.length) content.push(unlocated(atlas, layer, t));
  if (layer.attribution)
    content.push(el("p", { class: "quiet" }, `${layer.attribution} · ${licenceName(layer.licence, t)}`));
  return el("div", { class: "notes" }, content);
}

// What the sources name but the map cannot show, each with the reason.
function unlocated(atlas, layer, t) {
  const entry = (item) =>
    el(
      "li",
      {},
      el("strong", {}, atlas.textOf(item)),
      atlas.own({ p: item }, "role") ? ` (${atlas.own({ p: item }, "role")})` : "",
      item.reason ? `${t("colon")}${atlas.own({ p: item }, "reason")} ` : " ",
      ...sourceLinks(atlas, (item.sources || []).join(";"), t),
    );
  return el(
    "div",
    { class: "unlocated" },
    el("p", {}, el("strong", {}, `${t("unlocated")}${t("colon")}`)),
    el("ul", { class: "points" }, layer.unlocated.map(entry)),
  );
}

function signs(atlas, t) {
  const look = atlas.style.lines.railway,
    dashes = atlas.style.dashes;
  const row = (content, text) => el("li", {}, svgBox(content), el("span", {}, text));
  const point = { look, isBreak: false, isEstimate: false };
  return el(
    "ul",
    { class: "signs" },
    row(lineSymbol(look, null), t("sign_solid")),
    row(lineSymbol(look, dashes.inferred), t("sign_inferred")),
    row(lineSymbol(look, dashes.construction), t("sign_construction")),
    row(lineSymbol(look, dashes.planned), t("sign_planned")),
    row(lineSymbol(look, dashes.mothballed), t("sign_mothballed")),
    row(
      svg("line", {
        x1: 1,
        y1: 7,
        x2: 27,
        y2: 7,
        stroke: look.color,
        "stroke-width": 11,
        "stroke-opacity": 0.2,
      }),
      t("sign_band"),
    ),
    row(pointSymbol({ ...point, isEstimate: true }, atlas.style), t("sign_ring")),
    row(pointSymbol({ ...point, isBreak: true }, atlas.style), t("sign_break")),
    row(
      svg("circle", {
        cx: 14,
        cy: 7,
        r: 3,
        fill: "#fffdf8",
        stroke: atlas.style.ground.place,
        "stroke-width": 1.4,
      }),
      t("sign_place"),
    ),
  );
}

function svgBox(content) {
  return svg(
    "svg",
    { class: "symbol", viewBox: "0 0 28 14", width: 28, height: 14, "aria-hidden": "true" },
    content,
  );
}

function licenceName(licence, t) {
  return licence ? t(`licence_${licence}`) || licence : "–";
}
