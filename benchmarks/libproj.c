/* geod_inverse of libproj in a loop, as a caller in C would write it; made by lengths.py. */
#include <stddef.h>

struct geod_geodesic;
void geod_init(struct geod_geodesic *g, double a, double f);
void geod_inverse(const struct geod_geodesic *g, double lat1, double lon1, double lat2,
                  double lon2, double *metres, double *azimuth1, double *azimuth2);

void start(void *g) { geod_init(g, 6378137.0, 1 / 298.257223563); }

void measure(const void *g, long count, const double *lon0, const double *lat0,
             const double *lon1, const double *lat1, double *metres, int with_azimuths) {
  double one, two;
  for (long i = 0; i < count; i++)
    geod_inverse(g, lat0[i], lon0[i], lat1[i], lon1[i], metres + i,
                 with_azimuths ? &one : NULL, with_azimuths ? &two : NULL);
}
