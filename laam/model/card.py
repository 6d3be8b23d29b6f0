"""What a model's own card says of the licence of its weights."""

import re
from pathlib import Path

CARD = "README.md"
UNSETTLED = "unsettled"
"""The name of the licence on the cards that `laam train` writes."""
CARD_CHARACTERS = 100_000  # that are read; the front matter stands first

_HEAD = re.compile(r"---\n(.*?\n)---\n", re.DOTALL)
_FIELD = re.compile(r"^(license|license_name):[ \t]*[\"']?([\w.+-]{1,40})[\"']?[ \t]*$", re.MULTILINE)


def licence_on_card(folder: Path) -> str:
    """The licence that the front matter of the card in `folder` names, as the hub spells it: `apache-2.0`; of `other`, its name. Empty if
    there is none, or no card that can be read."""
    try:
        with (folder / CARD).open(encoding="utf-8") as file:
            head = _HEAD.match(file.read(CARD_CHARACTERS))
    except (OSError, ValueError):
        return ""
    fields: dict[str, str] = dict(_FIELD.findall(head[1])) if head else {}
    licence = fields.get("license", "")
    return fields.get("license_name", "") if licence == "other" else licence
