"""Emissions: the ask, the run of a model, its transcript, and the receipts that say how the text came about."""
