"""An emission's conditions in words: what the model is given, how it draws, what its weights lost, and where it ended."""

from collections.abc import Sequence

from laam.corpus.names import without_top
from laam.corpus.sealed import SealedManifest
from laam.emission.ask import Ask
from laam.emission.emit import Ended, Prompted
from laam.emission.wording import capital, count
from laam.knobs import SOURCE
from laam.model.engine import Decoding
from laam.model.lossy import Lossy
from laam.model.model import Model
from laam.words import say

PASTE = f"Paste code for it to continue, up to {SOURCE.limit:,} characters"
NEXT_PIECE = "Give it the next piece’s first lines"
NAMES_ALONE = "It was trained on files behind their names alone, so what it makes of source is mostly invented."
CLOSED_EARLY = "Here the model closed the file. The next piece was given all the same."


def source_info(model: Model, manifest: SealedManifest) -> str:
    """What stands beside the box for source: how much of it a model reads, and what its answer is held against."""
    known = [(file.size, model.trained_tokens[file.path]) for file in manifest.catalog if model.learned(file)]
    tokens = model.window // 2
    characters = round(tokens * sum(size for size, _ in known) / max(1, sum(taken for _, taken in known)) / 100) * 100
    follows = f"Its continuation is compared with what follows in {manifest.release.title}. Your own text never counts."
    return f"{source_limit(tokens, characters)} {follows}{'' if model.goes_on else f' {NAMES_ALONE}'}"


def source_limit(tokens: int, characters: int) -> str:
    """How much of given source a model reads; `characters`: about as many as these tokens, 0 if nobody knows."""
    return f"The model reads the last {tokens:,} tokens of it" + (f", some {characters:,} characters." if characters else ".")


def numbers_given(prompts: int | None) -> str:
    """The numbers of segments that stood in so many prompts, one in each, to follow a name; None: not known yet."""
    if prompts is None:
        return say("and_numbers")
    if prompts <= 2:
        return say("and_number" if prompts < 2 else "and_number_and")
    return say("and_numbers_to", last=f"{prompts - 1:,}")


def given(prompts: Sequence[Prompted], path: str = "", numbers: str = "") -> str:
    """What the model was given, in a few words. `path`: of the file that was asked for, if its answer is held against another.
    `numbers`: of `numbers_given`, if there were any."""
    later = prompts[1:] if prompts and prompts[0].kind == "path" and prompts[-1].kind == "source" else ()
    if later:
        characters = count(sum(prompted.source_characters for prompted in later), "character")
        return f"a path, and {characters} of source: the beginning of each of {count(len(later), 'later piece')}; it counts for nothing"
    if not prompts or prompts[0].kind == "path":
        return say("given_the_path", path=without_top(path), numbers=numbers) if path else say("given_path", numbers=numbers)
    if prompts[0].kind == "empty":
        return "the start of a file, and nothing more"
    cut = prompts[0].cut_characters
    left_out = say("left_out", characters=count(cut, "character")) if cut else ""
    return say("given_source", characters=count(prompts[0].source_characters, "character"), left_out=left_out)


def beginnings(pieces: int, tokens: int) -> str:
    """What is given of the later pieces of a file; `tokens`: of each."""
    first = "first token" if tokens == 1 else f"first {tokens:,} tokens"
    return f"the {first} of its second piece" if pieces == 1 else f"the {first} of each of its {pieces:,} later pieces"


def closed_pieces(pieces: int) -> str:
    """How often the model closed a file in a piece that isn't the last, as a sentence with a space before it; empty if it never did."""
    return f" It closed the file in {count(pieces, 'piece')} before the last." if pieces else ""


def decoding(settings: Decoding) -> str:
    """How the next token was chosen."""
    if settings.greedy:
        return say("greedy")
    top_k = say("drawn_top_k", top_k=settings.top_k) if settings.top_k else ""
    return say("drawn", temperature=f"{settings.temperature:g}", top_k=top_k, seed=settings.seed)


def lossy(weights: Lossy) -> str:
    """What the model's weights lost before it was asked, in a few words that follow its name; empty if nothing."""
    lost = (
        say("with_noise", noise=f"{weights.noise:g}", seed=f"{weights.seed}") if weights.noise else "",
        say("without_pruned", share=f"{100 * weights.pruned:g} %") if weights.pruned else "",
        say("rounded", bits=weights.bits) if weights.bits else "",
    )
    return " and ".join(filter(None, lost))


def lossy_in_short(weights: Lossy) -> str:
    """The same where there is little room."""
    lost = (
        f"noise {weights.noise:g}" if weights.noise else "",
        f"{100 * weights.pruned:g} % pruned" if weights.pruned else "",
        f"{weights.bits} bits" if weights.bits else "",
    )
    return ", ".join(filter(None, lost))


def lossy_sentence(weights: Lossy) -> str:
    """The same as a sentence."""
    return f"{capital(lost)}." if (lost := lossy(weights)) else ""


def settings(ask: Ask) -> str:
    """How the text was written: how the next token was chosen, and what the weights lost before."""
    return " ".join(filter(None, (decoding(ask.decoding), lossy_sentence(ask.lossy))))


def window_end(window: int, *, in_pieces: bool, slides: bool, sealed: bool = False) -> str:
    """The note at the place where a window was full. `in_pieces`: the model was trained on files cut into windows. `sealed`: it could be
    asked for the next pieces, if the text of the originals were here."""
    unseen = ", so expect nonsense" if slides else ""
    why = f" Such a model is trained on files cut into pieces of that length, and sees no piece with the next{unseen}." if in_pieces else ""
    lacks = " To give it the next piece’s first lines takes the originals’ text, and they are sealed (LAAM_ORIGINALS)." if sealed else ""
    return f"{say('window end', tokens=f'{window:,}')}{why} {say('goes_on' if slides else 'ends_here')}{lacks}"


def ending(ended: Ended | None, window: int) -> str:
    """Why an emission ended. `ended`: None if somebody stopped it. `window`: the model's, in tokens."""
    if ended is None:
        return say("stopped")
    return say(ended.reason, tokens=f"{window:,}" if ended.reason == "window end" else count(ended.tokens, "token"))
