#!/usr/bin/env python3
"""Numbers to measure with, one `region TAB number` a line: corpus.py SEED COUNT

70 % local US numbers with punctuation, 20 % E.164, 10 % numbers of other countries and junk.
"""
import random
import sys

import phonenumbers as pn

rng = random.Random(int(sys.argv[1]))
FORMS = ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{} {} {}", "{}{}{}", "1-{}-{}-{}", "+1 ({}) {}-{}")
JUNK = ("n/a", "unknown", "555-01", "call office", "12345", "-", "+999 123 456 789", "415 555 0101 415 555 0102", "x", "0000000000")
REGIONS = sorted(pn.SUPPORTED_REGIONS)


def american():
    while True:
        parts = [str(rng.randint(200, 999)), str(rng.randint(200, 999)), f"{rng.randint(0, 9999):04d}"]
        if pn.is_valid_number(pn.parse("".join(parts), "US")):
            return parts


def foreign():
    region = rng.choice(REGIONS)
    kind = rng.choice((pn.PhoneNumberType.MOBILE, pn.PhoneNumberType.FIXED_LINE))
    number = pn.example_number_for_type(region, kind) or pn.example_number(region)
    form = rng.choice((pn.PhoneNumberFormat.NATIONAL, pn.PhoneNumberFormat.INTERNATIONAL))
    return region, pn.format_number(number, form)


def line():
    share = rng.random()
    if share < 0.7:
        return "US", rng.choice(FORMS[:6]).format(*american())
    if share < 0.9:
        return "US", "+1" + "".join(american()) if rng.random() < 0.5 else "+" + "".join(c for c in foreign_e164() if c.isdigit())
    return ("US", rng.choice(JUNK)) if rng.random() < 0.5 else foreign()


def foreign_e164():
    region = rng.choice(REGIONS)
    return pn.format_number(pn.example_number(region), pn.PhoneNumberFormat.E164)


for _ in range(int(sys.argv[2])):
    print("\t".join(line()))
