"""The request to be left alone: tables of what is one, and of what only looks like one."""

import pytest

from leads.enrichment import enrich
from leads.signals import Intent

REQUESTS = """
stop
STOP
Stop.
STOP!!!
stop please
Please stop
pls stop
ok stop now
stopall
stop all
unsubscribe
Unsubscribe please
UNSUBSCRIBE
unsubcribe me
please unsubscribe me from this
unsubscribe me from your newsletter, thanks
I want to unsubscribe
I'd like to unsubscribe from all emails
how do I unsubscribe?
how can i unsubscribe from these emails
opt out
opt-out
OPTOUT
please opt me out
I would like to opt out of marketing
opting out
quit
end
revoke
remove me
remove me please
Remove me from your list
please remove me from your mailing list
remove my number from your database
kindly remove my email address from your records
remove us from the call list
take me off your list
take me off this list please
TAKE ME OFF THE LIST
take my name off your mailing list
get me off this list
I want to be removed from your list
please have me removed from the database. I want to be taken off your list
don't contact me again
Do not contact me again.
dont contact me anymore
please don't contact me
do not call me
don't call me again!!
please do not text me any more
never call me again
never contact me
don't ever text this number again
don't email me anymore
stop texting me
stop calling me
Stop emailing me please
stop messaging me
stop spamming me
please stop contacting us
stop bothering me
stop harassing me
quit calling
stop calling
please stop sending me emails
stop sending me these messages
stop sending me this stuff
stop the emails
stop these texts now
stop with the calls
no more emails
no more emails please
no more texts
I don't want any more emails
I don't want to receive your newsletter
I do not wish to receive any further emails from you
I no longer want to receive messages
I don't want to hear from you again
I don't want to be contacted
do not send me any further messages
don't send me anything else
please don't send any more emails
leave me alone
leave us alone please
lose my number
delete my number
delete my details and do not contact me again
please delete all my data
erase my information from your system
I revoke my consent
I withdraw my consent to be contacted
cease and desist
cease all contact immediately
put me on your do not call list
not interested, stop texting me
Not interested. Please take me off your list.
wrong number, stop texting me
I've asked you three times to stop
I said stop
thanks for the offer but please remove me from your list
We bought elsewhere, so please remove my email from the list
who is this? remove my number please
if you don't stop calling me I will report you, do not call again
hi [PERSON], please unsubscribe [EMAIL]
please remove [EMAIL] from your mailing list
Sounds nice but no. Unsubscribe.
I am not interested in your emails anymore
I never signed up for this, take me off your list
kindly stop contacting my wife and me
no further communication please
we do not consent to marketing calls
I would like my email deleted from your mailing list
you're spamming me, stop
do not ever call here again
enough already with the texts
stop txting me
STOP CALLING MY HOUSE
please discontinue all emails
quit sending me stuff
I'm opting out of these texts
I want out of this mailing list
can you unsubscribe me
I told you to stop texting me
do not send promotions
I didn't sign up for these messages, stop
block me from your emails
Please do not reach out again
don't reach out to me anymore
we'd rather not receive any more mail from you
please have my details taken off your files
how do I get you to stop sending me emails?
""".strip().splitlines()
ABROAD = """
Bitte abmelden
bitte keine weiteren Nachrichten
keine E-Mails mehr bitte
bitte nicht mehr kontaktieren
Nehmen Sie mich bitte von der Liste
Newsletter abbestellen
Löschen Sie meine Daten
quiero darme de baja
por favor no me llamen más
no me escriban mas
dejen de llamarme
no quiero recibir más mensajes
veuillez me désabonner
ne me contactez plus
ne m'appelez plus svp
arrêtez de m'écrire
je ne veux plus recevoir de messages
quero me descadastrar
não me mande mais mensagens
por favor me remova da lista
não quero mais receber emails
""".strip().splitlines()
TRAPS = """
I'll stop by the shop tomorrow
can I stop by this afternoon?
please stop by when you can
stopping by at 5
please don't stop
don't stop, I love it
I can't stop thinking about it
I can't stop laughing
can you stop the leak
the car won't stop
does the bus stop near you
is there a bus stop near the clinic
where do I stop?
the boiler stopped working
my app stopped sending notifications
non-stop flights to Rome?
I want to stop smoking, can you help
we had to stop the project but would like to resume
don't unsubscribe me
please do not remove me from your list
I don't want to unsubscribe
I did not unsubscribe, why do I get no emails
I unsubscribed by mistake, please sign me up again
don't take me off the list
please keep me on the list
remove me from the waiting list
take us off the guest list, we can't come
take me off the waitlist please
please remove the second item from my order
remove one chair from the booking
can you remove the stain from my sofa
delete my last message, wrong date
don't call me before 9
please don't call me today, I'm in a meeting
do not call me at work
don't text me, call me instead
please don't call, email only
stop calling the landline, use my mobile instead
don't contact me until Monday
only contact me by email please
I prefer email, please don't call
don't call me on my work number
don't email me the invoice, post it
don't send me the contract yet
please don't send the van on Monday
please call me
can you text me the address
why did nobody call me?
you never call me back
you never called me
nobody ever emails me back
no one contacted me
I have not received any emails from you
I didn't get your email
I don't get any notifications, is something wrong?
I haven't got your messages
no more rooms left?
we need no more chairs
leave me a message
please leave the keys at reception
leave the list with my wife
can you take me to the airport
take me through the options
take my number: [PHONE]
take off 10% and I'll book
get me a quote
put me on the list for Saturday
I lost my number plate
what is your data protection policy
opt for the second package
we'd like to opt for the garden room
the end of the month works
at the end I liked it
end of June is fine
I quit my job, so I need to change the date
Weekly deals! Reply STOP to unsubscribe
Huge sale, 80% off. Text STOP to opt out
To unsubscribe click here [URL]
You can unsubscribe at any time using the link below
where is the unsubscribe button in your software
can our customers opt out of cookies with your tool
how do I unsubscribe a user from my team plan
I can't wait, call me
no thanks
not interested
I am not interested anymore
cancel my subscription to the gym
never mind, I found it
no need to call, I booked online
I will not be contacted by your competitor again, you have my business
please stop the subscription at the end of May
the rain won't stop, can we move it
can you call me to stop the delivery
is it possible to opt out of breakfast
don't text while I'm driving, I'll write later
no calls between 1 and 3 please
please email me, don't call
I don't need any reminders before the visit
the message never reached me
please remove the extra guest from our booking
could you leave me a voicemail
we did not receive any emails from you
please don't send the invoice by mail
do not send the offer to my old address
can you cut the offer to half a page
I'd rather not wait for your call
""".strip().splitlines()


def intent(text):
    return enrich(text).intent


@pytest.mark.parametrize("text", REQUESTS)
def test_it_hears_the_request(text):
    found = intent(text)
    assert found.label == Intent.OPT_OUT
    assert found.confidence > 0.9
    assert found.words


@pytest.mark.parametrize("text", ABROAD)
def test_it_hears_the_plain_request_of_other_languages(text):
    assert intent(text).label == Intent.OPT_OUT


@pytest.mark.parametrize("text", TRAPS)
def test_it_is_not_trapped(text):
    assert intent(text).label != Intent.OPT_OUT


@pytest.mark.parametrize(
    "text", ["bitte nicht abmelden", "no quiero darme de baja", "je ne veux pas me désabonner"]
)
def test_it_hears_denials_of_other_languages(text):
    assert intent(text).label != Intent.OPT_OUT


def test_it_does_not_read_quoted_mail():
    quoted = "On Mon, 2 Jun 2025 the studio wrote:\n> Offers! Reply STOP\n> unsubscribe"
    assert intent(f"Saturday at ten is great, book me in!\n\n{quoted}").label == Intent.BOOK


def test_it_tells_the_words_of_the_request():
    assert intent("Thanks, but please take me off your list!").words == ("take", "me", "off", "your", "list")
