import Foundation
import PhoneNumbers

// PhoneBenchmark [NUMBERS [ROUNDS]]: CPU time a number, alternately by this library, Debian's C++ libphonenumber and
// Python's phonenumbers. PhoneBenchmark parse|read|nothing FILE PASSES does only that, for valgrind.

let arguments = CommandLine.arguments.dropFirst()
if let passes = arguments.dropFirst(2).first.flatMap({ Int($0) }), let path = arguments.dropFirst().first {
    let corpus = try Corpus(path: path)
    var valid = 0
    for _ in 0..<passes {
        switch arguments.first {
        case "parse": valid += corpus.parse().valid
        case "read": valid += corpus.read().valid
        default: break
        }
    }
    print(valid)
} else {
    let numbers = arguments.first.flatMap { Int($0) } ?? 50_000
    let rounds = arguments.dropFirst().first.flatMap { Int($0) } ?? 7
    try Comparison(numbers: numbers).run(rounds: rounds)
}
