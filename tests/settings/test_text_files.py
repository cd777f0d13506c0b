"""Files that are not saved as expected: byte order marks, line ends, encodings, pasted keys."""

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EncodingError
from gatekeeper.kore.pem import private_key_in
from gatekeeper.kore.token import SigningKey
from gatekeeper.settings.load import examine
from gatekeeper.simulator import Simulator
from gatekeeper.text_files import text_of, utf8
from support.builders import finished, greeting
from support.certificates import authority
from support.program import ROOT, Program

BOM = b"\xef\xbb\xbf"
SUITE = "banking-transfer"
SOURCE_MAP = '{"testCases": [{"messages": [{"input": "hi"}]}]}'
CONFIG = f'timeout = "20m"\n# a comment\n[[suite]]\nname = "{SUITE}"\n'

SPELLINGS: dict[str, Callable[[str], bytes]] = {
    "with a byte order mark": lambda text: BOM + text.encode(),
    "with CRLF line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "with CR line ends": lambda text: text.replace("\n", "\r").encode(),
    "with a byte order mark and CRLF line ends": lambda text: (
        BOM + text.replace("\n", "\r\n").encode()
    ),
}
ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "UTF-16 (little-endian)": lambda text: b"\xff\xfe" + text.encode("utf-16-le"),
    "UTF-16 (big-endian)": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
}


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(
    form: PrivateFormat = PrivateFormat.PKCS8,
    encryption: KeySerializationEncryption | None = None,
) -> str:
    encryption = encryption or NoEncryption()
    return key().private_bytes(Encoding.PEM, form, encryption).decode()


def write_inputs(program: Program, simulator: Simulator, spell: Callable[[str], bytes]) -> None:
    """Write every file that a gate reads, spelled like this."""
    earlier = program.run("demo", "--speed", "100", "--report-dir", "earlier")
    assert earlier.returncode == 0, earlier.stdout
    result = (program.folder / "earlier/result.json").read_text(encoding="utf-8")
    shutil.rmtree(program.folder / "earlier")
    texts = {
        "gatekeeper.toml": f'baseline = "baseline.json"\n{CONFIG}',
        "secret": f"{simulator.client_secret}\n",
        "map.json": SOURCE_MAP,
        "baseline.json": result,
        "history/one.json": result,
    }
    (program.folder / "history").mkdir()
    for name, text in texts.items():
        (program.folder / name).write_bytes(spell(text))


def environ(simulator: Simulator) -> dict[str, str]:
    """Return the settings that name the files above."""
    environ = simulator.environment("")
    del environ["GATEKEEPER_CLIENT_SECRET"], environ["GATEKEEPER_TEST_SUITE"]
    return environ | {
        "GATEKEEPER_CLIENT_SECRET_FILE": "secret",
        "GATEKEEPER_SOURCE_MAP": "map.json",
        "GATEKEEPER_HISTORY": "history",
    }


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(
            name,
            marks=pytest.mark.proves(
                f"secret, configuration, baseline, history and source map: {name}",
                "read as any UTF-8 text: passed",
            ),
        )
        for name in SPELLINGS
    ],
)
def test_a_gate_reads_all_its_files_in_any_spelling_of_utf8(
    program: Program, simulator: Simulator, spelling: str
) -> None:
    write_inputs(program, simulator, SPELLINGS[spelling])
    done = program.run("gate", **environ(simulator))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout
    assert "cannot be read" not in done.stdout
    assert "no result found" not in done.stdout


@pytest.mark.parametrize(
    "encoding",
    [
        pytest.param(
            name,
            marks=pytest.mark.proves(
                f"secret, configuration, baseline and source map: in {name}",
                "exit 2 before anything is sent; the encoding is named, and what to do",
            ),
        )
        for name in ENCODINGS
    ],
)
def test_a_file_in_another_encoding_is_named_with_it(
    program: Program, simulator: Simulator, encoding: str
) -> None:
    write_inputs(program, simulator, ENCODINGS[encoding])
    given = environ(simulator)
    problems = program.run("config", **given).stderr.splitlines()
    utf16 = (
        f"it is {encoding[:6]}" if "without" not in encoding else "it is UTF-16 or a binary file"
    )
    in_utf8 = "; save it as UTF-8"
    assert any(f"gatekeeper.toml: {utf16}{in_utf8}" in line for line in problems), problems
    assert any(f"it names: {utf16}{in_utf8}" in line for line in problems), problems
    assert any(f"map.json: {utf16}{in_utf8}" in line for line in problems), problems
    (program.folder / "gatekeeper.toml").write_text(f'baseline = "baseline.json"\n{CONFIG}')
    done = program.run("gate", **given)
    assert done.returncode == 2
    assert f"baseline.json cannot be read: {utf16}{in_utf8}" in done.stderr
    assert not simulator.requests


