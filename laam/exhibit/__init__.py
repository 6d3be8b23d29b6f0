"""The Gradio page, its API and the server. The only room that imports Gradio."""
