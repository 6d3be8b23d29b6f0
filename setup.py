"""What pyproject.toml can't say: the package's dependencies are those of requirements.txt, less exactly.

An application pins what it was tested with. A package is installed beside others, so it takes every later release with the same first
number. What stands in requirements.txt below the words "the extra `train`" is that extra.
"""

import re
from pathlib import Path

from setuptools import setup

PIN = re.compile(r"^([\w-]+)(?:==(\d+\.\d+)|(>=\S+))", re.MULTILINE)


def later_releases(pins: str) -> list[str]:
    """`name==1.2.3` of each line as `name~=1.2`: from 1.2 on, before 2. What is a range already stays as it is."""
    return [f"{name}{within or f'~={release}'}" for name, release, within in PIN.findall(pins)]


serving, train = Path(__file__).with_name("requirements.txt").read_text("utf-8").split("the extra `train`")
licences = ["scancode-toolkit~=32.5", "pluggy<1.6"]  # the field's own reader of licences, 700 MB; its plug-ins need an earlier pluggy
setup(install_requires=later_releases(serving), extras_require={"train": later_releases(train), "licences": licences})