def check(program: Program, arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a shell, which can redirect a file to its standard input."""
    entry = f"{sys.executable} {ROOT / 'entrypoint.py'}"
    return program.run("sh", "-c", f"exec {entry} check {arguments}")


@pytest.mark.parametrize("arguments", ["response.json", "- <response.json"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_saved_response_is_judged_in_any_spelling_of_utf8(
    program: Program, spelling: str, arguments: str
) -> None:
    text = json.dumps(finished(greeting()), indent=1, ensure_ascii=False)
    (program.folder / "response.json").write_bytes(SPELLINGS[spelling](text))
    assert check(program, arguments).returncode == 0


@pytest.mark.proves(
    "a saved response in UTF-16, as a file and as standard input",
    "exit 3: the encoding is named, and what to do",
)
@pytest.mark.parametrize("arguments", ["response.json", "- <response.json"])
def test_a_saved_response_in_another_encoding_is_named_with_it(
    program: Program, arguments: str
) -> None:
    text = json.dumps(finished(greeting()))
    (program.folder / "response.json").write_bytes(text.encode("utf-16"))
    done = check(program, arguments)
    assert done.returncode == 3
    assert "malformed response: it is UTF-16; save it as UTF-8" in done.stdout


def test_a_bundle_of_certificates_and_a_script_of_faults_are_named_as_well(
    program: Program,
) -> None:
    bundle = authority().write(program.folder / "bundle.pem")
    bundle.write_bytes(bundle.read_text(encoding="ascii").encode("utf-16"))
    done = program.run("config", "--ca-bundle", "bundle.pem")
    assert "cannot read bundle.pem: it is UTF-16; save it as UTF-8" in done.stderr
    (program.folder / "faults.json").write_bytes("[]".encode("utf-16"))
    done = program.run("simulate", "--faults", "faults.json")
    assert done.returncode == 2
    assert "it is UTF-16; save it as UTF-8" in done.stderr


@given(
    st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])),
    st.sampled_from(["utf-8", "utf-8-sig"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_any_text_is_read_as_it_was_written(text: str, encoding: str, line_end: str) -> None:
    assert text_of(text.replace("\n", line_end).encode(encoding)) == text.removeprefix(
        "" if encoding == "utf-8-sig" else "\ufeff"
    )


@given(st.binary(max_size=40))
def test_any_content_is_text_or_refused(content: bytes) -> None:
    try:
        text = text_of(content)
    except EncodingError:
        return
    assert "\r" not in text
    assert utf8(content).decode().splitlines() == text.splitlines()


def test_no_other_module_opens_a_file_to_read_it() -> None:
    """Except the search for earlier reports, which looks at their first bytes."""
    readers = {
        path.relative_to(ROOT / "gatekeeper").as_posix()
        for path in (ROOT / "gatekeeper").rglob("*.py")
        if "simulator/" not in path.as_posix()
        and any(map(_opens_a_file, ast.walk(ast.parse(path.read_bytes()))))
    }
    assert readers == {"text_files.py", "files.py", "commands/earlier_reports.py"}


def _opens_a_file(node: ast.AST) -> bool:
    """Whether a node is a call that opens a file for reading."""
    if not isinstance(node, ast.Call):
        return False
    function = node.func
    if isinstance(function, ast.Attribute) and function.attr in ("read_text", "read_bytes"):
        return True
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    modes = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
    return name in ("open", "fdopen") and any("r" in str(mode) for mode in modes)


LINES = pem().strip().splitlines()


def with_key(simulator: Simulator, key_text: str) -> dict[str, str]:
    return simulator.environment() | {
        "GATEKEEPER_CLIENT_SECRET": "",
        "GATEKEEPER_JWT_ALGORITHM": "RS256",
        "GATEKEEPER_PRIVATE_KEY": key_text,
    }


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\r\n".join(LINES),
        "\\n".join(LINES),
        "\\r\\n".join(LINES) + "\\r\\n",
        " ".join(LINES),
        "".join(LINES),
        "\\n".join(('"', *LINES, '"')),
        "\n".join(("Bag Attributes: none", *LINES)),
        pem(PrivateFormat.TraditionalOpenSSL),
    ],
)
def test_a_private_key_is_found_however_its_lines_were_pasted(
    simulator: Simulator, text: str
) -> None:
    _, settings = examine({}, with_key(simulator, text))
    assert isinstance(settings.credentials[""], SigningKey)
    jwt.decode(
        settings.credentials[""].token(),
        key().public_key(),
        ["RS256"],
        options={"verify_aud": False},
    )
    if "RSA" not in text:
        assert settings.credentials[""].key.splitlines()[0] == LINES[0]


def public(encoding: Encoding, form: PublicFormat) -> str:
    return key().public_key().public_bytes(encoding, form).decode()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (public(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "it is a public key: give"),
        (public(Encoding.PEM, PublicFormat.PKCS1), "it is a public key: give"),
        (public(Encoding.OpenSSH, PublicFormat.OpenSSH), "it is a public key: give"),
        (pem(encryption=BestAvailableEncryption(b"pw")), "the private key is encrypted"),
        (
            pem(PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"pw")),
            "the private key is encrypted",
        ),
        (pem(PrivateFormat.OpenSSH), "it is an OpenSSH key"),
        (
            authority().certificate.public_bytes(Encoding.PEM).decode(),
            "it is a certificate: give the private key",
        ),
        (
            ec.generate_private_key(ec.SECP256R1())
            .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            .decode(),
            "the key is not an RSA key",
        ),
        ("\n".join((*LINES[:5], LINES[-1])), "truncated or corrupt"),
        ("\n".join(LINES[:5]), "not a complete private key in PEM"),
        ("hush-hush-hush", "not a complete private key in PEM"),
    ],
)
def test_what_is_given_instead_of_a_private_key_is_named(
    simulator: Simulator, text: str, named: str
) -> None:
    reader, _ = examine({}, with_key(simulator, text))
    [problem] = reader.problems
    assert problem.startswith("GATEKEEPER_PRIVATE_KEY: cannot sign a token with RS256: ")
    assert named in problem
    assert ("public key" in problem) is ("public key" in named)
    assert not any(line in problem for line in text.splitlines() if line and "KEY" not in line)


@given(st.text() | st.lists(st.sampled_from([*LINES, "\\n", " ", "x"])).map("\n".join))
def test_any_text_is_a_private_key_or_refused(text: str) -> None:
    with suppress(ValueError):
        found = private_key_in(text)
        assert found.startswith("-----BEGIN PRIVATE KEY-----\n")
        assert private_key_in(found) == found
