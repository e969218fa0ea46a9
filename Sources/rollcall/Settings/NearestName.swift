extension Set<String> {
    /// "; did you mean limits.rows?", or nothing when no name is within a third of its letters.
    func nearest(to name: String) -> String {
        let ranked = map { ($0.editDistance(to: name), $0) }.min { $0 < $1 }
        guard let (distance, best) = ranked, distance <= Swift.max(2, best.count / 3) else { return "" }
        return "; did you mean \(best)?"
    }
}

extension String {
    /// Letters to insert, remove or replace to get from one to the other (Levenshtein's distance).
    fileprivate func editDistance(to other: String) -> Int {
        let other = Array(other.unicodeScalars.prefix(128))
        var row = Array(0...other.count)
        for (index, scalar) in unicodeScalars.prefix(128).enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in other.indices {
                let replaced = diagonal + (scalar == other[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(replaced, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
