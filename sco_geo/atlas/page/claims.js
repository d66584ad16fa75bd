// Published figures: lengths beside the computed ones, as a chart and a table, and all others.

function claims(atlas, feature, t) {
  const subjects = [feature.id, feature.p.system].filter(Boolean);
  const all = subjects.flatMap((subject) => (atlas.claims[subject] || []).map((c) => ({ ...c, subject })));
  const own = (c) => !c.scope.startsWith("section:") || c.scope === `section:${feature.id}`;
  const published = all.filter((c) => c.property === "length_km" && own(c));
  const others = all.filter((c) => c.property !== "length_km" && own(c));
  if (!published.length && !others.length) return null;
  return el(
    "div",
    {},
    published.length ? el("h3", {}, t("published")) : null,
    stripChart(atlas, feature, published, t),
    published.length ? lengthTable(atlas, feature, published, t) : null,
    published.length ? el("p", { class: "quiet" }, t("bold_is_current")) : null,
    disagreements(atlas, feature, subjects, t),
    others.length ? otherFigures(atlas, others, t) : null,
  );
}

function lengthTable(atlas, feature, published, t) {
  const heads = [t("length"), t("scope"), t("difference"), `${t("as_of")}, ${t("source").toLowerCase()}`];
  return el(
    "table",
    { class: "claims" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        heads.map((head) => el("th", { scope: "col" }, head)),
      ),
    ),
    el(
      "tbody",
      {},
      published.flatMap((claim) => [
        el(
          "tr",
          { class: `${claim.current ? "current" : ""} ${claim.note ? "noted" : ""}` },
          el("td", {}, `${Number(claim.value).toLocaleString(atlas.lang)} ${kmUnit(atlas.lang)}`),
          el("td", {}, scopeName(atlas, feature, claim, t)),
          el("td", {}, computedText(claim, atlas.lang)),
          el("td", {}, `${claim.as_of || t("undated")} `, ...sourceLinks(atlas, claim.source_id, t)),
        ),
        claim.note ? el("tr", { class: "note" }, el("td", { colspan: 4 }, atlas.say(claim.note))) : null,
      ]),
    ),
  );
}

// Where published lengths disagree, and why the computed ones are others.
function disagreements(atlas, feature, subjects, t) {
  const rows = subjects.flatMap((subject) => (atlas.scopes[subject] || []).map((r) => ({ ...r, subject })));
  const own = rows.filter((row) => row.subject === feature.id || !row.scope.startsWith("section:"));
  if (!own.length) return null;
  return el(
    "ul",
    { class: "sources" },
    own.map((row) =>
      el(
        "li",
        {},
        el("strong", {}, scopeName(atlas, feature, row, t)),
        row.all ? `${t("colon")}${spreadText(atlas, row, t)}` : "",
        (row.reasons || []).map((reason) =>
          el("div", { class: "quiet" }, reasonText(atlas, row, reason, t)),
        ),
      ),
    ),
  );
}

function spreadText(atlas, row, t) {
  const number = (km) => km.toLocaleString(atlas.lang);
  const span = ([, low, high]) =>
    `${low === high ? number(low) : `${number(low)}–${number(high)}`} ${kmUnit(atlas.lang)}`;
  const percent = row.all[3].toLocaleString(atlas.lang, { maximumFractionDigits: 1 });
  const text = t("figures_apart")
    .replace("{n}", row.all[0])
    .replace("{span}", span(row.all))
    .replace("{percent}", percent);
  return row.current ? `${text}${t("and_then")}${t("current")}${t("colon")}${span(row.current)}` : text;
}

function reasonText(atlas, row, reason, t) {
  const about = reason.figures.map((km) => km.toLocaleString(atlas.lang)).join(", ");
  const label = t(reason.open ? "difference_open" : "difference_why");
  return `${label}${row.reasons.length > 1 ? ` (${about})` : ""}${t("colon")}${atlas.say(reason.text)}`;
}

// The computed length that a published one is held against, and by how much it differs.
function computedText(claim, lang) {
  const percent = claim.difference_pct;
  if (percent === null || percent === undefined) return "–";
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "";
  const share = Math.abs(percent).toLocaleString(lang, { maximumFractionDigits: 1 });
  return `${formatKm(claim.computed_km, lang)} (${sign}${share} %)`;
}

