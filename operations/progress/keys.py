"""The storage keys of kept progress: a folder for each interview. No name is used twice."""

TOP_FOLDER = "progress"


def folder_of(interview_id: str) -> str:
    return f"{TOP_FOLDER}/{interview_id}"


def manifest_key(interview_id: str, number: int, token: str) -> str:
    return f"{folder_of(interview_id)}/{number:05}-{token}.files"


def pack_key(interview_id: str, number: int, token: str) -> str:
    return f"{folder_of(interview_id)}/{number:05}-{token}.pack"
