"""Emissions for many visitors: scheduler, recordings, results, limits, and the updates of a running emission. No web and no Gradio."""
