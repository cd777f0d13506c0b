"""The alternative that somebody would write: a straight line from the status to XML and JSON.

It uses the same four packages, attaches to a run, waits for its end and converts the result. It
judges nothing, limits nothing and tolerates nothing; the gate's own cost is compared with it.
"""

import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import backoff
import jwt
import requests
from junit_xml import TestCase, TestSuite

suite, run_id = os.environ["GATEKEEPER_TEST_SUITE"].split("=")
base = f"{os.environ['GATEKEEPER_HOST']}/api/public/stream/{os.environ['GATEKEEPER_STREAM_ID']}"
url = f"{base}/conversation/testsuite/{quote(suite)}/{run_id}/status"


def token() -> str:
    """Sign a token."""
    now = int(time.time())
    claims = {
        "sub": "straight-line",
        "appId": os.environ["GATEKEEPER_CLIENT_ID"],
        "iat": now - 60,
        "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }
    return jwt.encode(claims, os.environ["GATEKEEPER_CLIENT_SECRET"], algorithm="HS256")


@backoff.on_predicate(backoff.constant, lambda answer: answer["status"] == "inprogress", interval=2)
@backoff.on_exception(backoff.expo, requests.RequestException, max_tries=5)
def finished() -> Any:
    """Poll until the run has ended."""
    response = requests.get(url, headers={"auth": token(), "bot-language": "en"}, timeout=30)
    response.raise_for_status()
    return response.json()


answer = finished()
cases = []
for number, step in enumerate(answer["result"]["executionResults"], 1):
    case = TestCase(f"{number:03d} {step['input']}", suite)
    if step["status"] != "passed":
        case.add_failure_info("failed", json.dumps(step["actualOutput"]))
    cases.append(case)
with Path("straight-line.xml").open("w") as file:
    TestSuite.to_file(file, [TestSuite(suite, cases)])
Path("straight-line.json").write_text(json.dumps(answer))
print(answer["status"])
sys.exit(answer["status"] != "passed")
