"""Linux 1.0 as data: reading the release, naming its files, and sealing them as digests."""
