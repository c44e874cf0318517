"""The console: shows the stream of Samples on a terminal. The only package that imports textual."""
