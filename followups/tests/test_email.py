"""E-mail through real SMTP servers: what arrives, and what each misbehaviour means."""

from datetime import timedelta

import pytest

from followups.channels import channels
from followups.channels.base import NoAnswer, NotNow, Undeliverable
from followups.outbound import smtp
from followups.policy import Step
from followups.tests.post_office import drip, hang_up, misbehaving, post_office, say_nothing
from followups.tests.test_webhook import outgoing
from followups.tests.web_sinks import certified
from privacy.keeping import kept
from privacy.kinds import Surface

ADA = {"email": "ada@example.org"}
STEP = Step(after=timedelta(hours=1), channel="email", subject="Hello", body="Hello")
CERTAIN, OPEN = "nothing was delivered", "nobody knows"


@pytest.fixture(autouse=True)
def _set_up(settings):
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 5
    settings.FOLLOWUP_FROM = "Ben of Shop <ben@shop.example>"
    settings.PUBLIC_URL = "https://ops.example"
    yield
    smtp.hang_up()


def deliver(port, settings, contact=ADA, **changes) -> str:
    """As the dispatcher does it."""
    settings.EMAIL_PORT = port
    email = channels()["email"]
    return email.deliver(outgoing(**changes), email.target(STEP, contact))


def test_a_message_arrives_with_all_that_a_good_sender_writes(settings):
    with post_office() as box:
        assert deliver(box.port, settings) == "the mail server took it"
    [found] = box.delivered
    assert (found.sender, found.recipients) == ("ben@shop.example", ["ada@example.org"])
    message = found.message
    assert {name: message[name] for name in message if name not in ("Date", "MIME-Version")} == {
        "Subject": "Still there?",
        "From": "Ben of Shop <ben@shop.example>",
        "To": "ada@example.org",
        "Message-ID": f"<{outgoing().id}@shop.example>",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "List-Unsubscribe": "<https://ops.example/unsubscribe/abc>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "8bit",
    }
    assert message.get_content().splitlines() == [
        "Grüße, Ada",
        "",
        "-- ",
        "If you would rather not hear from us:",
        "https://ops.example/unsubscribe/abc",
    ]


def test_another_attempt_is_the_same_message(settings):
    with post_office() as box:
        for attempt in (1, 2):
            deliver(box.port, settings, attempt=attempt)
    first, second = (found.message["Message-ID"] for found in box.delivered)
    assert first == second


def test_a_way_out_that_the_policy_wrote_is_not_written_twice(settings):
    with post_office() as box:
        deliver(box.port, settings, body=f"Bye, or {outgoing().unsubscribe_url}")
    assert box.delivered[0].message.get_content().strip() == f"Bye, or {outgoing().unsubscribe_url}"


def test_connections_are_kept(settings):
    with post_office() as box:
        for _ in range(3):
            deliver(box.port, settings)
    assert (len(box.delivered), box.connections) == (3, 1)


def test_a_connection_is_not_kept_for_ever(settings, monkeypatch):
    monkeypatch.setattr(smtp, "MOST_SENT", 2)
    with post_office() as box:
        for _ in range(3):
            deliver(box.port, settings)
    assert (len(box.delivered), box.connections) == (3, 2)


def test_a_kept_connection_that_was_closed_meanwhile_is_made_again(settings):
    with misbehaving() as server:
        deliver(server.port, settings)
        server.replies = {**server.replies, "MAIL": hang_up}
        with pytest.raises(NotNow):
            deliver(server.port, settings)
        assert server.connections == 2
        server.replies = {**server.replies, "MAIL": "250 ok"}
        deliver(server.port, settings)
    assert server.heard.count(".") == 2


@pytest.mark.parametrize("end", [hang_up, lambda client: client.sendall(b"what?\r\n")])
def test_a_kept_connection_that_ends_with_the_text_is_in_doubt_as_any_other(settings, end):
    with misbehaving() as server:
        deliver(server.port, settings)
        server.replies = {**server.replies, ".": end}
        with pytest.raises(NoAnswer):
            deliver(server.port, settings)
    assert (server.connections, server.heard.count("DATA")) == (1, 2)


def test_a_kept_connection_whose_server_says_goodbye_is_made_again(settings):
    with misbehaving() as server:
        deliver(server.port, settings)
        tired = iter(["421 too long", "250 ok"])
        server.replies = {
            **server.replies,
            "MAIL": lambda client: client.sendall(f"{next(tired)}\r\n".encode()),
        }
        assert deliver(server.port, settings) == "the mail server took it"
    assert server.connections == 2


