"""A bucket of the tests' own, which can be told to refuse requests.

`python -m tests.faults.bucket HOST PORT FOLDER` serves it; it refuses while FOLDER has a file
`refuse`.
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import boto3
import psutil

from takehome_platform.local_stack.config import LOOPBACK, ROOT, free_port
from takehome_platform.local_stack.process import start_process, stop_processes
from takehome_platform.local_stack.services import http_responds
from tests.services import wait_until

NAME = "submissions"
# What S3 answers when it is asked too much.
SLOW_DOWN = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"""


class Bucket:
    """The bucket's server, and what the platform has to know of it."""

    def __init__(self, folder: Path, host: str = LOOPBACK) -> None:
        self.folder = folder
        self.host = host
        self.url = f"http://{host}:{free_port()}"
        self.settings = {
            "FILES_BUCKET": NAME,
            "AWS_ENDPOINT_URL_S3": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @contextmanager
    def running(self) -> Iterator["Bucket"]:
        port = self.url.rpartition(":")[2]
        argv = (sys.executable, "-m", "tests.faults.bucket", self.host, port, str(self.folder))
        process = start_process(argv, os.environ, self.folder / "bucket.log", ROOT)
        try:
            wait_until(lambda: http_responds(self.url), "the bucket did not answer")
            self._client().create_bucket(Bucket=NAME)
            self.process = psutil.Process(process.pid)
            yield self
        finally:
            stop_processes([process], grace=0)

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """It answers each request with 503."""
        flag = self.folder / "refuse"
        flag.touch()
        try:
            yield
        finally:
            flag.unlink()

    def _client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


def serve(host: str, port: int, folder: Path) -> None:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import run_simple

    store: Callable[..., Iterable[bytes]] = DomainDispatcherApplication(create_backend_app)

    def application(environ: WSGIEnvironment, respond: StartResponse) -> Iterable[bytes]:
        if not (folder / "refuse").exists():
            return store(environ, respond)
        respond("503 Slow Down", [("Content-Type", "application/xml")])
        return [SLOW_DOWN]

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    run_simple(host, port, application, threaded=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
