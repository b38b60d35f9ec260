"""Passwords, answers to secret questions, user names: the word that follows says what it is."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.kinds import Kind
from privacy.lexicon import Word, listed
from privacy.patterns import Pattern, pattern
from privacy.recognizers.base import DIGITS, Message, Recognizer, Span, Token

PASSWORD = pattern(
    rb"\b(?:pass ?words?|pass ?codes?|pass ?phrase|pwd|pswd|pw|secret(?:[ _-]?key)?|api[ _-]?keys?"
    rb"|access[ _-]?token|auth[ _-]?token"
    rb"|client[ _-]?secret|credentials?|pin|otp|security answer|secret answer)\b[\"']?"
    rb"((?:[ \t]*(?:[:=]|->|=>)|[ \t]+(?:is|was|are|to|as|that is|it is|it's)\b)?[ \t]*[:=]?)"
    rb"[ \t]*[\"'`]?([^\s\"'`\x1f,;{}]+)",
    any_case=True,
)
USERNAME = pattern(
    rb"\b(?:user ?-?_?names?|user ?-?_?id|log-?in(?: name| id)?|screen ?name|nick ?name|handle|skype(?: "
    rb"id)?|telegram(?: id)?|discord(?: id)?"
    rb"|insta(?:gram)?(?: id)?|snapchat|gamer ?tag|twitter(?: id)?|whatsapp id)\b[\"']?"
    rb"((?:[ \t]*(?:[:=])|[ \t]+(?:is|was|as|to)\b)?[ \t]*[:=]?)"
    rb"[ \t]*[\"'`]?([^\s\"'`\x1f,;{}]+)",
    any_case=True,
)
CODE = pattern(
    rb"\b(?:code|token|key)(?: \w+){0,4} (?:is|was)[ \t]*:?[ \t]*([^\s\"'`\x1f,;{}]+)", any_case=True
)
# What each of these begins with: the cheap look.
PASSWORD_WORDS = listed("cues/secrets_password_words")
USER_WORDS = listed("cues/secrets_user_words")
TRAILING = b".!?):]>"
# mother's maiden name, first pet, childhood street: the question, then at most a few links, then the answer.
ASKED_THINGS = frozenset(
    b"maiden pet pets pet's dog dogs dog's cat cats cat's fish hamster puppy kitten".split()
)
SECURITY = frozenset(b"security secret".split())
ANSWER_LINKS = listed("cues/secrets_answer_links")
REACH = 4


def passwords(message: Message) -> Iterator[Span]:
    """password: hunter2, my passcode is xyz."""
    yield from _values(message, PASSWORD, Kind.SECRET)


def usernames(message: Message) -> Iterator[Span]:
    """username: jdoe, my login is jdoe."""
    yield from _values(message, USERNAME, Kind.USERNAME)


def _values(message: Message, expression: Pattern, kind: Kind) -> Iterator[Span]:
    for match in expression.finditer(message.data):
        start, end = match.span(2)
        while end > start and message.data[end - 1] in TRAILING:
            end -= 1
        value = message.lower[start:end]
        link = message.data[slice(*match.span(1))].strip()
        signed = any(sign in link for sign in (b":", b"=", b">"))
        if end > start and (signed or (_is_mixed(value) if not link else not _is_word(value))):
            yield Span(start, end, kind)


def codes(message: Message) -> Iterator[Span]:
    """The code you sent me is hunter-two-99."""
    for match in CODE.finditer(message.data):
        start, end = match.span(1)
        while end > start and message.data[end - 1] in TRAILING:
            end -= 1
        if _is_mixed(message.data[start:end]) and message.masked[start:end] == message.data[start:end]:
            yield Span(start, end, Kind.SECRET)


def _is_mixed(value: bytes) -> bool:
    """More than a word: four characters or more with a digit among them."""
    return len(value) >= 4 and not DIGITS.isdisjoint(value)


def _is_word(value: bytes) -> bool:
    return lexicon.classes().get(value, Word.UNKNOWN) in (Word.ORDINARY, Word.EITHER) or len(value) < 2


def answers(message: Message) -> Iterator[Span]:
    """My mother's maiden name is Sanchez; Charlie is my dog's name."""
    tokens = message.tokens
    for index, token in enumerate(tokens):
        named = index + 1 < len(tokens) and tokens[index + 1].word in (
            b"name",
            b"names",
            b"question",
            b"answer",
        )
        if token.word in ASKED_THINGS or (named and token.word in SECURITY):
            yield from _after(message, tokens, index)
            yield from _before(message, tokens, index)


def _after(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[Span]:
    at = index + 1
    while at < len(tokens) and at - index <= REACH and tokens[at].word in ANSWER_LINKS:
        at += 1
    if at > index + 1 and at < len(tokens) and _is_answer(message, tokens[at]):
        yield Span(tokens[at].start, tokens[at].end, Kind.SECRET)


def _before(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[Span]:
    """<answer> is my dog's name"""
    at = index - 1
    while at > 0 and tokens[at].word in (
        b"my",
        b"the",
        b"first",
        b"mother's",
        b"mothers",
        b"mother",
        b"childhood",
    ):
        at -= 1
    if at > 0 and tokens[at].word in (b"is", b"was") and _is_answer(message, tokens[at - 1]):
        yield Span(tokens[at - 1].start, tokens[at - 1].end, Kind.SECRET)


def _is_answer(message: Message, token: Token) -> bool:
    if token.word[:1] == b"\x1f":
        return False
    return token.kind != Word.ORDINARY or (message.cased and token.capital and not token.first)


RECOGNIZERS = (
    Recognizer("password", passwords, words=PASSWORD_WORDS),
    Recognizer("username", usernames, words=USER_WORDS),
    Recognizer("code", codes, digits=True, words=frozenset((b"code", b"token", b"key"))),
    Recognizer("secret answer", answers, words=ASKED_THINGS | SECURITY),
)
