"""Regular expressions to automata: just what phone-number metadata needs.

Python's own parser reads the expressions; this module turns its tree into an NFA, a DFA or a first-match program.
A set of input symbols is an int used as a bit mask.
"""
import re

try:
    from re import _constants as C, _parser as P
except ImportError:  # Python before 3.11
    import sre_constants as C
    import sre_parse as P

DIGITS = (1 << 10) - 1


def parse(pattern, flags=0):
    return P.parse(pattern, flags)


def digit_mask(op, av):
    """The mask of the digits 0-9 that one atom of a number pattern accepts."""
    atom = re.compile(render(op, av))
    return sum(1 << d for d in range(10) if atom.fullmatch(str(d)))


def render(op, av):
    """An atom of the parse tree as a pattern again."""
    if op is C.LITERAL:
        return re.escape(chr(av))
    if op is not C.IN:
        raise ValueError(f"not an atom of a number pattern: {op}")
    return "[" + "".join(map(render_member, av)) + "]"


def render_member(member):
    op, av = member
    if op is C.LITERAL:
        return re.escape(chr(av))
    if op is C.RANGE:
        return re.escape(chr(av[0])) + "-" + re.escape(chr(av[1]))
    if op is C.CATEGORY and av is C.CATEGORY_DIGIT:
        return r"\d"
    raise ValueError(f"unknown member of a class: {member}")


class Program:
    """Instructions in priority order. Each is (kind, argument, next): a set of symbols, a choice between two
    instructions (the first is preferred), the start or end of the last group, the end of the text, or a match."""

    SET, SPLIT, SAVE, END, MATCH = range(5)

    def __init__(self, tree, mask=digit_mask, reverse=False):
        self.code = []
        self.mask = mask
        self.reverse = reverse
        self.last_group = tree.state.groups - 1
        self.start = self.sequence(tree, self.emit(self.MATCH, 0, 0))

    def emit(self, kind, argument, following):
        self.code.append((kind, argument, following))
        return len(self.code) - 1

    def sequence(self, items, following):
        for op, av in (items if self.reverse else reversed(list(items))):
            following = self.item(op, av, following)
        return following

    def item(self, op, av, following):
        if op is C.MAX_REPEAT:
            return self.repeat(*av, following)
        if op is C.SUBPATTERN:
            return self.group(av[0], av[3], following)
        if op is C.BRANCH:
            starts = [self.sequence(branch, following) for branch in av[1]]
            choice = starts.pop()
            while starts:
                choice = self.emit(self.SPLIT, starts.pop(), choice)
            return choice
        if op is C.AT and av is C.AT_END:
            return self.emit(self.END, 0, following)
        return self.emit(self.SET, self.mask(op, av), following)

    def group(self, number, body, following):
        if number is None or number != self.last_group:
            return self.sequence(body, following)
        return self.emit(self.SAVE, 0, self.sequence(body, self.emit(self.SAVE, 1, following)))

    def repeat(self, low, high, body, following):
        if high is C.MAXREPEAT:
            loop = self.emit(self.SPLIT, 0, following)
            self.code[loop] = (self.SPLIT, self.sequence(body, loop), following)
            start = loop
        else:
            start = following
            for _ in range(high - low):
                start = self.emit(self.SPLIT, self.sequence(body, start), following)
        for _ in range(low):
            start = self.sequence(body, start)
        return start

    def depth(self):
        """How many alternatives can be pending at once."""
        memo = {}

        def visit(pc):
            if pc not in memo:
                kind, argument, following = self.code[pc]
                memo[pc] = (0 if kind == self.MATCH else
                            max(visit(argument) + 1, visit(following)) if kind == self.SPLIT else visit(following))
            return memo[pc]
        return visit(self.start)

    def first(self):
        """The symbols a match can begin with, and whether the empty text matches."""
        mask, empty = 0, False
        for pc in self.closure([self.start]):
            kind, argument, _ = self.code[pc]
            mask |= argument if kind == self.SET else 0
            empty |= kind == self.MATCH
        return mask, empty

    def closure(self, starts):
        seen, todo = set(), list(starts)
        while todo:
            pc = todo.pop()
            if pc in seen:
                continue
            seen.add(pc)
            kind, argument, following = self.code[pc]
            if kind == self.SPLIT:
                todo += [argument, following]
            elif kind == self.SAVE:
                todo.append(following)
        return frozenset(pc for pc in seen if self.code[pc][0] in (self.SET, self.END, self.MATCH))


class DFA:
    """States as ints; state 0 is dead. `rows[s][symbol]` is the next state, `accepting` the set of final states."""

    def __init__(self, program, width=10):
        self.rows = [[0] * width]
        self.accepting = set()
        self.start = 0
        known = {frozenset(): 0}
        todo = []

        def state(pcs):
            if pcs not in known:
                known[pcs] = len(self.rows)
                self.rows.append(None)
                todo.append(pcs)
                if any(program.code[pc][0] == Program.MATCH for pc in pcs):
                    self.accepting.add(known[pcs])
            return known[pcs]

        self.start = state(program.closure([program.start]))
        while todo:
            pcs = todo.pop()
            row = []
            sets = [program.code[pc] for pc in pcs if program.code[pc][0] == Program.SET]
            for symbol in range(width):
                row.append(state(program.closure(following for _, mask, following in sets if mask >> symbol & 1)))
            self.rows[known[pcs]] = row

    def minimised(self):
        """The same language with the fewest states (Moore's refinement), numbered from the start state."""
        part = [int(s in self.accepting) for s in range(len(self.rows))]
        while True:
            keys, fresh = {}, []
            for s, row in enumerate(self.rows):
                fresh.append(keys.setdefault((part[s], tuple(part[t] for t in row)), len(keys)))
            if len(keys) == len(set(part)):
                break
            part = fresh
        small = object.__new__(DFA)
        small.rows = [None] * len(set(part))
        for s, row in enumerate(self.rows):
            small.rows[part[s]] = [part[t] for t in row]
        small.start = part[self.start]
        small.accepting = {part[s] for s in self.accepting}
        small.dead = part[0]
        return small


def language(pattern):
    return DFA(Program(parse(pattern)))
