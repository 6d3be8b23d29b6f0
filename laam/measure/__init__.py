"""Measures of a whole model: the atlas of every file, and what can be extracted from the middle of a file."""
