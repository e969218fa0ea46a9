"""What one would otherwise write: the contacts endpoint with FastAPI, phonenumbers and sqlite3.

peer:app under uvicorn; PEER_DATABASE, PEER_SPOOL and PEER_TOKEN tell where and who. A thread drains the spool, as the service
beside the endpoint would. As durable as Rollcall (WAL, synchronous=FULL), one transaction a body, all or nothing.
"""
import csv
import fcntl
import hmac
import json
import os
import sqlite3
import threading
import time
import uuid
from contextlib import asynccontextmanager
from pathlib import Path

import phonenumbers
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel

SPOOL, TOKEN, REGION = Path(os.environ["PEER_SPOOL"]), os.environ["PEER_TOKEN"], "US"
TABLE = """CREATE TABLE IF NOT EXISTS contact (id BLOB PRIMARY KEY, campaign TEXT NOT NULL, external_id TEXT, phone_numbers TEXT NOT NULL,
    data TEXT, status TEXT NOT NULL DEFAULT 'pending', UNIQUE (campaign, external_id)) WITHOUT ROWID"""
UPSERT = """INSERT INTO contact (id, campaign, external_id, phone_numbers, data) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (campaign, external_id) DO UPDATE SET phone_numbers = excluded.phone_numbers, data = excluded.data"""
writing = threading.Lock()
here = threading.local()


def store():
    if not hasattr(here, "db"):
        here.db = sqlite3.connect(os.environ["PEER_DATABASE"], timeout=60)
        here.db.execute("PRAGMA journal_mode = WAL")
        here.db.execute("PRAGMA synchronous = FULL")
    return here.db


class Contact(BaseModel):
    phone_numbers: list[str]
    external_id: str | None = None
    data: dict | None = None


class Contacts(BaseModel):
    contacts: list[Contact]


def normalised(text):
    """E.164; raises NumberParseException or ValueError."""
    number = phonenumbers.parse(text, REGION)
    if not phonenumbers.is_valid_number(number):
        raise ValueError(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def apply(campaign, contacts):
    rows, invalid = [], []
    for index, (key, numbers, data) in enumerate(contacts):
        try:
            rows.append((uuid.uuid4().bytes, campaign, key, json.dumps([normalised(text) for text in numbers]), json.dumps(data)))
        except (phonenumbers.NumberParseException, ValueError):
            invalid.append(index)
    if invalid:
        raise HTTPException(422, f"{len(invalid)} contacts have invalid numbers, first: {invalid[0]}")
    with writing, store() as db:
        db.executemany(UPSERT, rows)
    return len(rows)


def drain(stopping):
    """Of several workers, one."""
    turn = open(SPOOL / ".turn", "w")
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    while not stopping.is_set():
        files = sorted(SPOOL.glob("*/*.csv"))
        for path in files:
            if stopping.is_set():
                break
            with open(path, encoding="utf-8", newline="") as file:
                records = list(csv.DictReader(file))
            apply(path.parent.name, [(one.pop("External ID"), [one.pop("Phone")], one) for one in records])
            path.unlink()
        if not files:
            time.sleep(0.05)


@asynccontextmanager
async def life(app):
    store().execute(TABLE)
    stopping = threading.Event()
    drainer = threading.Thread(target=drain, args=[stopping])
    drainer.start()
    yield
    stopping.set()


app = FastAPI(lifespan=life)


@app.get("/health")
def health():
    return {"status": "ok"}


# Not async: uvicorn's event loop stays free, and the threads share what the interpreter gives them.
@app.post("/campaign/campaigns/{campaign}/contacts")
def add(campaign: str, body: Contacts, authorization: str = Header(), x_anyreach_org: str = Header()):
    if not hmac.compare_digest(authorization, f"Bearer {TOKEN}"):
        raise HTTPException(401, "The token is not valid.")
    if len(body.contacts) > 1000:
        raise HTTPException(413, "At most 1000 contacts.")
    return {"applied": apply(campaign, [(one.external_id, one.phone_numbers, one.data) for one in body.contacts])}
