#!/usr/bin/env python3
"""Breaks each rule of the parser in turn and counts the generated cases that notice.

    mutate.py [SEED [COUNT [NAME...]]]      a mutant that no case notices "lives"; exit code 1 if one does

Needs swiftc and the `phonenumbers` package. Sources are copied to a temporary folder; nothing here changes.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SOURCES = HERE.parents[2] / "Sources/PhoneNumbers"
RUNNER = '''
import Foundation
func bytes(_ text: Substring) -> [UInt8] {
    let d = text.utf8.map { UInt8($0 < 97 ? $0 - 48 : $0 - 87) }
    return stride(from: 0, to: d.count - 1, by: 2).map { d[$0] << 4 | d[$0 + 1] }
}
func answer(_ raw: [UInt8], _ region: String) -> String {
    raw.withUnsafeBufferPointer { raw in
        do throws(PhoneNumberError) {
            let n = try PhoneNumber(utf8: raw, region: RegionCode(region))
            return "\\(n.e164) \\(n.region?.description ?? "001") \\(n.type.rawValue)"
        } catch { return error.code }
    }
}
var differing = 0
for line in try String(contentsOfFile: CommandLine.arguments[1], encoding: .utf8).split(separator: "\\n") {
    let f = line.split(separator: "\\t", omittingEmptySubsequences: false)
    if answer(bytes(f[1]), String(f[0])) != f[2] { differing += 1 }
}
print(differing)
'''
P, C = "Parsing/", "Metadata/"
#: name, file, the text to replace, its replacement
MUTANTS = (
    ("no limit of 250 characters", P + "SymbolReader.swift", "longestText = 250", "longestText = 255"),
    ("a shorter limit", P + "SymbolReader.swift", "longestText = 250", "longestText = 249"),
    ("overlong UTF-8 accepted", P + "SymbolReader.swift", "case 0xE0: (2, 0xA0...0xBF)", "case 0xE0: (2, 0x80...0xBF)"),
    ("surrogates accepted", P + "SymbolReader.swift", "case 0xED: (2, 0x80...0x9F)", "case 0xED: (2, 0x80...0xBF)"),
    ("tail not trimmed", P + "PossibleNumber.swift", "while end > start, !has(end - 1, .word) { end -= 1 }", "end += 0"),
    ("second extension kept", P + "PossibleNumber.swift", "start..<(secondNumber(start..<end) ?? end)", "start..<end"),
    ("no spaces before a second extension", P + "PossibleNumber.swift", "position < text.upperBound, symbols[position] == UInt8(ascii: \" \")", "false"),
    ("start at a digit only", P + "PossibleNumber.swift", "has($0, [.digit, .plus])", "has($0, .digit)"),
    ("context not checked", P + "PossibleNumber.swift", "guard PhoneContext(symbols: symbols).isValid(start..<end) else { return nil }", "guard end > start else { return nil }"),
    ("context number without a digit", P + "PossibleNumber.swift", "return digits > 0", "return true"),
    ("top label may begin with a digit", P + "PossibleNumber.swift", "isLabel(label..<end) && symbols[label].isASCIILetter", "isLabel(label..<end)"),
    ("no full stop after a domain", P + "PossibleNumber.swift", "{ end -= 1 }\n        var label", "{ end -= 0 }\n        var label"),
    ("global context ignored", P + "PossibleNumber.swift", "isGlobal ? start..<end : 0..<0", "0..<0"),
    ("scheme kept", P + "PossibleNumber.swift", "let scheme = first(Self.scheme, 0..<count).map { $0 + Self.scheme.utf8CodeUnitCount } ?? 0", "let scheme = 0"),
    ("subaddress kept", P + "PossibleNumber.swift", "subaddress > possible.lowerBound", "subaddress < 0"),
    ("subaddress cut at the start", P + "PossibleNumber.swift", "subaddress > possible.lowerBound", "subaddress >= possible.lowerBound"),
    ("two digits not viable", P + "Viability.swift", "text.count == 2 && has", "false && has"),
    ("two of three digits suffice", P + "Viability.swift", "for _ in 0..<3", "for _ in 0..<2"),
    ("any tail viable", P + "Viability.swift", "if tail == text.upperBound { return true }", "return true"),
    ("extension may follow anything", P + "Viability.swift", "found = found || $0 <= limit", "found = found || $0 >= 0"),
    ("shortest extension", P + "Viability.swift", "{ start = $0 }", "{ start = min(start, text.upperBound) == text.upperBound ? $0 : start }"),
    ("extension after a number not viable", P + "Viability.swift", ", isViable(text.lowerBound..<start) else { return text }", " else { return text }"),
    ("extension kept", P + "NumberParser.swift", "viability.withoutExtension(possible)", "possible"),
    ("own region's rules with a calling code", P + "NumberParser.swift", "callingCode.map(tables.plans.mainRegion) ?? region", "region ?? callingCode.flatMap(tables.plans.mainRegion)"),
    ("one digit suffices", P + "NumberParser.swift", "guard digits.count >= 2", "guard digits.count >= 1"),
    ("no limit of 17 digits", P + "NumberParser.swift", "digits.count <= 17", "digits.count <= 99"),
    ("a limit of 16 digits", P + "NumberParser.swift", "digits.count <= 17", "digits.count <= 16"),
    ("prefix off a number too short", P + "NumberParser.swift", "case .tooShort, .localOnly, .between: break", "case .tooShort, .localOnly, .between: digits.replace(prefix)"),
    ("prefix stays on a number too long", P + "NumberParser.swift", "case .possible, .tooLong: digits.replace(prefix)", "case .tooLong: break\n        case .possible: digits.replace(prefix)"),
    ("16 digits", P + "NumberParser.swift", "1_000_000_000_000_000", "10_000_000_000_000_000"),
    ("local-only is invalid", P + "NumberParser.swift", "case .tooShort, .localOnly: return .tooShort", "case .tooShort: return .tooShort\n        case .localOnly: return .invalidForRegion"),
    ("no second try without the plus", P + "NumberParser.swift", "guard case .refused(.invalidCountryCode) = result else { return result }", "guard false else { return result }"),
    ("absent after the second try", P + "NumberParser.swift", "guard case .absent = second else { return second }", "return second"),
    ("0 after the international prefix", P + "NumberParser.swift", "match.end < digits.count && digits[match.end] == 0 ? nil : match.end", "match.end"),
    ("no international prefix", P + "NumberParser.swift", "if let prefix = internationalPrefix(region)", "if false, let prefix = internationalPrefix(region)"),
    ("two digits after a plus", P + "NumberParser.swift", "guard digits.count > 2 else", "guard digits.count > 3 else"),
    ("calling code may begin with 0", P + "NumberParser.swift", "guard digits[0] != 0 else { return .refused(.invalidCountryCode) }", ""),
    ("own calling code kept", P + "NumberParser.swift", "guard let codeLength = ownCallingCodeLength(region) else { return false }", "guard let codeLength = ownCallingCodeLength(region), codeLength < 0 else { return false }"),
    ("own calling code off a possible number", P + "NumberParser.swift", "(!isGeneral(full, region) && restIsNumber)", "restIsNumber"),
    ("own calling code off any number", P + "NumberParser.swift", "(!isGeneral(full, region) && restIsNumber)", "!isGeneral(full, region)"),
    ("too long doesn't count", P + "NumberParser.swift", "|| tables.plans.checkLength(full.count, region: region) == .tooLong", ""),
    ("prefix kept after the own calling code", P + "NumberParser.swift", "if let prefix { digits.replace(prefix) }\n        return true", "return true"),
    ("two letters make a vanity number", P + "NumberParser.swift", "letters >= 3", "letters >= 2"),
    ("four letters make a vanity number", P + "NumberParser.swift", "letters >= 3", "letters >= 4"),
    ("digits of all scripts in vanity numbers", P + "NumberParser.swift", "letters >= 3 ? table.key(symbols[position])", "letters >= 3 && table.digit(symbols[position]) == SymbolTable.none ? table.key(symbols[position])"),
    ("no transform", P + "NumberParser.swift", "if rules.transform != 0, let group", "if false, let group"),
    ("no guard of viable numbers", P + "NumberParser.swift", "return isGeneral(number, region) && !isGeneral(number, without: prefix, region) ? nil : prefix", "return prefix"),
    ("guard always", P + "NumberParser.swift", "return isGeneral(number, region) && !isGeneral(number, without: prefix, region) ? nil : prefix", "return !isGeneral(number, without: prefix, region) ? nil : prefix"),
    ("last alternative first", C + "PrefixPrograms.swift", "pending[waiting] = at\n                waiting += 1\n                at.instruction = instruction.argument", "pending[waiting] = at\n                pending[waiting].instruction = instruction.argument\n                waiting += 1"),
    ("end of text not asked for", C + "PrefixPrograms.swift", "failed = at.position != digits.count", "failed = false"),
    ("empty prefix never matches", C + "PrefixPrograms.swift", "program.matchesEmpty ||", "false ||"),
    ("local lengths are possible", C + "NumberingPlans.swift", "if rules.localLengths & bit != 0 { return .localOnly }", "if rules.localLengths & bit != 0 { return .possible }"),
    ("lengths between are possible", C + "NumberingPlans.swift", "? .tooLong : .between", "? .tooLong : .possible"),
)


def build(folder):
    sources = [str(path) for path in folder.rglob("*.swift")]
    features = [word for name in ("ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility")
                for word in ("-enable-upcoming-feature", name)]
    subprocess.run(["swiftc", "-Onone", "-wmo", "-swift-version", "6", *features, "-package-name", "rollcall", "-module-name", "PhoneNumbers", "-o",
                    str(folder / "run"), *sources], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def differences(folder, cases):
    run = subprocess.run([str(folder / "run"), str(cases)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=900)
    return f"{int(run.stdout):6d} differences" if run.returncode == 0 else " crash"


def outcome(cases, file, old, new):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        shutil.copytree(SOURCES, folder / "s")
        folder.joinpath("main.swift").write_text(RUNNER)
        if file:
            text = folder.joinpath("s", file).read_text()
            if text.count(old) != 1:
                return f"not applicable: found {text.count(old)} times"
            folder.joinpath("s", file).write_text(text.replace(old, new))
        try:
            build(folder)
        except subprocess.CalledProcessError:
            return "does not compile"
        return differences(folder, cases)


def main():
    seed, count = (sys.argv[1:3] + ["1", "30000"][len(sys.argv) - 1:])[:2]
    lived = 0
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as cases:
        subprocess.run([sys.executable, str(HERE / "cases.py"), seed, count], stdout=cases, check=True)
        print(f"seed {seed}, {count} cases; unchanged: {outcome(cases.name, None, None, None)}", flush=True)
        for name, *mutation in MUTANTS:
            if sys.argv[3:] and name not in sys.argv[3:]:
                continue
            result = outcome(cases.name, *mutation)
            alive = not result.endswith("crash") and int(result.split()[0]) == 0 if "differences" in result else "crash" not in result
            lived += alive
            print(f"{'LIVES ' if alive else 'killed'} {result:20} {name}", flush=True)
    print(f"{lived} of {len(MUTANTS)} lived")
    sys.exit(lived > 0)


if __name__ == "__main__":
    main()
