"""Who memorised what: many models, many files, one table."""
