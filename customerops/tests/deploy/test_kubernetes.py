"""The Kubernetes manifests: names, ports and probes that fit together, and pods that may do little."""

import re
from pathlib import Path

import pytest
import yaml
from django.urls import resolve

from customerops import house
from customerops.tests.deploy.files import KUBERNETES, manifests, of_kind, pods
from customerops.tests.deploy.test_image import environment as of_image
from customerops.tests.test_settings import told

DEPLOYMENTS = of_kind("Deployment")
SETTINGS = of_kind("ConfigMap")["settings"]["data"]
EXAMPLES = KUBERNETES / "examples"
SPARE_SECONDS = 5
LABEL = "app.kubernetes.io/name"


def containers() -> list[tuple[str, dict]]:
    """Every container, the first ones that only wait included, with the name of its pod."""
    return [
        (name, container)
        for name, pod in pods().items()
        for container in pod.get("initContainers", []) + pod["containers"]
    ]


def test_each_program_has_a_deployment_and_the_job_comes_before_all():
    started = {
        deployment["spec"]["template"]["spec"]["containers"][0]["args"][1]: name
        for name, deployment in DEPLOYMENTS.items()
    }
    assert set(started) >= set(house.names())
    assert {program: name for program, name in started.items() if program != name} == {"web": "api"}
    assert pods()["prepare"]["containers"][0]["args"] == ["prepare"]
    for name in DEPLOYMENTS:
        assert pods()[name]["initContainers"][0]["args"] == ["migrate", "--check"]


def test_the_kustomization_lists_every_file_and_pins_the_image():
    told_of = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(told_of["resources"]) == files
    [image] = told_of["images"]
    assert image["name"] == {container["image"] for _, container in containers()}.pop()
    assert len({container["image"] for _, container in containers()}) == 1
    assert re.fullmatch(r"\d+\.\d+\.\d+", image["newTag"])


def test_beat_is_one_and_dispatchers_are_several():
    beat = DEPLOYMENTS["beat"]["spec"]
    assert (beat["replicas"], beat["strategy"]) == (1, {"type": "Recreate"})
    assert DEPLOYMENTS["dispatcher"]["spec"]["replicas"] > 1


def test_selectors_find_the_pods_and_budgets_leave_room_to_drain():
    labels = {name: one["spec"]["template"]["metadata"]["labels"] for name, one in DEPLOYMENTS.items()}
    for name, deployment in DEPLOYMENTS.items():
        assert deployment["spec"]["selector"]["matchLabels"].items() <= labels[name].items()
    for service in of_kind("Service").values():
        assert service["spec"]["selector"] in labels.values()
    budgets = of_kind("PodDisruptionBudget")
    assert {name for name, one in DEPLOYMENTS.items() if one["spec"]["replicas"] > 1} == budgets.keys()
    for name, budget in budgets.items():
        assert budget["spec"]["selector"]["matchLabels"] == labels[name]
        assert budget["spec"]["minAvailable"] < DEPLOYMENTS[name]["spec"]["replicas"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_probes_ask_doors_that_exist_at_ports_that_are_open_by_a_name_that_is_let_in(name):
    [container] = pods()[name]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert ports["metrics"] == int(of_image()["METRICS_PORT"])
    assert "livenessProbe" in container
    assert ("readinessProbe" in container) == (name == "api")  # the others are sent nothing
    for kind in ("livenessProbe", "readinessProbe", "startupProbe"):
        if probe := container.get(kind):
            asked = probe["httpGet"]
            assert asked["port"] in ports
            if asked["port"] == "http":
                assert ports["http"] == int(of_image()["PORT"])
                assert resolve(asked["path"])
                assert {header["name"]: header["value"] for header in asked["httpHeaders"]}[
                    "Host"
                ] in SETTINGS["ALLOWED_HOSTS"].split(",")
            else:
                assert asked["path"] == "/healthz"
    if name == "api":
        assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
        assert container["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_pods_are_given_longer_to_end_than_their_programs_take():
    patience = {program.name: program.patience for program in house.programs(Path())}
    for name, pod in pods().items():
        if name == "prepare":
            continue
        [container] = pod["containers"]
        hook = (
            container.get("lifecycle", {}).get("preStop", {}).get("exec", {}).get("command", ["sleep", "0"])
        )
        needed = float(hook[1]) + patience.get(container["args"][1], 0) + SPARE_SECONDS
        assert pod["terminationGracePeriodSeconds"] >= needed


@pytest.mark.parametrize(("name", "container"), containers())
def test_no_container_may_more_than_it_needs(name, container):
    pod = pods()[name]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert str(pod["securityContext"]["runAsUser"]) == "10001"
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize(("name", "container"), containers())
def test_every_container_gets_its_settings_its_secrets_and_a_place_to_write(name, container):
    assert container["envFrom"] == [{"configMapRef": {"name": "settings"}}]
    volumes = {volume["name"]: volume for volume in pods()[name]["volumes"]}
    mounts = {mount["name"]: mount for mount in container["volumeMounts"]}
    assert mounts.keys() == volumes.keys()
    assert mounts["var"]["mountPath"] == of_image()["VAR_DIR"]
    example = yaml.safe_load((EXAMPLES / "secret.yaml").read_text())
    assert volumes["secrets"]["secret"]["secretName"] == example["metadata"]["name"]
    files = {Path(value) for key, value in SETTINGS.items() if key.endswith("_FILE")}
    assert {str(path.parent) for path in files} == {mounts["secrets"]["mountPath"]}
    assert {path.name for path in files} == example["stringData"].keys()


def test_every_setting_is_told_of_and_none_is_a_secret():
    assert {name.removesuffix("_FILE") for name in SETTINGS} <= told().keys()
    assert not [name for name in SETTINGS if re.search("KEY|URL", name) and not name.endswith("_FILE")]
    assert all(isinstance(value, str) for value in SETTINGS.values())


def test_scrapes_find_the_port_by_annotation_by_monitor_and_through_the_policy():
    port = of_image()["METRICS_PORT"]
    for deployment in DEPLOYMENTS.values():
        told_of = deployment["spec"]["template"]["metadata"]["annotations"]
        assert told_of == {
            "prometheus.io/scrape": "true",
            "prometheus.io/port": port,
            "prometheus.io/path": "/metrics",
        }
    [monitor] = yaml.safe_load_all((EXAMPLES / "podmonitor.yaml").read_text())
    assert monitor["spec"]["podMetricsEndpoints"][0]["port"] == "metrics"
    assert {
        rule["port"]
        for policy in of_kind("NetworkPolicy").values()
        for entry in policy["spec"].get("ingress", [])
        for rule in entry["ports"]
    } == {"http", "metrics"}


def test_the_ingress_takes_bodies_as_large_as_we_do_and_keeps_metrics_inside():
    [ingress, closed] = manifests(EXAMPLES)[:2]
    size, _ = told()["MAX_BODY_BYTES"]
    assert ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/proxy-body-size"] == size.strip(
        "`"
    )
    paths = {
        path["path"]: path["backend"]["service"]["name"]
        for path in ingress["spec"]["rules"][0]["http"]["paths"]
    }
    assert paths == {"/metrics": closed["metadata"]["name"], "/": "api"}
    assert "selector" not in closed["spec"]
