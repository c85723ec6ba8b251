"""Hears how workflows ended, and believes only what is signed.  Needs nothing but Python.

WEBHOOK_SECRET=whsec_… python receive.py [PORT]
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
OLDEST = 300  # seconds; what is older may have been recorded and sent again by somebody else
SEEN: set[str] = set()


def is_genuine(headers, body: bytes) -> bool:
    sent = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(KEY, sent, hashlib.sha256).digest()).decode()
    # There may be several signatures, with blanks between them: while a secret is being changed, say.
    given = [each.removeprefix("v1,") for each in headers["webhook-signature"].split()]
    is_fresh = abs(time.time() - int(headers["webhook-timestamp"])) < OLDEST
    return is_fresh and any(hmac.compare_digest(wanted, each) for each in given)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        genuine = is_genuine(self.headers, body)
        # Answered at once: whatever takes its time is done afterwards.
        self.send_response(204 if genuine else 401)
        self.end_headers()
        if genuine and self.headers["webhook-id"] not in SEEN:
            SEEN.add(self.headers["webhook-id"])
            message = json.loads(body)
            print(message["type"], message["data"]["workflowDefinition"]["name"], flush=True)

    def log_message(self, *arguments: object) -> None:
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0), Receiver)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()
