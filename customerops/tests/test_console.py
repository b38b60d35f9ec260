"""What an operator reads while the product runs."""

import contextlib
import io
import json
import os
import pty

from customerops.console import Console


def shown(text: str, *, raw: bool = False) -> str:
    out = io.StringIO()
    Console(out=out, raw=raw).line("web", text)
    return out.getvalue()


def test_it_renders_a_log_line_as_time_process_level_event_and_values():
    line = json.dumps(
        {
            "event": "prediction_model_loaded",
            "level": "info",
            "at": "2026-11-23T03:17:04.1Z",
            "logger": "x",
            "auc": 0.78,
            "by": "a b",
        }
    )
    assert shown(line) == '03:17:04 web      info    prediction_model_loaded auc=0.78 by="a b"\n'


def test_it_puts_a_traceback_below_its_line():
    line = json.dumps(
        {"event": "broke", "level": "error", "at": "2026-11-23T03:17:04Z", "exception": "Trace\nKeyError"}
    )
    assert shown(line) == "03:17:04 web      error   broke\n    Trace\n    KeyError\n"


def test_it_passes_on_what_is_not_json():
    assert shown("plain [words]").endswith(" web      plain [words]\n")
    assert shown("[1]").endswith(" web      [1]\n")


def test_it_leaves_log_lines_alone_when_asked_to():
    assert shown('{"event": "x"}', raw=True) == '{"event": "x"}\n'


def test_among_raw_lines_plain_text_becomes_an_event():
    line = json.loads(shown("[ERROR] worker-1 ended", raw=True))
    assert (line["event"], line["process"], line["text"]) == ("printed", "web", "[ERROR] worker-1 ended")


def test_it_goes_on_when_nobody_reads_any_more():
    out = io.StringIO()
    console = Console(out=out)
    out.close()
    console.line("web", "into the void")
    console.line("web", "again")
    assert not console.hung_up


def test_it_notices_that_its_terminal_hung_up():
    ours, its = pty.openpty()
    out = os.fdopen(its, "w")
    os.close(ours)
    console = Console(out=out)
    console.line("web", "into the void")
    console.event("stopping", process="web")
    assert console.hung_up
    with contextlib.suppress(OSError):
        out.close()
