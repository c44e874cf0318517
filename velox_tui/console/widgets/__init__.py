"""Panes: each shows one part of a Sample as lines of text, painted line by line."""
