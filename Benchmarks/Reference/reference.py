#!/usr/bin/env python3
"""reference.py FILE PASSES: CPU nanoseconds a number and the count of valid ones, by Python's phonenumbers."""
import sys
import time

import phonenumbers as pn

with open(sys.argv[1], encoding="utf-8") as file:
    lines = [line.rstrip("\n").split("\t") for line in file]
passes = int(sys.argv[2])
valid = 0
start = time.process_time_ns()
for _ in range(passes):
    for region, text in lines:
        try:
            number = pn.parse(text, region)
        except pn.NumberParseException:
            continue
        if pn.is_valid_number(number):
            pn.format_number(number, pn.PhoneNumberFormat.E164)
            valid += 1
print((time.process_time_ns() - start) / (passes * len(lines)), valid // passes)
