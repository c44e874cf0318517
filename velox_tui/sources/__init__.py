"""Where readings come from: live, attached, canned."""
