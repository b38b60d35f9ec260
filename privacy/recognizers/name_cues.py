"""What introduces a name: my name is, Mr, booked under, here, regards."""

from collections.abc import Iterator

from privacy import lexicon
from privacy.lexicon import Word, listed
from privacy.recognizers.base import Message, Token

# Function words and verbs that end a name and never begin one.
NEVER = listed("cues/name_cues_never")
TITLES = listed("cues/name_cues_titles")
GREETINGS = listed("cues/name_cues_greetings")
OPEN = (Word.SURNAME, Word.UNKNOWN, Word.EITHER)  # may be a name, may be not
SUBJECT_ENDS = (b",", b":", b"'s")
NAME_WORDS = (Word.SURNAME, Word.GIVEN, Word.UNKNOWN)
UNLISTED = (Word.SURNAME, Word.UNKNOWN)
NAMING = frozenset(b"named surname lastname firstname forename fullname nickname alias".split())
CALLED = frozenset(b"named heisse llamo appelle m'appelle chiamo chamo heet".split())
TRIGGERS = TITLES | NAMING | CALLED | frozenset(b"name names name's nombre nom naam namn".split())
# After these a word that is no ordinary one is a name.
WEAK = listed("cues/name_cues_weak")
# With one of these and small letters only, a word that may be a name is one.
SELF = frozenset((b"i'm", b"im", b"under"))
BEFORE = GREETINGS | SELF
LABELS = frozenset(
    b"name names name's nombre nom naam namn surname lastname firstname forename fullname nickname".split()
)
LINKS = listed("cues/name_cues_links")
# Whose name is nobody's.
THINGS = frozenset(
    b"domain company firm brand product file business hotel restaurant band song street team project site "
    b"website app store shop model plan city".split()
)
# Qualities that follow "my name is" as often as names do.
NOT_NAMES = listed("cues/name_cues_not_names")
VERBS = listed("cues/name_cues_verbs")
BARE = 4  # a message of so many words can be nothing but a name


def introduced(message: Message, tokens: tuple[Token, ...], candidates: list[int]) -> Iterator[int]:
    """Indexes of the words that a cue makes a name."""
    for index in candidates:
        token = tokens[index]
        if token.word not in TRIGGERS:
            if index and token.kind in OPEN and _weakly(message, tokens, index):
                yield index
        elif token.word in LABELS:
            yield from _labelled(message, tokens, index)
            yield from _is_my_name(message, tokens, index)
        elif token.word in TITLES or token.word in CALLED:
            yield from _next(message, tokens, index + 1)
            yield from _titled(tokens, index + 1)


def _titled(tokens: tuple[Token, ...], at: int) -> Iterator[int]:
    """mr freeman: behind a title an ordinary word is a surname."""
    if at < len(tokens) and tokens[at].word in lexicon.surname_words() and tokens[at].word not in NEVER:
        yield at


def _labelled(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[int]:
    """name is X, name: X, name X."""
    if index and tokens[index - 1].word in THINGS:
        return
    at = index + 1
    while (
        at < len(tokens) and at - index < 4 and tokens[at].word in LINKS and not _capital(message, tokens[at])
    ):
        at += 1
    if at < len(tokens) and tokens[at].word not in NOT_NAMES:
        said = tokens[at - 1].word in (b"is", b"name's", b"be", b"it's", b"as", b"to") or message.data[
            tokens[index].end : tokens[at].start
        ].strip() in (b":", b"=", b"-", b'":"', b'": "')
        yield from _next(message, tokens, at, strong=said)


def _is_my_name(message: Message, tokens: tuple[Token, ...], index: int) -> Iterator[int]:
    """X is my name."""
    if (
        index >= 3
        and tokens[index - 1].word in (b"my", b"the", b"his", b"her")
        and tokens[index - 2].word in (b"is", b"was")
    ):
        at = index - 3
        if tokens[at].kind != Word.ORDINARY or _capital(message, tokens[at]):
            yield at


def _next(message: Message, tokens: tuple[Token, ...], at: int, *, strong: bool = True) -> Iterator[int]:
    """The word at `at`, if it can be a name, and the one after it when both are no ordinary words."""
    if at >= len(tokens):
        return
    token = tokens[at]
    if _is_no_name(token) or token.word in NOT_NAMES:
        return
    if token.kind in (Word.GIVEN, Word.SURNAME, Word.EITHER):
        yield at
    elif token.kind == Word.UNKNOWN:
        if strong or _ends(message, tokens, at):
            yield at
    elif strong and _is_marked(message, tokens, at):
        yield at


def _is_marked(message: Message, tokens: tuple[Token, ...], at: int) -> bool:
    """An ordinary word that is written like a name, or that ends what is said in small letters."""
    if _capital(message, tokens[at]):
        return True
    return not message.cased and _ends(message, tokens, at)


def _weakly(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A word behind a weak cue, beside "here", or after a greeting."""
    token, before = tokens[index], tokens[index - 1]
    if len(token.word) < 3 or _is_no_name(token) or token.capital < message.cased:
        return False
    if before.word in GREETINGS:
        return token.kind != Word.UNKNOWN or message.cased
    if message.cased or _unknown_pair(message, tokens, index):
        return before.word in WEAK
    return token.kind == Word.EITHER and before.word in SELF and _ends(message, tokens, index)


def _is_no_name(token: Token) -> bool:
    return token.has_digit or token.word[:1] == b"\x1f" or token.word in NEVER


def _unknown_pair(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """Two words in a row that no list of ordinary words has: seldom both are typing errors."""
    pair = tokens[index : index + 2]
    return (
        len(pair) == 2
        and all(token.kind in UNLISTED and len(token.word) > 3 and not token.has_digit for token in pair)
        and message.data[pair[0].end : pair[1].start] == b" "
    )


def subject(message: Message, tokens: tuple[Token, ...], index: int) -> bool:
    """A sentence that begins with a name: "Vala, can I", "Kalman:", "Csanad is", "Desire Thoben here"."""
    token = tokens[index]
    after = message.data[token.end : token.end + 2]
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if token.kind == Word.EITHER and after[:1] != b",":
        return following is not None and _goes_on(following) and following.kind in NAME_WORDS
    if following is None or after.startswith(SUBJECT_ENDS):
        return True
    return following.word in VERBS or (_goes_on(following) and following.kind != Word.ORDINARY)


def _goes_on(token: Token) -> bool:
    return token.capital and not token.first


def _capital(message: Message, token: Token) -> bool:
    return message.cased and token.capital and not token.first


def _ends(message: Message, tokens: tuple[Token, ...], at: int) -> bool:
    """Nothing but punctuation, or the next thing to say, follows."""
    if at + 1 >= len(tokens):
        return True
    between = message.data[tokens[at].end : tokens[at + 1].start].strip()
    return (
        bool(between)
        or tokens[at + 1].word in (b"and", b"here", b"speaking", b"from")
        or tokens[at + 1].has_digit
    )
