import Contacts

/// What a first reading of the whole file leaves for storing it.
struct BatchPlan {
    enum Contents {
        /// Everything fits one batch, which is kept.
        case whole([PlacedContact])
        /// The file is read again, batch by batch.
        case several(SupersededRows)
    }

    let contents: Contents
    /// The first contacts as they would be stored.
    let preview: [PlacedContact]
    /// Clashes with stored contacts, found before anything is written; they are not in the report.
    let conflicts: [Problem]

    /// Reads the survey to its end. `refused` gets the line of each row that is no contact; `conflicts` tells which contacts of a
    /// batch clash with the store; one batch alone finds out by itself, unless `rehearsesOne`.
    init<Reader: RecordReader & ~Copyable>(
        _ survey: inout Survey<Reader>, _ report: inout Report, rehearsesOne: Bool = false,
        refused: ([UInt8]) throws -> Void, conflicts: ([PlacedContact]) throws -> [Problem]
    ) throws {
        var only = try survey.nextBatch(&report, refused: refused) ?? []
        preview = Array(only.prefix(10))
        var superseded = SupersededRows()
        var clashes: [Problem] = []
        var batches = 1
        while let batch = try survey.nextBatch(&report, refused: refused) {
            // What is stored is read again.
            survey.reader.leaveOutData()
            for batch in batches == 1 ? [only, batch] : [batch] {
                superseded.note(batch)
                clashes += try conflicts(batch)
            }
            only = []
            batches += 1
        }
        superseded.settle()
        try survey.conclude(&report)
        if batches == 1, rehearsesOne { clashes = try conflicts(only) }
        self.conflicts = clashes
        contents = batches == 1 ? .whole(only) : .several(superseded)
    }
}
