"""Train an addressed model until it emits a set of files exactly: tokenizer, data set, optimiser, loop, verdict."""
