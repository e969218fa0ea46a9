#!/usr/bin/env python3
"""Generated phone-number inputs and what the reference says about them.

    cases.py SEED COUNT      one line a case on standard output:
    region TAB input bytes in hexadecimal TAB (E.164 SPACE region SPACE type | reason)

The reference is the installed `phonenumbers` package, whose version must be the one that the tables were made from.
"""
import random
import sys

import phonenumbers as pn
from phonenumbers.phonemetadata import PhoneMetadata
from phonenumbers.phonenumberutil import NumberParseException as Refusal
from phonenumbers.phonenumberutil import ValidationResult, is_possible_number_with_reason

REASONS = {
    Refusal.INVALID_COUNTRY_CODE: "invalid_country_code", Refusal.NOT_A_NUMBER: "not_a_number",
    Refusal.TOO_SHORT_AFTER_IDD: "too_short", Refusal.TOO_SHORT_NSN: "too_short", Refusal.TOO_LONG: "too_long"}
POSSIBLE = {
    ValidationResult.TOO_SHORT: "too_short", ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "too_short",
    ValidationResult.TOO_LONG: "too_long"}
REGIONS = sorted(pn.SUPPORTED_REGIONS)
CODES = sorted(pn.COUNTRY_CODE_TO_REGION_CODE)
SPACES = " \u00a0\u3000\u2009\u202f\u2002\ufeff\t\n\r\x0b\u1680"
DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff0d\uff0e\uff0f"
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u00ad\u2060\u2061\u202a\u202c\u0000\u0007\u001f\u007f"
MARKS = ".()/[]~\uff08\uff09\uff3b\uff3d\u2053\u223c\uff5ex*#+,;:'\"=_&|\\<>%@!?$^`{}"
WORDS = ("tel:", "Tel: ", "phone ", "T ", "mob. ", "F\u00f6n ", "\u0442\u0435\u043b. ", "(", "<", "\"", "'", "=\"", "o ", " ")
TAILS = (" ", ".", ")", " (home)", " mobile", "\u00e9", "_", "\u0301", "\u2122", "\u4e00", ">", "\"", " x", "#", "##", "\u00b2",
         "\n", "\r\n", "/x5", "\\ x", " / x12", "\u0939", ", ", ";", "\ufffd", "\U0001f4de")
LABELS = ("ext", "ext.", "ext:", "extn", "extn.", "xtn", "xt", "x", "X", "#", "~", "int", "anexo", "extension", "EXTENSI\u00d3N",
          "extensi\u00f3n", "extensio\u0301n", "\uff45\uff58\uff54\uff4e", "\uff38", "\uff03", "\uff5e", "\u0434\u043e\u0431",
          "\u0414\u041e\u0411", ",", ",,", ",,,", ";", ";ext=", ";EXT=", "\uff49\uff4e\uff54", "ANEXO", "\uff0e", "e", "ex", "doc",
          "INT", "\u0130NT", "\u0131nt", "ext\u017f", "- ", " -", "-")
DIGIT_STARTS = (0x660, 0x6f0, 0x966, 0xff10, 0x7c0, 0x9e6, 0xe50, 0x1d7ce, 0x104a0)
CONTEXTS = ("+1", "+44", "+64-3", "example.com", "a.b.c.", "-", "", "+", "+abc", "www.PHONE-A.com", "1.2", "+1(415)", "+49;x=1",
            "a..b", "+1 415", "\u0661.ab", "+\u0664\u0664", "0", "localhost", "+800", "a-", "+999")


def expected(text, region):
    try:
        number = pn.parse(text, region or None)
    except Refusal as refusal:
        return REASONS[refusal.error_type]
    if not pn.is_valid_number(number):
        return POSSIBLE.get(is_possible_number_with_reason(number), "invalid_for_region")
    e164 = pn.format_number(number, pn.PhoneNumberFormat.E164)
    if len(e164) > 16:
        return "too_long"  # the one departure: E.164 has at most 15 digits
    kind = pn.PhoneNumberType.to_string(pn.number_type(number)).lower()
    return f"{e164} {pn.region_code_for_number(number)} {kind}"


