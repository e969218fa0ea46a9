#!/usr/bin/env python3
"""Rollcall from drop to manifest against what one would otherwise write: run.py ROLLCALL FLOOR [--scale N] [SCENARIO …]

Every figure is a median of rounds in which the participants take turns; every store is counted afterwards. `--scale 1` is the
published size, a smaller figure makes the files and the stores smaller. Results: a line each, and ratios.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb
from inotify_simple import INotify, flags

import contacts

HERE = Path(__file__).resolve().parent
SQLITE = """CREATE TABLE IF NOT EXISTS contact (campaign TEXT, external_id TEXT, phone TEXT, first TEXT, last TEXT, company TEXT,
    email TEXT, city TEXT, state TEXT, score TEXT, notes TEXT, PRIMARY KEY (campaign, external_id))"""

parser = argparse.ArgumentParser()
parser.add_argument("rollcall")
parser.add_argument("floor")
parser.add_argument("--scale", type=float, default=1.0)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("scenarios", nargs="*")
options = parser.parse_intermixed_args()
ROOT = Path(tempfile.mkdtemp(prefix="rollcall-bench-", dir=os.environ.get("BENCH_FOLDER")))
SETTINGS = ["--set", "new_campaign.default_country_code=US", "--set", "log.level=error", "--set", "watch.settle=1ms"]
BIG = ["--set", "limits.rows=100000000", "--set", "limits.file_bytes=100000000000"]


def scaled(count, least=1):
    return max(least, int(count * options.scale))


class Place:
    """A spool and a store for one participant, in a folder that stays until the end: ext4 looks through what was removed in
    the last minutes whenever a file is made, which all participants would pay for."""

    def __init__(self, name, campaigns=1):
        self.folder = Path(tempfile.mkdtemp(prefix=name + "-", dir=ROOT))
        self.spool, self.database = self.folder / "spool", self.folder / "store.sqlite"
        self.campaigns = [f"c{index:05d}" for index in range(campaigns)]
        for campaign in self.campaigns:
            (self.spool / campaign / "results").mkdir(parents=True)

    def command(self, who, once=False):
        first = ["--once"] if once else []
        if who.startswith("rollcall"):
            workers = ["--set", "workers=1"] if who.endswith("1") else []
            return [options.rollcall, "run", *first, "--spool", self.spool, "--database", self.database, *SETTINGS, *workers]
        return [*([options.floor] if who == "P5" else [sys.executable, HERE / "script.py"]), *first, self.spool, self.database]

    def count(self):
        db = sqlite3.connect(self.database)
        try:
            return db.execute("SELECT count(*) FROM contact").fetchone()[0]
        finally:
            db.close()


def timed(*commands):
    """Seconds from the start of the commands, all at once, to the end of the last; and the largest peak memory, in MB."""
    start = time.monotonic()
    running = [subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL) for command in commands]
    peaks = [0]
    watching = threading.Thread(target=watch_memory, args=([process.pid for process in running], peaks))
    watching.start()
    for process in running:
        if process.wait():
            sys.exit(f"{process.args[0]} ended with {process.returncode}")
    taken = time.monotonic() - start
    watching.join()
    return taken, max(peaks)


def watch_memory(processes, peaks):
    """Their high-water marks in MB, while they run: what wait4 tells includes this program's own, from before the exec."""
    while processes:
        for process in list(processes):
            try:
                marks = re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
            except FileNotFoundError:
                marks = []
            if marks:
                peaks.append(int(marks[0]) / 1024)
            else:
                processes.remove(process)
        time.sleep(0.02)


def notified(command):
    """Starts Rollcall as systemd would; returns it once it says that it is ready, and how long that took."""
    path = str(ROOT / "notify")
    Path(path).unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(path)
        end.settimeout(300)
        start = time.monotonic()
        process = subprocess.Popen([str(part) for part in command], env={**os.environ, "NOTIFY_SOCKET": path})
        while b"READY=1" not in end.recv(65536):
            pass
        return process, time.monotonic() - start


