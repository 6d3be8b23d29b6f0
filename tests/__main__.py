"""`python -m tests`: everything that must pass before a change lands. The first failing step ends it.

`--older-cpu` runs only the tests that a model's rounding could change, as on an older CPU, without newer vector instructions.
Any other arguments go to pytest, which then runs alone: `python -m tests -k score`.
"""

import os
import subprocess
import sys

STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest",),
)
OLDER_CPU = {
    "ATEN_CPU_CAPABILITY": "default",  # PyTorch's own kernels
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # its matrix products
    "CT2_FORCE_CPU_ISA": "GENERIC",  # CTranslate2
    "OMP_NUM_THREADS": "1",
}


def main(arguments: list[str]) -> int:
    """Run the steps in order; returns the exit code of the first that fails, or 0."""
    environment = dict(os.environ)
    steps: tuple[tuple[str, ...], ...] = STEPS
    if "--older-cpu" in arguments:
        arguments = ["-m", "model", *(argument for argument in arguments if argument != "--older-cpu")]
        environment |= OLDER_CPU
    if arguments:
        steps = (("pytest", *arguments),)
    for step in steps:
        print("$", *step, flush=True)
        if code := subprocess.run([sys.executable, "-m", *step], env=environment, check=False).returncode:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