@pytest.mark.parametrize(
    ("changes", "raised", "said"),
    [
        ({"rcpt": "450 4.2.0 <ada@example.org> greylisted"}, NotNow, "the mail server answered 450, 4.2.0"),
        ({"rcpt": "451 try again"}, NotNow, "the mail server answered 451"),
        ({"rcpt": "421 4.7.0 too busy"}, NotNow, "the mail server answered 421, 4.7.0"),
        ({"rcpt": "451 4.7.500 busy"}, NotNow, "the mail server answered 451"),
        (
            {"rcpt": "550 5.1.1 <ada@example.org> unknown"},
            Undeliverable,
            "the mail server answered 550, 5.1.1",
        ),
        ({"rcpt": "552 5.2.2 full"}, Undeliverable, "the mail server answered 552, 5.2.2"),
        ({"rcpt": "554 5.7.1 Relay access denied"}, NotNow, "the mail server answered 554, 5.7.1"),
        ({"rcpt": "530 5.7.0 log in first"}, NotNow, "the mail server answered 530, 5.7.0"),
        ({"data": "451 4.3.0 not now"}, NotNow, "the mail server answered 451, 4.3.0"),
        ({"data": "554 5.6.0 no"}, Undeliverable, "the mail server answered 554, 5.6.0"),
        ({"text": "452 4.3.1 disk full"}, NotNow, "the mail server answered 452, 4.3.1"),
        ({"text": "421 4.3.2 shutting down"}, NotNow, "the mail server answered 421, 4.3.2"),
        ({"text": "550 5.7.1 spam"}, Undeliverable, "the mail server answered 550, 5.7.1"),
        (
            {"mail": "550 5.7.1 <ben@shop.example> may not"},
            NotNow,
            "the mail server answered 550, 5.7.1, and refuses us",
        ),
        ({"mail": "421 too many"}, NotNow, "the mail server answered 421, and refuses us"),
        ({"greeting": "554 no"}, NotNow, "the mail server answered 554, and refuses us"),
        ({"greeting": "421 busy"}, NotNow, "the mail server answered 421, and refuses us"),
        ({"greeting": hang_up}, NotNow, "no connection to the mail server: it hung up"),
        ({"ehlo": hang_up}, NotNow, "no connection to the mail server: it hung up"),
        ({"mail": hang_up}, NotNow, "no connection to the mail server: it hung up"),
        ({"rcpt": hang_up}, NotNow, "no connection to the mail server: it hung up"),
        ({"data": hang_up}, NotNow, "no connection to the mail server: it hung up"),
        ({"text": hang_up}, NoAnswer, "the server did not confirm that it has the message"),
        ({"text": "200"}, NoAnswer, "the server answered with what is no answer"),
        ({"text": "what?"}, NoAnswer, "the server answered with what is no answer"),
        ({"text": "250 " + "x" * 20_000}, NoAnswer, "the server did not confirm that it has the message"),
    ],
)
def test_a_failure_means_what_it_can_mean(settings, changes, raised, said):
    with misbehaving(**changes) as server, pytest.raises(raised) as caught:
        deliver(server.port, settings)
    assert str(caught.value) == said
    assert kept(said, surface=Surface.FOLLOWUP_DETAIL, person={"name": "Ada Kern", **ADA}) == said


@pytest.mark.parametrize("silent", [say_nothing, drip])
@pytest.mark.parametrize(
    ("moment", "raised"), [("greeting", NotNow), ("rcpt", NotNow), ("data", NotNow), ("text", NoAnswer)]
)
def test_a_server_that_never_comes_to_an_end_is_left(settings, monkeypatch, silent, moment, raised):
    monkeypatch.setattr(smtp, "SECONDS", 0.3)
    with misbehaving(**{moment: silent}) as server, pytest.raises(raised, match="in time"):
        deliver(server.port, settings)


def test_after_a_failure_the_next_message_goes_out(settings):
    with misbehaving(rcpt="550 no") as server:
        with pytest.raises(Undeliverable):
            deliver(server.port, settings)
        server.replies = {**server.replies, "RCPT": "250 ok"}
        assert deliver(server.port, settings) == "the mail server took it"


def test_nobody_listening_is_no_reason_to_give_up(settings):
    with misbehaving() as server:
        pass
    with pytest.raises(NotNow, match="Connection refused"):
        deliver(server.port, settings)