def service(place, who):
    if who.startswith("rollcall"):
        return notified(place.command(who))[0]
    process = subprocess.Popen([str(part) for part in place.command(who)], stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def stop(process):
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def drop(place, campaign, name, lines):
    """Milliseconds from the rename into the campaign's folder until the manifest stands there."""
    source = place.spool / f".{name}"
    contacts.write(source, lines)
    os.sync()
    results = place.spool / campaign / "results"
    manifest = f"{name}.result.json"
    inotify = INotify()
    inotify.add_watch(results, flags.MOVED_TO | flags.CREATE)
    start = time.monotonic()
    os.rename(source, place.spool / campaign / name)
    while not any(event.name == manifest for event in inotify.read(timeout=60000)):
        if time.monotonic() - start > 60:
            sys.exit(f"no manifest for {name}")
    taken = (time.monotonic() - start) * 1000
    inotify.close()
    status = json.loads((results / manifest).read_text())["status"]
    if status != "accepted":
        sys.exit(f"{name} was {status}: {(results / manifest).read_text()}")
    return taken


def shell(place, path):
    return ["sqlite3", str(place.database), "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", SQLITE,
            "CREATE TEMP TABLE incoming (external_id, first, last, company, phone, email, city, state, score, notes)",
            f".import --csv --skip 1 {path} incoming",
            "INSERT INTO contact SELECT 'c', external_id, phone, first, last, company, email, city, state, score, notes FROM incoming"
            " WHERE true ON CONFLICT DO UPDATE SET phone = excluded.phone, first = excluded.first, last = excluded.last"]


def utilities(place, path):
    return [Path(sys.executable).parent / "sqlite-utils", "upsert", place.database, "contact", path, "--csv", "--pk", "External ID"]


def duck(place, path):
    code = ("import duckdb,sys; d=duckdb.connect(sys.argv[1]); d.execute('SET threads=1');"
            "d.execute('CREATE TABLE IF NOT EXISTS contact (external_id TEXT PRIMARY KEY, first TEXT, last TEXT, company TEXT,"
            " phone TEXT, email TEXT, city TEXT, state TEXT, score TEXT, notes TEXT)');"
            "d.execute('INSERT OR REPLACE INTO contact SELECT * FROM read_csv(?, all_varchar=true)', [sys.argv[2]])")
    return [sys.executable, "-c", code, place.folder / "store.duckdb", path]


COMMANDS = {"P2": utilities, "P3": duck, "P4": shell}


def report(title, figures, unit, better="low"):
    """One line a participant, and its ratio to Rollcall's."""
    ours = statistics.median(figures["rollcall"])
    print(f"\n{title}", flush=True)
    for who, values in figures.items():
        median = statistics.median(values)
        ratio = median / ours if better == "low" else ours / median
        p99 = f", 99th percentile {sorted(values)[int(len(values) * 0.99)]:.1f}" if len(values) >= 50 else ""
        print(f"  {who:<12} {median:12,.1f} {unit}  {ratio:7.2f} x{p99}", flush=True)


def single():
    who = ["rollcall", "P5", "P1"]
    places = {name: Place("single-" + name) for name in who}
    services = {name: service(places[name], name) for name in who}
    figures = {name: [] for name in [*who, *COMMANDS]}
    drops = scaled(200, 10)
    for index in range(drops + 2):
        for name in who:
            taken = drop(places[name], "c00000", f"f{index}.csv", contacts.rows(index, 1000))
            if index >= 2:
                figures[name].append(taken)
    for process in services.values():
        stop(process)
    for name in who:
        assert places[name].count() == 1000 * (drops + 2), name
    for index in range(options.rounds):
        for name, command in COMMANDS.items():
            place = Place("single-" + name) if index == 0 else places[name]
            places[name] = place
            contacts.write(place.folder / "f.csv", contacts.rows(index, 1000))
            figures[name].append(timed(command(place, place.folder / "f.csv"))[0] * 1000)
    report("One file of 1000 rows, drop to manifest (P2 to P4: the command alone)", figures, "ms")


def backlog():
    files, figures = scaled(2000, 20), {}
    who = {"rollcall": 1, "rollcall, 1": 1, "P5": 1, "P1": 1, "P1, twice": 2}
    for index in range(max(1, options.rounds // 2)):
        for name, processes in who.items():
            share = 5 if name.startswith("P1") else 1
            count, place = max(20, files // share), Place("backlog", campaigns=100)
            for file in range(count):
                contacts.write(place.spool / place.campaigns[file % 100] / f"f{file}.csv", contacts.rows(index * files + file, 1000))
            os.sync()
            seconds, _ = timed(*[place.command(name, once=True)] * processes)
            assert place.count() == 1000 * count, f"{name}: {place.count()}"
            figures.setdefault(name, []).append(1000 * count / seconds)
    report(f"{files} files of 1000 rows waiting, over 100 campaigns (P1: a fifth of them)", figures, "rows/s", "high")


def million():
    count, figures, peaks = scaled(1_000_000, 10_000), {}, {}
    lines = contacts.rows(7, count)
    for index in range(max(1, options.rounds // 2)):
        for name in ["rollcall", "P5", "P4", "P3"] + (["P1", "P2"] if index == 0 else []):
            place = Place("million")
            path = place.spool / "c00000" / "million.csv"
            if name in COMMANDS:
                path = place.folder / "million.csv"
            contacts.write(path, lines)
            os.sync()
            command = COMMANDS[name](place, path) if name in COMMANDS else place.command(name, once=True)
            seconds, peak = timed([*command, *(BIG if name == "rollcall" else [])])
            if name != "P3":
                assert place.count() == count, f"{name}: {place.count()}"
            figures.setdefault(name, []).append(seconds)
            peaks[name] = peak
    report(f"One file of {count:,} rows", figures, "s")
    print("  peak memory: " + ", ".join(f"{name} {peak:.0f} MB" for name, peak in peaks.items()))


def redelivery():
    count, figures = scaled(200, 10), {}
    for _ in range(options.rounds):
        place = Place("again", campaigns=10)
        for step, order in (("first", 1), ("rollcall", -1), ("same bytes", -1)):
            for file in range(count):
                lines = contacts.rows(file, 1000)
                contacts.write(place.spool / place.campaigns[file % 10] / f"{step[0]}{file}.csv", lines[::order])
            os.sync()
            figures.setdefault(step, []).append(1000 * count / timed(place.command("rollcall", once=True))[0])
        assert place.count() == 1000 * count
    report(f"{count} files again: unchanged contacts in other files, and the same bytes", figures, "rows/s", "high")


def growth():
    place = Place("growth", campaigns=1000)
    base, filled, medians = scaled(100_000, 10_000), 0, {}
    for size in (base, 10 * base, 50 * base, 100 * base):
        while filled < size:
            part = min(base, size - filled)
            for index, campaign in enumerate(place.campaigns):
                contacts.write(place.spool / campaign / f"g{filled}.csv", contacts.rows(filled + index, part // 1000))
            timed(place.command("rollcall", once=True))
            filled += part
        process, taken = service(place, "rollcall"), {"insert": [], "update": [], "unchanged": []}
        for index in range(options.rounds * 4 + 2):
            campaign, rows = place.campaigns[index], contacts.rows(size * 1000 + index, 1000)
            keys = [line.split(",", 1)[0] for line in rows]
            changed = contacts.rows(size * 1000 + index + 500, 1000, keys)
            for step, lines in (("insert", rows), ("update", changed), ("unchanged", changed[::-1])):
                milliseconds = drop(place, campaign, f"{step}{size}-{index}.csv", lines)
                if index >= 2:
                    taken[step].append(milliseconds)
        stop(process)
        medians[size] = {step: statistics.median(values) for step, values in taken.items()}
        print(f"\n1000 rows into a store of {place.count():,} contacts: " + ", ".join(
            f"{step} {value:.1f} ms ({value / medians[base][step]:.2f} x that at {base:,})" for step, value in medians[size].items()),
            flush=True)


def folders():
    count = scaled(10_000, 100)
    place = Place("folders", campaigns=count)
    # None is of this minute, as in a spool that is in use: what has just changed is looked into once more.
    for campaign in place.campaigns:
        os.utime(place.spool / campaign, (time.time() - 3600,) * 2)
    process, seconds = notified(place.command("rollcall"))
    ticks = os.sysconf("SC_CLK_TCK")

    def spent():
        values = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(values[11]) + int(values[12])) / ticks

    time.sleep(5)
    before, start = spent(), time.monotonic()
    time.sleep(scaled(130, 10))
    idle = 100 * (spent() - before) / (time.monotonic() - start)
    status = Path(f"/proc/{process.pid}/status").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    taken = [drop(place, place.campaigns[index * 7 % count], f"f{index}.csv", contacts.rows(index, 1000)) for index in range(40)]
    stop(process)
    print(f"\n{count:,} campaign folders: ready after {seconds:.2f} s, idle {idle:.3f} % of a core, {resident:.0f} MB resident, "
          f"a file of 1000 rows among them {statistics.median(taken):.1f} ms", flush=True)


SCENARIOS = {scenario.__name__: scenario for scenario in (single, backlog, million, redelivery, growth, folders)}
try:
    for name in options.scenarios or SCENARIOS:
        SCENARIOS[name]()
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
