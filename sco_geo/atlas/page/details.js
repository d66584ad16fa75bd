// What is known about the chosen feature: facts, lengths beside the claims, sources.

const SHOWN_ELSEWHERE = new Set([
  "id",
  "name",
  "name_zh",
  "name_ru",
  "kind",
  "status",
  "system",
  "sources",
  "note",
  "geometry_basis",
  "accuracy_km",
  "routing",
  "countries",
  "gauges_mm",
  "operator",
  "opened",
  "closed",
  "capacity",
  "capacity_unit",
  "network_length_km",
  "network_uncertainty_pct",
  "network_version",
  "label_lon",
  "label_lat",
  "administered_codes",
  "claimed_codes",
  "case",
  "treatment",
  "base_code",
  "strays_into",
  "basis",
  "relation",
  "branch",
  "order",
  "source_url",
  "coordinate_confidence",
  "names_confidence",
  "display_vertices",
]);

function buildDetails(atlas) {
  const box = document.getElementById("sco-details");
  const feature = atlas.selected();
  box.hidden = !feature;
  if (!feature) return box.replaceChildren();
  const t = (key) => atlas.strings[atlas.lang][key];
  const p = feature.p;
  const others = ["name", "name_zh", "name_ru"]
    .map((k) => p[k])
    .filter((n) => n && n !== atlas.nameOf(feature));
  box.setAttribute("aria-label", t("details"));
  box.replaceChildren(
    el(
      "header",
      {},
      el(
        "button",
        { type: "button", class: "close", "aria-label": t("close"), onclick: () => atlas.select(null) },
        "×",
      ),
      el(
        "p",
        { class: "kicker" },
        [
          atlas.textOf(feature.layer.title),
          t(`kind_${feature.kind}`) || feature.kind,
          p.system && !feature.m ? atlas.systemName(p.system) : "",
        ]
          .filter(Boolean)
          .join(" · "),
      ),
      el("h2", { id: "sco-details-title", tabindex: "-1" }, atlas.nameOf(feature)),
      el("p", { class: "quiet" }, [...new Set(others)].join(" · ")),
    ),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "sco-details-title" },
      status(atlas, feature, t),
      p.note ? el("p", {}, atlas.own(feature, "note")) : null,
      properties(atlas, feature, t),
      lengths(atlas, feature, t),
      statusHistory(atlas, feature, t),
      alsoHere(atlas, feature, t),
      claims(atlas, feature, t),
      el("h3", {}, t("sources")),
      el("ul", { class: "sources" }, sourceItems(atlas, feature, t)),
      feature.layer.attribution
        ? el(
            "p",
            { class: "quiet" },
            `${feature.layer.attribution} · ${t("licence")}${t("colon")}${licenceName(feature.layer.licence, t)}`,
          )
        : null,
    ),
  );
}

function status(atlas, feature, t) {
  const now = atlas.statusOf(feature);
  if (!now || feature.layer.isBase) return null;
  if (!atlas.isThere(feature)) return el("p", {}, el("span", { class: "chip" }, t("absent")));
  const row = atlas.intervalOf(feature);
  const since = row ? ` ${t("since")} ${formatDate(row.from, atlas.lang)}` : "";
  return el("p", {}, el("span", { class: "chip" }, t(`status_${now}`) || now), since);
}

