"""Made-up chat messages for benchmarks and tests: ordinary talk, some of it with invented personal data."""

import random

TALK = (
    "could you please tell me whether the meeting room on the second floor is still free on thursday",
    "i was wondering if you have any availability for a quick call about the new plan",
    "we are a small team and would like to compare the two packages before we decide",
    "thanks for getting back to me so quickly, that is really helpful",
    "The last quote was a little higher than what we had expected for this size of project.",
    "Is there any discount if we pay for the whole year in advance?",
    "i tried the online form twice and it did not work on my phone",
    "my colleague said the service was great so we would love to book again",
    "Let me know what times work for you next week and I will check with the others.",
    "it would be good to get a written offer that i can show to my manager",
    "what happens if we need to cancel on short notice, is there a fee?",
    "We have around 40 people on the list and need parking for 12 cars.",
)
PERSONAL = (
    "my name is {name} and you can reach me at {phone}.",
    "please send it to {email} today.",
    "my card number is {card} by the way.",
    "we live at {address} if that matters.",
    "please ask for {name} at the desk.",
)
NAMES = ("Sarah Miller", "john smith", "Priya Patel", "Olumide Adeyemi", "anna kowalska", "José García")
PHONES = (
    "###-555-####",
    "(415) 555-####",
    "+44 20 7946 ####",
    "98########",
    "+49 30 90####",
    "07700 9#####",
)  # a digit for each #
CARDS = ("4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005")
STREETS = (
    "42 Old Mill Road, Springfield",
    "1600 Harbor Blvd Apt 12",
    "Lindenweg 7, 10827 Berlin",
    "12 rue de la Paix, Paris",
)


def message(randomness: random.Random, *, length: int = 180, personal: float = 0.3) -> str:
    """One message of about `length` characters; a share `personal` of them holds something personal."""
    parts = [randomness.choice(TALK)]
    while sum(map(len, parts)) < length - 40:
        parts.append(randomness.choice(TALK))
    text = " ".join(parts)
    if randomness.random() >= personal:
        return text[:length]
    end = filled(randomness)
    return f"{text[: length - len(end) - 1]} {end}"


def filled(randomness: random.Random) -> str:
    """One sentence with something personal."""
    name = randomness.choice(NAMES)
    return randomness.choice(PERSONAL).format(
        name=name,
        phone="".join(randomness.choice("0123456789") if c == "#" else c for c in randomness.choice(PHONES)),
        email=f"{name.split()[0].lower()}.{name.split()[-1].lower()}@example.com",
        card=randomness.choice(CARDS),
        address=randomness.choice(STREETS),
    )


def messages(count: int, *, seed: int = 1, length: int = 180, personal: float = 0.3) -> list[str]:
    """The same messages for the same seed."""
    randomness = random.Random(seed)  # noqa: S311 - made-up text, no secret
    return [message(randomness, length=length, personal=personal) for _ in range(count)]
