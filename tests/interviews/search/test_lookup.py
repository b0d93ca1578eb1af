"""Search interviews by name, challenge, id or passcode."""

from datetime import timedelta

import pytest

from interviews.attributes import DRY_RUN, LIVE, TAKE_HOME
from interviews.dynamodb import now
from interviews.lifecycle import Status
from interviews.models import Interview
from interviews.pagination.cursors import InvalidCursorError, encode_cursor
from interviews.pagination.history import Filters
from interviews.retention import retention
from interviews.search import index, lookup, renames
from interviews.search.index import SearchTerm, index_interview, unindex_interview

NONE = Filters()


@pytest.fixture
def make(tables):
    """Return a function that makes indexed interviews, each a minute after the previous one."""
    made = []

    def call(name="Ada Lovelace", *, challenge_name="Word count", **fields):
        number = len(made)
        interview = Interview(
            **{
                "id": f"takehome-{number}",
                "type": TAKE_HOME,
                "status": "available",
                "candidate_name": name,
                "challenge": "word-count",
                "duration_minutes": 60,
                "created_at": now() + timedelta(minutes=number),
                **fields,
            }
        )
        index_interview(interview, challenge_name)
        interview.create(by="recruiter")
        made.append(interview)
        return interview

    return call


def ids(page):
    return [interview.id for interview in page.items]


def find(text, filters=NONE, **options):
    return ids(lookup.search_page(text, filters, **options))


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Ada Lovelace", "ada"),
        ("Ada Lovelace", "LOVE a"),
        ("Zoë Müller", "muller"),
        ("Zoe Muller", "Müller"),
        ("Нина О'Нил", "нин"),
        ("李小龍", "小龍"),
        ("山田 太郎", "田"),
        ("김철수", "철수"),
        ("أحمد", "احمد"),
        ("สมชาย", "ชาย"),
        ("Hubert Blaine Wolfeschlegelsteinhausen", "wolfeschlegelstein"),
        ("Ada", "word cou"),
        ("Ada", "count ada"),
    ],
)
def test_search_matches_prefixes_of_candidate_and_challenge_words(make, name, typed):
    make("Someone Else", challenge_name="Settlement check", challenge="settlement")
    wanted = make(name)
    assert find(typed) == [wanted.id]


@pytest.mark.parametrize("typed", ["lace", "ada grace", "", "...", "\x00", "a", "x" * 5000])
def test_search_without_a_matching_prefix_is_empty(make, typed):
    make()
    assert find(typed) == []


def test_search_by_id_and_by_passcode_in_either_case(make):
    make()
    wanted = make(passcode="ABCD2345")
    for typed in (wanted.id, "ABCD2345", " abcd2345 ", "https://x.test/take-home/ABCD2345/"):
        assert find(typed) == [wanted.id], typed


def test_search_lists_the_passcode_before_an_equal_name(make):
    exact = make(passcode="HANNAHAB")
    named = make("Hannahab Smith")
    assert find("hannahab") == [exact.id, named.id]


def test_search_lists_open_and_ended_newest_first(make):
    old, over, new = make(), make(), make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    assert find("ada") == [new.id, over.id, old.id]


def test_search_has_no_dry_runs(make):
    run = make(type=DRY_RUN)
    assert find("ada") == find(run.id) == []


def test_search_applies_filters(make):
    make()
    live = make(type=LIVE, status="scheduled")
    over = make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    assert find("ada", Filters(type=LIVE)) == [live.id]
    assert find("ada", Filters(status=Status.REVOKED)) == [over.id]
    assert find("ada", Filters(since=now() - timedelta(hours=1))) == [over.id]
    assert find(over.id, Filters(status=Status.EXPIRED)) == []


def test_search_pages_list_each_match_once(make):
    made = [make("Ada" if number % 3 else "Grace", passcode=None).id for number in range(40)]
    wanted = [id_ for number, id_ in enumerate(made) if number % 3][::-1]
    seen, cursor, sizes = [], None, []
    while True:
        page = lookup.search_page("ada", NONE, cursor=cursor, size=4)
        seen += ids(page)
        sizes.append(len(page.items))
        cursor = page.next
        if cursor is None:
            break
    assert seen == wanted
    assert max(sizes) == 4


