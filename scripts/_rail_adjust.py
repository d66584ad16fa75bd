"""Correct the lengths of edges by published lengths of sections, like a levelling network.

The length of an edge is taken for its drawn length times (1 + a common factor + a factor of its
country) plus an error of its own, whose variance grows with the length. Published lengths of
sections are observations of sums over paths. The best linear estimate (Gaussian process regression;
`Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, equations 2.25 and 5.12`)
spreads each difference over the edges of its section, weighs sections that contradict each other,
and tells how well each section is foretold by all others (leave one out).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from _rail_graph import Floats, Ints
from scipy.sparse import csr_array  # type: ignore[import-untyped]

#: Standard deviation of the common factor and of that of a country.
COMMON_SD, COUNTRY_SD = 0.10, 0.015
#: An edge errs by `EDGE_SD` over `EDGE_KM`, independently of its neighbours.
EDGE_SD, EDGE_KM = 0.06, 30.0
#: A published length errs by this share and by this many km (where a station begins).
SECTION_SD, SECTION_KM = 0.006, 2.0
#: A section is left out when the others foretell it so badly: in standard deviations, and share.
OUTLIER_SDS, OUTLIER_SHARE = 4.0, 0.12


@dataclass(frozen=True)
class Adjustment:
    """Corrected lengths and how well the sections fit.

    Parameters
    ----------
    km : float64 array
        Corrected length of each edge.
    kept : bool array
        Sections that were used.
    foretold_km : float64 array
        Length of each section as all others foretell it.
    foretold_sd : float64 array
        Standard deviation of that, in km.
    common : float
        The common factor.
    """

    km: Floats
    kept: np.ndarray
    foretold_km: Floats
    foretold_sd: Floats
    common: float


def adjust(
    km: Floats,
    is_free: np.ndarray,
    country: Ints,
    paths: list[Ints],
    published_km: Floats,
) -> Adjustment:
    """Estimate corrected lengths from the published lengths of sections.

    Parameters
    ----------
    km : float64 array
        Uncorrected lengths of the edges.
    is_free : bool array
        Edges that may be corrected; the others have published lengths of their own.
    country : int64 array
        Number of the country of each edge.
    paths : list of int64 arrays
        Edges of each section.
    published_km : float64 array
        Published length of each section.
    """
    sizes = [len(path) for path in paths]
    rows = np.repeat(np.arange(len(paths)), sizes)
    columns = np.concatenate(paths)
    shape = (len(paths), len(km))
    design = csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)
    free = np.where(is_free, km, 0.0)
    by_country = np.zeros((len(paths), int(country.max()) + 1))
    np.add.at(by_country, (rows, country[columns]), free[columns])
    total = design @ free
    variance = EDGE_SD**2 * EDGE_KM * free
    prior = (design * variance[None, :]) @ design.T
    covariance = prior.toarray() + COMMON_SD**2 * np.outer(total, total)
    covariance += COUNTRY_SD**2 * by_country @ by_country.T
    noise = (SECTION_SD * published_km) ** 2 + SECTION_KM**2
    misfit = published_km - design @ km
    kept = np.ones(len(paths), dtype=bool)
    for _ in range(20):
        foretold, sd = _leave_one_out(covariance, noise, misfit, kept)
        off = np.abs(misfit - foretold)
        bad = kept & ((off > OUTLIER_SDS * sd) | (off > OUTLIER_SHARE * published_km + 10))
        if not bad.any():
            break
        kept[np.flatnonzero(bad)[np.argmax((off / sd)[bad])]] = False
    weights = np.zeros(len(paths))
    inverse = np.linalg.inv(covariance[np.ix_(kept, kept)] + np.diag(noise[kept]))
    weights[kept] = inverse @ misfit[kept]
    common = COMMON_SD**2 * float(total @ weights)
    countries = COUNTRY_SD**2 * (by_country.T @ weights)
    own = variance * (design.T @ weights)
    corrected = km + free * (common + countries[country]) + own
    return Adjustment(corrected, kept, foretold + design @ km, sd, common)


def _leave_one_out(
    covariance: np.ndarray, noise: Floats, misfit: Floats, kept: np.ndarray
) -> tuple[Floats, Floats]:
    """Foretell each section from the others that are kept; return means and deviations."""
    inverse = np.linalg.inv(covariance[np.ix_(kept, kept)] + np.diag(noise[kept]))
    mean, variance = np.empty(len(misfit)), np.empty(len(misfit))
    diagonal = np.diag(inverse)
    mean[kept] = misfit[kept] - (inverse @ misfit[kept]) / diagonal
    variance[kept] = 1 / diagonal
    cross = covariance[np.ix_(~kept, kept)]
    mean[~kept] = cross @ inverse @ misfit[kept]
    variance[~kept] = (
        np.diag(covariance)[~kept] + noise[~kept] - np.einsum("ij,jk,ik->i", cross, inverse, cross)
    )
    return mean, np.sqrt(variance)
