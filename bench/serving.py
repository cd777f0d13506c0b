"""A server of finished runs: it responds at once, and accepts any token."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STREAM = "st-00000000-0000-4000-8000-000000000000"
MOST_AT_ONCE = 200
_SENTENCE = "The next train to the airport leaves in twelve minutes from platform four. "


def _response(text: str, status: str) -> dict[str, Any]:
    flow = {"nodeName": "Tell departure", "status": "passed"}
    return {
        "text": text,
        "nodeId": "dlg-node-0001",
        "nodeName": "Tell departure",
        "intentId": "dlg-0001",
        "dialogName": "Departures",
        "transitions": ["dlg-node-0000", "dlg-node-0001"],
        "transitionNodeNames": ["Find departures", "Tell departure"],
        "assertions": {
            "flowLevel": {"enabled": True, "status": "passed", "contains": [flow]},
            "text": {
                "enabled": True,
                "status": status,
                "contains": [{"value": _SENTENCE, "status": status}],
            },
            "context": {"enabled": False, "contains": []},
        },
    }


def _step(number: int, status: str) -> dict[str, Any]:
    # Texts and names long enough for 1.9 KB per step, as in results of the platform.
    text = f"{_SENTENCE * 4}It is train {number}."
    return {
        "status": status,
        "input": f"When does train {number} leave?",
        "requestId": f"ctr-00000000-{number:06d}",
        "nlpVersion": "v3",
        "intents": ["Departures"],
        "entities": [],
        "actualOutput": [_response(text, status)],
        "outputs": [_response(text, status)],
    }


def answer(steps: int, failing: int = 0) -> bytes:
    """Return the response about a finished run in which every `failing`th step failed."""
    states = [
        "failed" if failing and number % failing == 0 else "passed"
        for number in range(1, steps + 1)
    ]
    results = ",".join(json.dumps(_step(number, state)) for number, state in enumerate(states, 1))
    status = "failed" if "failed" in states else "passed"
    counts = {"passed": states.count("passed"), "failed": states.count("failed"), "total": steps}
    head = {"status": status, "totalTestStepsCount": steps, "percentageCompleted": 100}
    inner = {"status": status, "version": "published", "duration": 1000, "stepDetails": counts}
    return (
        f'{json.dumps(head)[:-1]}, "result": {json.dumps(inner)[:-1]}, '
        f'"executionResults": [{results}]}}}}'
    ).encode()


@contextmanager
def serving(answers: Mapping[str, bytes]) -> Iterator[str]:
    """Serve the responses about runs, by run id; yields the host."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = answers[self.path.split("/")[-2]]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 1024

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def settings(host: str, *run_ids: str) -> dict[str, str]:
    """Return the variables for a gate that attaches to these runs, each of its own suite."""
    suites = [f"suite {number}={run_id}" for number, run_id in enumerate(run_ids)]
    return {
        "GATEKEEPER_HOST": host,
        "GATEKEEPER_STREAM_ID": STREAM,
        "GATEKEEPER_CLIENT_ID": "cs-00000000-0000-4000-8000-000000000000",
        "GATEKEEPER_CLIENT_SECRET": "opens-nothing-but-this-server-0123456789",
        "GATEKEEPER_TEST_SUITE": "\n".join(suites),
        "GATEKEEPER_PARALLEL": str(min(len(run_ids), MOST_AT_ONCE)),
    }
