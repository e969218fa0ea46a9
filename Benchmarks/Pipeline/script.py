#!/usr/bin/env python3
"""P1, what one writes in an afternoon: script.py [--once] SPOOL DATABASE, by inotify, csv, phonenumbers and sqlite3."""
import csv
import json
import os
import sqlite3
import sys
import time
import uuid

import phonenumbers as pn
from inotify_simple import INotify, flags

once = sys.argv[1] == "--once"
spool, database = sys.argv[-2:]
db = sqlite3.connect(database, timeout=60, isolation_level=None)
SCHEMA = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS campaign (key INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL);
    CREATE TABLE IF NOT EXISTS contact (key INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, campaign INTEGER NOT NULL,
        external_id TEXT, phone_numbers TEXT NOT NULL, data TEXT NOT NULL);
    CREATE UNIQUE INDEX IF NOT EXISTS contact_external_id ON contact (campaign, external_id);
"""
while True:
    # Of two that start at once, one finds the other changing the journal's mode, for which SQLite does not wait.
    try:
        db.executescript(SCHEMA)
        break
    except sqlite3.OperationalError:
        time.sleep(0.05)
db.execute("PRAGMA synchronous = FULL")
UPSERT = """INSERT INTO contact (id, campaign, external_id, phone_numbers, data) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (campaign, external_id) DO UPDATE SET phone_numbers = excluded.phone_numbers, data = excluded.data
    WHERE phone_numbers <> excluded.phone_numbers OR data <> excluded.data"""


def contact(row, campaign):
    number = pn.parse(row.pop("Phone"), "US")
    if not pn.is_valid_number(number):
        raise ValueError("not a valid number")
    numbers = json.dumps([pn.format_number(number, pn.PhoneNumberFormat.E164)])
    return uuid.uuid4().bytes, campaign, row.pop("External ID"), numbers, json.dumps(row)


def sync(folder):
    fd = os.open(folder, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def take(campaign, name):
    folder, claimed = os.path.join(spool, campaign), os.path.join(spool, ".processing", f"{campaign}.{name}")
    try:
        os.rename(os.path.join(folder, name), claimed)
    except FileNotFoundError:
        return
    db.execute("INSERT OR IGNORE INTO campaign (name) VALUES (?)", (campaign,))
    (key,) = db.execute("SELECT key FROM campaign WHERE name = ?", (campaign,)).fetchone()
    with open(claimed, newline="", encoding="utf-8") as file:
        contacts = [contact(row, key) for row in csv.DictReader(file)]
    for start in range(0, len(contacts), 1000):
        db.execute("BEGIN IMMEDIATE")
        db.executemany(UPSERT, contacts[start:start + 1000])
        db.execute("COMMIT")
    for inner in ("results", "archive"):
        os.makedirs(os.path.join(folder, inner), exist_ok=True)
    temporary = os.path.join(folder, "results", "." + name)
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump({"status": "accepted", "rows": {"read": len(contacts)}}, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(temporary, os.path.join(folder, "results", name + ".result.json"))
    sync(os.path.join(folder, "results"))
    os.rename(claimed, os.path.join(folder, "archive", name))
    sync(os.path.join(folder, "archive"))


os.makedirs(os.path.join(spool, ".processing"), exist_ok=True)
inotify, watched = INotify(), {}
for campaign in os.listdir(spool):
    if not campaign.startswith("."):
        watched[inotify.add_watch(os.path.join(spool, campaign), flags.MOVED_TO | flags.CLOSE_WRITE)] = campaign
for campaign in watched.values():
    for name in sorted(os.listdir(os.path.join(spool, campaign))):
        if name.endswith(".csv"):
            take(campaign, name)
if not once:
    print("ready", flush=True)
    while True:
        for event in inotify.read():
            if event.name.endswith(".csv"):
                take(watched[event.wd], event.name)