function properties(atlas, feature, t) {
  const p = feature.p,
    rows = [];
  const add = (label, value) => {
    if (value !== null && value !== undefined && value !== "")
      rows.push(el("dt", {}, label), el("dd", {}, value));
  };
  if (p.countries && feature.kind !== "territory") add(t("countries"), countryNames(atlas, p.countries));
  if (p.gauges_mm) add(t("gauges_mm"), String(p.gauges_mm).split(";").join(" / "));
  add(t("operator"), atlas.own(feature, "operator"));
  if (p.opened && feature.kind !== "event") add(t("opened"), formatDate(p.opened, atlas.lang));
  if (p.closed) add(t("closed"), formatDate(p.closed, atlas.lang));
  if (p.capacity) add(t("capacity"), amount(p.capacity, p.capacity_unit, atlas.lang, t));
  if (p.routing) add(t("routing"), t(p.routing) || p.routing);
  if (p.geometry_basis && (feature.m || feature.isEstimate))
    add(t("geometry_basis"), t(`basis_${p.geometry_basis}`) || p.geometry_basis);
  for (const [key, value] of Object.entries(p)) {
    const isTranslation = /_(zh|ru)$/.test(key) && key.slice(0, -3) in p;
    if (SHOWN_ELSEWHERE.has(key) || isTranslation) continue;
    const words = String(value).split(";");
    let shown = words.every((word) => t(`v_${word}`))
      ? words.map((word) => t(`v_${word}`)).join(t("and_then"))
      : atlas.own(feature, key);
    if (key === "strings") shown = stringsText(atlas, value);
    if (key === "participants") shown = countryNames(atlas, value);
    if (/^\d{4}-\d{2}-\d{2}$/.test(value)) shown = formatDate(value, atlas.lang);
    if (typeof value === "number") shown = value.toLocaleString(atlas.lang);
    if (typeof value === "object") shown = JSON.stringify(value);
    add(t(`p_${key}`) || key.replaceAll("_", " "), shown);
  }
  const km = p.accuracy_km;
  const accuracy =
    typeof km !== "number" || feature.kind === "territory"
      ? null
      : el(
          "p",
          { class: "quiet" },
          t(feature.shape.type === "L" ? "accuracy_line" : "accuracy_point").replace(
            "{km}",
            km.toLocaleString(atlas.lang),
          ),
        );
  const missing = feature.shape.type === "N" ? el("p", { class: "quiet" }, t("no_position")) : null;
  return el("div", {}, el("dl", {}, rows), accuracy, missing);
}

// A number of parallel strings, or such numbers by country: RUS:1;CHN:2.
function stringsText(atlas, value) {
  return String(value)
    .split(";")
    .map((part) => part.split(":"))
    .map(([code, count]) => (count ? `${atlas.stateName(code.trim())} ${count}` : code))
    .join(", ");
}

function countryNames(atlas, codes) {
  return String(codes)
    .split(";")
    .filter(Boolean)
    .map((iso) => atlas.stateName(iso.trim()))
    .join(" – ");
}

function lengths(atlas, feature, t) {
  const { p } = feature,
    system = p.system && atlas.systems[p.system];
  if (!feature.m && !system) return null;
  const parts = [el("h3", {}, t("length"))];
  if (feature.m) {
    parts.push(...lengthSentences(atlas, feature.m, t));
    parts.push(pipeSentence(atlas, feature.m, t), shares(atlas, feature.m, t));
  }
  if (system) {
    parts.push(
      el("h4", {}, `${t("whole_system")}${t("colon")}${atlas.systemName(p.system)}`),
      ...lengthSentences(atlas, system, t),
      pipeSentence(atlas, system, t),
      shares(atlas, system, t),
      ...(system.breaks || []).map((change) => breakSentence(atlas, change, t)),
    );
  }
  parts.push(el("p", { class: "quiet" }, t("border_precision")));
  return el("div", {}, parts);
}

// Features that stand at the same point, each as a button.
function alsoHere(atlas, feature, t) {
  const others = atlas.alsoHere(feature);
  if (!others.length) return null;
  return el(
    "div",
    {},
    el("h3", {}, t("also_here")),
    el(
      "ul",
      { class: "features" },
      others.map((f) => {
        const line = f.p.system ? ` (${atlas.systemName(f.p.system)})` : "";
        return featureEntry(atlas, f, t, atlas.nameOf(f) + line);
      }),
    ),
  );
}

// The length along the rail network leads, where the line is drawn from it.
function lengthSentences(atlas, measured, t) {
  const words = [t("computed_here"), measured.is_lower_bound ? t("lower_bound") : null];
  const sentence = (km, said, lead) => {
    const text = ` ${said.filter(Boolean).join(t("and_then"))}${t("full_stop")}`;
    return el("p", {}, el(lead, {}, formatKm(km, atlas.lang)), text);
  };
  const km = measured.network_length_km;
  if (!km) return [sentence(measured.length_km, words, "strong")];
  const [percent, version] = [measured.network_uncertainty_pct, measured.network_version];
  const exact = percent ? `±${percent.toLocaleString(atlas.lang)}\u00a0%` : null;
  const network = version ? t("network_version").replace("{version}", version) : null;
  const said = [t("network_length"), exact, network];
  return [sentence(km, said, "strong"), sentence(measured.length_km, words, "span")];
}

