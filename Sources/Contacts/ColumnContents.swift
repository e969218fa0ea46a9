package import PhoneNumbers
import Foundation

/// Tells what the columns of a file without a header hold, from its first rows.
package struct ColumnContents {
    private struct Tally {
        var filled = 0
        var phones = 0
        var ids = 0
    }

    private let region: RegionCode?
    private var tallies: [Tally] = []

    /// `region`: where numbers without a calling code are dialled from.
    package init(region: RegionCode?) { self.region = region }

    /// Counts one row's cells.
    package mutating func add(_ cells: [String]) {
        while tallies.count < cells.count { tallies.append(Tally()) }
        for (index, cell) in cells.enumerated() where !cell.isBlank {
            tallies[index].filled += 1
            if UUID(uuidString: cell.trimmed) != nil {
                tallies[index].ids += 1
            } else if (try? PhoneNumber.read(cell, region: region)) != nil {
                tallies[index].phones += 1
            }
        }
    }

    /// The columns that obviously hold phone numbers or contact ids: nine cells in ten do, and at least one.
    package var fields: [Int: ContactField] {
        var fields: [Int: ContactField] = [:]
        for (index, tally) in tallies.enumerated() where tally.filled > 0 {
            if tally.phones * 10 >= tally.filled * 9 { fields[index] = .phoneNumbers }
            if tally.ids * 10 >= tally.filled * 9 { fields[index] = .id }
        }
        return fields
    }
}
