"""Both languages give every visitor the same bucket, whatever the id is made of."""

from __future__ import annotations

import json
import random

from tests.sdk.conftest import Node
from vibevariant.experiments.bucketing import bucket

PAIRS = 100_000
PLANES = ((0x00, 0x7F), (0x80, 0x7FF), (0x800, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF))
"""The characters of one, two, three and four bytes; what lies between is half of a surrogate pair."""


def texts(rng: random.Random, n: int) -> list[str]:
    """Texts of 0 to 40 characters, from every plane, NUL among them."""

    def text() -> str:
        planes = rng.choices(PLANES, k=rng.randrange(41))
        return "".join(chr(rng.randint(*plane)) for plane in planes)

    return [text() for _ in range(n)]


def test_a_hundred_thousand_random_texts_have_the_same_bucket_in_both_languages(node: Node):
    rng = random.Random(20_261_120)
    visitors, keys = texts(rng, PAIRS), texts(rng, PAIRS)
    assert {"", "\0"} <= {*visitors, *keys}
    pairs = list(zip(visitors, keys, strict=True))
    with node.start("buckets.mjs", "bucketing") as process:
        answered, _ = process.communicate(json.dumps(pairs), timeout=120)
    assert process.returncode == 0
    theirs = json.loads(answered)
    assert len(theirs) == PAIRS
    assert theirs == [bucket(visitor, key) for visitor, key in pairs]
