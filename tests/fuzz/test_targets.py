"""A moment of what `make fuzz` does for an hour: its targets keep working."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds

SHORT = settings(
    max_examples=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", TARGETS)
def test_seeds_and_what_is_near_them(name: str) -> None:
    chance = random.Random(7)
    for seed in seeds(name):
        TARGETS[name](seed)
        for _ in range(20):
            near = bytearray(seed)
            near[chance.randrange(len(near))] = chance.randrange(256)
            TARGETS[name](bytes(near))
            TARGETS[name](seed[: chance.randrange(len(seed))])


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes(name: str) -> None:
    SHORT(given(st.binary(max_size=200))(TARGETS[name]))()
