"""The storage keys of kept progress: a folder for each interview. No name is used twice."""

TOP_FOLDER = "progress"


def folder_of(interview_id: str) -> str:
    return f"{TOP_FOLDER}/{interview_id}"


def number_of(name: str) -> int:
    """The number of the state that a file in the folder was stored with."""
    return int(name.partition("-")[0])


def manifest_key(interview_id: str, number: int, token: str) -> str:
    return f"{folder_of(interview_id)}/{number:05}-{token}.files"


def pack_key(interview_id: str, number: int, token: str) -> str:
    return f"{folder_of(interview_id)}/{number:05}-{token}.pack"
