/// CSV files for tests: a header, and one valid row a contact.
enum Exports {
    static let header = "External ID,Name,Mobile,City\n"

    /// `count` rows, numbered from `first`, each with a key and a number of its own.
    static func rows(_ count: Int, from first: Int = 0, key: String = "K") -> String {
        header + (first..<first + count).map { row(key: "\(key)\($0)", phone: phone($0)) }.joined()
    }

    static func row(key: String, phone: String, city: String = "New York") -> String { "\(key),Ada,\(phone),\(city)\n" }

    /// A valid number in the United States, a different one for each below 900,000.
    static func phone(_ number: Int) -> String {
        let exchange = 220 + number / 10_000 % 90
        let line = number % 10_000
        return "(212) \(exchange)-" + String(repeating: "0", count: 4 - String(line).count) + String(line)
    }
}
