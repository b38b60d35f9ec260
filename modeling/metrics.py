"""Metrics of the model: facts that are rows are read at scrape time, counters and times live in processes."""

from collections.abc import Iterator

from django.db.models import Count, Max
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from modeling import registry
from modeling.models import Decision, Deployment, DriftReport, LiveQuality, RetrainRun, Verdict

NAN = float("nan")

# Labelled by role, so that a process that serves nothing (beat, a command) does not report a version of 0.
LOADED_VERSION = Gauge(
    "lead_model_loaded_version",
    "Version this process scores with (0: none)",
    ["role"],
    multiprocess_mode="liveall",
)
_RELOADS = Counter("lead_model_reloads", "Attempts to load a version", ["result"])
RELOAD_LOADED = _RELOADS.labels(result="loaded")
RELOAD_FAILED = _RELOADS.labels(result="failed")

PREDICTION_LATENCY = Histogram(
    "lead_prediction_latency_seconds",
    "Time to answer one score, from parsed request to finished answer",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0),
)
_PREDICTIONS = Counter("lead_predictions", "Scores asked for", ["result"])
PREDICTION_SCORED = _PREDICTIONS.labels(result="scored")
PREDICTION_NO_MODEL = _PREDICTIONS.labels(result="no_model")
PREDICTION_FAILED = _PREDICTIONS.labels(result="failed")


class ModelCollector(Collector):
    """The champion and the runs, as Postgres holds them now: the same answer from every process."""

    def describe(self) -> list[Metric]:
        """Nothing: registering must not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The series. Raises DatabaseError while Postgres is away."""
        deployed = registry.champion()
        yield from _champion(deployed)
        yield from _live(deployed)
        yield from _drift(deployed)
        yield from _runs()


def _champion(deployed: Deployment | None) -> Iterator[Metric]:
    version = deployed.version if deployed else None
    yield GaugeMetricFamily(
        "lead_model_version",
        "Unix time the active version was trained (0: none)",
        version.version if version else 0,
    )
    yield GaugeMetricFamily(
        "lead_model_n_train", "Leads the active version learned from", version.n_train if version else 0
    )
    auc = GaugeMetricFamily("lead_model_auc", "Hold-out AUC of the active version")
    if version is not None and version.auc is not None:
        auc.add_metric([], version.auc)
    yield auc
    yield GaugeMetricFamily(
        "lead_model_forced",
        "Whether the active version came past the gate by force",
        float(deployed is not None and registry.is_forced(deployed)),
    )


def _live(deployed: Deployment | None) -> Iterator[Metric]:
    """What cannot be told yet is NaN: the series are there from the start, and no comparison holds."""
    rows = LiveQuality.objects.filter(span=LiveQuality.Span.RECENT)
    row = rows.filter(version_id=deployed.version_id).first() if deployed else None
    auc = GaugeMetricFamily(
        "lead_model_live_auc",
        "AUC of the active version on matured leads, with its 95 % interval (NaN: too few leads to tell)",
        labels=["bound"],
    )
    for bound, value in (
        ("point", row.auc if row else None),
        ("low", row.auc_low if row else None),
        ("high", row.auc_high if row else None),
    ):
        auc.add_metric([bound], NAN if value is None else value)
    yield auc
    yield GaugeMetricFamily(
        "lead_model_live_matured", "Matured leads behind lead_model_live_auc", row.leads if row else 0
    )
    yield _last_decided(
        "lead_model_live_measured_timestamp_seconds",
        "When live quality was last measured, also when no lead had matured",
        Decision.Kind.ROLLBACK,
    )


def _drift(deployed: Deployment | None) -> Iterator[Metric]:
    reports = DriftReport.objects.filter(version_id=deployed.version_id) if deployed else None
    report = reports.order_by("-at").first() if reports is not None else None
    largest = report.drift if report else None
    yield GaugeMetricFamily(
        "lead_model_drift",
        "Largest population stability index of the new leads above noise (NaN: too few leads to tell)",
        NAN if largest is None else largest,
    )
    features = GaugeMetricFamily(
        "lead_model_feature_drift",
        "Population stability index of a feature of the active version above noise, 0 within it",
        labels=["feature"],
    )
    for shift in report.shifts if report else []:
        features.add_metric([shift["feature"]], shift["excess"])
    yield features
    yield GaugeMetricFamily(
        "lead_model_score_drift",
        "Population stability index of the active version's scores above noise (NaN: too few leads to tell)",
        report.score["excess"] if report and report.score else NAN,
    )
    yield GaugeMetricFamily(
        "lead_model_drift_leads", "New leads behind lead_model_drift", report.leads if report else 0
    )
    yield _last_decided(
        "lead_model_drift_measured_timestamp_seconds",
        "When drift was last measured, also when nothing served",
        Decision.Kind.RETRAIN,
    )


def _last_decided(name: str, told: str, kind: Decision.Kind) -> Metric:
    """Each measurement ends with a decision, also with that to do nothing. No sample before the first."""
    last = GaugeMetricFamily(name, told)
    decided = Decision.objects.filter(kind=kind).aggregate(last=Max("at"))["last"]
    if decided is not None:
        last.add_metric([], decided.timestamp())
    return last


def _runs() -> Iterator[Metric]:
    totals = CounterMetricFamily("lead_model_retrain_runs", "Finished training runs", labels=["verdict"])
    completed = RetrainRun.objects.filter(status=RetrainRun.Status.COMPLETED)
    counted = dict(completed.values_list("verdict").annotate(Count("pk")))
    for verdict in Verdict.values:
        totals.add_metric([verdict], counted.get(verdict, 0))
    totals.add_metric(["failed"], RetrainRun.objects.filter(status=RetrainRun.Status.FAILED).count())
    yield totals
    last = GaugeMetricFamily(
        "lead_model_retrain_last_completed_timestamp_seconds", "When a training run last came to a verdict"
    )
    if (moment := completed.aggregate(last=Max("completed_at"))["last"]) is not None:
        last.add_metric([], moment.timestamp())
    yield last
