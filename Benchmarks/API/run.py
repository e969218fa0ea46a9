#!/usr/bin/env python3
"""The contacts API beside a draining spool, against the same in Python: run.py ROLLCALL [--scale N] [--rounds N]

1000-contact posts from 32 connections (wrk) for a minute at scale 1, while files of 1000 rows are dropped as fast as they are
taken; Rollcall and the peer (peer.py) take turns, and every figure is a median of rounds. Afterwards each store is counted:
no error, no lost, partial or doubled post, and both the API and the spool went on, or the run fails.
"""
import argparse
import itertools
import json
import os
import random
import secrets
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
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Pipeline"))
import contacts  # noqa: E402

CONNECTIONS, CONTACTS, BACKLOG = 32, 1000, 20

parser = argparse.ArgumentParser()
parser.add_argument("rollcall")
parser.add_argument("--scale", type=float, default=0.1)
parser.add_argument("--rounds", type=int, default=3)
parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes of the peer")
options = parser.parse_args()
ROOT = Path(tempfile.mkdtemp(prefix="rollcall-api-bench-", dir=os.environ.get("BENCH_FOLDER")))
options.rollcall = str(Path(options.rollcall).resolve())
SECONDS = max(3, round(60 * options.scale))


def body(rng):
    """A body whose external ids have "@" where each request puts its own key."""
    def contact(index):
        key, first, last, _, _, phone, email, city, state, score, notes = contacts.row(rng, f"{index:04d}").replace('"', "").split(",", 10)
        return {"external_id": f"@-{index:04d}", "phone_numbers": [phone], "data": {
            "First Name": first, "Last Name": last, "City": city, "State": state, "Score": score, "Notes": notes}}
    return json.dumps({"contacts": [contact(index) for index in range(CONTACTS)]}, separators=(",", ":"))


def free_port():
    with socket.socket() as end:
        end.bind(("127.0.0.1", 0))
        return end.getsockname()[1]


class Participant:
    """One round of one of the two: its own spool and store, running until the end of the block."""

    def __init__(self, name, run):
        self.name = name
        self.folder = ROOT / f"{name}-{run}"
        self.spool, self.database = self.folder / "spool", self.folder / "store.sqlite"
        (self.spool / "files").mkdir(parents=True)
        self.port = free_port()
        self.token = secrets.token_urlsafe(24)
        self.dropped = 0

    def __enter__(self):
        command, environment = self.rollcall() if self.name == "rollcall" else self.peer()
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(command, env={**os.environ, **environment}, cwd=HERE, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5)
                return self
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    sys.exit(f"{self.name} does not start: {(self.folder / 'log').read_text()}")
                time.sleep(0.05)

    def rollcall(self):
        settings = ["--set", "log.level=error", "--set", "watch.settle=1ms", "--set", "api.rate_limit=0", "--set", "api.address_rate_limit=0",
                    "--set", f"api.listen=127.0.0.1:{self.port}", "--spool", str(self.spool), "--database", str(self.database)]
        for campaign in ("api", "files"):
            subprocess.run([options.rollcall, "campaign", "create", campaign, "--default-country-code", "US", *settings],
                           check=True, stdout=subprocess.DEVNULL)
        made = subprocess.run([options.rollcall, "token", "create", "--org", "bench", "--scope", "campaigns:manage", *settings],
                              check=True, capture_output=True, text=True)
        self.token = made.stdout.strip()
        return [options.rollcall, "run", *settings], {}

    def peer(self):
        environment = {"PEER_DATABASE": str(self.database), "PEER_SPOOL": str(self.spool), "PEER_TOKEN": self.token}
        return [sys.executable, "-m", "uvicorn", "peer:app", "--port", str(self.port), "--workers", str(options.workers),
                "--log-level", "error", "--no-access-log"], environment

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit(f"{self.name} does not stop")
        self.log.close()

    def cpu_seconds(self):
        """What it and its workers have used; on a busy machine it says more than the clock."""
        family, ticks = [self.process.pid], 0
        for pid in family:
            for task in Path(f"/proc/{pid}/task").iterdir():
                family += map(int, (task / "children").read_text().split())
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def feed(self, stopping, lines):
        """Keeps a backlog of files, each with keys of its own, renamed into place."""
        for number in itertools.count():
            while len(list((self.spool / "files").glob("*.csv"))) >= BACKLOG:
                if stopping.wait(0.005):
                    return
            if stopping.is_set():
                return
            path = self.folder / "next"
            contacts.write(path, [f"f{number}-{line}" for line in lines])
            path.rename(self.spool / "files" / f"{number:06d}.csv")
            self.dropped += 1

    def counts(self):
        """Posts that are stored, posts that are stored in part, and contacts of files."""
        db = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            key = "campaign" if self.name == "peer" else "(SELECT key FROM campaign AS one WHERE one.rowid = contact.campaign)"
            posts = db.execute(f"SELECT substr(external_id, 1, length(external_id) - 5) AS post, count(*) FROM contact WHERE {key} = 'api' GROUP BY post").fetchall()
            files, = db.execute(f"SELECT count(*) FROM contact WHERE {key} = 'files'").fetchone()
            return len(posts), sum(count != CONTACTS for _, count in posts), files
        finally:
            db.close()


