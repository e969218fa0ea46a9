"""The reference's character classes and its extension pattern, as a table of symbols and one automaton.

ASCII characters are their own symbols. Every other character gets the symbol of its class: all characters that no
rule tells apart share one. The extension automaton reads from the end of the text to its start.
"""
import re
import sys
import unicodedata

from phonenumbers import phonenumberutil as reference

from automata import DFA, Program, parse, render

FLAGS = re.UNICODE | re.IGNORECASE
EVERY = "".join(map(chr, range(sys.maxunicode + 1)))
DIGIT, PLUS, PUNCTUATION, TAIL, WORD = (1 << n for n in range(5))
NONE = 255


def members(pattern, flags=re.UNICODE):
    return {m.start() for m in re.compile(pattern, flags).finditer(EVERY)}


def keypad(character):
    return int(reference._ALPHA_PHONE_MAPPINGS.get(character.upper(), NONE))


class Symbols:
    def __init__(self):
        self.atoms = {}
        tree = parse(reference._EXTN_PATTERNS_FOR_PARSING, FLAGS)
        Program(tree, mask=self.note_atom)
        digits = members(r"\d")
        punctuation = members("[" + reference._VALID_PUNCTUATION + reference._STAR_SIGN + "]", FLAGS)
        tail = digits | members(
            "[" + reference._VALID_PUNCTUATION + reference._STAR_SIGN + reference._VALID_ALPHA + "]", FLAGS)
        flagged = ((DIGIT, digits), (PLUS, members("[" + reference._PLUS_CHARS + "]")),
                   (PUNCTUATION, punctuation), (TAIL, tail), (WORD, members(r"[^\W_]|#")))
        self.number(flagged)
        self.extension = DFA(Program(tree, mask=self.atom_mask, reverse=True), width=len(self.flags)).minimised()

    def note_atom(self, op, av):
        self.atoms.setdefault(render(op, av), None)
        return 0

    def number(self, flagged):
        for atom in self.atoms:
            self.atoms[atom] = members(atom, FLAGS)
        self.flags, self.digits, self.keypad = [], [], []
        self.symbol_of, known = {}, {}
        for cp, character in enumerate(EVERY):
            flags = sum(bit for bit, cps in flagged if cp in cps)
            value = unicodedata.digit(character, NONE) if flags & DIGIT else NONE
            signature = (flags, value, keypad(character), *(cp in cps for cps in self.atoms.values()))
            key = cp if cp < 128 else signature
            if key not in known:
                known[key] = len(self.flags)
                self.flags.append(flags)
                self.digits.append(value)
                self.keypad.append(signature[2])
            self.symbol_of[cp] = known[key]
        if len(self.flags) > 255:
            raise ValueError("more classes of characters than a byte can number")

    def atom_mask(self, op, av):
        return sum(1 << s for s in {self.symbol_of[cp] for cp in self.atoms[render(op, av)]})

    def ranges(self):
        """(first code point, symbol) of each run of characters outside ASCII."""
        runs, last = [], None
        for cp in range(128, sys.maxunicode + 1):
            if self.symbol_of[cp] != last:
                last = self.symbol_of[cp]
                runs.append((cp, last))
        return runs

    def columns(self):
        """The extension automaton with equal columns merged: (column of each symbol, rows)."""
        kinds, column = {}, []
        for symbol in range(len(self.flags)):
            column.append(kinds.setdefault(tuple(row[symbol] for row in self.extension.rows), len(kinds)))
        firsts = [column.index(c) for c in range(len(kinds))]
        return column, [[row[s] for s in firsts] for row in self.extension.rows]
