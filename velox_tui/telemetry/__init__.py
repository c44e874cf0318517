"""What a reading means: pure functions and values. Knows no thread, file, terminal or other package of the
project.
"""
