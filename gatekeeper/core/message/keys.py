"""What the keys and values of a message mean: which are seen, and which are technical.

The rules look at the words of a key (`submitButtonText` has three), so that they hold for shapes
that nobody has listed. The last word says what the value is, the words before it of what.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Role(Enum):
    """What a member of an object is for a person."""

    TEXT = "text"  # seen, also if it is a number or a single word
    HEADING = "heading"  # the same, and it names what follows
    CHOICE = "choice"  # something to press or pick, or a list of them
    STARS = "stars to give"
    SCALE = "points of a scale to pick from"
    ADDRESS = "address"  # of something that is seen or opened
    SCALAR_HIDDEN = "hidden unless it has members"
    HIDDEN = "hidden with all its members"
    FALLBACK = "seen only where nothing else is"
    NUMBER = "a number that is seen"
    UNKNOWN = "seen if it reads like text"


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
# The role of a member by the last word of its key.
_WORDS = {
    # A card or an entry of a list is recognised by having one.
    Role.HEADING: "title heading headline header",
    Role.TEXT: """
        text texts subtitle subtext subheading label description desc caption body value values
        message messages content name placeholder hint footer question answer fragment prompt note
        details detail email address street city subject preview summary lines line
        paragraph bullets information info items elements rows cells list points steps data primary
        additional say tts ssml""",
    Role.NUMBER: """
        price amount total subtotal balance quantity qty rating temperature temp percent percentage
        rate fee cost tax vat discount sum stock days nights hours minutes guests number phone
        mobile seat gate terminal""",
    Role.CHOICE: """
        button buttons btn btns reply replies choice choices actions option options menu suggestion
        suggestions chip chips keyboard""",
    Role.ADDRESS: "url uri src link href",
    # How it looks, what it sends or does, who or what it is.
    Role.HIDDEN: """
        style styles layout theme icon icons avatar logo metadata meta params config settings
        customization debug synthesizer recognizer vendor postback callback hook utterance speak
        refresh authentication msteams keywords schema css font extension extensions channel
        channels tracking analytics""",
    # A kind, an id, a look, a measure or a switch.
    Role.SCALAR_HIDDEN: """
        type kind id ids uuid guid hash token color colour align alignment aligment shape size width
        height radius ratio spacing separator weight wrap design variation view direction
        orientation position border margin padding class format action event events intent state
        timestamp version locale language lang encoding score confidence timeout limit count index
        order mode level flag taken verb payload template endpoint mimetype char length jid
        identifier bid""",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}
# A label that is not in an object of its own: `submitButtonText`, `seeMoreTitle`.
_PRESSED = frozenset(("button", "btn", "more", "submit", "confirm", "cancel"))
_LABELS = frozenset(("title", "text", "label", "caption", "name"))
_LISTS = frozenset(("data", "list", "array", "arrays", "items"))
_FALLBACKS = frozenset(
    ("c info", "fallback", "fallback text", "fallback message", "alt text", "alt")
)
# What pressing an entry sends, what is only spoken, and what is seen only after a press.
_SENT_OR_LATER = re.compile(
    r"(?:default|select|item|tap|click) ?action$|^(?:on )?(?:tap|click)$|^speech\b|\bspeech hint$"
    r"|^message ?to ?display$|^(?:error|reply) message$|^input hint$"
    r"|^channel data$|^bot info$|\bbackground\b"
    r"|\b(?:postback|callback|confirm|cancel|submit|action) (?:data|value|payload|body)$"
)
# Numbers of what is counted or set for programs.
_SETTINGS = frozenset(("timeout", "delay", "interval", "retry", "sequence", "version", "build"))
# Codes that people read, unlike those of languages and currencies.
_CODES = frozenset(("postal", "zip", "airport", "booking", "confirmation", "coupon", "promo"))


@lru_cache(maxsize=4096)
def words_of(key: str) -> tuple[str, ...]:
    """Return the words of a key in lower case: `submitButtonText` has three."""
    return tuple(word.lower() for word in _WORD.findall(key[:200]))


@lru_cache(maxsize=4096)
def role_of(key: str) -> Role:
    """Return the role of a member by its key."""
    words = words_of(key)
    if not words:
        return Role.UNKNOWN
    joined, last, before = " ".join(words), words[-1], words[:-1]
    is_setting = _ROLES.get(last) is Role.NUMBER and not _SETTINGS.isdisjoint(before)
    if is_setting or _SENT_OR_LATER.search(joined):
        return Role.HIDDEN
    if joined in _FALLBACKS or words[-2:] == ("alt", "text"):
        return Role.FALLBACK
    if last == "arrays" and before:
        return Role.STARS if before[0].startswith("star") else Role.SCALE
    is_read = words[-2:] == ("email", "id") or (last == "code" and not _CODES.isdisjoint(before))
    role = Role.TEXT if is_read else _ROLES.get(last, Role.UNKNOWN)
    is_label = last in _LABELS and any(word in _PRESSED for word in before)
    is_list = last in _LISTS and any(_ROLES.get(word) is Role.CHOICE for word in before)
    if role is Role.CHOICE or is_label or is_list:
        # An account or a plan to pick is seen with its value.
        return Role.TEXT if words[0] == "radio" else Role.CHOICE
    return role


_URL = re.compile(
    r"\s*(?:[a-z][a-z0-9+.-]{1,20}://|data:[\w/+.-]*[;,]|www\.|/[\w/.-]*$)", re.IGNORECASE
)
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_SWITCHES = frozenset(("True", "False", "Yes", "No", "None", "Null", "Auto", "On", "Off"))
# Several words, a letter beyond ASCII, a capitalised word, a number with a sign, a time, a date or
# an email address.
_READABLE = re.compile(
    r"\S\s+\S|[^\x00-\x7f]|^[A-Z][a-z]+[.!?:,]?$|\d\s?[%$*+]|[$+*]\s?\d|^\d{1,2}[:.]\d\d|"
    r"^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}$|^[\w.+-]+@[\w-]+\.[\w.-]+$"
)
# "Price: $9.99" has two words; CSS such as "1px solid #fff" has, too.
_LOOK = re.compile(r"^#[0-9a-fA-F]{3,8}$|\b\d+(?:px|em|rem|pt|vh|vw)\b|^(?:rgba?|hsl)\(|^var\(")


def is_address(text: str) -> bool:
    """Whether a text is an address or a path, and nothing else."""
    return _URL.match(text) is not None and len(text.split()) == 1


def reads_like_text(text: str) -> bool:
    """Whether a value of unknown meaning is for people: neither a code nor an address or a look."""
    start = text[:2000].strip()
    return (
        _READABLE.search(start) is not None
        and not is_address(start)
        and not _TIMESTAMP.match(start)
        and not _LOOK.search(start)
        and start not in _SWITCHES
    )


_CODE = re.compile(r"[A-Za-z0-9]*_[A-Za-z0-9_]*")


def is_code(text: str) -> bool:
    """Whether a name is one for programs: `cta_url`."""
    return _CODE.fullmatch(text) is not None
