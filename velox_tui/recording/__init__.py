"""Recordings: the CSV that is the contract, its frames and its meta file, written and read."""
