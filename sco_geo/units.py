"""Units and closed sets of values that several modules share."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["en", "zh", "ru"]
LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh", "ru")

#: Kinds of features that have a length and are drawn as lines.
LINE_KINDS: Final = frozenset(
    {"railway", "train_service", "ferry", "gas_pipeline", "oil_pipeline", "road"}
)
RAIL_KINDS: Final = frozenset({"railway", "train_service"})
PIPELINE_KINDS: Final = frozenset({"gas_pipeline", "oil_pipeline"})
KINDS: Final = LINE_KINDS | {
    "territory",
    "disputed_area",
    "boundary_line",
    "place",
    "institution",
    "event",
    "other",
}
PROJECT_STATUSES: Final = frozenset(
    {"operating", "construction", "planned", "suspended", "mothballed", "cancelled"}
)
TERRITORY_STATUSES: Final = frozenset({"member", "observer", "dialogue_partner", "partner", "none"})
GEOMETRY_BASES: Final = frozenset(
    {"osm", "natural_earth", "waypoints", "published_alignment", "estimate"}
)
#: How a statement of the start text stands to the sources; ``context`` is not in that text.
VERDICTS: Final = frozenset({"confirmed", "differs", "unsupported", "not_mapped", "context"})
#: Rail gauges in use in the frame of the map, in millimetres.
GAUGES_MM: Final = frozenset({1000, 1067, 1435, 1520, 1676})

#: ISO 3166-1 alpha-3 codes, officially assigned, and XKX (Kosovo), which is user-assigned.
COUNTRY_CODES: Final = frozenset(
    """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR
    BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG
    COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH
    FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY
    HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM
    KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL
    MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR
    NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU
    SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA
    TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB
    VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
    XKX
    """.split()
)


def split_list(text: object) -> tuple[str, ...]:
    """Split a ``;``-separated property into its parts; None and empty text give ()."""
    if text is None:
        return ()
    return tuple(part.strip() for part in str(text).split(";") if part.strip())
