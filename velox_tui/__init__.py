"""velox-tui: the live console of a lock-free trading pipeline."""

__version__ = "0.1.0"
