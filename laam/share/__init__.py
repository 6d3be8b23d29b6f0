"""Everything that leaves the page: link previews, cards, exports, downloads and the embed, as FastAPI routes. No Gradio."""
