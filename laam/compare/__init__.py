"""Emission against original: alignment on line digests, the score, syntax colours, and HTML."""
