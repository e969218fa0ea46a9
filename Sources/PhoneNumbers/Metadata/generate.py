#!/usr/bin/env python3
"""Makes GeneratedTables.swift from the installed `phonenumbers` package, and pins that version in requirements.txt.

    pip install --upgrade phonenumbers && python3 generate.py

The date is the release's, taken from PyPI's wheel (`pip download`).
"""
import base64
import glob
import pathlib
import re
import subprocess
import sys
import tempfile
import unicodedata
import zipfile

import phonenumbers

from automata import Program
from lexical import Symbols
from plans import WORLD, Pool, load, prefix_program

HERE = pathlib.Path(__file__).resolve().parent
PENDING = 32  # alternatives that the program's interpreter has room for


class Blob:
    """A list of unsigned numbers, each in groups of seven bits, the lowest first."""

    def __init__(self):
        self.data = bytearray()

    def put(self, *numbers):
        for number in numbers:
            while number > 127:
                self.data.append(number & 127 | 128)
                number >>= 7
            self.data.append(number)

    def put_list(self, numbers):
        numbers = list(numbers)
        self.put(len(numbers), *numbers)


def put_symbols(blob, symbols):
    starts = [0]
    blob.put_list(symbols.flags)
    blob.put_list(symbols.digits)
    blob.put_list(symbols.keypad)
    runs = symbols.ranges()
    blob.put(len(runs))
    for start, symbol in runs:
        blob.put(start - starts[-1], symbol)
        starts.append(start)
    column, rows = symbols.columns()
    blob.put_list(column)
    blob.put(len(rows[0]), symbols.extension.start, symbols.extension.dead)
    blob.put_list(int(s in symbols.extension.accepting) for s in range(len(rows)))
    blob.put_list(target for row in rows for target in row)


def put_states(blob, pool):
    """Rows as run lengths: a mask of the digits whose target differs from the digit before, then those targets."""
    blob.put(len(pool.states))
    for outcome, row in pool.states:
        changes = [d for d in range(10) if row[d] != (row[d - 1] if d else 0)]
        blob.put(outcome, sum(1 << d for d in changes), *(row[d] for d in changes))


class Programs:
    def __init__(self):
        self.code, self.known = [], {None: 0, "": 0}
        self.starts = [(0, 0, 0)]

    def add(self, pattern):
        """The number of the pattern's program; 0 is no program."""
        if pattern in self.known:
            return self.known[pattern]
        program = prefix_program(pattern)
        if program.depth() > PENDING:
            raise ValueError(f"too many alternatives: {pattern}")
        base = len(self.code)
        for kind, argument, following in program.code:
            self.code.append((kind, argument + (base if kind == Program.SPLIT else 0), following + base))
        mask, empty = program.first()
        self.starts.append((base + program.start, mask, int(empty)))
        self.known[pattern] = len(self.starts) - 1
        return self.known[pattern]


def transform(rule):
    """A transform rule, which is some digits and then the last group: 1 + the digits with a leading 1, or 0 for none."""
    if not rule:
        return 0
    match = re.fullmatch(r"(\d*)\\[12]", rule)
    if not match:
        raise ValueError(f"unknown form of a transform rule: {rule}")
    return int("1" + match.group(1))


def put_regions(blob, regions, plans, pool, programs):
    index_of = {region: n for n, region in enumerate(regions)}
    memo = {}
    blob.put(len(regions), sum(region.code != WORLD for region in regions))
    for region in regions:
        data = region.metadata
        general = data.general_desc
        blob.put(*(map(ord, region.code[:2])), region.calling_code, pool.general(region, memo))
        blob.put(region.mask(general.possible_length), region.mask(general.possible_length_local_only))
        blob.put(programs.add(data.international_prefix), programs.add(data.national_prefix_for_parsing))
        blob.put(transform(data.national_prefix_transform_rule))
    blob.put(len(plans))
    for calling_code, members in plans.items():
        blob.put(calling_code, index_of[members[0]], pool.plan(members, index_of))


def put_programs(blob, programs):
    blob.put(len(programs.starts))
    for start in programs.starts:
        blob.put(*start)
    blob.put(len(programs.code))
    for instruction in programs.code:
        blob.put(*instruction)


def release_date(version):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder,
                        f"phonenumbers=={version}"], check=True)
        wheel, = glob.glob(folder + "/*.whl")
        newest = max(info.date_time for info in zipfile.ZipFile(wheel).infolist())
    return "%04d-%02d-%02d" % newest[:3]


def swift(blob, version, date):
    text = base64.b64encode(bytes(blob.data)).decode()
    lines = "\\\n".join("        " + text[i:i + 110] for i in range(0, len(text), 110))
    return f'''// Made by Metadata/generate.py. Don't edit.
enum GeneratedTables {{
    static let version = "{version}"
    static let date = "{date}"
    static let unicode = "{unicodedata.unidata_version}"
    static let blob: StaticString = """
{lines}
        """
}}
'''


def main():
    version = phonenumbers.__version__
    regions, plans = load()
    pool, programs, head, body = Pool(), Programs(), Blob(), Blob()
    put_symbols(head, Symbols())
    put_regions(body, regions, plans, pool, programs)
    put_states(head, pool)
    put_programs(head, programs)
    head.data += body.data
    HERE.joinpath("GeneratedTables.swift").write_text(swift(head, version, release_date(version)))
    HERE.joinpath("requirements.txt").write_text(f"phonenumbers=={version}\n")
    print(f"phonenumbers {version}: {len(plans)} calling codes, {len(pool.states)} states, {len(head.data)} bytes")


if __name__ == "__main__":
    main()
