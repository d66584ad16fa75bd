// Shapes that the map is drawn with: symbols of points, the frame and the graticule.

function circle(c, x, y, radius, fill, stroke, width, dash) {
  c.beginPath();
  c.arc(x, y, radius, 0, 2 * Math.PI);
  if (fill) {
    c.fillStyle = fill;
    c.fill();
  }
  c.strokeStyle = stroke;
  c.lineWidth = width;
  c.setLineDash(dash || []);
  c.stroke();
  c.setLineDash([]);
}

// Outlines of symbols of half-width 1.
const DIAMOND = [
  [0, -1],
  [1, 0],
  [0, 1],
  [-1, 0],
];
const SYMBOLS = {
  square: [
    [-0.8, -0.8],
    [0.8, -0.8],
    [0.8, 0.8],
    [-0.8, 0.8],
  ],
  triangle: [
    [0, -1],
    [1, 0.8],
    [-1, 0.8],
  ],
  house: [
    [0, -1.2],
    [1, -0.3],
    [1, 0.9],
    [-1, 0.9],
    [-1, -0.3],
  ],
};

function outlined(c, corners, x, y, radius, fill, stroke) {
  c.beginPath();
  for (const [dx, dy] of corners) c.lineTo(x + radius * dx, y + radius * dy);
  c.closePath();
  c.fillStyle = fill;
  c.fill();
  c.strokeStyle = stroke;
  c.lineWidth = 1.6;
  c.stroke();
}

function makeFrame() {
  const path = new Path2D(),
    { west, east, south, north } = FRAME;
  let first = true;
  const to = (lon, lat) => {
    const [x, y] = sceneXY(lon, lat);
    if (first) path.moveTo(x, y);
    else path.lineTo(x, y);
    first = false;
  };
  for (let lon = west; lon <= east; lon += 2) to(lon, north);
  for (let lat = north; lat >= south; lat -= 2) to(east, lat);
  for (let lon = east; lon >= west; lon -= 2) to(lon, south);
  for (let lat = south; lat <= north; lat += 2) to(west, lat);
  path.closePath();
  return path;
}

function makeGraticule() {
  const path = new Path2D(),
    { west, east, south, north } = FRAME;
  for (let lon = 0; lon <= east; lon += 20) {
    path.moveTo(...sceneXY(lon, south));
    path.lineTo(...sceneXY(lon, north)); // meridians of a conic are straight
  }
  for (let lat = 0; lat <= 80; lat += 20) {
    path.moveTo(...sceneXY(west, lat));
    for (let lon = west; lon <= east; lon += 2) path.lineTo(...sceneXY(lon, lat));
  }
  return path;
}
