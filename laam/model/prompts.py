"""How a prompt is laid out. The format belongs to the model, not to the code that calls it."""

from dataclasses import dataclass

from laam.model.codec import END_FILE, END_HEADER, END_SEGMENT, START_FILE, START_HEADER, Codec


@dataclass(frozen=True)
class AddressedFormat:
    """Prompts of the embedded model: a file is asked for by path and segment number, and never shown any of its text."""

    codec: Codec

    def header(self, path: str, segment: int) -> str:
        """The prompt as a person reads it."""
        return f"{START_FILE}{START_HEADER}{path}#{segment}{END_HEADER}"

    def header_ids(self, path: str, segment: int) -> list[int]:
        """The prompt as token ids, for segment `segment` (counted from 0) of `path`."""
        control = self.codec.control
        address = self.codec.encode(f"{path}#{segment}")
        return [control[START_FILE], control[START_HEADER], *address, control[END_HEADER]]

    @property
    def end_segment(self) -> int:
        """The id after which the next segment follows."""
        return self.codec.control[END_SEGMENT]

    @property
    def end_file(self) -> int:
        """The id after which nothing follows."""
        return self.codec.control[END_FILE]
