"""What the terminal can show: colours and glyphs, by what its environment says."""

from __future__ import annotations

from velox_tui.machine.check import Check, Facts, State


def colours(facts: Facts) -> Check:
    """How many colours the console may use."""
    why = "Themes are made for 16 million colours; with 256 they are close, with 16 use an ansi theme."
    term = facts.environ.get("TERM", "")
    depth = facts.environ.get("COLORTERM", "")
    if not facts.terminal or term in ("", "dumb"):
        remedy = "Run velox-tui in a terminal; in a pipe it prints plain lines."
        return Check("colours", State.UNKNOWN, f"no terminal (TERM={term or 'not set'})", why, remedy)
    if "NO_COLOR" in facts.environ:
        return Check("colours", State.GOOD, "none, as NO_COLOR asks", why)
    if depth in ("truecolor", "24bit") or term.endswith("-direct"):
        return Check("colours", State.GOOD, f"16 million (COLORTERM={depth or term})", why)
    remedy = "If it can show more: export COLORTERM=truecolor (tmux: set -as terminal-features ',*:RGB')."
    if "256" in term or term.startswith(("xterm", "screen", "tmux", "alacritty", "foot")):
        return Check("colours", State.BETTER, f"256 (TERM={term})", why, remedy)
    remedy += " Else --theme ansi-dark or ansi-light."
    return Check("colours", State.BETTER, f"16 (TERM={term})", why, remedy)


def glyphs(facts: Facts) -> Check:
    """Which characters charts may be drawn with."""
    why = "Charts are drawn with braille dots, eight to a cell; block and plain ASCII are coarser."
    term = facts.environ.get("TERM", "")
    encoding = facts.encoding or "unknown"
    if encoding.lower().replace("-", "") != "utf8":
        remedy = "export LANG=C.UTF-8, or --graph ascii."
        return Check("glyphs", State.BETTER, f"encoding {encoding}: ASCII", why, remedy)
    if term == "linux":
        return Check("glyphs", State.BETTER, "the Linux console has no braille", why, "--graph block.")
    if not facts.terminal:
        return Check("glyphs", State.UNKNOWN, f"encoding {encoding}, no terminal", why)
    return Check("glyphs", State.GOOD, f"braille, encoding {encoding}", why)
