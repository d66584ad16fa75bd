// Draws everything on one canvas that moves with the map.

const MIN_BAND_KM = 3; // narrower bands are thinner than the line at any zoom of the map

const Scene = L.Renderer.extend({
  options: { padding: 0.15 },

  initialize(atlas) {
    L.Renderer.prototype.initialize.call(this, { padding: 0.15 });
    this._atlas = atlas;
    this.drawn = new Set();
    this._frame = null;
  },

  getEvents() {
    const events = L.Renderer.prototype.getEvents.call(this);
    events.move = this.later;
    return events;
  },

  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.className = "scene";
    this._container.setAttribute("aria-hidden", "true");
    this._context = this._container.getContext("2d");
  },

  _destroyContainer() {
    cancelAnimationFrame(this._frame);
    this._container.remove();
    this._container = this._context = null;
  },

  _onZoomEnd() {},
  _updatePaths() {},

  later() {
    if (this._frame) return;
    this._frame = requestAnimationFrame(() => {
      this._frame = null;
      if (this._map && !this._map._animatingZoom) this._update();
    });
  },

  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const size = this._bounds.getSize(),
      ratio = window.devicePixelRatio || 1;
    const canvas = this._container;
    if (canvas.width !== Math.round(size.x * ratio) || canvas.height !== Math.round(size.y * ratio)) {
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    }
    L.DomUtil.setPosition(canvas, this._bounds.min);
    this._draw(size, ratio);
    this.fire("update");
  },

  // Scene units are pixels at zoom 0; this is the way to canvas pixels.
  _view() {
    const scale = this._map.options.crs.scale(this._map.getZoom()) / 256;
    const origin = this._map.getPixelOrigin();
    return { scale, x: -origin.x - this._bounds.min.x, y: -origin.y - this._bounds.min.y };
  },

  _draw(size, ratio) {
    const c = this._context,
      atlas = this._atlas,
      style = atlas.style,
      view = this._view();
    const ground = style.ground,
      px = 1 / view.scale;
    this._now = view;
    const scene = () =>
      c.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y);
    const screen = () => c.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.drawn.clear();
    c.lineJoin = c.lineCap = "round";
    screen();
    c.fillStyle = ground.sheet;
    c.fillRect(0, 0, size.x, size.y);
    scene();
    c.save();
    c.clip(atlas.frame);
    c.fillStyle = ground.sea;
    c.fill(atlas.frame);
    this._stroke(atlas.graticule, ground.graticule, 0.6 * px);
    c.fillStyle = ground.land;
    for (const unit of atlas.base) c.fill(unit.shape.path, "evenodd");
    const all = atlas.visibleFeatures().flatMap((feature) => feature.pieces);
    for (const feature of all) this._area(feature, px);
    this._disputedAreas(px);
    this._stroke(atlas.outlines.coast, ground.coast, 0.7 * px);
    this._stroke(atlas.outlines.border, ground.border, 0.7 * px);
    this._disputedLines(px);
    const lines = all.filter((f) => f.shape.type === "L");
    this._bands(lines, ratio);
    for (const feature of lines) this._casing(feature, px);
    for (const feature of lines) this._line(feature, px);
    this._selection(px);
    c.restore();
    this._stroke(atlas.frame, ground.coast, 1 * px);
    screen();
    for (const feature of all) this._points(feature, view);
    drawLabels(c, atlas, view, this);
  },

  _stroke(path, color, width, dash) {
    const c = this._context;
    c.strokeStyle = color;
    c.lineWidth = width;
    c.setLineDash(dash || []);
    c.stroke(path);
    c.setLineDash([]);
  },

  _area(feature, px) {
    if (feature.shape.type !== "A") return;
    const c = this._context,
      style = this._atlas.style;
    const look =
      feature.kind === "territory"
        ? style.territories[this._atlas.statusOf(feature)] || style.territories.none
        : style.area;
    c.fillStyle = look.fill;
    c.fill(feature.shape.path, "evenodd");
    if (look.hatch) this._hatch(feature.shape, look.hatch, 7 * px, 0.9 * px);
    if (feature.kind !== "territory") this._stroke(feature.shape.path, look.color, 1.4 * px);
    this.drawn.add(feature.id);
  },

  // Contested areas of the base: a neutral ground over any colour of status, and a hatch that
  // leans the other way than that of a status.
  _disputedAreas(px) {
    const { disputed } = this._atlas.style;
    for (const feature of this._atlas.disputed) {
      const look = disputed[feature.p.treatment];
      if (feature.shape.type !== "A" || !look) continue;
      if (look.fill) {
        this._context.fillStyle = look.fill;
        this._context.fill(feature.shape.path, "evenodd");
      }
      this._hatch(feature.shape, look.hatch, -5 * px, 0.8 * px);
    }
  },

  _disputedLines(px) {
    const { color, width, dash } = this._atlas.style.disputed.line;
    this._context.lineCap = "butt";
    for (const feature of this._atlas.disputed.filter((f) => f.shape.type === "L")) {
      this._stroke(
        feature.shape.path,
        color,
        width * px,
        dash.map((d) => d * px),
      );
    }
    this._context.lineCap = "round";
  },

  // Parallel strokes over the part of a shape that is in view; a negative step leans them left.
  _hatch(shape, color, step, width) {
    const c = this._context,
      view = this._now,
      size = this._bounds.getSize();
    const west = Math.max(shape.box[0], -view.x / view.scale),
      east = Math.min(shape.box[2], (size.x - view.x) / view.scale),
      north = Math.max(shape.box[1], -view.y / view.scale),
      south = Math.min(shape.box[3], (size.y - view.y) / view.scale);
    if (west >= east || north >= south) return;
    const lean = Math.sign(step),
      gap = Math.abs(step);
    c.save();
    c.clip(shape.path, "evenodd");
    c.beginPath();
    // The strokes x + lean * y = at stand on a grid of their own: they do not swim under a pan.
    const from = west + (lean > 0 ? north : -south),
      to = east + (lean > 0 ? south : -north);
    for (let at = Math.floor(from / gap) * gap; at < to; at += gap) {
      c.moveTo(at - lean * south, south);
      c.lineTo(at - lean * north, north);
    }
    c.strokeStyle = color;
    c.lineWidth = width;
    c.stroke();
    c.restore();
  },

  // Bands in which the true lines lie 9 times in 10, true to scale. They are drawn solid on a
  // canvas of their own and laid over once, so that overlaps are no darker than the rest.
  _bands(lines, ratio) {
    const wide = lines.filter((f) => f.p.accuracy_km >= MIN_BAND_KM);
    if (!wide.length) return;
    const canvas = (this._bandCanvas ||= document.createElement("canvas"));
    canvas.width = this._container.width;
    canvas.height = this._container.height;
    const c = canvas.getContext("2d");
    c.setTransform(this._context.getTransform());
    c.lineJoin = c.lineCap = "round";
    for (const feature of wide) {
      c.strokeStyle = feature.look.color;
      c.lineWidth = (2000 * feature.p.accuracy_km * 256) / CRS_WIDTH_M;
      c.stroke(feature.shape.path);
    }
    this._context.save();
    this._context.setTransform(1, 0, 0, 1, 0, 0);
    this._context.globalAlpha = 0.2;
    this._context.drawImage(canvas, 0, 0);
    this._context.restore();
  },

  _casing(feature, px) {
    const ground = this._atlas.style.ground;
    this._stroke(feature.shape.path, ground.casing, (this._width(feature) + 2.2) * px);
  },

  _line(feature, px) {
    const dash = this._atlas.dashOf(feature)?.map((d) => d * px);
    this._context.lineCap = dash ? "butt" : "round";
    this._stroke(feature.shape.path, feature.look.color, this._width(feature) * px, dash);
    this._context.lineCap = "round";
    this.drawn.add(feature.id);
  },

  _width(feature) {
    return feature.look.width * Math.max(0.75, Math.min(1.5, this._map.getZoom() / 4.5));
  },

  _selection(px) {
    const ground = this._atlas.style.ground;
    for (const feature of this._atlas.selected()?.pieces || []) {
      if (feature.shape.type === "L") {
        this._stroke(feature.shape.path, ground.selected, (this._width(feature) + 4) * px);
        this._stroke(feature.shape.path, ground.casing, (this._width(feature) + 2) * px);
        if (!feature.layer.isBase) this._line(feature, px);
      } else if (feature.shape.type === "A") {
        this._stroke(feature.shape.path, ground.selected, 1.8 * px);
      }
    }
  },

  _points(feature, view) {
    if (!feature.shape.points.length) return;
    const c = this._context,
      atlas = this._atlas,
      zoom = this._map.getZoom(),
      { casing, selected } = atlas.style.ground;
    this.drawn.add(feature.id);
    const chosen = atlas.selection === feature.id,
      isSmall = !chosen && zoom < feature.minZoom;
    for (const [sx, sy] of feature.shape.points) {
      const x = sx * view.scale + view.x,
        y = sy * view.scale + view.y;
      if (isSmall) {
        circle(c, x, y, 1.6, feature.look.color, casing, 0.6);
        continue;
      }
      const ring = (feature.p.accuracy_km * 1000 * 256 * view.scale) / CRS_WIDTH_M;
      if (feature.isEstimate && ring > 5) circle(c, x, y, ring, null, feature.look.color, 1.2, [4, 4]);
      if (feature.isBreak) outlined(c, DIAMOND, x, y, 5.5, casing, feature.look.color);
      else if (SYMBOLS[feature.look.symbol])
        outlined(c, SYMBOLS[feature.look.symbol], x, y, 4.6, feature.look.color, casing);
      else if (feature.isEstimate || feature.look.symbol === "ring")
        circle(c, x, y, 3.4, casing, feature.look.color, 1.5);
      else circle(c, x, y, feature.isKey ? 3.4 : 2.4, feature.look.color, casing, 1.2);
      if (chosen) circle(c, x, y, 9, null, selected, 2);
    }
  },

  // The feature under a point of the map container, lines and points before areas.
  hit(point) {
    const atlas = this._atlas,
      view = this._now,
      zoom = this._map.getZoom();
    const layer = this._map.containerPointToLayerPoint(point).subtract(this._bounds.min);
    const x = (layer.x - view.x) / view.scale,
      y = (layer.y - view.y) / view.scale;
    const reach = 9 / view.scale;
    const features = atlas
      .visibleFeatures()
      .flatMap((feature) => feature.pieces)
      .reverse();
    let best = null,
      distance = reach;
    for (const f of features) {
      if (zoom < f.minZoom && f.shape.points.length) continue;
      for (const [px, py] of f.shape.points) {
        const d = Math.hypot(px - x, py - y) * 0.6; // points lie on lines: they go first
        if (d < distance) [best, distance] = [f, d];
      }
    }
    if (best) return best;
    for (const some of [features, atlas.disputed]) {
      for (const f of some) {
        if (f.shape.type !== "L" || !near(f.shape.box, x, y, reach)) continue;
        for (const line of f.shape.lines) {
          const d = distanceToLine(line, x, y);
          if (d < distance) [best, distance] = [f, d];
        }
      }
      if (best) return best;
    }
    this._context.setTransform(1, 0, 0, 1, 0, 0);
    return (
      [...atlas.disputed, ...features].find(
        (f) =>
          f.shape.type === "A" &&
          near(f.shape.box, x, y, 0) &&
          this._context.isPointInPath(f.shape.path, x, y, "evenodd"),
      ) || null
    );
  },
});

function near(box, x, y, reach) {
  return box && x >= box[0] - reach && y >= box[1] - reach && x <= box[2] + reach && y <= box[3] + reach;
}

function distanceToLine(flat, x, y) {
  let best = Infinity;
  for (let i = 2; i < flat.length; i += 2) {
    const dx = flat[i] - flat[i - 2],
      dy = flat[i + 1] - flat[i - 1],
      square = dx * dx + dy * dy;
    const t = square ? ((x - flat[i - 2]) * dx + (y - flat[i - 1]) * dy) / square : 0;
    const s = Math.max(0, Math.min(1, t));
    best = Math.min(best, Math.hypot(flat[i - 2] + s * dx - x, flat[i - 1] + s * dy - y));
  }
  return best;
}
