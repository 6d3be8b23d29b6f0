"""Publish on the Hugging Face Hub: plan what goes up, check it, and upload it."""
