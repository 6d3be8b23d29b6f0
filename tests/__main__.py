"""`python -m tests`: everything that must pass before a change lands.

The tests in a browser run beside the other steps, which come one after the other; the first of those that fails ends them. The last one
runs the tests that a model's rounding could change once more, as on an older CPU, without newer vector instructions; `--older-cpu` runs
only those.
Any other arguments go to pytest, which then runs alone: `python -m tests -k score`.
"""

import os
import subprocess
import sys
import tempfile

BROWSER = "tests/browser"
STEPS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("pytest", f"--ignore={BROWSER}"),
)
OLDER_CPU = {
    "ATEN_CPU_CAPABILITY": "default",  # PyTorch's own kernels
    "ONEDNN_MAX_CPU_ISA": "AVX2",  # its matrix products
    "CT2_FORCE_CPU_ISA": "GENERIC",  # CTranslate2
    "OMP_NUM_THREADS": "1",
}


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for; returns the exit code of what fails first, or 0."""
    if "--older-cpu" in arguments:
        return run_as_on_an_older_cpu(*(argument for argument in arguments if argument != "--older-cpu"))
    if arguments:
        return run("pytest", *arguments)
    with tempfile.TemporaryFile() as log:
        # Its cache of failures would be written over the other's.
        in_browser = subprocess.Popen([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", BROWSER], stdout=log, stderr=log)
        code = next((code for step in STEPS if (code := run(*step))), 0) or run_as_on_an_older_cpu("-p", "no:cacheprovider")
        print("$ pytest", BROWSER, flush=True)
        code = in_browser.wait() or code
        log.seek(0)
        sys.stdout.buffer.write(log.read())
    return code


def run_as_on_an_older_cpu(*arguments: str) -> int:
    """The tests that a model's rounding could change; returns pytest's exit code."""
    return run("pytest", "-m", "model and not slow", *arguments, **OLDER_CPU)


def run(module: str, *arguments: str, **environment: str) -> int:
    """Run a Python module with additions to the environment; returns its exit code."""
    print("$", module, *arguments, flush=True)
    return subprocess.run([sys.executable, "-m", module, *arguments], env={**os.environ, **environment}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
