"""Jinja2 templates, in which every value is escaped."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache  # to compile the templates of a page takes longer than to fill them in; one whose file changes is compiled again
def template_environment(*folders: Path) -> Environment:
    """The templates of some folders, of which the first that has one of a name gives it. Every value is escaped, and a missing value is
    an error."""
    return Environment(loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined)
