/// The first notices in full, and the number of all.
struct NoticeLog: Sendable {
    private(set) var kept: [CSVNotice] = []
    private(set) var total = 0
    private let limit: Int
    /// Set while rows are only counted: nobody reads them, so nothing is said of them.
    var isMuted = false

    init(limit: Int) { self.limit = limit }

    mutating func add(_ notice: @autoclosure () -> CSVNotice) {
        guard !isMuted else { return }
        total += 1
        if kept.count < limit { kept.append(notice()) }
    }
}
