"""The release note's commands: docs/operations.md has a row for each, and what stays the same still works."""

import json
import re

import pytest
import yaml

from customerops.embedded.paths import ROOT
from customerops.schedule import ENTRIES
from customerops.tests.cast import key
from customerops.tests.documents import page
from customerops.tests.servers import serving_web
from customerops.tests.terminal import Terminal
from modeling.models import Deployment
from modeling.tests.cast import past_leads

# What the release note told to type or to edit, and a word of the row that says what became of it.
EARLIER = {
    "curl https://api.example.com/ops/export/outcomes.csv > outcomes.csv": "export_outcomes",
    "python scripts/train_model.py --input outcomes.csv --output api/model.json": "train_model",
    "cp old-model.json api/model.json": "register_model",
    "curl -X POST /ops/reload-model": "waits for every process",
    "Download previous artifact": "rollback_model",
    "GitHub Actions, Run workflow, Monitor logs": "POST /ops/retrain",
    "act workflow_dispatch": "manage.py backtest",
    "cron: 0 */6 * * *": "crontab",
    "API_BASE, API_KEY": "create_api_key",
    "curl http://localhost:8000/metrics | grep lead_model": "any number of processes",
    "(time() - lead_model_version) / 3600": "hours",
    "docker-compose logs api | grep prediction_model_loaded": "from each process",
    "REDIS_URL=redis://localhost:6379/0 python scripts/scrub_history.py --dry-run": "scrub_history",
    "rule_files: /etc/prometheus/prometheus_alerts.yml": "deploy/prometheus.yml",
    "expr: lead_model_auc < 0.70": "prometheus_thresholds.yml",
    "MODEL_DRIFT = Gauge('lead_model_drift', ...)": "measured nightly",
}


def earlier() -> list[tuple[str, str]]:
    """The rows of the table: what it was, what it is."""
    table = page("docs/operations.md").text.partition("## Coming from the release note's commands")[2]
    return re.findall(r"^\| (.+?) (?<!\\)\| (.+) \|$", table, re.MULTILINE)[1:]


def test_each_earlier_command_has_one_of_ours():
    rows = earlier()
    assert len(rows) == len(EARLIER)
    for command, ours in EARLIER.items():
        assert [row for _, row in rows if ours in row], command
    assert all(re.search(r"`.+`|the same|row|none|made|there", ours) for _, ours in rows)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_manual_path_of_the_release_note_goes_from_export_to_reload(tmp_path, settings):
    settings.TUNING_SECONDS = 0.0
    past_leads()
    typed = [quoted.replace("…/", "localhost:8000/") for cells in earlier() for quoted in quotes(*cells)]
    with serving_web(tmp_path, workers=1) as port:
        terminal = Terminal(tmp_path, port=port, KEY=key("ops"))

        def said(begins: str) -> str:
            [line] = [line for line in typed if line.startswith(begins)]
            return terminal.type(line.replace("curl ", 'curl -H "x-api-key: $KEY" '))

        said("curl localhost:8000/ops/export")
        assert len((tmp_path / "outcomes.csv").read_text().splitlines()) == 1201
        said("manage.py train_model")
        number = int(re.search(r"Version (\d+) serves", said("manage.py register_model"))[1])
        answer = json.loads(said("curl -X POST localhost:8000/ops/reload-model"))
        assert answer.items() >= {"ok": True, "version": number}.items()
        assert 0.5 < answer["auc"] < 1
        [told] = re.findall(r"^lead_model_version (\S+)$", said("curl localhost:8000/metrics"), re.MULTILINE)
        assert float(told) == number
        assert [row.version_id for row in Deployment.objects.all()] == [number]


def quotes(*cells: str) -> list[str]:
    """What stands between backticks in them."""
    return [words.replace(r"\|", "|") for cell in cells for words in re.findall(r"`([^`]+)`", cell)]


def test_what_takes_the_place_of_files_and_clicks_is_there():
    assert "Nightly retraining" in {entry.name for entry in ENTRIES}
    assert (
        "/etc/prometheus/prometheus_alerts.yml"
        in yaml.safe_load((ROOT / "deploy" / "prometheus.yml").read_text())["rule_files"]
    )
    assert "\nauc_degraded:" in (ROOT / "deploy" / "prometheus_thresholds.yml").read_text()
