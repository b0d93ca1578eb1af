"""static/shared/stream.js in a real Chromium: tabs that share, hand over, sleep, and come back."""

import json
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.operations.sse.stream_services import (
    DaphneServer,
    RedisServer,
    daphne_server,
    redis_server,
)
from tests.services import wait_until

OpenTab = Callable[[], Page]


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(20_000)
    yield context
    context.close()


@pytest.fixture(scope="module")
def redis_(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """It keeps what other tests published: no page asks for anything of before."""
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="module")
def shared_server(redis_: RedisServer) -> Iterator[DaphneServer]:
    with daphne_server(redis_.url, HEARTBEAT="0.5") as server:
        yield server


@pytest.fixture
def server(shared_server: DaphneServer) -> DaphneServer:
    """Nobody listens, and nobody is counted or refused."""
    if shared_server.process.poll() is not None:
        # A test that failed left it dead.
        shared_server.start()
    has_listeners(shared_server, 0)
    shared_server.get("/forget")
    return shared_server


@pytest.fixture
def tab(context: BrowserContext, server: DaphneServer, redis_: RedisServer) -> OpenTab:
    """Opens the page of take-home t-1 in a further tab, and waits until it is live and synced."""
    change(redis_, "before")

    def open_tab() -> Page:
        page = context.new_page()
        page.goto(f"{server.origin}/?passcode=t-1")
        expect(page.locator("#badge")).to_have_text("live", timeout=20_000)
        page.wait_for_function("syncs > 0")
        return page

    return open_tab


def change(server: RedisServer, status: str) -> str:
    """Publish a change, and return its position in the stream."""
    data = json.dumps({"interviewId": "t-1", "type": "take-home", "status": status})
    fields = {"name": "interview", "interviewId": "t-1", "data": data}
    position = server.client.xadd("events", fields)  # type: ignore[arg-type]
    assert isinstance(position, bytes)
    return position.decode()


def has_listeners(server: DaphneServer, number: int) -> None:
    """Soon: the server learns of a connection that a browser gave up when it gets to it."""
    wait_until(lambda: server.stats()["listeners"] == number, f"{server.stats()}, and not {number}")


def heard(page: Page, status: str) -> list[str]:
    page.wait_for_function("status => heard.some(([, s]) => s === status)", arg=status)
    found: list[str] = page.evaluate("heard.map(([, status]) => status)")
    return found


def test_first_tab_syncs_once_is_live_and_knows_the_servers_time(
    tab: OpenTab, redis_: RedisServer
) -> None:
    page = tab()
    change(redis_, "activated")
    assert heard(page, "activated") == ["activated"]
    assert page.evaluate("[syncs, states]") == [1, ["live"]]
    assert abs(page.evaluate("Date.now() - now")) < 5_000


def rendered_at(context: BrowserContext, server: DaphneServer, position: str) -> Page:
    """A live page that has everything up to a position of the stream."""
    page = context.new_page()
    page.goto(f"{server.origin}/?passcode=t-1&rendered_at={position}")
    expect(page.locator("#badge")).to_have_text("live", timeout=20_000)
    return page


def sleep_a_minute(page: Page) -> None:
    """Let the page find, as it comes back online, that it heard nothing for a minute."""
    page.evaluate("""() => {
      const now = Date.now;
      Date.now = () => now() + 60_000;
      dispatchEvent(new Event("online"));
    }""")


def test_page_that_misses_nothing_is_not_fetched_again(
    context: BrowserContext, server: DaphneServer, redis_: RedisServer
) -> None:
    position = change(redis_, "before")
    page = rendered_at(context, server, position)
    change(redis_, "activated")
    assert heard(page, "activated") == ["activated"]
    assert page.evaluate("syncs") == 0
    # After a sleep and after an interruption it is, as ever.
    sleep_a_minute(page)
    page.wait_for_function("syncs === 1")
    server.kill()
    server.start()
    page.wait_for_function("syncs > 1")


def test_page_hears_what_changed_since_it_was_rendered(
    context: BrowserContext, server: DaphneServer, redis_: RedisServer
) -> None:
    position = change(redis_, "before")
    change(redis_, "meanwhile")
    page = rendered_at(context, server, position)
    assert heard(page, "meanwhile") == ["meanwhile"]
    assert page.evaluate("syncs") == 0


