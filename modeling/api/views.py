"""Operating the model: train, watch, reload, go back."""

import time
from http import HTTPStatus
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.timezone import now
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from leads.api.base import Conflict, OpsView, read
from modeling import fleet, registry, retraining, serving, tasks, wakeup
from modeling.api import serializers
from modeling.models import RetrainRun
from modeling.status import status

RELOAD_PATIENCE_SECONDS = 5.0
RUNS_SHOWN = 100


class RetrainView(OpsView):
    """Asks for a run."""

    @extend_schema(
        operation_id="retrain",
        tags=["ops"],
        summary="Train now; while a run is open, the answer is that run",
        request=None,
        responses={202: serializers.RunShape},
    )
    def post(self, request: Request) -> Response:
        """Watch it at /ops/runs/{id}."""
        run = retraining.request_by(person=str(request.user), now=now())
        if run.status == RetrainRun.Status.QUEUED:
            tasks.hand_over(run)
        return Response(serializers.RunShape(run).data, status=HTTPStatus.ACCEPTED)


class RunsView(OpsView):
    """The newest runs."""

    @extend_schema(
        operation_id="list_runs",
        tags=["ops"],
        summary="The newest 100 training runs",
        responses=serializers.RunList,
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        runs = RetrainRun.objects.order_by("-pk").defer("report")[:RUNS_SHOWN]
        return Response({"results": serializers.RunShape(runs, many=True).data})


class RunView(OpsView):
    """One run, live."""

    @extend_schema(
        operation_id="read_run",
        tags=["ops"],
        summary="Watch a training run: phase, progress, verdict, report",
        responses=serializers.RunDetail,
    )
    def get(self, request: Request, run_id: int) -> Response:
        """As the worker last wrote it, at most a second ago."""
        return Response(serializers.RunDetail(get_object_or_404(RetrainRun, pk=run_id)).data)


class ModelStatusView(OpsView):
    """What `manage.py model_status --json` prints."""

    @extend_schema(
        operation_id="model_status",
        tags=["ops"],
        summary="What serves, since when and why, in how many processes, and the last run",
        responses=serializers.StatusAnswer,
    )
    def get(self, request: Request) -> Response:
        """As the rows stand."""
        return Response(status(now=now()).as_dict())


class RollbackView(OpsView):
    """One more line in the ledger."""

    problems = {"404": "There is no such version", "409": "It never served, or none served before"}

    @extend_schema(
        operation_id="rollback",
        tags=["ops"],
        summary="Serve an earlier version again",
        request=serializers.RollbackRequest,
        responses=serializers.RollbackAnswer,
    )
    def post(self, request: Request) -> Response:
        """409 when the version never served or there is none before."""
        asked = read(serializers.RollbackRequest, request)
        newest = registry.champion()
        try:
            row = registry.roll_back(
                to=asked.get("to"),
                actor=str(request.user),
                reason=asked["reason"],
            )
        except registry.UnknownVersion as error:
            raise NotFound(str(error)) from error
        except registry.RegistryError as error:
            raise Conflict(str(error)) from error
        line = serializers.DeploymentShape(row).data
        return Response({**line, "previous_version": newest.version_id if newest else None})


class ReloadView(OpsView):
    """Brings every process to the ledger's newest version now, and tells how many are there."""

    @extend_schema(
        operation_id="reload_model",
        tags=["ops"],
        summary="Reload the model in every process and wait, five seconds at most, until all have it",
        description=(
            "Processes follow the ledger by themselves within a second or two; this waits for them. "
            "`ok` is false while a live process serves another version, or when no version serves at all: "
            "then `version` is 0 and `auc` null. The status is 200 in every case."
        ),
        request=None,
        responses=serializers.ReloadAnswer,
    )
    def post(self, request: Request) -> Response:
        """No body is needed."""
        started = time.perf_counter()
        wakeup.ring()
        serving.refresh()
        answer = _reloaded()
        took = round((time.perf_counter() - started) * 1000, 1)
        return Response({**answer, "took_ms": took})


def _reloaded() -> dict[str, Any]:
    deployed, loaded = registry.champion(), serving.current()
    wanted = deployed.version_id if deployed else None
    found = fleet.wait_for(wanted, seconds=RELOAD_PATIENCE_SECONDS)
    version = deployed.version if deployed else None
    here = loaded.version if loaded else None
    return {
        "ok": version is not None and here == wanted and found.agrees,
        "auc": version.auc if version else None,
        "version": wanted or 0,
        "previous_version": registry.previous_version(),
        "sha256": version.sha256 if version else None,
        "n_train": version.n_train if version else 0,
        "processes_total": found.total,
        "processes_on_version": found.on_version,
    }