def test_search_lists_an_exact_match_only_on_the_first_page(make):
    exact = make("Hannahab One", passcode="HANNAHAB")
    others = [make("Hannahab Two").id for _ in range(3)]
    first = lookup.search_page("hannahab", NONE, size=2)
    second = lookup.search_page("hannahab", NONE, size=2, cursor=first.next)
    third = lookup.search_page("hannahab", NONE, size=2, cursor=second.next)
    assert ids(first) + ids(second) + ids(third) == [exact.id, *others[::-1]]


def test_search_reads_the_rarest_word(make, monkeypatch):
    """A longer but frequent word, such as a challenge's name, must not hide one candidate."""
    wanted = make("Ada")
    for _ in range(30):
        make("Grace")
    monkeypatch.setattr(lookup, "MAX_ROUNDS", 1)
    assert find("count ada", size=5) == [wanted.id]


def test_search_stops_reading_and_returns_a_cursor(make):
    over = make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    for _ in range(20):
        make()
    revoked = Filters(status=Status.REVOKED)
    first = lookup.search_page("ada", revoked, size=2)
    assert (first.items, first.next is None) == ([], False)
    cursor, found = first.next, []
    while cursor:
        page = lookup.search_page("ada", revoked, size=2, cursor=cursor)
        found, cursor = found + ids(page), page.next
    assert found == [over.id]


def test_search_skips_terms_without_an_interview(make):
    kept, gone = make(), make()
    gone.delete()
    assert find("ada") == [kept.id]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "!!!!",
        "é",
        "a" * 3000,
        *map(encode_cursor, [None, 1, [], "", "1#a", f"{1:012d}#\ud800"]),
    ],
)
def test_search_refuses_an_invalid_cursor(tables, cursor):
    with pytest.raises(InvalidCursorError):
        lookup.search_page("ada", NONE, cursor=cursor)


def test_unindex_removes_all_terms(make):
    kept, unindexed = make("Ada 李小龍"), make("Ada O'Neil", challenge_name="An older name")
    unindex_interview(unindexed)
    unindex_interview(unindexed)
    assert find("ada") == [kept.id]
    assert [row for row in SearchTerm.scan() if row.entry.endswith(unindexed.id)] == []


def test_terms_outlast_the_interview(make):
    planned = now() + timedelta(days=300)
    make(scheduled_at=planned)
    assert {row.ttl for row in SearchTerm.scan()} == {planned + index.LONGEST_LIFE + retention()}


@pytest.mark.parametrize(
    ("typed", "fits"), [("ada", True), ("word", True), ("grace", False), ("abcd2345", True)]
)
def test_matches_search_agrees_with_search(make, typed, fits):
    interview = make(passcode="ABCD2345")
    assert lookup.matches_search(interview, "Word count", typed) is fits
    assert (find(typed) == [interview.id]) is fits


def test_matches_search_of_empty_text_is_false(make):
    assert lookup.matches_search(make(passcode=None), "Word count", "") is False


# -- e-mail addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["ada@example.com", "ADA@Example.com", "ada@", "ada@ex", "ada ada@example.com"]
)
def test_search_finds_an_address_and_its_start(make, typed):
    wanted = make(candidate_email="Ada@example.com")
    make("Grace Hopper", candidate_email="grace@example.com")
    assert find(typed) == [wanted.id]
    assert lookup.matches_search(wanted, "Word count", typed)


@pytest.mark.parametrize("typed", ["com", "example", "@example.com", "lovelace@example.com"])
def test_parts_of_an_address_find_nobody(make, typed):
    made = make(candidate_email="ada@example.com")
    assert find(typed) == []
    assert not lookup.matches_search(made, "Word count", typed)


def test_address_that_was_changed_is_found_by_the_new_one_alone(make):
    changed = make(candidate_email="ada@example.com")
    index.add_words(changed, renames.words_of(changed, {"candidate_email": "ada@example.org"}))
    changed.change(candidate_email="ada@example.org")
    renames.settle_words(changed)
    assert (find("ada@example.com"), find("ada@example.org")) == ([], [changed.id])


def test_unindex_removes_the_address(make):
    unindex_interview(make(candidate_email="ada@example.com"))
    assert list(SearchTerm.scan()) == []
