"""Pictures, videos, audio and files in a message: their kinds and names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from gatekeeper.core.message.keys import words_of

_KINDS = {
    "picture": "image images picture pictures photo photos pic thumbnail gif sticker hero banner",
    "video": "video videos movie animation",
    "audio": "audio audios sound recording play",
    "file": "file files document documents pdf attachment",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_KIND_OF_TYPE = _KIND_OF | {"link": "file"}
_MIME = re.compile(
    r"(image|video|audio|application|text)/(?!vnd\.microsoft|json|html|plain)[\w.+-]+$"
)
_TYPES = ("type", "content_type", "contentType", "mimeType", "mime_type", "media_type", "verb")
# What names a picture or file, the most telling one first.
_NAMES = (
    "fileName",
    "filename",
    "file_name",
    "alt_text",
    "altText",
    "alt",
    "title",
    "name",
    "caption",
)


def kind_of_type(members: Mapping[str, Any]) -> str:
    """Return the kind of media that an object is by its type, or an empty string."""
    for key in _TYPES:
        value = members.get(key)
        if isinstance(value, str):
            start = value[:100].lower()
            mime = _MIME.match(start)
            word = mime[1] if mime else start
            kind = _KIND_OF_TYPE.get(word) or ("file" if mime else "")
            if kind:
                return kind
    return ""


@lru_cache(maxsize=4096)
def kind_of_key(key: str) -> str:
    """Return the kind of media that a key names: `image_url`, `videoUrl`; or an empty string.

    A card with a picture has a title of its own.
    """
    words = words_of(key)
    if words[-1:] == ("card",):
        return ""
    return next((_KIND_OF[word] for word in words if word in _KIND_OF), "")


def name_key(members: Mapping[str, Any]) -> str:
    """Return the key of the member that names a picture or file, or an empty string."""
    return next(
        (key for key in _NAMES if isinstance(members.get(key), str) and members[key].strip()), ""
    )
