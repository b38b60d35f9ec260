"""Whether the tests of the rules notice a rule that is wrong: `python -m customerops.alerts.mutation`."""

import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from customerops.alerts import files, promtool
from customerops.alerts.inlining import inlined
from customerops.alerts.mutants import Mutant, mutants
from customerops.alerts.rules import Rule

PROCESSES = 2  # of promtool, which is busy with making an empty database for each case
ENOUGH = 0.95
NOTICED = re.compile(r"^\s*alertname: (\w+), ", re.MULTILINE)
Case = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many mutants there were, and those that no case noticed."""

    tried: int
    survivors: list[Mutant]

    @property
    def killed(self) -> float:
        """The share that was noticed."""
        return 1 - len(self.survivors) / self.tried if self.tried else 0.0


def judged(rules: Sequence[Rule]) -> Verdict:
    """Every mutant meets the cases of its rule. What the rule reads of recording rules is mutated too."""
    everything = files.all_rules()
    made = [list(mutants(inlined(rule, among=everything))) for rule in rules]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        survivors = pool.map(partial(_survivors, Path(folder)), made)
        return Verdict(
            tried=sum(map(len, made)), survivors=[mutant for alive in survivors for mutant in alive]
        )


def _survivors(folder: Path, made: Sequence[Mutant]) -> list[Mutant]:
    """Of one rule. Those alive stand side by side in one file, so that a case is set up once for all."""
    name = made[0].rule.name
    alive = {f"{name}__{at}": mutant for at, mutant in enumerate(made)}
    for at, case in enumerate(promtool.cases_of(name, files.tests_of(name))):
        if alive:
            noticed = NOTICED.findall(_said(alive, case, folder / f"{name}-{at}"))
            alive = {alias: mutant for alias, mutant in alive.items() if alias not in noticed}
    return list(alive.values())


def _said(alive: Mapping[str, Mutant], case: Case, folder: Path) -> str:
    """By promtool. A mutant has a name of its own; the case expects of it what it expects of the rule."""
    [asked] = case["tests"]
    checks = [
        {**check, "alertname": alias}
        for check in asked["alert_rule_test"]
        for alias, mutant in alive.items()
        if check["alertname"] == mutant.rule.name
    ]
    rules = [replace(mutant.rule, name=alias) for alias, mutant in alive.items()]
    test = promtool.place(rules, {**case, "tests": [{**asked, "alert_rule_test": checks}]}, folder)
    return promtool.failed([test]).get(test, "")


def main() -> int:
    """Exit status 1 when fewer than 95 % are noticed."""
    verdict = judged([rule for rule in files.all_rules() if not rule.records])
    for mutant in verdict.survivors:
        sys.stdout.write(f"not noticed: {mutant.rule.name}: {mutant.change}\n")
    sys.stdout.write(
        f"{verdict.killed:.1%} of {verdict.tried} mutants of the rules are noticed by deploy/tests\n"
    )
    return int(verdict.killed < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