function scopeName(atlas, feature, claim, t) {
  if (claim.scope === `section:${feature.id}`) return t("scope_section");
  if (claim.scope.startsWith("section:")) return atlas.featureName(claim.scope.slice(8));
  if (claim.scope === "pipe_length") return t("scope_pipe_length");
  if (claim.scope !== "whole")
    return [claim.scope, ...(claim.includes || [])].map((c) => atlas.stateName(c)).join(" + ");
  return t(claim.subject === feature.id && feature.p.system ? "scope_section" : "scope_whole");
}

// Chinese counts in ten thousands and hundred millions: the factor to the unit that readers expect.
const CHINESE_UNITS = {
  "bcm/year": [10, "亿立方米/年"],
  "bn USD": [10, "亿美元"],
  "bn CNY": [10, "亿元"],
  "million t/year": [100, "万吨/年"],
  "Mt/year": [100, "万吨/年"],
};

// A figure with its unit, as it is written in the reader's language.
function amount(value, unit, lang, t) {
  if (unit === "date" || unit === "year") return formatDate(String(value), lang);
  const isNumber = unit !== "text" && /^\d+(\.\d+)?$/.test(value);
  const [factor, name] = (isNumber && lang === "zh" && CHINESE_UNITS[unit]) || [1, t(`u_${unit}`) || unit];
  const shown = isNumber ? Number((Number(value) * factor).toFixed(6)).toLocaleString(lang) : value;
  return ["", "text", undefined].includes(unit) ? String(shown) : `${shown} ${name}`;
}

function otherFigures(atlas, others, t) {
  return el(
    "details",
    { id: "sco-figures", open: Boolean(document.getElementById("sco-figures")?.open) },
    el("summary", {}, `${t("published_other")} (${others.length})`),
    el(
      "ul",
      { class: "sources" },
      others.map((claim) =>
        el(
          "li",
          {},
          el("strong", {}, t(`c_${claim.property}`) || claim.property.replaceAll("_", " ")),
          `${t("colon")}${amount(atlas.say(claim.value), claim.unit, atlas.lang, t)} `,
          el("span", { class: "quiet" }, `${claim.as_of || t("undated")} `),
          ...sourceLinks(atlas, claim.source_id, t),
          claim.note ? el("span", { class: "quiet" }, ` ${atlas.say(claim.note)}`) : null,
        ),
      ),
    ),
  );
}

// The published lengths as dots, a row for each scope, on one axis: per cent of the computed length.
function stripChart(atlas, feature, published, t) {
  const rows = stripRows(atlas, feature, published, t);
  if (!rows.length) return null;
  const { ticks, x } = stripScale(rows.flatMap((row) => row.claims.map((claim) => claim.value / row.km)));
  const label = rows.map((row) => [row.label, ...row.claims.map((claim) => claim.shown)].join(t("and_then")));
  const chart = svg("svg", { class: "strip", role: "img", "aria-label": label.join(t("full_stop")) });
  const line = (x1, x2, y1, y2, look) => svg("line", { x1, x2, y1, y2, class: look });
  const write = (at, y, words, look = "", anchor = "middle") => {
    const node = svg("text", { x: at, y, class: look, "text-anchor": anchor });
    node.append(words);
    return node;
  };
  let y = 0;
  for (const row of rows) {
    const dots = stackDots(row, x);
    const [at, top, base] = [x(1), y + 16, y + 27 + 7 * Math.max(...dots.map((dot) => dot.rank))];
    chart.append(
      svg(
        "g",
        { "data-line": row.subject, "data-scope": row.scope },
        write(6, y + 11, row.label, "", "start"),
        line(6, 314, base, base, "axis"),
        line(at, at, top, base + 5, "computed"),
        row.isBound ? svg("path", { class: "bound", d: `M${at} ${top}h7v-2l6 3l-6 3v-2h-7z` }) : [],
        dots.map((dot) => stripDot(atlas, dot, base - 7 * dot.rank, t)),
        stripLabels(dots).map(({ x, claim }) =>
          write(x, base + 15, claim.shown, claim.current ? "now-km" : ""),
        ),
      ),
    );
    y = base + 22;
  }
  for (const ratio of ticks) {
    chart.prepend(line(x(ratio), x(ratio), 16, y, "grid"));
    chart.append(write(x(ratio), y + 11, `${Math.round(100 * ratio)} %`));
  }
  chart.append(write(160, y + 26, t("strip_axis")));
  chart.setAttribute("viewBox", `0 0 320 ${y + 32}`);
  const signs = ["●\u00a0current", "○\u00a0earlier", "┃\u00a0computed"];
  if (rows.some((row) => row.isBound)) signs.push("↱\u00a0legend_bound");
  if (rows.some((row) => row.isShare)) signs.push("≈\u00a0legend_share");
  const key = signs.map((sign) => sign.slice(0, 2) + t(sign.slice(2)).toLowerCase()).join("\u2003");
  return el("div", {}, chart, el("p", { class: "quiet" }, key));
}