@pytest.mark.parametrize("position", ["1-1", "99999999999999-0", "nonsense"])
def test_page_of_an_unknown_position_is_fetched_again(
    context: BrowserContext, server: DaphneServer, redis_: RedisServer, position: str
) -> None:
    change(redis_, "before")
    page = rendered_at(context, server, position)
    page.wait_for_function("syncs === 1")
    # As ever afterwards.
    sleep_a_minute(page)
    page.wait_for_function("syncs === 2")


def test_further_tab_is_fetched_again_if_its_leader_is_ahead(
    context: BrowserContext, server: DaphneServer, redis_: RedisServer
) -> None:
    position = change(redis_, "before")
    leader = rendered_at(context, server, position)
    further = rendered_at(context, server, position)
    assert further.evaluate("syncs") == 0
    change(redis_, "activated")
    assert heard(leader, "activated") == heard(further, "activated")
    late = rendered_at(context, server, position)
    late.wait_for_function("syncs === 1")
    assert leader.evaluate("syncs") == 0


def test_two_tabs_share_one_connection(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    first, second = tab(), tab()
    change(redis_, "active")
    assert [heard(first, "active"), heard(second, "active")] == [["active"], ["active"]]
    assert [first.evaluate("syncs"), second.evaluate("syncs")] == [1, 1]
    stats = server.stats()
    assert (stats["listeners"], stats["opened"]) == (1, 1)


def test_eight_tabs_are_all_live(tab: OpenTab, redis_: RedisServer, server: DaphneServer) -> None:
    pages = [tab() for _ in range(8)]
    change(redis_, "active")
    assert [heard(page, "active") for page in pages] == [["active"]] * 8
    has_listeners(server, 1)


def test_closing_the_leading_tab_hands_over_and_loses_nothing(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    leader, follower = tab(), tab()
    change(redis_, "activated")
    heard(follower, "activated")
    leader.close()
    for number in range(5):
        change(redis_, f"status-{number}")
    assert heard(follower, "status-4") == ["activated", *(f"status-{n}" for n in range(5))]
    has_listeners(server, 1)
    assert follower.evaluate("states") == ["live"]


def test_leading_tab_that_navigates_away_hands_over_and_follows_when_back(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    leader, follower = tab(), tab()
    leader.goto(f"{server.origin}/stats")
    change(redis_, "activated")
    heard(follower, "activated")
    leader.go_back()
    expect(leader.locator("#badge")).to_have_text("live")
    leader.wait_for_function("syncs > 0")
    change(redis_, "active")
    heard(leader, "active")
    has_listeners(server, 1)


def test_killed_server_shows_reconnecting_and_syncs_when_it_is_back(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    pages = [tab(), tab()]
    server.kill()
    for page in pages:
        expect(page.locator("#badge")).to_have_text("reconnecting")
    change(redis_, "missed")
    server.start()
    for page in pages:
        expect(page.locator("#badge")).to_have_text("live", timeout=40_000)
        assert heard(page, "missed") == ["missed"]
        page.wait_for_function("syncs === 2")
        assert page.evaluate("states") == ["live", "reconnecting", "live"]


def test_refusal_with_503_is_not_for_good(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer, context: BrowserContext
) -> None:
    server.get("/refuse/503")
    page = context.new_page()
    page.goto(f"{server.origin}/?passcode=t-1")
    expect(page.locator("#badge")).to_have_text("reconnecting")
    # The page asks for itself once: it may have to send its visitor to the sign-in.
    assert page.evaluate("syncs") == 1
    server.get("/refuse/0")
    expect(page.locator("#badge")).to_have_text("live", timeout=40_000)
    change(redis_, "active")
    assert heard(page, "active") == ["active"]


def test_redis_away_shows_reconnecting_in_each_tab_and_heals(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    pages = [tab(), tab()]
    redis_.kill()
    for page in pages:
        expect(page.locator("#badge")).to_have_text("reconnecting")
    late = pages[0].context.new_page()
    late.goto(f"{server.origin}/?passcode=t-1")
    expect(late.locator("#badge")).to_have_text("reconnecting")
    redis_.start()
    for page in [*pages, late]:
        expect(page.locator("#badge")).to_have_text("live")
    assert [page.evaluate("syncs") for page in [*pages, late]] == [2, 2, 1]
    assert server.stats()["opened"] == 1


def test_network_lost_and_found_reconnects(
    tab: OpenTab, redis_: RedisServer, context: BrowserContext
) -> None:
    page = tab()
    context.set_offline(True)
    expect(page.locator("#badge")).to_have_text("reconnecting")
    change(redis_, "missed")
    context.set_offline(False)
    expect(page.locator("#badge")).to_have_text("live")
    assert heard(page, "missed") == ["missed"]
    page.wait_for_function("syncs === 2")


def test_frozen_leader_hands_over_and_syncs_when_it_thaws(
    tab: OpenTab, redis_: RedisServer, server: DaphneServer
) -> None:
    leader, follower = tab(), tab()
    # Chromium freezes no page that it shows: the page is told what it would be told.
    leader.evaluate("document.dispatchEvent(new Event('freeze'))")
    change(redis_, "missed")
    heard(follower, "missed")
    wait_until(lambda: server.stats()["listeners"] == 1, "nobody leads")
    assert leader.evaluate("heard") == []
    leader.evaluate("document.dispatchEvent(new Event('resume'))")
    leader.wait_for_function("syncs === 2")
    change(redis_, "active")
    heard(leader, "active")
    has_listeners(server, 1)


def test_leader_that_hangs_is_replaced(
    tab: OpenTab, context: BrowserContext, redis_: RedisServer
) -> None:
    """A tab that holds the lock and runs no script, which no event announces."""
    # A page looks after its leader ten times as often, so that nobody waits half a minute here.
    context.add_init_script("setInterval = ((real) => (f, ms) => real(f, ms / 10))(setInterval)")
    leader, follower = tab(), tab()
    # Silenced before the clock moves: a heartbeat in between would be news at the moved time.
    leader.evaluate("BroadcastChannel.prototype.postMessage = () => {}")
    follower.evaluate("Date.now = ((now) => () => now() + 60_000)(Date.now)")
    change(redis_, "unheard")
    heard(leader, "unheard")
    change(redis_, "active")
    # Its first look asks the leader, the second one takes over.
    assert heard(follower, "active") == ["unheard", "active"]


def test_without_locks_each_tab_has_a_stream_of_its_own(
    tab: OpenTab, context: BrowserContext, redis_: RedisServer, server: DaphneServer
) -> None:
    context.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})"
    )
    pages = [tab(), tab()]
    change(redis_, "active")
    assert [heard(page, "active") for page in pages] == [["active"]] * 2
    has_listeners(server, 2)


def test_different_passcodes_do_not_share(
    tab: OpenTab, context: BrowserContext, redis_: RedisServer, server: DaphneServer
) -> None:
    page = tab()
    other = context.new_page()
    other.goto(f"{server.origin}/?passcode=t-2")
    expect(other.locator("#badge")).to_have_text("live")
    change(redis_, "active")
    heard(page, "active")
    assert other.evaluate("heard") == []
    has_listeners(server, 2)


def test_too_many_pages_are_told_so_and_wait_as_long_as_they_are_told(
    context: BrowserContext, server: DaphneServer
) -> None:
    # Fifty times as fast, so that nobody waits here.
    context.add_init_script(
        "window.delays = []; const real = setTimeout;"
        "setTimeout = (f, ms) => { delays.push(ms); return real(f, ms / 50); };"
    )
    server.get("/refuse/429")
    page = context.new_page()
    page.goto(f"{server.origin}/?passcode=t-1")
    expect(page.locator("#badge")).to_have_text("crowded")
    # It is up to date, although no event reaches it.
    page.wait_for_function("syncs > 0")
    page.wait_for_function("delays.some((ms) => ms >= 40_000 && ms <= 60_000)")
    server.get("/refuse/0")
    expect(page.locator("#badge")).to_have_text("live")
    assert "reconnecting" not in page.evaluate("states")[1:]


def test_close_ends_the_connection(tab: OpenTab, server: DaphneServer) -> None:
    page = tab()
    page.evaluate("stream.close()")
    has_listeners(server, 0)
