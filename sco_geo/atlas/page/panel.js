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
        atlas.scene.later(); // names may stand where the panel was
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

function isIsoDate(text) {
  return typeof text === "string" && /^\d{4}(-\d{2}(-\d{2})?)?$/.test(text);
}

// An ISO date in words; anything else as it stands.
function formatDate(iso, lang) {
  if (!isIsoDate(iso)) return String(iso);
  const parts = iso.split("-").map(Number);
  const options = { year: "numeric", timeZone: "UTC" };
  if (parts.length > 1) options.month = lang === "zh" ? "long" : "short";
  if (parts.length > 2) options.day = "numeric";
  return new Date(Date.UTC(parts[0], (parts[1] || 1) - 1, parts[2] || 1)).toLocaleDateString(
    lang === "en" ? "en-GB" : lang,
    options,
  );
}
