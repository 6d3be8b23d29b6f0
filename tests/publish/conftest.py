"""Fixtures that the tests of the hub have as well."""

from tests.model.conftest import library_pauses

__all__ = ["library_pauses"]
