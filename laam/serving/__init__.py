"""Emissions for many visitors: recordings, results, limits, and what is sent while one runs. No web and no Gradio."""
