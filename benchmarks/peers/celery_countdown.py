"""The same job as many do it: a Celery task with a countdown, in Redis until it is due."""

import http.client
import json
import os

from celery import Celery

app = Celery("countdown", broker=os.environ["PEER_BROKER"])
app.conf.update(
    task_ignore_result=True,
    task_acks_late="PEER_LATE" in os.environ,
    task_reject_on_worker_lost="PEER_LATE" in os.environ,
    broker_connection_retry_on_startup=True,
    broker_transport_options=json.loads(os.environ["PEER_TRANSPORT"]),
)


@app.task(name="send")
def send(number: int) -> None:
    """Tell the sink."""
    body = json.dumps({"data": {"external_id": f"peer-{number}"}}).encode()
    sink = http.client.HTTPConnection("127.0.0.1", int(os.environ["PEER_SINK"]), timeout=10)
    sink.request("POST", "/each", body, {"webhook-id": f"peer-{number}"})
    sink.getresponse().read()
    sink.close()
