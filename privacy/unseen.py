"""More invented messages, of other trades with other values, written after the recognizers and left alone.

They were measured once when they were written; no recognizer was changed for them.
"""

from collections.abc import Iterator

from privacy.evaluation import Sample
from privacy.madeup import filled_in

VALUES: dict[str, tuple[str, ...]] = {
    "PERSON": (
        "Solveig Bakken",
        "Desmond Achebe",
        "Yuki Watanabe",
        "Carlos Ibarra",
        "Niamh Gallagher",
        "Piotr Zielinski",
        "Abigail Thornbury",
        "Ravi Deshmukh",
        "Elif Demir",
        "Jean-Luc Moreau",
        "Hannah Steinberg",
        "Tavita Leota",
        "Benedikt Oswald",
        "Mei-Ling Chow",
        "Arthur Pendleton",
    ),
    "EMAIL": (
        "solveig_b@fjordnett.no",
        "d.achebe@lagosworks.ng",
        "office@thornbury-and-sons.co.uk",
        "elif at demir dot com dot tr",
        "zielinski.p@uni-krakow.pl",
    ),
    "PHONE": ("(206) 555-0173", "+234 803 123 4567", "020 7946 0018", "617 555 0199", "+81 3-1234-5678"),
    "ADDRESS": (
        "77 Kestrel Way, Boise, ID 83702",
        "Flat 12B, 4 Harbour Street, Bristol BS1 4RW",
        "Karl-Marx-Allee 90, 10243 Berlin",
        "14 impasse des Lilas, Nantes",
        "Rua das Flores 210, Porto",
        "3301 Cactus Blvd Suite 400",
    ),
    "BIRTH_DATE": ("2 February 1988", "11/30/1972", "1965-06-21"),
    "CARD": ("4242 4242 4242 4242", "3530111333300000"),
    "NATIONAL_ID": ("321-54-9876", "QQ 12 34 56 C"),
    "ACCOUNT": ("5567 8890 12", "GRN-204-77", "T99XK3", "30041178"),
    "SECRET": ("pa55-w0rd!", "77120", "blueHeron42"),
    "POSTCODE": ("83702", "BS1 4RW"),
    "USERNAME": ("arthur_p99", "@tavita.leota"),
}
TEMPLATES = (
    "good afternoon, {PERSON} speaking, I'd like a quote for re-roofing our barn",
    "The boat is registered to {PERSON}, berth is paid until June.",
    "can the vet see our dog on monday? owner {PERSON}, tel {PHONE}",
    "We want to enter the tournament; captain is {PERSON}, reserve is {PERSON}.",
    "my booking reference {ACCOUNT} seems to be wrong",
    "Pick up the piano at {ADDRESS} and bring it to {ADDRESS}.",
    "invoice {EMAIL} and copy {EMAIL} please",
    "spoke to {PERSON} at the open day, she promised a discount",
    "born {BIRTH_DATE}, never had a driving lesson before",
    "i forgot my login, user name {USERNAME}, last password was {SECRET}",
    "My social is {NATIONAL_ID}, do you need a copy?",
    "the guest of honour will be {PERSON}",
    "{PERSON} ({PHONE}) handles the catering on our side",
    "hi, could you post the swatches to {ADDRESS}? thanks, {PERSON}",
    "is delivery to {POSTCODE} free",
    "debit {CARD}, security code {SECRET}",
    "loyalty card number {ACCOUNT}",
    "Best wishes\n{PERSON}\n{EMAIL}\n{PHONE}",
    "Tenant: {PERSON}\nFlat: {ADDRESS}\nProblem: the boiler is cold",
    "{ADDRESS}",
    "that would be {PERSON}",
    "try {PHONE} or else {PHONE}",
    "our neighbour {PERSON} recommended you",
    "email's {EMAIL}",
)


def samples() -> Iterator[Sample]:
    """Each template six times with other values, every third time in small letters."""
    return filled_in(TEMPLATES, VALUES, seed=5, rounds=6)
