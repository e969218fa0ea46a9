"""Each calling code's numbering plan as one automaton whose states know the region and the type of a valid number."""
import phonenumbers
from phonenumbers import PhoneNumberType as T
from phonenumbers.phonemetadata import PhoneMetadata

from automata import Program, language, parse

WORLD = "001"
LONGEST = 17  # digits of a national number
#: The order in which the reference tries the types.
TYPES = (("premium_rate", T.PREMIUM_RATE), ("toll_free", T.TOLL_FREE), ("shared_cost", T.SHARED_COST),
         ("voip", T.VOIP), ("personal_number", T.PERSONAL_NUMBER), ("pager", T.PAGER), ("uan", T.UAN),
         ("voicemail", T.VOICEMAIL))
ANY_LENGTH = frozenset(range(256))


class Description:
    """One entry of the metadata: a pattern and the lengths that go with it."""

    languages = {}

    def __init__(self, entry):
        pattern = entry.national_number_pattern if entry is not None else None
        self.lengths = frozenset(entry.possible_length) or ANY_LENGTH if entry is not None else frozenset()
        if pattern:
            self.dfa = self.languages.get(pattern) or self.languages.setdefault(pattern, language(pattern))
        else:
            self.dfa = None

    def start(self):
        return self.dfa.start if self.dfa else 0

    def next(self, state, digit):
        return self.dfa.rows[state][digit] if state else 0

    def matches(self, state, length):
        return state != 0 and state in self.dfa.accepting and length in self.lengths


class Leading:
    """The region's leading digits, which decide once they have been read."""

    MATCHED = -1

    def __init__(self, pattern):
        self.dfa = language(pattern)

    def start(self):
        return self.dfa.start

    def next(self, state, digit):
        if state <= 0:
            return state
        following = self.dfa.rows[state][digit]
        return self.MATCHED if following in self.dfa.accepting else following


class Region:
    def __init__(self, code, calling_code, metadata):
        self.code, self.calling_code, self.metadata = code, calling_code, metadata
        self.general = Description(metadata.general_desc)
        self.types = [(Description(getattr(metadata, name)), number) for name, number in TYPES]
        self.fixed, self.mobile = Description(metadata.fixed_line), Description(metadata.mobile)
        self.leading = Leading(metadata.leading_digits) if metadata.leading_digits is not None else None
        self.parts = [self.general, *(d for d, _ in self.types), self.fixed, self.mobile]
        if self.leading:
            self.parts.append(self.leading)

    def type(self, states, length):
        if not self.general.matches(states[0], length):
            return None
        for (description, number), state in zip(self.types, states[1:]):
            if description.matches(state, length):
                return number
        fixed, mobile = states[len(self.types) + 1:len(self.types) + 3]
        is_mobile = self.mobile.matches(mobile, length)
        if self.fixed.matches(fixed, length):
            same = self.metadata.same_mobile_and_fixed_line_pattern
            return T.FIXED_LINE_OR_MOBILE if same or is_mobile else T.FIXED_LINE
        if is_mobile and not self.metadata.same_mobile_and_fixed_line_pattern:
            return T.MOBILE
        return None

    def mask(self, lengths):
        return sum(1 << n for n in lengths or ())


def load():
    """All regions, the geographic ones first and in alphabetical order; and the calling codes' regions, main first."""
    codes = {code: regions for code, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items())}
    regions = []
    for code in sorted(phonenumbers.SUPPORTED_REGIONS):
        metadata = PhoneMetadata.metadata_for_region(code)
        regions.append(Region(code, metadata.country_code, metadata))
    by_name = {region.code: region for region in regions}
    plans = {}
    for calling_code, names in codes.items():
        if names == (WORLD,):
            metadata = PhoneMetadata.metadata_for_nongeo_region(calling_code)
            regions.append(Region(WORLD, calling_code, metadata))
            plans[calling_code] = [regions[-1]]
        else:
            plans[calling_code] = [by_name[name] for name in names]
    return regions, plans


class Pool:
    """All automata in one list of states: equal states are one. State 0 is dead."""

    def __init__(self):
        self.states = [(0, (0,) * 10)]
        self.known = {self.states[0]: 0}

    def state(self, outcome, row):
        key = (outcome, tuple(row))
        if key not in self.known:
            self.known[key] = len(self.states)
            self.states.append(key)
        return self.known[key]

    def general(self, region, memo):
        """The root of the region's general pattern, outcome 1 where it matches."""
        dfa = region.general.dfa
        if dfa is None:
            return 0

        def visit(s):
            if s == 0:
                return 0
            if (id(dfa), s) not in memo:
                row = [visit(t) for t in dfa.rows[s]]
                memo[id(dfa), s] = self.state(int(s in dfa.accepting), row)
            return memo[id(dfa), s]
        return visit(dfa.start)

    def plan(self, regions, index_of):
        """The root of a calling code's automaton. An outcome is 0 or 1 + type + 16 × the region's index."""
        memo = {}

        def outcome(states, length):
            for region, own in zip(regions, states):
                kind = region.type(own, length)
                if len(regions) > 1 and region.leading:
                    if own[-1] != Leading.MATCHED:
                        continue
                elif kind is None:
                    continue
                return 0 if kind is None else 1 + kind + 16 * index_of[region]
            return 0

        def visit(states, length):
            if length > LONGEST or not any(own[0] for own in states):
                return 0
            if (states, length) not in memo:
                row = [visit(tuple(tuple(part.next(s, digit) for part, s in zip(region.parts, own))
                                   for region, own in zip(regions, states)), length + 1) for digit in range(10)]
                memo[states, length] = self.state(outcome(states, length), row)
            return memo[states, length]
        return visit(tuple(tuple(part.start() for part in region.parts) for region in regions), 0)


def prefix_program(pattern):
    """A prefix pattern as a first-match program, or None."""
    return Program(parse(pattern)) if pattern else None
