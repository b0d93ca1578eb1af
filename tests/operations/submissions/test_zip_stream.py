"""A zip file has one name for each file, however many a candidate gave the same."""

from operations.submissions.zip_stream import UniqueNames


class CountedName(str):
    """A name that counts how many others were formed from it."""

    __slots__ = ()
    formed = 0

    def __format__(self, spec: str) -> str:
        CountedName.formed += 1
        return str.__format__(self, spec)


def test_files_of_the_same_name_are_numbered() -> None:
    names = UniqueNames()
    assert [names.take(each) for each in ("a", "a~2", "a", "a", "a~2", "b")] == [
        "a", "a~2", "a~3", "a~4", "a~2~2", "b",
    ]  # fmt: skip


def test_each_of_many_files_of_the_same_name_needs_one_attempt() -> None:
    names = UniqueNames()
    CountedName.formed = 0
    assert len({names.take(CountedName("a")) for _ in range(100)}) == 100
    assert CountedName.formed == 99
