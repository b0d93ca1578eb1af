"""A submitted test, with the challenge `word-count`: README.md and count.py."""

import json
import tarfile

import pytest

from interviews.lifecycle import EndReason
from operations import actions
from operations.submissions import paths
from tests.conftest import fresh, run_until_idle
from tests.operations.submissions.archives import member, packed, save_archive

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 30
NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"language": "python", "name": "python3", "display_name": "x"}},
    "cells": [
        {
            "cell_type": "markdown",
            "id": "a",
            "metadata": {},
            "source": "# Title\n<script>x</script>",
        },
        {
            "cell_type": "code",
            "id": "b",
            "metadata": {},
            "execution_count": 3,
            "source": ["def f():\n", "    return 1"],
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "printed"},
                {
                    "output_type": "display_data",
                    "metadata": {},
                    "data": {"text/html": "<script>x</script>"},
                },
            ],
        },
    ],
}
FILES = {
    "count.py": b"import sys\n\n\ndef count():\n    return '<b>'\n",
    "src/new.py": b"x = 1\n",
    "drawing.svg": SVG,
    "picture.png": PNG,
    "lies.png": b"<html><script>alert(1)</script>",
    "page.html": b"<script>alert(1)</script>",
    "table.csv": b"name,points\nAda,3\n",
    "notes.ipynb": json.dumps(NOTEBOOK).encode(),
    "lies.ipynb": b'{"nbformat": 4, "cells": "none"}',
    "data.bin": b"\0\1\2",
    "caf\udce9.txt": b"latin \xe9\n",
}


@pytest.fixture
def submitted(running, engine):
    actions.end(running, by="recruiter", reason=EndReason.SUBMITTED)
    interview = run_until_idle(running)
    links = [member("project/link", type=tarfile.SYMTYPE, linkname="/etc/passwd")]
    members = [member(f"project/{name}", content) for name, content in FILES.items()]
    save_archive(interview, packed(*members, *links), key=interview.history_s3_key)
    return fresh(interview)


@pytest.fixture
def get(staff_client, submitted):
    """Call it for a page of the submission: its name, the path of a file, and other fields."""

    def call(name="", path=None, fields="", **headers):
        url = f"/interviews/{submitted.id}/submission/{name}?{fields}"
        if path is not None:
            url += f"&path={paths.quoted(path)}"
        return staff_client.get(url, headers=headers)

    return call
