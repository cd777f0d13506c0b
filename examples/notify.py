"""Send a message to Slack or Teams when the verdict of the conversation tests has changed.

    python3 notify.py gatekeeper-report/result.json last-verdict.txt

The webhook is in the variable SLACK_WEBHOOK_URL or TEAMS_WEBHOOK_URL, and is never printed. The
message names the suites that did not pass, but has no text of a conversation. The second file has
the verdict of the last message; it is only updated once a message was sent.
"""

import json
import os
import sys
import urllib.request
from pathlib import Path
from typing import Any

LONGEST_LIST = 20


def read_result(path: Path) -> dict[str, Any]:
    """Return the result; one that is missing or damaged has the verdict "error"."""
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
        verdict = result["verdict"] + (", partial" if result.get("partial") else "")
        return {"verdict": verdict, "url": result["pipeline_url"], "runs": result["runs"]}
    except (OSError, ValueError, LookupError, TypeError):
        return {"verdict": "error", "url": None, "runs": []}


def message(result: dict[str, Any], before: str) -> list[str]:
    """Return the lines of the message."""
    runs = [run for run in result["runs"] if run["verdict"] != "passed"]
    lines = [f"Conversation tests: {result['verdict']} (before: {before})"]
    lines += [f"- {run['test_suite']}: {run['verdict']}" for run in runs[:LONGEST_LIST]]
    if len(runs) > LONGEST_LIST:
        lines.append(f"- and {len(runs) - LONGEST_LIST} more")
    return [*lines, result["url"]] if result["url"] else lines


def for_slack(lines: list[str]) -> dict[str, Any]:
    """Return the body for a Slack webhook, to which `&`, `<` and `>` are special."""
    text = "\n".join(lines)
    return {"text": text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")}


def for_teams(lines: list[str]) -> dict[str, Any]:
    """Return the body for a webhook of a Teams workflow: an adaptive card."""
    blocks = [{"type": "TextBlock", "text": line, "wrap": True} for line in lines]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def send(url: str, body: dict[str, Any]) -> None:
    """Post the body; raises an exception if the webhook does not accept it."""
    if not url.startswith("https://"):
        raise ValueError
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as response:
        if response.url != url:
            raise ConnectionError


def main() -> str | None:
    """Send a message if the verdict has changed; return what went wrong."""
    current, last = map(Path, sys.argv[1:])
    result = read_result(current)
    verdict = result["verdict"]
    before = last.read_text(encoding="utf-8").strip() if last.exists() else "passed"
    if verdict == before:
        print(f"No message: the verdict is {verdict}, as before.")
    else:
        lines = message(result, before)
        bodies = {"SLACK_WEBHOOK_URL": for_slack, "TEAMS_WEBHOOK_URL": for_teams}
        webhooks = {name: os.environ[name] for name in bodies if os.environ.get(name)}
        if not webhooks:
            return f"Set {' or '.join(bodies)}."
        for name, url in webhooks.items():
            try:
                send(url, bodies[name](lines))
            except Exception as error:
                # Without the error's text, which may contain the webhook.
                code = getattr(error, "code", "")
                return f"{name}: the message was not sent: {type(error).__name__} {code}".rstrip()
        print("\n".join(lines))
    last.write_text(f"{verdict}\n", encoding="utf-8")
    return None


if __name__ == "__main__":
    sys.exit(main())
