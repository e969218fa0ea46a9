import Foundation

/// A calendar time as ISO 8601 writes it, with or without an offset from UTC.
struct ISO8601Time: Equatable {
    /// Milliseconds since 1970, as though the written time were UTC.
    var wallMilliseconds: Int64
    /// Seconds east of UTC; `nil` when the text has no offset.
    var offset: Int?

    /// Reads the extended format: `2026-03-01T09:30`, `2026-03-01 09:30:15.250`, with `Z`, `+02:00`, `+0200` or `+02`
    /// at the end or nothing. `nil` for anything else, and for days and hours that do not exist.
    init?(_ text: String) {
        var scanner = Scanner(bytes: Array(text.utf8))
        guard let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2), scanner.skip("-"),
            let day = scanner.digits(2), (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year),
            scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.digits(2), hour < 24, scanner.skip(":"), let minute = scanner.digits(2), minute < 60
        else { return nil }
        var second = 0
        var fraction = 0
        if scanner.skip(":") {
            guard let value = scanner.digits(2), value < 60 else { return nil }
            second = value
            if scanner.skip(".") || scanner.skip(",") {
                guard let value = scanner.milliseconds() else { return nil }
                fraction = value
            }
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        wallMilliseconds = Int64(((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + Int64(fraction)
        self.offset = offset.value
    }

    /// Milliseconds since 1970 UTC, by the text's own offset, else as a clock in `zone` shows it; `nil` with neither.
    ///
    /// A time that summer time skips is moved forward by the skipped hour; of one that occurs twice, the first is meant.
    func milliseconds(in zone: TimeZone?) -> Int64? {
        if let offset { return wallMilliseconds - Int64(offset) * 1000 }
        guard let zone else { return nil }
        let before = wallMilliseconds - seconds(zone, at: wallMilliseconds - 86_400_000) * 1000
        let after = wallMilliseconds - seconds(zone, at: wallMilliseconds + 86_400_000) * 1000
        let fits = [before, after].filter { wallMilliseconds - seconds(zone, at: $0) * 1000 == $0 }
        return fits.min() ?? before
    }

    private func seconds(_ zone: TimeZone, at milliseconds: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(milliseconds) / 1000)))
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Days in the proleptic Gregorian calendar, counted in years that begin with March.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let marchYear = month > 2 ? year : year - 1
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return 365 * marchYear + floorDiv(marchYear, 4) - floorDiv(marchYear, 100) + floorDiv(marchYear, 400)
            + dayOfYear - 719_468
    }

    private static func floorDiv(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : (a - b + 1) / b }
}

private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func digit() -> Int? {
        guard position < bytes.count, (0x30...0x39).contains(bytes[position]) else { return nil }
        defer { position += 1 }
        return Int(bytes[position] - 0x30)
    }

    mutating func digits(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let next = digit() else { return nil }
            value = value * 10 + next
        }
        return value
    }

    /// One to nine fraction digits; those beyond milliseconds are cut off.
    mutating func milliseconds() -> Int? {
        var value = 0
        var count = 0
        while count < 9, let next = digit() {
            if count < 3 { value = value * 10 + next }
            count += 1
        }
        while count > 0, count < 3 {
            value *= 10
            count += 1
        }
        return count == 0 ? nil : value
    }

    /// `.some(nil)` when nothing is left to read; `nil` when what is left is no offset.
    mutating func offset() -> (value: Int?, Void)? {
        if isAtEnd { return (nil, ()) }
        if skip("Z") || skip("z") { return (0, ()) }
        let sign = skip("+") ? 1 : skip("-") ? -1 : 0
        guard sign != 0, let hours = digits(2), hours < 24 else { return nil }
        var minutes = 0
        if !isAtEnd {
            _ = skip(":")
            guard let value = digits(2), value < 60 else { return nil }
            minutes = value
        }
        return (sign * (hours * 3600 + minutes * 60), ())
    }
}

extension Int64 {
    /// Milliseconds since 1970 as ISO 8601 in UTC, with a fraction only where there is one.
    package var iso8601: String {
        let milliseconds = (self % 1000 + 1000) % 1000
        let whole = Date(timeIntervalSince1970: Double((self - milliseconds) / 1000)).formatted(.iso8601)
        // A fraction in a floating-point second may come out a millisecond short.
        if milliseconds == 0 { return whole }
        return "\(whole.dropLast()).\(String(milliseconds + 1000).dropFirst())Z"
    }
}
