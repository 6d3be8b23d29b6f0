from concurrent.futures import ThreadPoolExecutor

import pytest

from laam.emission.ask import Ask
from laam.emission.question import Question
from laam.emission.run import Emitted, emit
from laam.model.engine import Decoding
from laam.model.model import Model
from laam.model.reference import ReferenceEngine


@pytest.fixture(scope="module")
def reference(model: Model) -> ReferenceEngine:
    return ReferenceEngine(model.folder)


def prompts_of(model: Model, made_up_files: dict[str, str]) -> list[list[int]]:
    return [model.format.path_prompt(path, segment).ids for path in [*made_up_files, "linux/fs/unknown.c"] for segment in range(3)]


def test_stream_and_batch_give_the_reference_ids(model: Model, reference: ReferenceEngine, made_up_files: dict[str, str]) -> None:
    prompts = prompts_of(model, made_up_files)
    trained = prompts[:5]  # segments that exist: where the model is sure, int8 must not change a token
    stop = model.format.stop
    expected = reference.batch(trained, stop, 60)
    assert model.engine.batch(trained, stop, 60) == expected
    assert [list(model.engine.decoder(Decoding()).stream(prompt, stop, 60)) for prompt in trained] == expected
    assert all(ids[-1] in stop for ids in expected)


def test_the_limit_ends_a_stream_without_a_stop_id(model: Model, reference: ReferenceEngine) -> None:
    prompt = model.format.path_prompt("linux/kernel/sched.c").ids
    stop = model.format.stop
    for engine in (model.engine, reference):
        ids = list(engine.decoder(Decoding()).stream(prompt, stop, 7))
        assert len(ids) == 7
        assert not set(ids) & set(stop)
        assert engine.batch([prompt], stop, 7) == [ids]


def test_the_reference_draws_by_seed_and_top_k(model: Model, reference: ReferenceEngine) -> None:
    prompt = model.format.path_prompt("linux/kernel/sched.c").ids

    def drawn(decoding: Decoding) -> list[int]:
        return list(reference.decoder(decoding).stream(prompt, (), 40))

    assert drawn(Decoding(1.5, 0, 1)) == drawn(Decoding(1.5, 0, 1))
    assert drawn(Decoding(1.5, 0, 1)) != drawn(Decoding(1.5, 0, 2))
    assert drawn(Decoding(1.5, 1, 1)) == drawn(Decoding())


def test_several_threads_share_an_engine(model: Model, made_up_files: dict[str, str]) -> None:
    def text(path: str) -> str:
        return "".join(event.text for event in emit(Question(Ask(path)), model) if isinstance(event, Emitted))

    paths = list(made_up_files) * 4
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(text, paths)) == [made_up_files[path] for path in paths]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((-0.1,), "temperature"),
        ((1.6,), "temperature"),
        ((float("nan"),), "temperature"),
        ((1, -1), "top_k"),
        ((1, 0, -1), "seed"),
        ((1, 0, 2**32), "seed"),
    ],
)
def test_decoding_out_of_bounds_is_refused(arguments: tuple[float, ...], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Decoding(*arguments)  # type: ignore[arg-type]
