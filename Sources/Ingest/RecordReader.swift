import Contacts

/// What one record of a delivered file turned out to be.
enum DeliveredRow {
    case row(MappedRow)
    /// Nothing but blanks: counted and passed over.
    case empty
    /// It could not be read as a row.
    case defect(Problem)
}

/// Reads the contacts of one format, one at a time, mapped but not yet checked.
protocol RecordReader: ~Copyable {
    var reading: Manifest.Reading { get }
    var mapping: [MappedColumn] { get }
    /// Repairs and remarks about the file as a whole, complete once the last record has been read.
    var remarks: [Problem] { get }
    /// The names that the rejected rows' file begins with.
    var header: [String] { get }

    /// The next record; `nil` at the end of the file.
    mutating func next() throws -> DeliveredRow?
    /// The cells of the record that `next` returned last, as delivered, in the file's order.
    func cells() -> [String]
    /// How many data rows follow; they are not read any more.
    mutating func countRemaining() throws -> Int
}
