"""Make an exhibit of anything: seal, train, prove, measure, into one folder."""