@pytest.mark.parametrize("implicit", [True, False])
def test_it_talks_tls(settings, monkeypatch, tmp_path, implicit):
    tls, trusted = certified(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    settings.EMAIL_HOST = "localhost"
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = implicit, not implicit
    with post_office(tls=tls, implicit=implicit) as box:
        deliver(box.port, settings)
    assert len(box.delivered) == 1


def test_a_server_whose_name_is_not_in_its_certificate_gets_nothing(settings, monkeypatch, tmp_path):
    tls, trusted = certified(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "localhost", True
    with post_office(tls=tls) as box, pytest.raises(NotNow, match="Hostname mismatch"):
        deliver(box.port, settings)
    assert box.delivered == []


def test_a_server_without_tls_gets_nothing_when_tls_was_asked_for(settings, caplog):
    settings.EMAIL_USE_TLS = True
    with post_office() as box, pytest.raises(NotNow, match="no TLS"):
        deliver(box.port, settings)
    assert "email_not_accepted" in caplog.text
    assert box.delivered == []


def test_wrong_credentials_are_not_the_recipients_fault(settings, monkeypatch, tmp_path, caplog):
    tls, trusted = certified(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    settings.EMAIL_HOST, settings.EMAIL_USE_TLS = "localhost", True
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "ben", "wrong"
    with post_office(tls=tls, accounts={"ben": "right"}) as box:
        with pytest.raises(NotNow, match=r"answered 535, .* and refuses us"):
            deliver(box.port, settings)
        assert "email_not_accepted" in caplog.text
        settings.EMAIL_HOST_PASSWORD = "right"
        deliver(box.port, settings)
    assert len(box.delivered) == 1


def test_no_address_of_a_person_is_in_what_it_says(settings, caplog):
    with misbehaving(rcpt="530 <ada@example.org> log in") as server, pytest.raises(NotNow) as caught:
        deliver(server.port, settings)
    assert "ada@" not in str(caught.value) + caplog.text


@pytest.mark.parametrize("subject", ["Hello\r\nBcc: all@example.org", "Hello\nBcc: x@example.org", "Hello\r"])
def test_a_subject_cannot_bring_in_a_header(settings, subject):
    with post_office() as box, pytest.raises(Undeliverable, match="line break") as caught:
        deliver(box.port, settings, subject=subject)
    assert (caught.value.reason, box.delivered) == ("unsendable", [])


def test_a_body_cannot_end_itself(settings):
    body = "one\r\n.\r\nMAIL FROM:<x@example.org>\r\n.\n.\rtwo"
    with post_office() as box:
        deliver(box.port, settings, body=body, unsubscribe_url="")
    [found] = box.delivered
    assert found.message.get_content().splitlines()[:5] == ["one", ".", "MAIL FROM:<x@example.org>", ".", "."]


@pytest.mark.parametrize(
    "address",
    ["", "  ", "ada", "ada@", "@example.org", "a b@example.org", "ada@example.org\nBcc: x@example.org",
     "ada@example.org, ben@example.org", "Ada <ada@example.org>", "grün@example.org", "ada@exa mple.org",
     "ada@[127.0.0.1]", "ada@127.0.0.1", "ada@localhost", "ada@-x.org", "a" * 65 + "@example.org",
     "ada@" + "a" * 64 + ".org", "ada@xn--\N{SNOWMAN}.org"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_for_good(settings, address):
    with pytest.raises(Undeliverable) as caught:
        deliver(9, settings, contact={"email": address})
    assert caught.value.reason == "no_address"
    assert not address.strip() or address not in str(caught.value)


def test_a_domain_in_another_script_is_written_as_dns_has_it(settings):
    with post_office() as box:
        deliver(box.port, settings, contact={"email": "ada@Bücher.example"})
    assert box.delivered[0].recipients == ["ada@xn--bcher-kva.example"]


@pytest.mark.parametrize("name", ["EMAIL_HOST", "FOLLOWUP_FROM", "PUBLIC_URL"])
def test_it_says_what_is_not_set(settings, name):
    setattr(settings, name, "")
    email = channels()["email"]
    variable = "EMAIL_URL" if name == "EMAIL_HOST" else name
    assert email.faults(STEP) == {"channel": f"needs {variable}, which this installation has not set"}
    with pytest.raises(NotNow, match=variable):
        email.target(STEP, ADA)


def test_a_step_has_a_subject_and_no_receiver():
    step = Step(after=timedelta(hours=1), channel="email", subject=" ", body="x", receiver="crm")
    assert set(channels()["email"].faults(step)) == {"subject", "receiver"}
    assert channels()["email"].faults(STEP) == {}
