"""Bucketing: a visitor's id and a question's key give one fixed number, the same on every machine and in every language.

Twin of sdk-js/src/bucketing.ts. Both read tests/vectors/bucketing.json.
"""

from __future__ import annotations

from collections.abc import Sequence

from vibevariant.errors import InvalidInput
from vibevariant.experiments.experiment import WHOLE

_OFFSET_BASIS = 0x811C9DC5
_PRIME = 0x01000193
_MASK = 0xFFFFFFFF


def fnv1a32(data: bytes) -> int:
    """The 32-bit FNV-1a hash of some bytes (http://www.isthe.com/chongo/tech/comp/fnv/)."""
    # Locals, because this loop is most of the cost of an assignment.
    prime, mask = _PRIME, _MASK
    hashed = _OFFSET_BASIS
    for byte in data:
        hashed = (hashed ^ byte) * prime & mask
    return hashed


def fmix32(hashed: int) -> int:
    """The finaliser of MurmurHash3, which lets every bit of the hash depend on every other.

    FNV-1a alone confounds experiments: its lowest bit is the exclusive-or of the bytes' lowest bits, so two keys
    either agree or disagree on it for all visitors alike, and its highest bits hardly see the last characters, so
    near keys agree for nearly everyone (https://github.com/aappleby/smhasher, MurmurHash3.cpp).
    """
    hashed ^= hashed >> 16
    hashed = hashed * 0x85EBCA6B & _MASK
    hashed ^= hashed >> 13
    hashed = hashed * 0xC2B2AE35 & _MASK
    return hashed ^ hashed >> 16


def bucket(visitor_id: str, key: str) -> int:
    """A visitor's place on [0, 10000) for one question; another key is another question, and independent.

    The UTF-8 bytes are hashed as they come: no normalisation, for the site's id is opaque.
    """
    try:
        data = f"{visitor_id}:{key}".encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(
            "The visitor id holds half of a surrogate pair, which is not a character.",
            field="visitor_id",
            hint="Send the id as well-formed Unicode; a random UUID is a good id.",
        ) from error
    return fmix32(fnv1a32(data)) * WHOLE >> 32


def arm_at(bucket: int, weights: Sequence[int]) -> int:
    """The index of the arm whose stretch of [0, 10000) holds the bucket.

    The arms lie side by side in their fixed order, each as long as its weight and half-open, so an arm of weight
    zero gets nobody and a propensity is exact.
    """
    end = 0
    for arm, weight in enumerate(weights):
        end += weight
        if bucket < end:
            return arm
    raise ValueError(f"No arm at {bucket}: the weights sum to {end}, not to {WHOLE}.")
