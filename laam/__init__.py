"""Linux as a Model: an exhibit that asks a model for a file of the kernel, and holds the answer against the original."""
