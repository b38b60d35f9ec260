"""Whether the tests of the rules notice a rule that is wrong: `python -m customerops.alerts.mutation`."""

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from customerops.alerts import files, promtool
from customerops.alerts.mutants import Mutant, mutants
from customerops.alerts.rules import Rule

PROCESSES = 2  # of promtool, which is busy with making an empty database for each case
ENOUGH = 0.95


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
    """Each mutant meets the cases of its rule one after the other, until one of them fails."""
    alive = [mutant for rule in rules for mutant in mutants(rule)]
    tried, step = len(alive), 0
    cases = {rule.name: promtool.cases(files.TESTS / f"{rule.name}.yml") for rule in rules}
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(PROCESSES) as pool:
        while asked := [mutant for mutant in alive if step < len(cases[mutant.rule.name])]:
            tests = {
                promtool.place(
                    mutant.rule, cases[mutant.rule.name][step], Path(folder, f"{step}-{at}")
                ): mutant
                for at, mutant in enumerate(asked)
            }
            parts = [list(tests)[start::PROCESSES] for start in range(PROCESSES)]
            noticed = [tests[path] for found in pool.map(promtool.failed, parts) for path in found]
            alive = [mutant for mutant in alive if mutant not in noticed]
            step += 1
    return Verdict(tried=tried, survivors=alive)


def main() -> int:
    """Exit status 1 when fewer than 95 % are noticed."""
    verdict = judged([rule for rule in files.all_rules() if (files.TESTS / f"{rule.name}.yml").exists()])
    for mutant in verdict.survivors:
        sys.stdout.write(f"not noticed: {mutant.rule.name}: {mutant.change}\n")
    sys.stdout.write(
        f"{verdict.killed:.1%} of {verdict.tried} mutants of the rules are noticed by deploy/tests\n"
    )
    return int(verdict.killed < ENOUGH)


if __name__ == "__main__":
    sys.exit(main())
