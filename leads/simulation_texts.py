"""What leads of the made-up world write: a wish, some haste, and details that must not be kept. Pure."""

from dataclasses import dataclass
from random import Random

# What a lead wants, how often, and what that does to its chance of booking (log-odds).
WISHES = {"book": 16, "price": 30, "availability": 20, "question": 24, "look": 10}
WISH_EFFECT = {"book": 0.8, "price": 0.0, "availability": 0.4, "question": -0.2, "look": -0.9}
HASTE_EFFECT = 0.5
WRITES = 0.55  # the others only leave their details
SIGNS = 0.35
HASTY = 0.2
REPLIES = 0.3

_WORDING = {
    "book": (
        "I'd like to book a visit for our {service}.",
        "We want to go ahead with the {service}, please put us down for a date.",
        "Can I schedule someone to come and measure up for a {service}?",
        "Please book us in for the {service} in the week of the 12th.",
    ),
    "price": (
        "How much would a {service} cost for a place with {rooms} rooms?",
        "Could you send me a quote for a {service}?",
        "What do you charge for a {service} roughly?",
        "looking for a price for {service}, nothing fancy",
    ),
    "availability": (
        "Do you have anybody free for a {service} next month?",
        "When could you start on our {service}?",
        "Is there any opening on a Saturday for the {service}?",
        "how soon can you do a {service}",
    ),
    "question": (
        "Does the {service} come with a guarantee?",
        "Do I need a permit for a {service} in an old house?",
        "Which brands do you use for a {service}?",
        "Do you take the old one away when you do a {service}?",
    ),
    "look": (
        "Just looking around for now, {service} maybe next year.",
        "Only comparing offers, no rush.",
        "My neighbour told me about you. Just browsing.",
        "Not sure yet whether we want a {service} at all.",
    ),
}
_HASTE = (
    "It is urgent, please answer today!",
    "We need it ASAP.",
    "The old one broke this morning, please hurry.",
)
_SIGNED = (
    "My name is {name}, call me on {phone}.",
    "You can reach me at {email}. {name}",
    "Thanks, {name}, {street}",
    "Mail {email} or ring {phone}",
)
_REPLIES = (
    "That works for me, thank you.",
    "Sounds great, please go ahead.",
    "Any news on this? I have been waiting for days and nobody called.",
    "Is Tuesday still possible?",
    "That is more than we wanted to spend, sorry.",
    "Could we move it to the week after?",
    "Please stop messaging me.",
    "You can call me on {phone} after six.",
)
_FIRST = ("Sarah", "James", "Priya", "Tom", "Elena", "Marcus", "Aisha", "David", "Grace", "Wei")
_LAST = ("Miller", "O'Brien", "Patel", "Novak", "Garcia", "Lindqvist", "Khan", "Baker", "Rossi", "Chen")
_STREETS = ("Mill Lane", "Oak Street", "Station Road", "Park Avenue", "Church Road")


@dataclass(frozen=True, slots=True)
class Writing:
    """What one lead writes first, and later; empty for nothing. `effect` is on its log-odds of booking."""

    first: str
    later: str
    effect: float


def writing(draw: Random, *, service: str, rooms: int) -> Writing:
    """One lead's words."""
    if draw.random() >= WRITES:
        return Writing("", "", 0.0)
    wish = draw.choices(list(WISHES), list(WISHES.values()))[0]
    hasty = draw.random() < HASTY
    facts = _person(draw) | {"service": service, "rooms": str(rooms)}
    parts = [draw.choice(_WORDING[wish])]
    parts += [draw.choice(_HASTE)] if hasty else []
    parts += [draw.choice(_SIGNED)] if draw.random() < SIGNS else []
    later = draw.choice(_REPLIES) if draw.random() < REPLIES else ""
    return Writing(
        first=" ".join(parts).format(**facts),
        later=later.format(**facts),
        effect=WISH_EFFECT[wish] + (HASTE_EFFECT if hasty else 0.0),
    )


def _person(draw: Random) -> dict[str, str]:
    """Nobody: the numbers are of the range kept for fiction, the domain is kept for examples."""
    first, last = draw.choice(_FIRST), draw.choice(_LAST)
    handle = f"{first}.{last}".lower().replace("'", "")
    return {
        "name": f"{first} {last}",
        "email": f"{handle}{draw.randrange(100)}@example.com",
        "phone": f"(415) 555-01{draw.randrange(100):02d}",
        "street": f"{draw.randrange(1, 200)} {draw.choice(_STREETS)}",
    }
