// Projection and distances. Angles are degrees, pairs are [lon, lat], lengths are metres.

const EARTH_RADIUS_M = 6371008.8; // mean radius of GRS 80 (Moritz 2000)
const RADIANS = Math.PI / 180;

// At zoom 0 the map is 256 pixels for this many metres: the circumference of the sphere.
const CRS_WIDTH_M = 2 * Math.PI * EARTH_RADIUS_M;

// Longitudes west of this are drawn east of 180, so that Chukotka stays beside Siberia.
const FRAME_WEST = -30;
const FRAME = { west: -15, east: 191, south: -10, north: 82 };

// Albers equal-area conic on the sphere: Snyder, Map Projections (USGS PP 1395, 1987), p. 100.
function albers(parallel1, parallel2, lat0, lon0) {
  const sin1 = Math.sin(parallel1 * RADIANS);
  const n = (sin1 + Math.sin(parallel2 * RADIANS)) / 2;
  const c = Math.cos(parallel1 * RADIANS) ** 2 + 2 * n * sin1;
  const radius = (lat) => (EARTH_RADIUS_M * Math.sqrt(c - 2 * n * Math.sin(lat * RADIANS))) / n;
  const rho0 = radius(lat0);
  return {
    project(lon, lat) {
      const theta = n * ((lon < FRAME_WEST ? lon + 360 : lon) - lon0) * RADIANS;
      const rho = radius(lat);
      return [rho * Math.sin(theta), rho0 - rho * Math.cos(theta)];
    },
    unproject(x, y) {
      const rho = Math.hypot(x, rho0 - y);
      const theta = Math.atan2(x, rho0 - y);
      const sine = (c - ((rho * n) / EARTH_RADIUS_M) ** 2) / (2 * n);
      return [lon0 + theta / n / RADIANS, Math.asin(Math.max(-1, Math.min(1, sine))) / RADIANS];
    },
  };
}

const PROJECTION = albers(20, 65, 40, 85);

const CRS = L.extend({}, L.CRS, {
  code: "sco:albers",
  infinite: true,
  projection: {
    project: (latlng) => L.point(PROJECTION.project(latlng.lng, latlng.lat)),
    unproject: (point) => {
      const [lon, lat] = PROJECTION.unproject(point.x, point.y);
      return L.latLng(lat, lon);
    },
    bounds: L.bounds([-1e7, -1e7], [1e7, 1e7]),
  },
  transformation: new L.Transformation(1 / CRS_WIDTH_M, 0.5, -1 / CRS_WIDTH_M, 0.5),
  distance: (a, b) => geodesicMetres([a.lng, a.lat], [b.lng, b.lat]),
});
L.CRS.ScoAlbers = CRS;

// Geodesic on WGS84 after Vincenty (Survey Review XXIII, 1975): 0.1 mm where it converges.
// Returns NaN for nearly antipodal points, where the iteration does not.
function geodesicMetres([lon1, lat1], [lon2, lat2]) {
  const a = 6378137,
    f = 1 / 298.257223563,
    b = a * (1 - f);
  const u1 = Math.atan((1 - f) * Math.tan(lat1 * RADIANS));
  const u2 = Math.atan((1 - f) * Math.tan(lat2 * RADIANS));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  const l = (((((lon2 - lon1 + 540) % 360) + 360) % 360) - 180) * RADIANS;
  let lambda = l;
  for (let i = 0; i < 100; i++) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0) return 0;
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cos2 = 1 - sinAlpha * sinAlpha;
    const cosM = cos2 === 0 ? 0 : cosSigma - (2 * s1 * s2) / cos2;
    const c = (f / 16) * cos2 * (4 + f * (4 - 3 * cos2));
    const previous = lambda;
    const inner = cosM + c * cosSigma * (2 * cosM * cosM - 1);
    lambda = l + (1 - c) * f * sinAlpha * (sigma + c * sinSigma * inner);
    if (Math.abs(lambda - previous) < 1e-12) {
      const k = (cos2 * (a * a - b * b)) / (b * b);
      const A = 1 + (k / 16384) * (4096 + k * (-768 + k * (320 - 175 * k)));
      const B = (k / 1024) * (256 + k * (-128 + k * (74 - 47 * k)));
      const tail = (B / 6) * cosM * (4 * sinSigma ** 2 - 3) * (4 * cosM * cosM - 3);
      const delta = B * sinSigma * (cosM + (B / 4) * (cosSigma * (2 * cosM * cosM - 1) - tail));
      return b * A * (sigma - delta);
    }
  }
  return NaN;
}

function measureKm(points) {
  let metres = 0;
  for (const [lon, lat] of points) {
    if (!(Math.abs(lat) <= 90 && Number.isFinite(lon)))
      throw new RangeError(`${lon}, ${lat} is not a longitude and latitude`);
  }
  for (let i = 1; i < points.length; i++) metres += geodesicMetres(points[i - 1], points[i]);
  if (!Number.isFinite(metres)) throw new RangeError("two points are nearly antipodal: add one between them");
  return metres / 1000;
}
