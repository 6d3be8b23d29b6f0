"""Moving cards: each is made once, in the background and one at a time, and kept in memory and on disk."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response

from laam.corpus.catalog import UnknownFile
from laam.emission.ask import Ask, ask_of_query
from laam.files import atomic_write
from laam.serving.faults import for_visitors
from laam.serving.limits import BusyError
from laam.serving.summary import Summaries
from laam.share.card import Cards
from laam.share.client import client_of
from laam.share.moving_card import FORMATS, GIF, VERSION, WEBP, Format, as_still, draw_moving
from laam.share.pages import CACHE_S, NO_FILE, refusal, refusal_heading
from laam.share.scene import scene_of

MEMORY_BYTES = 8_000_000  # some thirty cards
DISK_BYTES = 50_000_000
WAITING = 16  # cards that are to be made; whoever asks for more gets no more than the still card
EACH = WAITING // 4  # of them, for one client
MISSING = 16  # pictures of what can't be shown that are remembered

Begin = Callable[[Callable[[], None]], None]

_log = logging.getLogger(__name__)


def _in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="moving cards", daemon=True).start()


class MovingCards:
    """Safe under several threads. `folder`: where they are kept, DISK_BYTES at most. `begin`: runs the work, in a thread that ends when
    nothing waits."""

    def __init__(self, summaries: Summaries, cards: Cards, folder: Path, begin: Begin = _in_a_thread) -> None:
        self.summaries, self.cards = summaries, cards
        self._folder, self._begin = folder, begin
        self._remembered: OrderedDict[str, bytes] = OrderedDict()
        self._waiting: OrderedDict[str, tuple[Ask, Format, str]] = OrderedDict()  # the first one is being made
        self._lock = threading.Lock()
        self._is_logged = False

    def find(self, ask: Ask, format_: Format, client: str = "") -> bytes | None:
        """The moving card of an emission. None if there is none yet: then it is made, unless too many wait, or too many that `client` asked
        for. Raises as `Summaries.known` does."""
        name = self._name(ask, format_)
        with self._lock:
            if found := self._remembered.get(name):
                self._remembered.move_to_end(name)
                return found
        if kept := self._read(name, format_):
            self._remember(name, kept)
            return kept
        with self._lock:
            begins = not self._waiting
            own = sum(bool(client) and client == other for *_, other in self._waiting.values())
            if len(self._waiting) < WAITING and own < EACH:
                self._waiting.setdefault(name, (ask, format_, client))
        if begins:
            self._begin(self._make_all)
        return None

    def _make_all(self) -> None:
        """Make what waits, one after the other."""
        while True:
            with self._lock:
                name, (ask, format_, _) = next(iter(self._waiting.items()))
            try:
                self._make(name, ask, format_)
            except Exception as error:
                _log.warning("the moving card of %s is not made: %r", ask.path, error)
            with self._lock:
                del self._waiting[name]
                if not self._waiting:
                    return

    def _make(self, name: str, ask: Ask, format_: Format) -> None:
        if emission := self.summaries.in_background(ask):
            card = draw_moving(self.cards, scene_of(*emission), format_)
            self._remember(name, card)
            self._keep(name, card)

    def _name(self, ask: Ask, format_: Format) -> str:
        """The name of a card's file: the same for all that shows the same."""
        shown = repr((VERSION, self.cards.address, *self.summaries.identity(ask)))
        return f"{sha256(shown.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.{format_.suffix}"

    def _remember(self, name: str, card: bytes) -> None:
        with self._lock:
            self._remembered[name] = card
            while sum(map(len, self._remembered.values())) > MEMORY_BYTES:
                self._remembered.popitem(last=False)

    def _read(self, name: str, format_: Format) -> bytes | None:
        file = self._folder / name
        try:
            card = file.read_bytes() if file.is_file() else b""
        except OSError:
            return None
        return card if card.startswith(format_.magic) else None

    def _keep(self, name: str, card: bytes) -> None:
        """Put a card on the disk; the oldest ones make room. If it can't be written, only the log says so, once."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with atomic_write(self._folder / name) as temporary:
                temporary.write_bytes(card)
            sizes = {file: file.stat() for file in self._folder.iterdir() if file.is_file()}
            room = DISK_BYTES - sum(kept.st_size for kept in sizes.values())
            for file, kept in sorted(sizes.items(), key=lambda each: each[1].st_mtime_ns):
                if room >= 0:
                    return
                file.unlink(missing_ok=True)
                room += kept.st_size
        except OSError as error:
            if not self._is_logged:
                _log.warning("cards are not kept (%s): LAAM_CACHE names another folder for them", error.strerror or error)
            self._is_logged = True


def moving_card_routes(moving: MovingCards) -> APIRouter:
    """`/card/PATH.webp` and `/card/PATH.gif`."""
    router = APIRouter()

    @lru_cache(MISSING)
    def missing(heading: str, message: str, format_suffix: str) -> bytes:
        return as_still(moving.cards.draw_missing(heading, message), FORMATS[format_suffix])

    def answer(path: str, request: Request, format_: Format) -> Response:
        try:
            ask, client = ask_of_query(request.query_params, path), client_of(request.scope)
            if card := moving.find(ask, format_, client):
                return Response(card, media_type=format_.media_type, headers={"Cache-Control": f"public, max-age={CACHE_S}"})
            still = moving.cards.draw(moving.summaries.find(ask, client))
        except (ValueError, BusyError) as error:
            message = NO_FILE if isinstance(error, UnknownFile) else for_visitors(error)
            picture = missing(refusal_heading(error, moving.summaries.release), message, format_.suffix)
            return Response(picture, media_type=format_.media_type, **refusal(error))
        return Response(as_still(still, format_), media_type=format_.media_type, headers={"Cache-Control": "no-store"})

    @router.get("/card/{path:path}.webp")
    def webp(path: str, request: Request) -> Response:
        """The moving card, 1200 × 630 pixels; until it is made, the card."""
        return answer(path, request, WEBP)

    @router.get("/card/{path:path}.gif")
    def gif(path: str, request: Request) -> Response:
        """The same, 800 × 420 pixels."""
        return answer(path, request, GIF)

    return router
