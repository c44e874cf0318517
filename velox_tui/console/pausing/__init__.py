"""Looking back: what moment the console shows while the pipeline goes on."""
