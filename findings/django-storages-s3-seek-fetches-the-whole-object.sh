#!/usr/bin/env bash
# django-storages: to read 100 bytes at a place of an S3 object, the whole object is fetched.
#
# Versions: django-storages 1.14.6, boto3 1.44.5, Django 5.2.19, moto 5.2.5 as the S3 server.
# Expected: `storage.open(key, "rb")` gives a file that can seek, S3 has ranges, and boto3 offers them,
# so that a seek and a small read ask for a range.
# Seen: `seek()` already downloads the object into a temporary file, from which the read then comes.
# Output, for an object of 5,000,000 bytes:
#   S3File: seek alone: 5000000 bytes fetched, no range
#   S3File.obj: 100 bytes by a range: 100 bytes fetched, bytes 4999000-4999099/5000000
# What helps: the file's attribute `obj` is boto3's object, whose `get` takes a range.
#
# Prints what was fetched, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
  'django-storages[s3]==1.14.6' boto3==1.44.5 django==5.2.19 'moto[s3]==5.2.5'

cat >"$folder/fetch.py" <<'PY'
import os

os.environ.update(
    AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="us-east-1"
)
from django.conf import settings

settings.configure()
from moto import mock_aws

SIZE, PLACE = 5_000_000, 4_999_000

with mock_aws():
    from storages.backends.s3 import S3Storage

    storage = S3Storage(bucket_name="submissions")
    client = storage.connection.meta.client
    client.create_bucket(Bucket="submissions")
    client.put_object(Bucket="submissions", Key="key", Body=b"x" * SIZE)

    fetched = []
    client.meta.events.register(
        "after-call.s3.GetObject",
        lambda parsed, **_: fetched.append(
            (parsed["ContentLength"], parsed.get("ContentRange", "no range"))
        ),
    )

    def report(what):
        total, ranges = sum(size for size, _ in fetched), {each for _, each in fetched}
        print(f"{what}: {total} bytes fetched, {', '.join(sorted(ranges))}")
        fetched.clear()

    file = storage.open("key", "rb")
    file.seek(PLACE)
    report("S3File: seek alone")
    assert len(file.read(100)) == 100
    assert not fetched
    part = storage.open("key", "rb").obj.get(Range=f"bytes={PLACE}-{PLACE + 99}")["Body"].read()
    assert len(part) == 100
    report("S3File.obj: 100 bytes by a range")
PY
"$folder/venv/bin/python" "$folder/fetch.py" | tee "$folder/written.txt"
diff "$folder/written.txt" - <<'EXPECTED'
S3File: seek alone: 5000000 bytes fetched, no range
S3File.obj: 100 bytes by a range: 100 bytes fetched, bytes 4999000-4999099/5000000
EXPECTED
