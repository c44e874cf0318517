"""What the machine offers a pipeline and its console: read, judged, and what would make it better."""