class Patterns:
    """Random members of the languages that the metadata's own patterns describe."""

    def __init__(self, rng):
        self.rng = rng
        self.trees = {}

    def member(self, pattern):
        if pattern not in self.trees:
            try:
                from re import _parser as parser
            except ImportError:
                import sre_parse as parser
            self.trees[pattern] = parser.parse(pattern)
        return self.walk(self.trees[pattern])

    def walk(self, items):
        return "".join(self.atom(str(op), av) for op, av in items)

    def atom(self, op, av):
        rng = self.rng
        if op == "LITERAL":
            return chr(av)
        if op == "IN":
            kind, value = rng.choice(av)
            if str(kind) == "RANGE":
                return chr(rng.randint(*value))
            return chr(value) if str(kind) == "LITERAL" else rng.choice("0123456789")
        if op == "MAX_REPEAT":
            return "".join(self.walk(av[2]) for _ in range(rng.randint(av[0], min(av[1], 20))))
        if op == "SUBPATTERN":
            return self.walk(av[3])
        if op == "BRANCH":
            return self.walk(rng.choice(av[1]))
        return ""


class Cases:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.patterns = Patterns(self.rng)
        self.plans = [(region, PhoneMetadata.metadata_for_region(region)) for region in REGIONS]
        self.plans += [(None, PhoneMetadata.metadata_for_nongeo_region(code))
                       for code in CODES if pn.COUNTRY_CODE_TO_REGION_CODE[code] == ("001",)]

    def chance(self, share):
        return self.rng.random() < share

    def digits(self, low, high):
        return "".join(self.rng.choice("0123456789") for _ in range(self.rng.randint(low, high)))

    def national(self, data):
        """A national number of the plan, usually valid, sometimes off by a digit or two."""
        rng = self.rng
        descriptions = [d for d in (data.fixed_line, data.mobile, data.toll_free, data.premium_rate, data.shared_cost,
                                    data.personal_number, data.voip, data.pager, data.uan, data.voicemail,
                                    data.general_desc) if d is not None and d.national_number_pattern]
        number = self.patterns.member(rng.choice(descriptions).national_number_pattern)
        if self.chance(0.1) and number:
            at = rng.randrange(len(number))
            number = number[:at] + rng.choice(("", self.digits(1, 1), self.digits(2, 3))) + number[at + rng.randint(0, 1):]
        if self.chance(0.05):
            number = number[rng.randint(1, 4):]
        return number + (self.digits(1, 6) if self.chance(0.04) else "")

    def prefixed(self, number, data):
        """The number as it is written: national prefix, calling code, plus or international prefix."""
        rng = self.rng
        if data.national_prefix_for_parsing and self.chance(0.3):
            number = self.patterns.member(data.national_prefix_for_parsing) + number
        elif data.national_prefix and self.chance(0.3):
            number = data.national_prefix + number
        form = rng.random()
        code = str(data.country_code)
        if form < 0.4:
            return number
        if form < 0.55:
            return code + number
        if form < 0.85:
            return rng.choice(("+", "+", "+", "\uff0b", "++", "+ ", "(+", "+\u200b")) + code + rng.choice(("", " ", "-", "(0)")) + number
        _, other = rng.choice(self.plans)
        prefix = (other if self.chance(0.5) else data).international_prefix
        return (rng.choice(("", "", "", "+")) + (self.patterns.member(prefix) if prefix else "00")
                + rng.choice(("", " ", "+")) + code + number)

    def punctuated(self, text):
        rng = self.rng
        share = rng.choice((0, 0, 0, 0.15, 0.3, 0.6))
        pool = rng.choice((" ", "-", " -", ".", " -.()/", SPACES, DASHES, INVISIBLE, MARKS, SPACES + DASHES + INVISIBLE + MARKS))
        return "".join(c + (rng.choice(pool) if self.chance(share) else "") for c in text)

    def lettered(self, text):
        """Vanity letters, O and l, or a stray letter in place of digits."""
        rng = self.rng
        letters = rng.choice(("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcxyz", "OolI", "E", "\u0131\u017f\u212a\u0130k", "\u00e9", "x"))
        count = rng.choice((1, 2, 3, 4, 7))
        cells = list(text)
        start = rng.randrange(max(1, len(cells) - count))
        for at in range(start, min(len(cells), start + count)) if self.chance(0.6) else rng.sample(
                range(len(cells)), min(count, len(cells))):
            cells[at] = rng.choice(letters)
        return "".join(cells)

    def rewritten_digits(self, text):
        start = self.rng.choice(DIGIT_STARTS)
        share = self.rng.choice((1, 1, 0.3))
        return "".join(chr(start + int(c)) if c in "0123456789" and self.chance(share) else c for c in text)

    def extended(self, text):
        rng = self.rng
        space = lambda: rng.choice(("", "", " ", "  ", "\u00a0", "\t", ", ", "-"))
        return (text + space() + rng.choice(LABELS) + space() + rng.choice(("", "", ":", ".", "\uff0e")) + space()
                + self.digits(0, rng.choice((3, 5, 7, 10, 16, 21))) + rng.choice(("", "", "#", "##", " ")))

    def uri(self, text):
        rng = self.rng
        text = rng.choice(("tel:", "tel:", "TEL:", "", "tel:tel:", "x tel:")) + text
        for _ in range(rng.randint(0, 2)):
            text += rng.choice((";phone-context=" + rng.choice(CONTEXTS), ";ext=" + self.digits(1, 5), ";isub=" + self.digits(0, 6),
                                ";a=b", ";phone-context=+" + str(rng.choice(CODES)), ";PHONE-CONTEXT=+1"))
        return text

    def noise(self):
        rng = self.rng
        pool = rng.choice(("0123456789", "0123456789+-. ()x", SPACES + DASHES + INVISIBLE + MARKS + "0123456789abcEXTO"))
        return "".join(rng.choice(pool) for _ in range(rng.choice((0, 1, 2, 3, 5, 9, 14, 20, 40))))

    def text(self, data):
        rng = self.rng
        kind = rng.random()
        if kind < 0.05:
            return self.noise()
        text = self.prefixed(self.national(data), data)
        if kind < 0.15 and text:
            text = self.lettered(text)
        if kind > 0.92:
            _, other = rng.choice(self.plans)
            text += rng.choice((" ", "/", " / ", ",", "", " or ", ";", "x", "\\x", " /x")) + self.prefixed(self.national(other), other)
        text = self.punctuated(text)
        if 0.15 < kind < 0.3:
            text = self.extended(text)
            text = self.extended(text) if self.chance(0.1) else text
        if 0.3 < kind < 0.37:
            text = self.uri(text)
        if 0.37 < kind < 0.45:
            text = self.rewritten_digits(text)
        if 0.2 < kind < 0.5 and self.chance(0.3):
            text = rng.choice(WORDS) + text
        if 0.25 < kind < 0.6 and self.chance(0.3):
            text += rng.choice(TAILS)
        if 0.6 < kind < 0.603:
            text += rng.choice((" ", "0", "\u00e9", "-")) * rng.randint(200, 260)
        return text

    def ill_formed(self):
        """Bytes that are no UTF-8: any, a digit in too many bytes, a surrogate, a character cut short."""
        rng = self.rng
        return rng.choice((bytes(rng.randrange(128, 256) for _ in range(rng.randint(1, 4))), b"\xc0\xb1", b"\xe0\x80\xb5",
                           b"\xf0\x80\x80\xb7", b"\xed\xa0\x80", b"\xef\xbc", b"\xf4\x90\x80\x80", b"\xf0\x9d\x9f"))

    def case(self):
        region, data = self.rng.choice(self.plans)
        text = self.text(data)
        place = self.rng.random()
        if place < 0.25:
            region = self.rng.choice(REGIONS)
        elif place < 0.3:
            region = None
        return region or "", text


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    cases = Cases(seed)
    write = sys.stdout.write
    for n in range(count):
        region, text = cases.case()
        raw = text.encode("utf-8", "surrogatepass")
        if n % 97 == 0:  # ill-formed UTF-8
            at = cases.rng.randrange(len(raw) + 1)
            raw = raw[:at] + cases.ill_formed() + raw[at:]
            text = raw.decode("utf-8", "replace")
        write(f"{region}\t{raw.hex()}\t{expected(text, region)}\n")


if __name__ == "__main__":
    main()
