"""Finding an interview by name, challenge, id or passcode."""

from datetime import timedelta

import pytest

from interviews.dynamodb import now
from interviews.history import Filters
from interviews.lifecycle import Status
from interviews.models import DRY_RUN, REGULAR, TAKE_HOME, Interview
from interviews.pagination.cursors import InvalidCursorError, encode_cursor
from interviews.search import index, lookup
from interviews.search.lookup import SearchTerm

NONE = Filters()


@pytest.fixture
def make(tables):
    """Call it for an interview that can be found, each made a minute after the one before."""
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
        index.index_interview(interview, challenge_name)
        interview.create(by="recruiter")
        made.append(interview)
        return interview

    return call


def ids(page):
    return [interview.id for interview in page.items]


def find(text, filters=NONE, **options):
    return ids(lookup.find(text, filters, **options))


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
def test_find_by_the_beginnings_of_words_of_candidate_and_challenge(make, name, typed):
    make("Someone Else", challenge_name="Settlement check", challenge="settlement")
    wanted = make(name)
    assert find(typed) == [wanted.id]


@pytest.mark.parametrize("typed", ["lace", "ada grace", "", "...", "\x00", "a", "x" * 5000])
def test_find_nothing_where_no_word_begins_so(make, typed):
    make()
    assert find(typed) == []


def test_find_by_id_and_by_passcode_in_either_case(make):
    make()
    wanted = make(passcode="ABCD2345")
    for typed in (wanted.id, "ABCD2345", " abcd2345 ", "https://x.test/take-home/ABCD2345/"):
        assert find(typed) == [wanted.id], typed


def test_find_puts_the_passcode_before_a_name_that_is_spelled_like_it(make):
    exact = make(passcode="HANNAHAB")
    named = make("Hannahab Smith")
    assert find("hannahab") == [exact.id, named.id]


def test_find_lists_open_and_ended_ones_newest_first(make):
    old, over, new = make(), make(), make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    assert find("ada") == [new.id, over.id, old.id]


def test_find_has_no_dry_run(make):
    run = make(type=DRY_RUN)
    assert find("ada") == find(run.id) == []


def test_find_within_filters(make):
    make()
    live = make(type=REGULAR, status="scheduled")
    over = make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    assert find("ada", Filters(type=REGULAR)) == [live.id]
    assert find("ada", Filters(status=Status.REVOKED)) == [over.id]
    assert find("ada", Filters(since=now() - timedelta(hours=1))) == [over.id]
    assert find(over.id, Filters(status=Status.EXPIRED)) == []


def test_find_pages_through_all_each_once(make):
    made = [make("Ada" if number % 3 else "Grace", passcode=None).id for number in range(40)]
    wanted = [id_ for number, id_ in enumerate(made) if number % 3][::-1]
    seen, cursor, sizes = [], None, []
    while True:
        page = lookup.find("ada", NONE, cursor=cursor, size=4)
        seen += ids(page)
        sizes.append(len(page.items))
        cursor = page.next
        if cursor is None:
            break
    assert seen == wanted
    assert max(sizes) == 4


def test_find_repeats_no_exact_hit_on_later_pages(make):
    exact = make("Hannahab One", passcode="HANNAHAB")
    others = [make("Hannahab Two").id for _ in range(3)]
    first = lookup.find("hannahab", NONE, size=2)
    second = lookup.find("hannahab", NONE, size=2, cursor=first.next)
    third = lookup.find("hannahab", NONE, size=2, cursor=second.next)
    assert ids(first) + ids(second) + ids(third) == [exact.id, *others[::-1]]


def test_find_goes_by_the_rarest_word(make, monkeypatch):
    """Not by the longest: a challenge that everybody was given must not hide one candidate."""
    wanted = make("Ada")
    for _ in range(30):
        make("Grace")
    monkeypatch.setattr(lookup, "ROUNDS", 1)
    assert find("count ada", size=5) == [wanted.id]


def test_find_stops_reading_and_offers_to_go_on(make):
    over = make()
    over.move_to(Status.REVOKED, by="recruiter", completed_at=now())
    for _ in range(20):
        make()
    revoked = Filters(status=Status.REVOKED)
    first = lookup.find("ada", revoked, size=2)
    assert (first.items, first.next is None) == ([], False)
    cursor, found = first.next, []
    while cursor:
        page = lookup.find("ada", revoked, size=2, cursor=cursor)
        found, cursor = found + ids(page), page.next
    assert found == [over.id]


def test_find_passes_over_what_was_never_written_or_is_gone(make):
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
def test_find_refuses_a_cursor_it_did_not_give(tables, cursor):
    with pytest.raises(InvalidCursorError):
        lookup.find("ada", NONE, cursor=cursor)


def test_forget_removes_every_trace(make):
    kept, forgotten = make("Ada 李小龍"), make("Ada O'Neil", challenge_name="An older name")
    index.unindex_interview(forgotten)
    index.unindex_interview(forgotten)
    assert find("ada") == [kept.id]
    assert [row for row in SearchTerm.scan() if row.entry.endswith(forgotten.id)] == []


def test_index_holds_its_rows_as_long_as_the_interview_may_be_kept(make):
    planned = now() + timedelta(days=300)
    make(scheduled_at=planned)
    assert {row.ttl for row in SearchTerm.scan()} == {planned + index.KEEP}


@pytest.mark.parametrize(
    ("typed", "fits"), [("ada", True), ("word", True), ("grace", False), ("abcd2345", True)]
)
def test_matches_says_what_find_would(make, typed, fits):
    interview = make(passcode="ABCD2345")
    assert lookup.matches(interview, "Word count", typed) is fits
    assert (find(typed) == [interview.id]) is fits


def test_matches_takes_no_empty_text_for_a_missing_passcode(make):
    assert lookup.matches(make(passcode=None), "Word count", "") is False
