"""What travels: link previews, cards, exports, downloads and the embed, as FastAPI routes. No Gradio."""
