"""`python -m tellmetry` is the `tellmetry` command."""

import sys

from tellmetry.cli import main

sys.exit(main())