def measure(name, run, templates, lines):
    with Participant(name, run) as participant:
        stopping = threading.Event()
        feeding = threading.Thread(target=participant.feed, args=[stopping, lines])
        feeding.start()
        wrk = subprocess.run(
            ["wrk", "--threads", "2", "--connections", str(CONNECTIONS), "--duration", f"{SECONDS}s", "--timeout", "120s",
             "--script", HERE / "post.lua", f"http://127.0.0.1:{participant.port}", "--", templates, participant.token, f"r{run}"],
            capture_output=True, text=True)
        cpu = participant.cpu_seconds()
        stopping.set()
        feeding.join()
        *_, stored = participant.counts()
    told = [line for line in wrk.stdout.splitlines() if line.startswith("RESULT ")]
    if not told:
        sys.exit(f"wrk: {wrk.stdout}{wrk.stderr}")
    good, bad, _, duration, median, p99, broken, *worst = told[0].split(" ")[1:]
    good, bad, broken = int(good), int(bad), int(broken)
    posts, partial, _ = participant.counts()
    faults = [text for text, is_so in [
        (f"{bad} refused: {' '.join(worst)}", bad), (f"{broken} broken connections", broken), (f"{partial} posts stored in part", partial),
        # Each connection may have one in hand when the time is up.
        (f"{good} posts acknowledged, {posts} stored", not good <= posts <= good + CONNECTIONS),
        ("the API stood still", good == 0), ("the spool stood still", stored == 0)] if is_so]
    seconds = int(duration) / 1e6
    if faults:
        sys.exit(f"{name}: {'; '.join(faults)}")
    shutil.rmtree(participant.folder)
    return {"requests/s": good / seconds, "p50 ms": float(median), "p99 ms": float(p99), "files/s": stored / CONTACTS / seconds,
            "contacts/CPU s": (good * CONTACTS + stored) / cpu}


def main():
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    rng = random.Random(1)
    templates = ROOT / "templates"
    templates.write_text("\n".join(body(rng) for _ in range(16)) + "\n")
    lines = contacts.rows(2, CONTACTS)
    results = {"rollcall": [], "peer": []}
    for run, name in itertools.product(range(options.rounds), results):
        results[name].append(measure(name, run, templates, lines))
        print(name, {key: round(value, 1) for key, value in results[name][-1].items()}, flush=True)
    medians = {name: {key: statistics.median(one[key] for one in rounds) for key in rounds[0]} for name, rounds in results.items()}
    print(f"\n{CONNECTIONS} connections, {CONTACTS} contacts a request, {SECONDS} s, {options.rounds} rounds, {options.workers} peer processes")
    for name, figures in medians.items():
        print(f"{name:10}", "  ".join(f"{value:9.1f} {key}" for key, value in figures.items()))
    ratio = {key: medians["rollcall"][key] / medians["peer"][key] for key in ("requests/s", "files/s", "contacts/CPU s")}
    print(f"ratio: {ratio['requests/s']:.1f} × the requests, {ratio['files/s']:.1f} × the files, "
          f"{ratio['contacts/CPU s']:.1f} × the contacts for the same CPU (bar: 20 × the requests)")


try:
    main()
finally:
    shutil.rmtree(ROOT, ignore_errors=True)
