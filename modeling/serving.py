"""The scorecard this process scores with, kept equal to the ledger's newest line by one polling thread.

`current()` is one reference: a request reads it once and keeps that version to its end, so no answer mixes
two. Whatever fails here leaves the version that serves in place.
"""

import atexit
import os
import threading
import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from modeling import artifact, fleet, lastgood, metrics, registry, wakeup
from modeling.lastgood import Stored
from modeling.models import Deployment, ModelVersion
from modeling.scorecard import Scorecard

FIRST_LOOK_SECONDS = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A verified scorecard under the version number the registry gave it."""

    scorecard: Scorecard
    version: int
    sha256: str


class Serving:
    """The version one process serves."""

    def __init__(self, *, role: str, loaded: Loaded | None = None) -> None:
        self.loaded = loaded
        self.role = role
        self.pid = 0  # of the process whose thread polls; 0: none does
        self._lock = threading.Lock()
        self._looked = threading.Event()
        self._stopping = threading.Event()
        self._refused: int | None = None  # id of a deployment whose artifact does not load
        self._postgres_away = False
        self._reported_at = 0.0
        self._reported: int | None = None

    def start(self) -> None:
        """Poll from now on; wait a moment for the first look, so that the first request finds a version."""
        self.pid = os.getpid()
        metrics.LOADED_VERSION.labels(role=self.role).set(self.loaded.version if self.loaded else 0)
        threading.Thread(target=self._poll, name="model-poller", daemon=True).start()
        atexit.register(self.stop)
        if not self._looked.wait(FIRST_LOOK_SECONDS):
            self._load_from_disk()

    def stop(self) -> None:
        """Stop polling and take this process out of the fleet."""
        if self.pid != os.getpid() or self._stopping.is_set():
            return
        self._stopping.set()
        try:
            fleet.withdraw()
        except (DatabaseError, InterfaceError):
            log.info("process_not_withdrawn")

    def refresh(self) -> None:
        """Look at the ledger now, in the caller's thread. Raises DatabaseError when Postgres is away."""
        with self._lock:
            self._follow(registry.champion())

    def _poll(self) -> None:
        bell = wakeup.Bell()
        while not self._stopping.is_set():
            self._look()
            self._looked.set()
            bell.wait(settings.RELOAD_POLL_SECONDS)
        bell.close()
        connection.close()

    def _look(self) -> None:
        try:
            close_old_connections()
            self.refresh()
            self._report()
            self._postgres_away = False
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            if not self._postgres_away:
                log.warning("ledger_not_readable", error=str(error))
                self._load_from_disk()
            self._postgres_away = True
        except Exception:  # a poller that died would serve an old version for ever
            log.exception("poller_stumbled")

    def _follow(self, champion: Deployment | None) -> None:
        if champion is None:
            self._swap(None)
        elif champion.pk != self._refused and (
            self.loaded is None or self.loaded.version != champion.version_id
        ):
            row = ModelVersion.objects.only("artifact", "sha256").get(pk=champion.version_id)
            stored = Stored(version=row.version, sha256=row.sha256, data=bytes(row.artifact))
            if self._load(stored, origin="registry"):
                lastgood.write(stored)
            else:
                self._refused = champion.pk

    def _serves(self, version: ModelVersion) -> bool:
        found = self.loaded
        return found is not None and (found.version, found.sha256) == (version.version, version.sha256)

    def _load_from_disk(self) -> None:
        if self.loaded is None and (stored := lastgood.read()) is not None:
            with self._lock:
                self._load(stored, origin="disk")

    def _load(self, stored: Stored, *, origin: str) -> bool:
        try:
            scorecard = artifact.load(stored.data, stored.sha256, version=stored.version)
        except artifact.ArtifactError as error:
            metrics.RELOAD_FAILED.inc()
            log.error("prediction_model_load_failed", version=stored.version, origin=origin, error=str(error))
            return False
        self._swap(Loaded(scorecard=scorecard, version=stored.version, sha256=stored.sha256))
        metrics.RELOAD_LOADED.inc()
        log.info(
            "prediction_model_loaded", version=stored.version, auc=scorecard.auc, n_train=scorecard.n_train,
            sha256=stored.sha256, origin=origin, role=self.role,
        )  # fmt: skip
        return True

    def _swap(self, loaded: Loaded | None) -> None:
        self.loaded = loaded
        if self.pid == os.getpid():
            metrics.LOADED_VERSION.labels(role=self.role).set(loaded.version if loaded else 0)

    def _report(self) -> None:
        version = self.loaded.version if self.loaded else None
        changed = self._reported_at == 0.0 or version != self._reported
        if changed or time.monotonic() - self._reported_at >= fleet.HEARTBEAT_SECONDS:
            fleet.report(role=self.role, version=version, changed=changed)
            self._reported, self._reported_at = version, time.monotonic()


_serving = Serving(role="none")


def start(*, role: str) -> None:
    """Keep this process on the champion from now on, as `role` ("web", "worker", …). Call it after a fork.

    Calling it again does nothing; in a forked child it starts that child's own thread.
    """
    global _serving
    if _serving.pid != os.getpid():
        _serving = Serving(role=role, loaded=_serving.loaded)
        _serving.start()


def stop() -> None:
    """Stop polling and leave the fleet; what is loaded goes on serving."""
    _serving.stop()


def refresh() -> Loaded | None:
    """Look at the ledger now instead of at the next poll. Raises DatabaseError when Postgres is away."""
    _serving.refresh()
    return _serving.loaded


def current() -> Loaded | None:
    """What to score with now; None while no version serves. One attribute read: call it once a request."""
    return _serving.loaded
