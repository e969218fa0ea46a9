import Contacts

/// What one record of a delivered file turned out to be.
enum DeliveredRow {
    case row
    /// Nothing but blanks: counted and passed over.
    case empty
    /// Some of its fields are not what they should be; the others are still to be checked, so that all is reported.
    case refused([Problem])
    /// It could not be read as a row.
    indirect case defect(Problem)
}

/// Reads the contacts of one format, one at a time, mapped but not yet checked.
protocol RecordReader: ~Copyable, SendableMetatype {
    var reading: Manifest.Reading { get }
    var mapping: [MappedColumn] { get }
    /// Repairs and remarks about the file as a whole, complete once the last record has been read.
    var remarks: [Problem] { get }
    /// What the rejected rows' file begins with; empty where it needs no header.
    var rejectedHead: [UInt8] { get }

    /// Reads the next record into `row`, whose memory is used again; `nil` at the end of the file.
    mutating func next(into row: inout MappedRow) throws -> DeliveredRow?
    /// The record that `next` returned last, as delivered, with what is wrong with it: a line of the rejected rows' file.
    func rejected(for problems: [Problem]) -> [UInt8]
    /// From the next record on, `data` may be left out where that saves work: the caller only wants to know what is wrong.
    mutating func leaveOutData()
    /// How many data rows follow; they are not read any more.
    mutating func countRemaining() throws -> Int
}
