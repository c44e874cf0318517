"""A run's numbers for other people's tools."""
