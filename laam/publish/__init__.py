"""Publishing on the Hugging Face Hub: what goes up, what is checked before, and the upload."""
