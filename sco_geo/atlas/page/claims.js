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
    subjects.map((subject) => stripChart(atlas, published, subject, t)),
    published.length ? lengthTable(atlas, feature, published, t) : null,
    published.length ? el("p", { class: "quiet" }, t("bold_is_current")) : null,
    disagreements(atlas, feature, subjects, t),
    others.length ? otherFigures(atlas, others, t) : null,
  );
}

function lengthTable(atlas, feature, published, t) {
  const heads = [t("length"), t("scope"), t("difference"), `${t("as_of")}, ${t("source")}`];
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

// The published lengths of one whole as dots on one axis, the computed length as a line.
function stripChart(atlas, published, subject, t) {
  const whole = published.filter((c) => c.subject === subject && c.scope === "whole" && c.computed_km);
  if (whole.length < 2) return null;
  const values = whole.map((c) => Number(c.value)).sort((a, b) => a - b);
  const computed = whole[0].computed_km;
  const low = Math.min(computed, values[0]);
  const high = Math.max(computed, values.at(-1));
  const x = (km) => 22 + (276 * (km - low)) / (high - low || 1);
  const dots = stackDots(whole, x);
  const base = 30 + 7 * Math.max(...dots.map((dot) => dot.rank)); // room for the highest stack
  const distinct = [...new Set(values)].map((km) => km.toLocaleString(atlas.lang));
  const label = `${t("published")}${t("colon")}${distinct.join(t("and_then"))} ${kmUnit(atlas.lang)}`;
  const caption = `${t("computed")} ${formatKm(computed, atlas.lang)}`;
  const text = (at, y, content, anchor) => {
    const node = svg("text", { x: at, y, "text-anchor": anchor });
    node.textContent = content;
    return node;
  };
  return svg(
    "svg",
    { class: "strip", viewBox: `0 0 320 ${base + 24}`, role: "img", "aria-label": `${label}. ${caption}` },
    svg("line", { x1: 10, x2: 310, y1: base, y2: base, class: "axis" }),
    svg("line", { x1: x(computed), x2: x(computed), y1: 17, y2: base + 6, class: "computed" }),
    ...dots.map((dot) =>
      svg("circle", { cx: dot.x, cy: base - 7 * dot.rank, r: 3, class: dot.current ? "dot now" : "dot" }),
    ),
    text(x(computed), 12, caption, computed > (low + high) / 2 ? "end" : "start"),
    text(x(values[0]), base + 18, values[0].toLocaleString(atlas.lang), "middle"),
    text(x(values.at(-1)), base + 18, values.at(-1).toLocaleString(atlas.lang), "middle"),
  );
}

// Dots that would cover each other stand one above the other, every claim with a dot of its own.
function stackDots(list, x) {
  const dots = [];
  for (const claim of [...list].sort((a, b) => a.value - b.value)) {
    const at = x(Number(claim.value));
    const below = dots.filter((dot) => Math.abs(dot.x - at) < 7);
    dots.push({ x: at, rank: below.length, current: claim.current });
  }
  return dots;
}
