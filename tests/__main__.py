"""`python -m tests`: everything that must pass before a change lands. The first failing step ends it."""

import subprocess
import sys

STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest",),
)


def main() -> int:
    """Run the steps in order; returns the exit code of the first that fails, or 0."""
    for step in STEPS:
        print("$", *step, flush=True)
        if code := subprocess.run([sys.executable, "-m", *step], check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
