"""What all tests share."""

from __future__ import annotations

import os

# Programs that tests start import the installed package, not the source tree that they may be started in.
os.environ["PYTHONSAFEPATH"] = "1"
