"""A bare loop of polls, each with a token of its own: `python bench/bare_polls.py COUNT`.

The pauses are as long as those of a gate with many runs: a process is slower after a pause.
"""

import os
import sys
import time
import uuid

import jwt
import requests

suite, run_id = os.environ["GATEKEEPER_TEST_SUITE"].split("=")
base = f"{os.environ['GATEKEEPER_HOST']}/api/public/stream/{os.environ['GATEKEEPER_STREAM_ID']}"
url = f"{base}/conversation/testsuite/{suite}/{run_id}/status"
session = requests.Session()
for _ in range(int(sys.argv[1])):
    now = int(time.time())
    claims = {
        "sub": "bare-polls",
        "appId": os.environ["GATEKEEPER_CLIENT_ID"],
        "iat": now - 60,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    token = jwt.encode(claims, os.environ["GATEKEEPER_CLIENT_SECRET"], algorithm="HS256")
    session.get(url, headers={"auth": token}, timeout=30).json()
    time.sleep(0.02)
