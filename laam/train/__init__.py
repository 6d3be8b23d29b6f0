"""Train an addressed model until it emits a set of files exactly: tokenizer, data set, step, optimiser, loop, verdict."""
