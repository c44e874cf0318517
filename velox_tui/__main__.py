"""Where `velox-tui` and `python -m velox_tui` begin."""

import signal
import sys

# Who breaks off the start wants no traceback of what was being imported; later `main` answers ctrl+c.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from velox_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
