"""The static twin: the exhibit without a server, which replays recorded emissions."""
