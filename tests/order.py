"""Which tests stay together in one worker, and in which order workers take them.

Processes cost more than what is tested in them, so that tests that can share one are kept together
by `--dist loadgroup`: a browser and what a module starts stay for a whole group.
"""

from collections.abc import Generator, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
# Whole platforms, parts that are killed: most of a test there is waiting.
LONG = ("e2e/", "faults/", "takehome_platform/local_stack/")
# What starts another process: a browser, a server.
BROWSER = {"browser", "use_browser"}
PROCESSES = BROWSER | {"redis_url", "dynamodb_url"}
# What the tests of several modules share, and how many of it are started: more spread better over
# the workers, and cost more.
SHARED = {"browser": 2, "site": 1, "platform": 2}


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what `make test-fast` leaves out."""
    if is_long(item) or PROCESSES & fixtures_of(item):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None, None, None]:
    """Before pytest-xdist looks for groups, which it does in the same hook; and after whichever
    order is wanted."""
    groups = group_names(items)
    for item in items:
        if name := groups.get(module_of(item)):
            item.add_marker(pytest.mark.xdist_group(name))
    yield
    units: dict[str, list[pytest.Item]] = {}
    for item in items:
        units.setdefault(group_of(item) or item.nodeid, []).append(item)
    items[:] = [item for unit in long_ones_early(list(units.values())) for item in unit]


def group_names(items: Iterable[pytest.Item]) -> dict[str, str]:
    """The group of each module whose tests stay together, by the module."""
    scopes: dict[str, dict[str, str]] = {}
    for item in items:
        scopes.setdefault(module_of(item), {}).update(scopes_of(item))
    shared: dict[str, list[str]] = {fixture: [] for fixture in SHARED}
    names = {}
    # The same in every worker, whatever the order.
    for module, found in sorted(scopes.items()):
        sessions = [each for each in ("platform", "site") if found.get(each) == "session"]
        if sessions:
            shared[sessions[0]].append(module)
        elif "module" in found.values():
            names[module] = module
        elif BROWSER & found.keys():
            shared["browser"].append(module)
    for fixture, modules in shared.items():
        count = SHARED[fixture]
        names |= {module: f"{fixture}-{number % count}" for number, module in enumerate(modules)}
    return names


def module_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def group_of(item: pytest.Item) -> str | None:
    """The name of the group that it stays with, if it has one."""
    marker = item.get_closest_marker("xdist_group")
    return str(marker.args[0]) if marker else None


def fixtures_of(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


def scopes_of(item: pytest.Item) -> dict[str, str]:
    """By the names of its fixtures."""
    info: Any = getattr(item, "_fixtureinfo", None)
    found = info.name2fixturedefs if info else {}
    return {name: definitions[-1].scope for name, definitions in found.items()}


def long_ones_early(units: list[list[pytest.Item]]) -> list[list[pytest.Item]]:
    """Tests of the shared platforms begin, as they take longest. Others that take long are spread
    over the first two thirds of the rest: waiting goes with computing then, and no worker waits at
    the end for another's last test. Of these, what is marked so comes first, and large groups last,
    when the platforms are done."""
    platforms = [unit for unit in units if uses_shared_platform(unit)]
    others = [unit for unit in units if not uses_shared_platform(unit)]
    long = [unit for unit in others if any(map(is_long, unit))]
    long.sort(key=lambda unit: (not any(map(is_marked_long, unit)), len(unit)))
    short = [unit for unit in others if not any(map(is_long, unit))]
    between = len(short) * 2 // 3 // (len(long) + 1)
    mixed = platforms
    for number, unit in enumerate(long):
        mixed += [*short[number * between : (number + 1) * between], unit]
    return mixed + short[len(long) * between :]


def uses_shared_platform(unit: list[pytest.Item]) -> bool:
    return (group_of(unit[0]) or "").startswith("platform-")


def is_long(item: pytest.Item) -> bool:
    return is_long_file(item.path) or bool(BROWSER & fixtures_of(item)) or is_marked_long(item)


def is_marked_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None


@cache
def is_long_file(path: Path) -> bool:
    return path.is_relative_to(TESTS) and path.relative_to(TESTS).as_posix().startswith(LONG)
