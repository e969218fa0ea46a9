#!/usr/bin/env python3
"""Instructions for each row of a first delivery, counted by callgrind: instructions.py ROLLCALL MOST

Seconds differ from machine to machine and minute to minute; what a fixed piece of work executes does not. Four files of
1000 rows are imported beside one, so that starting and stopping do not count. Ends with 1 when it takes more than MOST.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import contacts

ROWS, FILES = 1000, 5


def instructions(program, files, folder):
    place = ["--campaign", "c", "--spool", folder / "spool", "--database", folder / "store.sqlite"]
    (folder / "spool" / "c").mkdir(parents=True)
    command = [program, "ingest", *files, *place, "--set", "new_campaign.default_country_code=US"]
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *map(str, command)],
        capture_output=True, text=True, env={**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"})
    if run.returncode or run.stdout.count(f"{ROWS} inserted") != len(files):
        sys.exit(f"the import failed:\n{run.stdout}{run.stderr}")
    return int(re.search(r"Collected : (\d+)", run.stderr)[1])


def main(program, most):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Valgrind trips over the debug information.
        stripped = folder / "rollcall"
        subprocess.run(["strip", "--strip-all", "-o", stripped, program], check=True)
        files = [folder / f"f{index}.csv" for index in range(FILES)]
        for index, file in enumerate(files):
            contacts.write(file, contacts.rows(index, ROWS))
        one = instructions(stripped, files[:1], folder / "one")
        all = instructions(stripped, files, folder / "all")
    each = (all - one) / (ROWS * (FILES - 1))
    print(f"{each:,.0f} instructions a row, of {int(most):,} allowed; {one - each * ROWS:,.0f} to start and stop")
    return each > int(most)


sys.exit(main(*sys.argv[1:]))
