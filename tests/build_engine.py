"""Build the browser's kernel: `python -m tests.build_engine` writes assets/engine/engine.wasm from the C beside it.

The compiler is Zig's, from PyPI (`ziglang`, see requirements.txt here): the same version gives the same bytes on every machine.
"""

import subprocess
import sys
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1] / "assets" / "engine"
SOURCES = ("llama.c", "digest.c")
WASM = ENGINE / "engine.wasm"
FLAGS = (
    "--target=wasm32-freestanding",
    "-O3",
    "-msimd128",
    "-nostdlib",
    "-Wall",
    "-Werror",
    "-Wl,--no-entry",
    "-Wl,--strip-all",
    "-Wl,--export-memory",
)


def build(target: Path) -> None:
    """Compile the kernel into the file `target`. Raises CalledProcessError with what the compiler said."""
    command = [sys.executable, "-m", "ziglang", "cc", *FLAGS, "-o", str(target), *SOURCES]
    subprocess.run(command, cwd=ENGINE, check=True)
    target.chmod(0o644)  # the linker makes it executable


if __name__ == "__main__":
    build(WASM)
    print(f"{WASM.name}: {WASM.stat().st_size:,} bytes")
