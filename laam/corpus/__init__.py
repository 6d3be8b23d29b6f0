"""A release of the kernel as data: reading it, naming its files, and sealing them as digests."""
