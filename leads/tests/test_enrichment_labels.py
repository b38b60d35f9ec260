"""Plain messages of many trades, none of which the models were trained with, and what each must be."""

import pytest

from leads.enrichment import enrich
from leads.signals import Intent, Sentiment, Urgency

INTENTS = {
    Intent.BOOK: [
        "I'd like to book an appointment for next Wednesday",
        "Please reserve a table for two on Friday night",
        "can i schedule a visit for tuesday morning",
        "We want to sign up for the pottery course",
        "Book me in for a haircut on Saturday please",
    ],
    Intent.PRICE: [
        "How much does a full detail cost?",
        "what are your prices for a wedding shoot",
        "Could you send me a quote for two windows?",
        "is there any discount for seniors",
        "price for the blue one?",
    ],
    Intent.AVAILABILITY: [
        "Do you have any openings this week?",
        "is the two bedroom flat still available",
        "Are there any free slots on Thursday?",
        "any availability tomorrow afternoon",
        "is the red bike still in stock?",
    ],
    Intent.QUESTION: [
        "What are your opening hours?",
        "Does the room have a balcony?",
        "how long does the treatment take",
        "Where exactly are you located?",
        "is breakfast included",
    ],
    Intent.CHANGE: [
        "Can we move my appointment to Friday?",
        "I need to reschedule our meeting",
        "please change my booking from two to three people",
        "could we postpone the lesson to next week",
    ],
    Intent.CANCEL: [
        "Please cancel my appointment",
        "I have to cancel our booking for Saturday, sorry",
        "I want to cancel my subscription",
        "We need to cancel the order",
    ],
    Intent.COMPLAINT: [
        "This is the worst service I have ever had",
        "I am very unhappy with the work you did, the wall is crooked",
        "Your driver was rude and two hours late",
        "Terrible experience, I want my money back",
    ],
    Intent.SUPPORT: [
        "I can't log in to my account",
        "The link you sent me doesn't work",
        "my password reset email never arrived",
        "The app keeps crashing when I open it",
    ],
    Intent.NOT_INTERESTED: [
        "No thanks, I'm not interested",
        "we went with another company",
        "not interested anymore, sorry",
        "We have already found someone else",
    ],
    Intent.SPAM: [
        "We can get your website to the first page of Google with our SEO packages",
        "You have won a $1000 gift card, click [URL] to claim your prize",
        "Invest in bitcoin now and double your money in a week",
    ],
    Intent.OTHER: ["thanks!", "hello", "ok", "have a nice weekend", "👍", "[PERSON]"],
}
MOODS = {
    Sentiment.POSITIVE: [
        "I love it, thank you so much!",
        "Amazing work, we are very happy 😍",
        "the staff were wonderful",
        "not bad at all",
        "never had a better meal",
        "sooooo good",
        "❤️❤️",
    ],
    Sentiment.NEGATIVE: [
        "this is terrible",
        "I'm really disappointed with the room",
        "not good at all",
        "I don't like it",
        "worst. service. ever.",
        "😡",
        "it was not helpful",
    ],
    Sentiment.NEUTRAL: [
        "the appointment is at ten",
        "my number is [PHONE]",
        "what time do you open",
        "I have two children",
    ],
}
HURRIES = {
    Urgency.HIGH: [
        "This is urgent, please call me back immediately",
        "I need someone here today, water is everywhere!",
        "ASAP please",
        "it's an emergency",
    ],
    Urgency.LOW: ["no rush at all", "whenever you have time", "just looking around for now, maybe next year"],
    Urgency.NORMAL: ["I'd like to book a table for Friday", "what does it cost?", "thanks"],
}
SLIPS = [
    ("i wuold like to bok an apointment for tuseday", Intent.BOOK),
    ("how much doos it cst", Intent.PRICE),
    ("plese cancell my bookng", Intent.CANCEL),
    ("can i reschedle my apointment to monday", Intent.CHANGE),
    ("are you avialable on saterday", Intent.AVAILABILITY),
    ("im not intrested", Intent.NOT_INTERESTED),
]
ABROAD = [
    ("Ich möchte gerne einen Termin für nächste Woche vereinbaren", Intent.BOOK),
    ("Quisiera reservar una mesa para dos personas", Intent.BOOK),
    ("Je voudrais prendre rendez-vous pour demain", Intent.BOOK),
    ("Gostaria de marcar uma visita para amanhã", Intent.BOOK),
    ("Was halten Sie denn von der neuen Regelung und dem Wetter", Intent.OTHER),
    ("Привет, как дела сегодня", Intent.OTHER),
    ("こんにちは、元気ですか", Intent.OTHER),
    ("hola, ¿cómo están ustedes hoy?", Intent.OTHER),
]


def of(table):
    return [(text, label) for label, texts in table.items() for text in texts]


@pytest.mark.parametrize(("text", "intent"), of(INTENTS))
def test_it_knows_what_they_want(text, intent):
    assert enrich(text).intent.label == intent


@pytest.mark.parametrize(("text", "sentiment"), of(MOODS))
def test_it_hears_how_they_feel(text, sentiment):
    found = enrich(text).sentiment
    assert found.label == sentiment
    assert (found.score > 0) == (sentiment == Sentiment.POSITIVE) or sentiment == Sentiment.NEUTRAL


@pytest.mark.parametrize(("text", "urgency"), of(HURRIES))
def test_it_hears_how_soon(text, urgency):
    found = enrich(text).urgency
    assert found.label == urgency
    assert {Urgency.HIGH: found.score > 0.6, Urgency.LOW: found.score < 0.4}.get(urgency, True)


@pytest.mark.parametrize(("text", "intent"), SLIPS)
def test_it_reads_over_slips_of_the_finger(text, intent):
    assert enrich(text).intent.label == intent


@pytest.mark.parametrize(("text", "intent"), ABROAD)
def test_it_says_little_of_languages_it_does_not_know(text, intent):
    found = enrich(text)
    assert found.intent.label == intent
    assert found.intent.confidence <= 0.5
    assert found.sentiment.label == Sentiment.NEUTRAL


def test_its_words_are_those_that_decided():
    told = enrich("Hello, could you please send me a quote for two windows? It is urgent!")
    assert "quote" in told.intent.words
    assert "urgent" in told.urgency.words
    assert enrich("The food was disgusting").sentiment.words[0] == "disgusting"


def test_it_needs_no_placeholder():
    plain, redacted = (
        enrich("I am Ann, please cancel my booking"),
        enrich("I am [PERSON], please cancel my booking"),
    )
    assert plain.intent.label == redacted.intent.label == Intent.CANCEL
    assert "[PERSON]" not in redacted.intent.words


def test_it_is_less_sure_of_nonsense():
    assert enrich("qwrt zxcv plmk").intent.confidence < enrich("please cancel my booking").intent.confidence
