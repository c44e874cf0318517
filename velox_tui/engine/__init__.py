"""The engine: the only code that touches cffi."""
