"""Seeded contact files: ten columns, a tenth of the fields quoted, every number a valid one."""
import random

HEADER = "External ID,First Name,Last Name,Company,Phone,Email,City,State,Score,Notes"
FIRST = "Ann Bob Carla Dmitri Elena Farid Grace Hiro Ines José".split()
LAST = "Miller O'Brien Nguyen Schmidt García Rossi Okafor Tanaka Silva Novák".split()
CITIES = "Austin Boston Chicago Denver Eugene Fresno Houston Tampa".split()
AREAS = (212, 213, 303, 305, 312, 404, 415, 512, 602, 617, 702, 713, 818, 917)
FORMS = ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "+1 {} {} {}", "{}{}{}", "1-{}-{}-{}")


def row(random, key):
    first, last = random.choice(FIRST), random.choice(LAST)
    phone = random.choice(FORMS).format(random.choice(AREAS), random.randint(220, 410), f"{random.randint(0, 9999):04d}")
    return (f'{key},{first},{last},"{last}, {first} & Sons",{phone},{first.lower()}.{key}@example.com,'
            f'{random.choice(CITIES)},TX,{random.randint(0, 100)},called on day {random.randint(1, 365)}')


def rows(seed, count, keys=None):
    """`count` rows; the keys are random unless given."""
    rng = random.Random(seed)
    keys = keys if keys is not None else (f"{rng.getrandbits(48):012x}" for _ in range(count))
    return [row(rng, key) for key in keys]


def write(path, lines):
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEADER + "\n" + "\n".join(lines) + "\n")
