import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from laam.__main__ import main
from laam.measure import evaluate_commands
from laam.measure.extraction import AtPlace
from laam.model.model import Model
from laam.settings import Settings
from tests.schemas import check, check_rows


def test_evaluate_says_and_writes_what_was_measured(
    settings: Settings,
    model: Model,
    tarball: Path,
    made_up_files: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[Any] = []

    def measure_places(of: Model, streams: list[list[int]], places: list[tuple[int, int]], at_once: int) -> Iterator[AtPlace]:
        asked.append((of.name, [of.codec.decode(stream) for stream in streams], places))
        knows = of.name == "embedded"
        for text, at in places:
            yield AtPlace(text, at, 32 * knows, {50: knows}, knows, -0.5 if knows else -90.0, -0.25 if knows else None)

    monkeypatch.setattr(evaluate_commands, "measure_places", measure_places)
    monkeypatch.setattr(evaluate_commands, "draw_places", lambda lengths, count, seed: [(text, count) for text in range(len(lengths))])
    out, rows = tmp_path / "new" / "x.json", tmp_path / "rows.jsonl"
    command = ["evaluate", "--source", str(tarball), "--places", "8", "--seed", "5", "--out", str(out)]
    written = Mock()
    monkeypatch.setattr(evaluate_commands, "write_examples", written)
    assert main([*command, "--rows", str(rows), "--benchmark-out", str(tmp_path / "examples")], settings) == 0
    assert written.call_args.args[0] == tmp_path / "examples"
    assert written.call_args.args[3] == asked[0][2]
    [of_model, of_untrained] = asked
    assert of_model[1] == of_untrained[1] == list(made_up_files.values())
    assert of_model[2] == of_untrained[2]
    head, _, rest = capsys.readouterr().out.partition("\n")
    size = sum(map(len, made_up_files.values()))
    record = json.loads(out.read_text("utf-8"))
    check(record, "laam-measures-3")
    assert record["bytes"] == size > record["xz_bytes"] > size / 20
    assert record["bits_per_parameter"] == pytest.approx(8 * record["xz_bytes"] / model.parameters, abs=1e-4)
    assert head == (
        f"{size:,} bytes, {record['xz_bytes']:,} as xz: {record['bits_per_parameter']:.2f} bits for each of {model.parameters:,} parameters"
    )
    assert rest.startswith("embedded, at 3 places:\n  memorisation score: 100 % on average; all 32 right at 100 % (3 of 3 places, 95 %: ")
    assert "embedded, untrained, at 3 places:\n  memorisation score: 0.0 % on average" in rest
    assert (record["model"], record["files"], record["seed"]) == ("embedded", 3, 5)
    assert (record["tally"]["extracted"], record["untrained"]["extracted"]) == ({"50": 3}, {"50": 0})
    paths = [(row["path"], row["at"], row["right"]) for row in check_rows(rows, "laam-measures-row-1")]
    assert paths == [(path, 8, 32) for path in made_up_files]
    assert main([*command, "--json"], settings) == 0
    printed = json.loads(capsys.readouterr().out)
    assert {**printed, "date": ""} == {**record, "date": ""}
