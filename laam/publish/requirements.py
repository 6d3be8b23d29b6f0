"""The packages that a Space is built with: those that serve, out of requirements.txt."""

TRAIN = "the extra `train`"
"""The words in requirements.txt below which stands what serving does without; setup.py knows them, too."""


def serving_requirements(requirements: str) -> str:
    """requirements.txt for a Space: all that serves, pinned as it is, and the rest as a comment with its pins.

    Raises ValueError if the words that part the two aren't there.
    """
    lines = requirements.splitlines()
    parting = next((at for at, line in enumerate(lines) if TRAIN in line), None)
    if parting is None:
        raise ValueError(f"requirements.txt: no line says {TRAIN!r}, below which stands what a Space does without")
    rest = [line.partition("#")[0].strip() for line in lines[parting + 1 :]]
    left_out = " ".join(filter(None, rest))
    serving = "\n".join(lines[:parting]).strip()
    return f"{serving}\n\n# Left out here, since serving does without: what trains and measures needs\n# pip install {left_out}\n"
