// Zoom buttons, credit and scale bar, and the limit of panning.

// The centre of the view stays inside the frame.
function keepInside(map) {
  const center = map.getCenter();
  let lon = center.lng < FRAME_WEST ? center.lng + 360 : center.lng;
  const kept = [
    Math.max(FRAME.south, Math.min(FRAME.north, center.lat)),
    Math.max(FRAME.west, Math.min(FRAME.east, lon)),
  ];
  if (Math.abs(kept[0] - center.lat) > 1e-6 || Math.abs(kept[1] - lon) > 1e-6)
    map.panTo(kept, { animate: false });
}

function buildControls(atlas) {
  const t = (key) => atlas.strings[atlas.lang][key],
    box = document.getElementById("sco-controls");
  const button = (key, sign, action) =>
    el("button", { type: "button", "aria-label": t(key), title: t(key), onclick: action }, sign);
  box.replaceChildren(
    button("zoom_in", "+", () => atlas.map.zoomIn()),
    button("zoom_out", "−", () => atlas.map.zoomOut()),
    button("whole_map", "⌂", () => atlas.home()),
  );
  atlas.map.getContainer().setAttribute("aria-label", t("map_label"));
  buildScale(atlas);
}

// A scale bar that is true along the parallel through the middle of the free part of the map.
function buildScale(atlas) {
  const map = atlas.map,
    pad = atlas.padding(),
    size = map.getSize();
  const middle = L.point((pad.left + size.x - pad.right) / 2, (pad.top + size.y - pad.bottom) / 2);
  const at = map.containerPointToLatLng(middle);
  if (at.lat > FRAME.north || at.lat < FRAME.south) ((middle.x = size.x / 2), (middle.y = size.y / 2));
  const [a, b] = [middle.subtract([50, 0]), middle.add([50, 0])].map((p) => map.containerPointToLatLng(p));
  const perPixel = geodesicMetres([wrap(a.lng), a.lat], [wrap(b.lng), b.lat]) / 100000;
  if (!(perPixel > 0)) return;
  const power = 10 ** Math.floor(Math.log10(110 * perPixel));
  const km = [5, 2, 1].map((n) => n * power).find((n) => n <= 110 * perPixel);
  const bar = document.getElementById("sco-scale");
  bar.hidden = !(km >= 1);
  bar.style.width = `${km / perPixel}px`;
  bar.textContent = `${km.toLocaleString(atlas.lang)} ${kmUnit(atlas.lang)}`;
}
