"""`python -m velox_tui` is `velox-tui`."""

import sys

from velox_tui.cli.main import main

sys.exit(main())