// Parallel strings of a pipeline, each counted.
function pipeSentence(atlas, measured, t) {
  if (!measured.pipe_km) return null;
  const unknown = measured.strings_unknown_km;
  const more = unknown
    ? `${t("and_then")}${t("strings_unknown").replace("{km}", formatKm(unknown, atlas.lang))}`
    : "";
  return el("p", {}, `${t("pipe_length")}${t("colon")}${formatKm(measured.pipe_km, atlas.lang)}${more}`);
}

function breakSentence(atlas, change, t) {
  const places = change.places.map((id) => atlas.featureName(id)).join(" / ");
  const gauges = `${change.from_mm} / ${change.to_mm} ${mmUnit(atlas.lang)}`;
  return el("p", {}, `${t("c_break_of_gauge")}${t("colon")}${[gauges, places].filter(Boolean).join(", ")}`);
}

const mmUnit = (lang) => ({ en: "mm", zh: "毫米", ru: "мм" })[lang];

function shares(atlas, measured, t) {
  const row = (label, km) =>
    el("tr", {}, el("th", { scope: "row" }, label), el("td", {}, formatKm(km, atlas.lang)));
  // The end of a line is not exactly on the border: what rounds to 0.0 km is no part.
  const all = Object.entries(measured.by_country),
    large = all.filter(([, km]) => km >= 0.05),
    countries = large.length ? large : all,
    gauges = Object.entries(measured.by_gauge),
    statuses = Object.entries(measured.by_status || {});
  const isState = countries.length === 1 && /^[A-Z]{3}$/.test(countries[0][0]);
  if (isState && gauges.length < 2 && !statuses.length) return null;
  const remark = (code, km) => {
    const stray = measured.strays_km[code];
    const some = stray < km ? t("colon") + formatKm(stray, atlas.lang) : "";
    if (stray) return ` (${t("chord_only")}${some})`;
    return code.startsWith("disputed:") ? ` (${t("kind_disputed_area").toLowerCase()})` : "";
  };
  const parts = [
    countries.map(([code, km]) => row(atlas.stateName(code) + remark(code, km), km)),
    gauges.map(([gauge, km]) =>
      row(
        gauge === "unknown" ? t("gauge_unknown") : `${gauge.split(";").join(" / ")} ${mmUnit(atlas.lang)}`,
        km,
      ),
    ),
    statuses.map(([status, km]) => row(t(`status_${status}`) || status, km)),
  ];
  // Each part adds up to the whole, so each has a body of its own.
  return el(
    "table",
    { class: "shares" },
    parts.filter((rows) => rows.length).map((rows) => el("tbody", {}, rows)),
  );
}

function statusHistory(atlas, feature, t) {
  const rows = atlas.history[feature.id];
  if (!rows || !rows.length) return null;
  return el(
    "div",
    {},
    el("h3", {}, t("history")),
    el(
      "ul",
      { class: "sources" },
      rows.map((row) =>
        el(
          "li",
          {},
          `${t(`status_${row.status}`) || row.status}${t("colon")}${formatDate(row.from, atlas.lang)}${row.to ? ` – ${formatDate(row.to, atlas.lang)}` : " –"} `,
          ...sourceLinks(atlas, row.source_id, t),
          row.note ? el("span", { class: "quiet" }, ` ${atlas.say(row.note)}`) : null,
        ),
      ),
    ),
  );
}

function sourceItems(atlas, feature, t) {
  const ids = String(feature.p.sources || "")
    .split(";")
    .map((s) => s.trim())
    .filter(Boolean);
  return ids.map((id) => {
    const source = atlas.sources[id];
    if (!source) return el("li", {}, id);
    return el(
      "li",
      {},
      `${source.publisher}: `,
      link(source.url, source.title),
      source.date ? `, ${source.date}` : "",
      source.licence ? el("span", { class: "quiet" }, ` ${licenceName(source.licence, t)}`) : null,
    );
  });
}
