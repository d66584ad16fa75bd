// The panel: title, language, date, key facts, legend and layer switch in one.

function buildPanel(atlas) {
  const t = (key) => atlas.strings[atlas.lang][key];
  const panel = document.getElementById("sco-panel");
  const open = new Set([...panel.querySelectorAll("details[open]")].map((d) => d.dataset.key));
  const scroll = panel.querySelector(".scroll")?.scrollTop || 0;
  const isOpen = (key, initially) => (panel.childElementCount ? open.has(key) : initially);
  const fold = (key, title, make) =>
    unfolding({ "data-key": key, open: isOpen(key, false) }, el("summary", {}, title), make);

  const languages = el(
    "div",
    { class: "switch", role: "group", "aria-label": t("language_label") },
    Object.keys(atlas.strings).map((lang) =>
      el(
        "button",
        {
          type: "button",
          lang,
          "aria-pressed": String(lang === atlas.lang),
          onclick: () => atlas.setLanguage(lang),
        },
        atlas.strings[lang].language,
      ),
    ),
  );

  const groups = new Map();
  for (const layer of atlas.layers) {
    if (!groups.has(layer.group)) groups.set(layer.group, []);
    groups.get(layer.group).push(layer);
  }
  const legend = [...groups].map(([group, layers]) =>
    el(
      "section",
      { class: "group" },
      el("h3", {}, t(`group_${group}`) || group),
      layers.map((l) => layerEntry(atlas, l, t, isOpen)),
    ),
  );

  legend.push(
    el("section", { class: "group" }, el("h3", {}, t("group_base")), disputedEntry(atlas, t, isOpen)),
  );

  const toggle = el(
    "button",
    {
      type: "button",
      class: "toggle",
      "aria-expanded": String(!panel.classList.contains("small")),
      "aria-controls": "sco-panel-body",
      onclick: () => {
        panel.classList.toggle("small");
        buildPanel(atlas);
      },
    },
    panel.classList.contains("small") ? t("open_panel") : t("hide_panel"),
  );

  panel.setAttribute("aria-label", t("open_panel"));
  panel.replaceChildren(
    el(
      "header",
      {},
      el("h1", {}, atlas.textOf(atlas.meta.title)),
      el("p", { class: "subtitle" }, atlas.textOf(atlas.meta.subtitle)),
      el("div", { class: "row" }, languages, toggle),
    ),
    el(
      "div",
      { class: "scroll", id: "sco-panel-body", tabindex: "0", role: "region", "aria-label": t("layers") },
      dateStepper(atlas, t),
      el("h2", {}, t("layers")),
      legend,
      fold("signs", t("signs"), () => [signs(atlas, t)]),
      fold("facts", t("facts"), () => [facts(atlas, t)]),
      fold("about", t("about"), () => [about(atlas, t)]),
      el("p", { class: "quiet disclaimer" }, atlas.textOf(atlas.meta.disclaimer)),
    ),
  );
  panel.querySelector(".scroll").scrollTop = scroll;
}

// A details element whose content is made when it is first opened.
function unfolding(attributes, summary, make) {
  const node = el("details", attributes, summary);
  const fill = () => {
    if (node.childElementCount === 1) node.append(...make().filter(Boolean));
  };
  summary.addEventListener("click", fill); // at once, and before the browser unfolds it
  node.addEventListener("toggle", fill);
  if (node.open) fill();
  return node;
}

// The date of the map, with a step to the event before and after it.
function dateStepper(atlas, t) {
  const known = atlas.dates.map((entry) => entry.date);
  const before = known.filter((d) => d < atlas.date).at(-1),
    after = known.find((d) => d > atlas.date);
  const event = atlas.dates.find((entry) => entry.date === atlas.date);
  const step = (key, sign, date) =>
    el(
      "button",
      {
        type: "button",
        class: "step",
        id: `sco-${key}`,
        "aria-label": t(key),
        title: t(key),
        disabled: !date,
        onclick: () => {
          atlas.setDate(date);
          document.getElementById(`sco-${key}`).focus();
        },
      },
      sign,
    );
  return el(
    "div",
    { class: "date", role: "group", "aria-label": t("state_on") },
    step("date_before", "◂", before),
    el(
      "div",
      { "aria-live": "polite" },
      el("span", { class: "quiet" }, `${t("state_on")} `),
      el("strong", {}, formatDate(atlas.date, atlas.lang)),
      event ? el("span", { class: "event" }, atlas.textOf(event.label)) : null,
    ),
    step("date_after", "▸", after),
  );
}

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
    const title = system ? atlas.systemName(key) : t(`v_${key}`) || key;
    const extra = system ? formatKm(system.length_km, atlas.lang) : String(some.length);
    const head = el("h4", {}, el("span", {}, title), el("span", { class: "number" }, extra));
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

