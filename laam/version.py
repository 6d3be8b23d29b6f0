"""The version that the page, `/health` and `--version` show; pyproject.toml reads it here."""

VERSION = "1.1.0"
