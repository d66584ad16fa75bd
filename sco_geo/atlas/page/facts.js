// The sheets under the legend: key facts, and what is said about sources, licences and borders.

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
    [...atlas.layers, atlas.disputedLayer].map((layer) =>
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