// A row for each subject and scope with a computed length: the feature first, then its whole line.
function stripRows(atlas, feature, published, t) {
  const rows = new Map();
  for (const claim of published.filter((c) => c.computed_km > 0)) {
    const { subject, scope } = claim;
    const [isOwn, isAll] = [subject === feature.id, !/^[A-Z]{3}$/.test(scope)];
    const isSection = isOwn || scope.startsWith("section:");
    const part = isOwn && !isAll && feature.p.system ? t("scope_section") + t("and_then") : "";
    const measured = isSection ? feature.m : atlas.systems[subject];
    const isShare = !isAll && measured?.is_lower_bound && Object.keys(measured.by_country).length > 1;
    const isBound = measured?.is_lower_bound && !isShare;
    const computed = `${t("computed").toLowerCase()} ${isBound ? "≥ " : isShare ? "≈ " : ""}`;
    const label = part + scopeName(atlas, feature, claim, t) + t("colon") + computed;
    const row = rows.get(subject + scope) || { subject, scope, isBound, isShare, claims: [] };
    row.km = claim.computed_km;
    row.label = label + formatKm(row.km, atlas.lang);
    row.order = (isSection ? 0 : 2) + (isAll ? 0 : 1);
    row.claims.push({ ...claim, shown: Number(claim.value).toLocaleString(atlas.lang) });
    rows.set(subject + scope, row);
  }
  return [...rows.values()].sort((a, b) => a.order - b.order);
}

// An axis of at most six steps with 100 % and every figure.
function stripScale(ratios) {
  const [low, high] = [Math.min(1, ...ratios) - 0.01, Math.max(1, ...ratios) + 0.01];
  let step = 0.05;
  while ((high - low) / step > 6) step *= 2;
  const first = Math.max(0, Math.floor(low / step));
  const count = Math.ceil(high / step) - first;
  const x = (ratio) => 18 + (284 * (ratio / step - first)) / count;
  return { ticks: Array.from({ length: count + 1 }, (_, i) => (first + i) * step), x };
}

// Dots that would cover each other stand one above the other; every claim has a dot.
function stackDots(row, x) {
  const dots = [];
  for (const claim of [...row.claims].sort((a, b) => a.value - b.value || b.current - a.current)) {
    const at = x(claim.value / row.km);
    const taken = dots.filter((dot) => at - dot.x < 7).map((dot) => dot.rank);
    const rank = taken.findIndex((_, i) => !taken.includes(i));
    dots.push({ x: at, rank: rank < 0 ? taken.length : rank, claim });
  }
  return dots;
}

function stripDot(atlas, { x, claim }, y, t) {
  const look = claim.current ? "dot now" : "dot";
  const publisher = atlas.sources[claim.source_id]?.publisher || claim.source_id;
  const title = svg("title", {});
  title.append([claim.shown, claim.as_of || t("undated"), publisher].join(t("and_then")));
  return svg("circle", { class: look, cx: x, cy: y, r: 3, "data-km": claim.value }, title);
}

// Figures below the axis where there is room: those that hold, then the ends.
function stripLabels(dots) {
  const labels = [];
  const now = dots.filter((dot) => dot.claim.current);
  for (const { x, claim } of [...now, dots[0], dots.at(-1), ...dots]) {
    const half = 3.3 * claim.shown.length + 1;
    if (labels.every((other) => Math.abs(other.x - x) >= other.half + half))
      labels.push({ x, half, claim });
  }
  return labels;
}
