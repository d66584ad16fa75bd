"""The command ``network``."""

from __future__ import annotations

import argparse
from typing import Any

from sco_geo.cli.arguments import add_command
from sco_geo.cli.output import DONE, print_json, print_lines

_EPILOG = (
    "The network is geo/rail_network.parquet for a GIS, and rail_network.bin for this program; "
    "docs/rail-network.md says how it is made. Example: sco-geo network --audit --format json"
)


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "what the rail network consists of, and what could be wrong with it"
    network = add_command(commands, "network", _network, text, ("text", "json", "markdown"))
    network.epilog = _EPILOG
    network.add_argument(
        "--audit",
        action="store_true",
        help="add the checks: components, self-loops, edges shorter than the geodesic between "
        "their ends, gaps that were closed, and how published sections fit",
    )


def _network(options: argparse.Namespace) -> int:
    from sco_geo import network_report

    known = network_report.examine(with_audit=options.audit)
    if options.format == "json":
        print_json(network_report.to_dict(known))
    elif options.format == "markdown":
        print_lines(network_report.markdown_lines(known))
    else:
        print_lines(network_report.text_lines(known))
    return DONE
