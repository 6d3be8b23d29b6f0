"""The maps of the page `/map`: whose there are, and what is known of each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from laam.emission import naming
from laam.measure.archives import ModelInBytes
from laam.measure.atlas import Atlas
from laam.measure.bits import FewerBits
from laam.measure.memorisation import Memorisation
from laam.measure.pz_file import KnownPz
from laam.measure.recorded import Recorded, RecordedScores
from laam.measure.render import render_map
from laam.model.chooser import ModelChooser
from laam.model.obtain import AUTO
from laam.model.spec import EMBEDDED, NAMED, PUBLISHED_NAMES
from laam.serving.services import Services
from laam.settings import Settings


@dataclass(frozen=True)
class MapOf:
    """One model's map. `name`: as links have it; `words`: as sentences have it. `known`: its atlas, or what was recorded here.

    `first_piece`: whether a path alone gives no more than a first piece. `window`: its tokens, 0 if the model isn't here.
    """

    name: str
    words: str
    known: Atlas | Recorded
    first_piece: bool
    window: int

    @property
    def is_own(self) -> bool:
        """Whether it is the exhibit's own model."""
        return self.name == EMBEDDED.name

    @property
    def is_recorded(self) -> bool:
        return isinstance(self.known, Recorded)


@dataclass(frozen=True)
class Maps:
    """The maps of every model that is at hand or has an atlas. `atlases`, `memorisations`; and by the weights' sha256 `fewer_bits`,
    `known_pz`, `in_bytes`: of the release."""

    chooser: ModelChooser
    services: Services
    settings: Settings
    atlases: Sequence[Atlas]
    memorisations: Sequence[Memorisation]
    scores: RecordedScores
    fewer_bits: Mapping[str, FewerBits] = field(default_factory=dict)
    known_pz: KnownPz = field(default_factory=dict)
    in_bytes: Mapping[str, ModelInBytes] = field(default_factory=dict)

    def names(self) -> list[str]:
        """The models that have a map, ours last."""
        names = [name for name in self.chooser.names if name != AUTO and (self.chooser.at_hand(name) or self.atlas(name))]
        return sorted(names, key=lambda name: name == EMBEDDED.name)

    def of(self, name: str) -> MapOf:
        """The map of a model; for any other name, of the one that the exhibit shows."""
        names = self.names()
        if name not in names:
            shown = self.chooser.current().model
            name = next((each for each in names if self.chooser.at_hand(each) == shown), EMBEDDED.name)
        model = self.chooser.at_hand(name)
        known: Atlas | Recorded | None = self.atlas(name)
        if known is None:
            assert model is not None  # or it would have no map
            known = self.scores.of(model)
        first_piece = model.format.in_pieces if model else name in PUBLISHED_NAMES
        return MapOf(name, naming.model_in_words(name), known, first_piece, model.window if model else 0)

    def switch(self, shown: MapOf) -> list[tuple[str, str, bool]]:
        """For each map the query of its address, its name on the switch, and whether it is the one that is shown."""
        return [(urlencode({"model": name}), naming.model_in_short(name), name == shown.name) for name in self.names()]

    def html(self, shown: MapOf) -> str:
        """The map as HTML; its files lead to what this very model writes."""
        return render_map(
            shown.known,
            self.services.catalog,
            self.settings.assets / "measure",
            self.memorisations,
            self.fewer_bits.get(shown.known.weights_sha256),
            self.known_pz.get(shown.known.weights_sha256),
            self.in_bytes.get(shown.known.weights_sha256),
            name=shown.words,
            link="share/",
            noun=self.services.release.noun,
            query=f"?{urlencode({'model': shown.name})}",
        )

    def elsewhere(self) -> dict[str, Atlas]:
        """The atlases of the published models that aren't here, by their names."""
        absent = (name for name in self.chooser.names if name in PUBLISHED_NAMES and not self.chooser.at_hand(name))
        return {name: atlas for name in absent if (atlas := self.atlas(name))}

    def atlas(self, name: str) -> Atlas | None:
        """The atlas of the weights that a model has, or that one of the hub must have."""
        model = self.chooser.at_hand(name)
        weights = model.digest if model else NAMED[name].weights_sha256 if name in NAMED else ""
        return next((atlas for atlas in self.atlases if atlas.weights_sha256 == weights), None)
