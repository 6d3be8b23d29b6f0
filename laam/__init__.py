"""Linux as a Model: an exhibit that asks a model for a file of Linux 1.0 and holds the answer against the original."""
