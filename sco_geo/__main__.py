"""Run the command line by ``python -m sco_geo``."""

import sys

from sco_geo.cli import main

if __name__ == "__main__":
    sys.exit(main())
