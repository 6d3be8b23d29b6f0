"""Models: which ones there are, how text becomes token ids and back, how a prompt is laid out, and how ids are decoded."""
