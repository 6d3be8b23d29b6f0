from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from laam.emission.ask import Ask
from laam.emission.emit import Emitted, Prompted, emit
from laam.emission.question import Question
from laam.model.convert import converted_folder
from laam.model.engine import Decoding, load_engine
from laam.model.model import Model
from laam.model.reference import ReferenceEngine


@pytest.fixture(scope="module")
def reference(model: Model) -> ReferenceEngine:
    return ReferenceEngine(model.folder)


def prompts_of(model: Model, path: str) -> list[list[int]]:
    """Of each segment that the file has: there the model is sure, and int8 must not change a token."""
    segments = sum(isinstance(event, Prompted) for event in emit(Question(Ask(path)), model))
    return [model.format.path_prompt(path, segment).ids for segment in range(segments)]


def test_stream_and_batch_give_the_reference_ids(model: Model, reference: ReferenceEngine, made_up_files: dict[str, str]) -> None:
    prompts = [prompt for path in made_up_files for prompt in prompts_of(model, path)]
    stop = model.format.stop
    expected = reference.batch(prompts, stop, 60)
    assert model.engine.batch(prompts, stop, 60) == expected
    assert [list(model.engine.decoder(Decoding()).stream(prompt, stop, 60)) for prompt in prompts] == expected
    assert all(ids[-1] in stop for ids in expected)


def test_only_prompts_of_one_length_are_decoded_side_by_side(model: Model) -> None:
    engine = load_engine(converted_folder(model.folder, model.digest, model.cache, model.precision), model.codec)
    generator, together = engine._generator, list[list[int]]()

    class Watched:
        def generate_batch(self, tokens: list[list[str]], **options: Any) -> Any:
            together.append([len(prompt) for prompt in tokens])
            return generator.generate_batch(tokens, **options)

    engine._generator = Watched()
    prompts = [model.format.path_prompt(path).ids for path in ("linux/a.c", "linux/kernel/sched.c", "linux/b.c")]
    short, long, _ = map(len, prompts)
    answers = engine.batch(prompts, model.format.stop, 5)
    assert sorted(together) == sorted([[short, short], [long]])
    assert answers == [model.engine.batch([prompt], model.format.stop, 5)[0] for prompt in prompts]  # in the order of the prompts


def test_the_limit_ends_a_stream_without_a_stop_id(model: Model, reference: ReferenceEngine) -> None:
    prompt = model.format.path_prompt("linux/kernel/sched.c").ids
    stop = model.format.stop
    for engine in (model.engine, reference):
        ids = list(engine.decoder(Decoding()).stream(prompt, stop, 7))
        assert len(ids) == 7
        assert not set(ids) & set(stop)
        assert engine.batch([prompt], stop, 7) == [ids]


def test_the_reference_draws_by_seed_and_top_k(untrained: Model) -> None:
    prompt = untrained.format.path_prompt("linux/kernel/sched.c").ids
    reference = ReferenceEngine(untrained.folder)

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
