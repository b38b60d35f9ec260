"""Turns of a conversation in the light of what was said before."""

from time import perf_counter

from prometheus_client import REGISTRY

from privacy.detection import detect
from privacy.turns import Kept, Said, kept_turns


def lead(*texts: str) -> list[Said]:
    return [Said(text) for text in texts]


def texts(kept: Kept) -> list[str]:
    return [one.text for one in kept.new]


def test_a_bare_answer_is_what_the_agent_asked_for():
    asked = [Said("May I have your zip code?", by_agent=True), *lead("90210", "ok")]
    assert texts(kept_turns(asked))[1:] == ["[POSTCODE]", "ok"]


def test_the_question_may_have_been_stored_before():
    earlier = [Said("What is your PIN?", by_agent=True)]
    assert texts(kept_turns(lead("1596"), earlier=earlier)) == ["[SECRET]"]
    assert texts(kept_turns(lead("1596 euros is fine"))) == ["1596 euros is fine"]


def test_a_number_that_goes_on_is_taken_out_of_both_turns():
    kept = kept_turns(lead("1111 1111"), earlier=lead("my card is 4111 1111"))
    assert "1111" not in kept.new[0].text
    assert "4111" not in kept.earlier[0].text


def test_it_goes_on_though_the_agent_spoke_between():
    earlier = [Said("it starts with 4155"), Said("go on", by_agent=True)]
    kept = kept_turns(lead("550134"), earlier=earlier)
    assert "4155" not in kept.earlier[0].text
    assert kept.earlier[1].text == "go on"
    assert "550134" not in kept.new[0].text


def test_a_long_turn_is_not_read_again_and_stays_as_it_is():
    long = "%25" * 33_000
    earlier = [*lead(*[long] * 5), Said(f"{long} What is your PIN?", by_agent=True)]
    started = perf_counter()
    kept = kept_turns(lead("1596"), earlier=earlier)
    assert perf_counter() - started < 2
    assert [one.text for one in kept.earlier] == [turn.text for turn in earlier]
    assert texts(kept) == ["[SECRET]"]


def test_what_is_stored_is_not_lost_when_it_cannot_be_read_again(monkeypatch):

    def broken(message, context, tick):
        if message.data.startswith(b"earlier"):
            raise ValueError
        return detect(message, context, tick)

    monkeypatch.setattr("privacy.redaction.detect", broken)
    kept = kept_turns(lead("hello", "earlier in May"), earlier=lead("earlier words"))
    assert [one.text for one in kept.earlier] == ["earlier words"]
    assert texts(kept) == ["hello", "[WITHHELD]"]


def test_a_long_question_is_read_once_for_all_who_answer():
    asked = Said("%25" * 30_000 + " What is your PIN?", by_agent=True)
    started = perf_counter()
    kept = kept_turns([asked, *lead(*["ok", "1596"] * 150)])
    assert perf_counter() - started < 5
    assert set(texts(kept)[1:]) == {"ok", "[SECRET]"}


def test_who_the_person_is_is_known_to_every_turn():
    person = {"name": "Quenby Ostrander", "email": "quenby@example.org", "phone": "+1 415 555 0134"}
    said = [Said("quenby here, 555-0134"), Said("Thanks Quenby!", by_agent=True)]
    assert texts(kept_turns(said, person=person)) == ["[PERSON] here, [PHONE]", "Thanks [PERSON]!"]


def test_only_new_turns_are_counted():
    def scanned() -> float:
        return REGISTRY.get_sample_value("pii_messages_scanned_total", {"surface": "message"}) or 0.0

    before = scanned()
    kept_turns(lead("hello", "there"), earlier=lead("hi"))
    assert scanned() == before + 2
