"""What a plan may say, and what is said of one that says something else."""

import tomllib
from pathlib import Path

import pytest

from laam.__main__ import main
from laam.settings import Settings
from laam.survey.plan import Context, Draws
from laam.survey.reading import plan_of, read_plan

PLAIN = """
[files]
source = "tree"
[[models]]
name = "embedded"
[[contexts]]
given = "first"
lines = 3
"""
EXAMPLE = (Settings().assets / "survey" / "example.toml").read_text("utf-8")
SERVER = 'endpoint = "http://h"\nname = "m"\n'


def test_the_example_is_a_plan_with_and_without_its_comments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["survey", "--example"]) == 0
    assert capsys.readouterr().out == EXAMPLE
    plan = plan_of(EXAMPLE, Path("there"))
    assert plan.files.source == Path("there/linux-1.0.tar.xz")
    assert [column.label for column in plan.columns] == ["path, greedy", "first 50 tokens, greedy"]
    uncommented = "\n".join(
        line.removeprefix("# ") if line.startswith("# ") and ("=" in line or "[[" in line) and "Who" not in line else line
        for line in EXAMPLE.split("\n")
    )
    plan = plan_of(uncommented, Path("there"))
    assert (plan.files.include, plan.models[1].label, plan.models[1].completions) == (["kernel/*.c"], "NAME, August", True)
    assert plan.contexts[2] == Context("source", "characters", 200, 200, 4)
    assert plan.draws[1] == Draws(0.8, 4, 1, 40)


def test_a_model_is_called_by_its_folder_s_name(tmp_path: Path) -> None:
    def label(name: str) -> str:
        return plan_of(PLAIN.replace('"embedded"', f'"{name}"'), tmp_path).models[0].label

    assert [label(name) for name in ("./runs/mine/model", "/srv/secret/gpt2", "owner/name", "owner/name@v1")] == [
        "mine", "gpt2", "owner/name", "owner/name@v1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[files]", "[files", "line 2"),
        ("[files]", "[file]", "line 2: file: there is no such key; there are title, files, models, contexts, draws"),
        ('source = "tree"', 'sources = "tree"', "line 3: files, sources: there is no such key; there are source, manifest, include"),
        ('source = "tree"', "source = 3", "line 3: files, source: 3 is not a text that is not empty"),
        ('source = "tree"', "first = 3", "line 2: files: give a source, a manifest, or both"),
        ('source = "tree"', 'manifest = "exhibit"', "a context of the file's text needs that text"),
        ('source = "tree"', 'source = "t"\nfirst = 3\nevery = 2', "line 5: files, every: give one of first, every, random, not"),
        ('source = "tree"', 'source = "t"\nfirst = 0', "line 4: files, first: 0 is not a whole number from 1 to 1,000,000"),
        ('source = "tree"', 'source = "t"\nfirst = 2\nseed = 3', "line 5: files, seed: only `random` draws"),
        ('name = "embedded"', 'name = ""', "line 5: models, the 1st, name: '' is not a text that is not empty"),
        ('name = "embedded"', 'precision = "int4"', "line 5: models, the 1st, precision: 'int4' is not one of 'int8', 'float32'"),
        ('name = "embedded"', 'endpoint = "http://h"', "line 4: models, the 1st: give its name"),
        ('name = "embedded"', f'{SERVER}precision = "int8"', "line 7: models, the 1st, precision: there is no such key"),
        ('name = "embedded"', 'name = "a"\n[[models]]\nname = "a"', "line 6: models, the 2nd: “a” is there twice; give it another label"),
        ('name = "embedded"', f"{SERVER}[[models]]\n{SERVER.replace('//h', '//i')}label = \"n\"", "LAAM_API_KEY is already the key of"),
        ('name = "embedded"', f'{SERVER}key = "sk-secret"', "line 7: models, the 1st, key: what it holds is not the name of a variable"),
        ('given = "first"', 'given = "last"', "line 7: contexts, the 1st, given: give `given` as one of 'path', 'first', 'source'"),
        ("lines = 3", "", "line 6: contexts, the 1st: give one of tokens, characters, lines"),
        ("lines = 3", "lines = 3\nplaces = 2", "line 9: contexts, the 1st, places: there is no such key"),
        ("lines = 3", "lines = 3\n[[draws]]\ntemperature = 0\nsamples = 3", "line 11: draws, the 1st, samples: a greedy answer"),
        ("lines = 3", "lines = 3\n[[draws]]\ntemperature = 9", "line 10: draws, the 1st, temperature: 9 is not a number from 0.0 to 1.5"),
        ("lines = 3", "lines = 3\n[[draws]]\nsamples = 2", "line 9: draws, the 1st: give its temperature; 0 is greedy"),
    ],
)  # fmt: skip
def test_each_wrong_key_is_named_with_its_line_and_what_is_allowed(old: str, new: str, message: str, tmp_path: Path) -> None:
    assert old in PLAIN
    file = tmp_path / "plan.toml"
    file.write_text(PLAIN.replace(old, new), "utf-8")
    with pytest.raises(ValueError) as caught:
        read_plan(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert message in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_a_plan_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--example"):
        read_plan(tmp_path / "none.toml")
    assert tomllib.loads(PLAIN)["contexts"]
