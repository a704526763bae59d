"""Ids that sort by time inside, and words and codes that cannot be guessed outside."""

import os
import secrets
from datetime import UTC, datetime, timedelta
from itertools import count

from handlers.state import Fresh

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to mistake
WORDS = tuple(
    """ACORN ALDER AMBER APPLE APRON ARROW ASPEN BADGE BAKER BAMBOO BANJO BASIL BEACON BEECH BIRCH BISON BLOSSOM
    BOULDER BRAMBLE BREEZE BRIDGE BROOK BUTTON CABIN CACTUS CANDLE CANOE CANYON CARDINAL CEDAR CHERRY CLOVER
    COBALT COMET COPPER CORAL COTTON CRANE CREEK CRICKET CYPRESS DAISY DELTA DUNE EAGLE ELDER EMBER FALCON
    FENNEL FERN FIDDLE FINCH FJORD FLINT FOREST FOUNTAIN FOX GARDEN GARNET GINGER GLACIER GRANITE GROVE HARBOR
    HARVEST HAWK HAZEL HERON HICKORY HONEY HORIZON INDIGO IRIS ISLAND IVORY IVY JADE JASMINE JUNIPER KETTLE
    LAGOON LANTERN LARCH LARK LAUREL LAVENDER LEMON LILAC LILY LINDEN LOCUST LOTUS MAGNET MAPLE MARBLE
    MARIGOLD MEADOW MELON MESA MINT MITTEN MOSS MULBERRY NECTAR NUTMEG OAK OASIS OCEAN OLIVE ONYX OPAL ORBIT
    ORCHARD OTTER OWL OXBOW PADDLE PANTHER PAPAYA PEACH PEBBLE PECAN PELICAN PEPPER PINE PLANET PLUM POND
    POPLAR POPPY PRAIRIE QUAIL QUARTZ QUILT RAVEN REDWOOD REEF RIDGE RIVER ROBIN ROSE RUBY SAFFRON SAGE SALMON
    SAND SAPPHIRE SEQUOIA SHELL SIERRA SILVER SPARROW SPRUCE STARLING STONE STORK SUMAC SUMMIT SUNFLOWER SWAN
    SYCAMORE TEAL THICKET THISTLE THYME TIMBER TOPAZ TRELLIS TULIP TUNDRA TURTLE VALLEY VELVET VIOLET WALNUT
    WAVE WILLOW WINDMILL WREN YARROW ZINNIA""".split()
)

_counter = count()


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return (at - EPOCH) // MILLISECOND


def moment(at: int) -> datetime:
    """The time, in UTC, of milliseconds since 1970."""
    return EPOCH + at * MILLISECOND


def new_id(at: int) -> str:
    """Sorts by time, then by the order of making in this process; the rest is chance (64 bits)."""
    return f"{at:012x}{next(_counter) & 0xFFFFF:05x}{os.urandom(8).hex()}"


def fresh(at: int) -> Fresh:
    """A case id, its word (such as MAPLE-7), its return code (50 bits), an id for a message, a token (256 bits)."""
    word = f"{secrets.choice(WORDS)}-{secrets.randbelow(98) + 2}"
    code = "".join(LETTERS[byte & 31] for byte in os.urandom(10))
    return Fresh(new_id(at), word, f"{code[:5]}-{code[5:]}", new_id(at), secrets.token_urlsafe(32))
