import Contacts
import Foundation
import Spool
import SystemPackage

/// One file as the pipeline sees it: an open descriptor, and where it came from.
struct Delivery {
    var id: UUID
    var campaign: String
    var isDryRun: Bool
    var name: String
    var descriptor: FileDescriptor
    var bytes: Int
    /// The file as it was when it was opened.
    private var stamp: FileStamp
    /// Milliseconds since 1970.
    var receivedAt: Int64
    /// `nil` for a file that is only looked at.
    private var flush: ClaimFlush?
    /// Relative to the campaign's folder.
    var archivedAs: String?
    /// `nil` for a file that is only looked at.
    var resultNames: ResultNames?
    /// Of a list of suppressed numbers: the campaign that it is for; `nil` for all.
    var suppressedCampaign: String?
    /// Column rules that came along with an uploaded file, before the campaign's own.
    var rules: [ColumnRule] = []

    /// What its name's ending says.
    var format: FileFormat? { FileFormat(named: name) }

    /// Where refused rows go, in the file's own format.
    var rejectedName: FilePath.Component? {
        format == .csv ? resultNames?.rejected : resultNames?.rejectedLines
    }

    init(of claim: borrowing Claim) {
        id = UUID(uuidString: claim.id) ?? UUID()
        campaign = claim.folder.campaign
        isDryRun = claim.folder.isCheck
        name = claim.name
        descriptor = claim.fileDescriptor
        bytes = claim.size
        stamp = claim.stamp
        flush = claim.flush
        receivedAt = claim.receivedAt.milliseconds
        archivedAs = claim.archivePath
        resultNames = ResultNames(file: claim.component, id: claim.id)
        rules = claim.rules.map(ColumnRule.decode) ?? []
    }

    /// A request's body, in a file that only this process has.
    init(body: FileDescriptor, named name: String, campaign: String, bytes: Int, isDryRun: Bool = false, at now: Date) throws {
        id = UUID(uuidString: Claim.makeID()) ?? UUID()
        self.campaign = campaign
        self.isDryRun = isDryRun
        self.name = name
        descriptor = body
        self.bytes = bytes
        stamp = try FileStamp(body)
        receivedAt = Int64(now.timeIntervalSince1970 * 1000)
    }

    /// A file that is looked at where it lies; nothing is moved or stored.
    init(checking path: FilePath, descriptor: FileDescriptor, campaign: String, bytes: Int, at now: Date) throws {
        id = UUID()
        self.campaign = campaign
        isDryRun = true
        name = path.lastComponent?.string ?? path.string
        self.descriptor = descriptor
        self.bytes = bytes
        stamp = try FileStamp(descriptor)
        receivedAt = Int64(now.timeIntervalSince1970 * 1000)
    }

    /// Returns when the file's place and bytes are on disk, so that the store knows of no file that a power cut takes back.
    func awaitFlush() throws { try flush?.wait() }

    /// Throws a `Refusal` when somebody wrote to the file since: what was checked is no longer what would be stored.
    func requireUnchanged() throws {
        guard try FileStamp(descriptor) == stamp else { throw Refusal.changed(name) }
    }
}

extension FileTime {
    /// Milliseconds since 1970.
    fileprivate var milliseconds: Int64 { seconds * 1000 + Int64(nanoseconds / 1_000_000) }
}

extension Claim {
    /// A new ingest's id: a version 7 UUID in lower case, so that claims sort by time.
    package static func makeID() -> String {
        var ids = TimeOrderedUUIDs()
        return ids.next().text
    }
}
