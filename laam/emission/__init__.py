"""Emissions: what is asked for, the run of a model, its transcript, and the receipts that say how it came about."""