function featureEntry(atlas, feature, t) {
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
      el("span", {}, atlas.nameOf(feature)),
      el("span", { class: "number" }, extra),
    ),
  );
}

function notes(atlas, layer, t) {
  const content = [];
  if (atlas.textOf(layer.description)) content.push(el("p", {}, atlas.textOf(layer.description)));
  if (layer.unlocated.length) content.push(unlocated(atlas, layer, t));
  if (layer.attribution)
    content.push(el("p", { class: "quiet" }, `${layer.attribution} · ${licenceName(layer.licence)}`));
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

function licenceName(licence) {
  return !licence ? "–" : licence === "LicenseRef-public-domain" ? "public domain" : licence;
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

// What the start text says, by subject, and how it stands to the sources.
function facts(atlas, t) {
  const groups = new Map();
  for (const fact of atlas.facts) groups.set(fact.group, [...(groups.get(fact.group) || []), fact]);
  return el(
    "div",
    { class: "facts" },
    el("p", { class: "quiet" }, t("facts_note")),
    [...groups].flatMap(([group, list]) => [
      el("h4", {}, t(`facts_${group}`) || group),
      el(
        "ul",
        {},
        list.map((fact) =>
          el(
            "li",
            { "data-fact": fact.id },
            el("span", { class: `verdict ${fact.verdict}` }, t(`verdict_${fact.verdict}`)),
            ` ${atlas.textOf(fact.text)} `,
            ...sourceLinks(atlas, fact.source_id, t),
          ),
        ),
      ),
    ]),
  );
}

function about(atlas, t) {
  const points = (title, texts) =>
    texts.length
      ? [
          el("p", {}, el("strong", {}, title)),
          el(
            "ul",
            { class: "points" },
            texts.map((text) => el("li", {}, atlas.textOf(text))),
          ),
        ]
      : [];
  return el(
    "div",
    { class: "notes" },
    el("p", {}, `${t("reference_date")} ${formatDate(atlas.meta.as_of, atlas.lang)}`),
    atlas.meta.notices.map((notice) => el("p", {}, atlas.textOf(notice))),
    atlas.layers.map((layer) =>
      el(
        "div",
        {},
        el("h4", {}, atlas.textOf(layer.title)),
        points(t("warnings"), layer.warnings),
        points(t("processing"), layer.processing),
      ),
    ),
  );
}

function sourceLinks(atlas, ids, t) {
  return String(ids || "")
    .split(";")
    .filter(Boolean)
    .map((id) => {
      const source = atlas.sources[id.trim()];
      if (!source) return el("span", { class: "source" }, id);
      const when = source.date ? `, ${source.date}` : "";
      return el("span", { class: "source" }, "[", link(source.url, `${source.publisher}${when}`), "]");
    });
}

function formatKm(km, lang) {
  const digits = km >= 100 ? 0 : 1;
  return `${km.toLocaleString(lang, { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${kmUnit(lang)}`;
}

function kmUnit(lang) {
  return { en: "km", zh: "公里", ru: "км" }[lang];
}

// An ISO date in words; anything else as it stands.
function formatDate(iso, lang) {
  if (!/^\d{4}(-\d{2}(-\d{2})?)?$/.test(iso)) return String(iso);
  const parts = iso.split("-").map(Number);
  const options = { year: "numeric", timeZone: "UTC" };
  if (parts.length > 1) options.month = lang === "zh" ? "long" : "short";
  if (parts.length > 2) options.day = "numeric";
  return new Date(Date.UTC(parts[0], (parts[1] || 1) - 1, parts[2] || 1)).toLocaleDateString(
    lang === "en" ? "en-GB" : lang,
    options,
  );
}
