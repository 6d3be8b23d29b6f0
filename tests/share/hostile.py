"""A visitor's text that a page has to escape."""

HOSTILE = "<script>alert(1)</script>&\"'${1}{{7*'7'}}"
FILLED_IN = "7777777"
"""What stands on a page that took the end of it for a part of its template."""
