"""``python -m tests.attacks``: run the whole suite, print the table, write docs/attacks.md."""

import tempfile
import time
from pathlib import Path

from tests.attacks import harness, report
from tests.attacks.suite import ATTACKS, CLEAN


def main() -> None:
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, harness.screener(Path(folder)) as screen:
        outcomes = []
        for attack in ATTACKS:
            outcomes.append(harness.try_attack(screen, attack))
            counts = outcomes[-1].counts
            shares = ", ".join(f"{name} {count.share:.0%}" for name, count in counts.items())
            print(f"{time.perf_counter() - begin:6.1f} s  {attack.name}: {shares}", flush=True)  # noqa: T201
        text = report.table(outcomes, harness.false_alarms(screen, CLEAN))
    print(text)  # noqa: T201
    Path("docs/attacks.md").write_text(text + "\n")


if __name__ == "__main__":
    main()
