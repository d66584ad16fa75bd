"""Build the map with the defaults: the same as ``sco-geo build``."""

from __future__ import annotations

import sys

from sco_geo.cli import main

if __name__ == "__main__":
    sys.exit(main(["build", *sys.argv[1:]]))
