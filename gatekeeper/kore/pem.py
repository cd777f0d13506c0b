"""Finds the private key in a PEM text, however its lines were pasted."""

from __future__ import annotations

import re

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
# A variable on one line has its line breaks as two characters each, or as spaces.
_LINE_BREAKS = re.compile(r"(?:\\r|\\n|\s)+")
_SUPPORTED = ("PRIVATE KEY", "RSA PRIVATE KEY")
_INSTEAD = {
    "CERTIFICATE": "it is a certificate: give the private key that belongs to it",
    "CERTIFICATE REQUEST": "it is a certificate request: give the private key that belongs to it",
    "PUBLIC KEY": "it is a public key: give the private key that belongs to it",
    "RSA PUBLIC KEY": "it is a public key: give the private key that belongs to it",
    "ENCRYPTED PRIVATE KEY": "the private key is encrypted: decrypt it with openssl pkey -in KEY",
    "OPENSSH PRIVATE KEY": "it is an OpenSSH key: convert it with ssh-keygen -p -m PEM -f KEY",
    "EC PRIVATE KEY": "it is not an RSA key",
    "DSA PRIVATE KEY": "it is not an RSA key",
}


def private_key_in(text: str) -> str:
    r"""Return the first private key in a text, with each of its lines ended by `\n`.

    Raises `ValueError` with what the text contains instead, but never the text itself.
    """
    labels: list[str] = []
    for label, content in _BLOCK.findall(text):
        labels.append("ENCRYPTED PRIVATE KEY" if "Proc-Type:" in content else label)
        if labels[-1] in _SUPPORTED:
            lines = filter(None, _LINE_BREAKS.split(content))
            return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"))
    # A key in an unsupported form says more than a certificate in the same file.
    labels.sort(key=lambda label: "PRIVATE" not in label)
    if found := next((_INSTEAD[label] for label in labels if label in _INSTEAD), ""):
        raise ValueError(found)
    if text.startswith("ssh-"):
        raise ValueError(_INSTEAD["PUBLIC KEY"])
    raise ValueError(
        "it is not a complete private key in PEM, from -----BEGIN PRIVATE KEY----- to the line "
        "-----END PRIVATE KEY-----"
    )
