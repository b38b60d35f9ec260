"""The deployment files as data."""

import re
import shutil
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from customerops.embedded.paths import ROOT

DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
Document = dict[str, Any]


def compose() -> Document:
    """The compose file; anchors are resolved, variables are not."""
    return dict(yaml.safe_load((DEPLOY / "docker-compose.yml").read_text()))


def services() -> dict[str, Document]:
    """Of the compose file."""
    return dict(compose()["services"])


def programs() -> dict[str, Document]:
    """Those services that run our image."""
    return {name: service for name, service in services().items() if "build" in service}


def interpolated(text: str, variables: dict[str, str]) -> str:
    """As compose fills in `${NAME:-default}` and `${NAME:?message}`."""

    def value(found: re.Match[str]) -> str:
        return variables.get(found[1]) or found[2] or ""

    return re.sub(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", value, text)


def env_example() -> dict[str, str]:
    """The variables of `.env.example`."""
    return dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / ".env.example").read_text(), re.MULTILINE))


def manifests(folder: Path = KUBERNETES) -> list[Document]:
    """Every Kubernetes object of a folder."""
    return [
        document
        for path in sorted(folder.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document.get("kind") != "Kustomization"
    ]


def of_kind(kind: str) -> dict[str, Document]:
    """The Kubernetes objects of a kind, by name."""
    return {one["metadata"]["name"]: one for one in manifests() if one["kind"] == kind}


def pods() -> dict[str, Document]:
    """What Deployments and Jobs run: the pod of each, by its name."""
    return {
        name: one["spec"]["template"]["spec"]
        for kind in ("Deployment", "Job")
        for name, one in of_kind(kind).items()
    }


def stages() -> list[list[tuple[str, str]]]:
    """The Dockerfile: of each stage its instructions with what they say, on one line."""
    text = re.sub(r"^\s*#.*\n", "", (DEPLOY / "Dockerfile").read_text(), flags=re.MULTILINE)
    found: list[list[tuple[str, str]]] = []
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.strip():
            instruction, _, rest = line.partition(" ")
            found += [[]] if instruction == "FROM" else []
            found[-1].append((instruction, rest.strip()))
    return found


def copied_into_image(folder: Path) -> Path:
    """What `COPY . .` brings from a clean checkout, below `folder`."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        if is_let_in(name) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def is_let_in(name: str) -> bool:
    """By .dockerignore: the last line that is about the file, or about a folder around it, decides."""
    places = [name, *map(str, Path(name).parents)][:-1]
    ignored = False
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("!")
            ignored = not line.startswith("!") if any(_is_about(pattern, one) for one in places) else ignored
    return not ignored


def _is_about(pattern: str, place: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatchcase(Path(place).name, pattern.removeprefix("**/"))
    return place.count("/") == pattern.count("/") and fnmatchcase(place, pattern)
