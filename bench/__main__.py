"""The command line: `python -m bench [--rounds N] [--json FILE]`. Ends with status 1 when a goal is missed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .cases import Case, all_cases
from .machine import machine
from .ours import NAME
from .relay import serving
from .table import Row, footnote, markdown
from .timing import take_turns

ROUNDS = 15


def main() -> int:
    """Measure everything, print the table."""
    options = _options()
    with serving() as url, TemporaryDirectory() as folder:
        rows = [row for case in all_cases(url, Path(folder)) for row in _measured(case, options.rounds)]
    print(f"Medians of {options.rounds} runs in turn (memory: of 3 fresh processes). {machine()}.\n")
    print("\n".join(markdown(rows)))
    print(f"\n{footnote(rows)}")
    if options.json:
        data = {"machine": machine(), "rounds": options.rounds, "rows": [row.as_data() for row in rows]}
        options.json.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return 0 if all(row.is_met for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"runs of each contender, at least 2 ({ROUNDS})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure to a file")
    return parser.parse_args()


def _measured(case: Case, rounds: int) -> list[Row]:
    """The case's rows, after its contenders took turns."""
    print(f"{case.what} ...", file=sys.stderr)
    contenders = {NAME: case.ours, **{rival.name: rival.measure for rival in case.rivals}}
    figures = take_turns(contenders, case.rounds or rounds, warm_up=case.warm_up)
    return [
        Row(case.what, case.unit, figures[NAME], rival.name, figures[rival.name], rival.goal) for rival in case.rivals
    ]


if __name__ == "__main__":
    sys.exit(main())
