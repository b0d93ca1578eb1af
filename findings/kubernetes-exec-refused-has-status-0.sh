#!/usr/bin/env bash
# kubernetes 35 (the official client): an exec that the API server refuses raises ApiException with
# status 0. The status that it answered stands only in the text of `reason`.
#
# Versions: kubernetes 35.0.0 with websocket-client 1.9.0, tornado 6.5.4 as the server.
# Expected: as with every other call of the client, `error.status` is 403 where the account may not
# exec, 404 where there is no Pod, 409 or 429 where it has to try again: that is how one tells what
# to do next.
# Seen: a plain call has the status. Exec is a WebSocket, whose refusal is turned into status 0, with
# no headers, so no Retry-After either. And `_request_timeout` of an exec does not limit how long it
# waits for the answer: with 0.3 s it still waits for the two seconds that this server takes.
# Output:
#   read: 403
#   exec: 0, the reason has 403: True, headers: None
#   exec with a timeout of 0.3 s waited for more than 1.5 s: True
# What helps: read the status from the text (`Handshake status 403 Forbidden`), and set a default
# timeout of sockets around the call (`websocket.setdefaulttimeout`).
#
# Prints what was seen, and fails if it is no longer so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes==35.0.0 websocket-client==1.9.0 tornado==6.5.4
cat >"$folder/look.py" <<'PY'
import asyncio
import threading
import time

import tornado.httpserver
import tornado.netutil
import tornado.web
from kubernetes import client
from kubernetes.stream import stream

SECONDS = 0.0


class Refuse(tornado.web.RequestHandler):
    async def get(self):
        await asyncio.sleep(SECONDS)
        self.set_status(403)
        self.write({"kind": "Status", "code": 403, "message": "pods is forbidden"})


async def serve(sockets):
    server = tornado.httpserver.HTTPServer(tornado.web.Application([(".*", Refuse)]))
    server.add_sockets(sockets)
    await asyncio.Event().wait()


sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
threading.Thread(target=lambda: asyncio.run(serve(sockets)), daemon=True).start()
configuration = client.Configuration(host=f"http://127.0.0.1:{sockets[0].getsockname()[1]}")


def error_of(ask):
    # The call replaces parts of the client that it is given.
    api = client.CoreV1Api(client.ApiClient(configuration))
    try:
        ask(api)
    except client.ApiException as error:
        return error
    raise SystemExit("nothing was refused")


def execute(api):
    stream(api.connect_get_namespaced_pod_exec, "a", "b", command=["true"], _request_timeout=0.3)


print("read:", error_of(lambda api: api.read_namespaced_pod("a", "b")).status)
refused = error_of(execute)
print(f"exec: {refused.status}, the reason has 403: {'403' in refused.reason}, headers: {refused.headers}")
SECONDS = 2.0
began = time.monotonic()
error_of(execute)
print("exec with a timeout of 0.3 s waited for more than 1.5 s:", time.monotonic() - began > 1.5)
PY
"$folder/venv/bin/python" "$folder/look.py" | tee "$folder/seen.txt"
diff - "$folder/seen.txt" <<'TXT'
read: 403
exec: 0, the reason has 403: True, headers: None
exec with a timeout of 0.3 s waited for more than 1.5 s: True
TXT
