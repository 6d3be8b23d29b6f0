"""Measures of a model as a whole: the atlas of every file, and what can be extracted from the middle of one."""
