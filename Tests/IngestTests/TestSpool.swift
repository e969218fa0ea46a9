import ContactStore
import Contacts
import Foundation
import Ingest
import PhoneNumbers
import Spool
import SystemPackage

/// A spool and a store in a folder of their own, removed at the end.
final class TestSpool {
    let root: URL
    let folders: SpoolFolders
    let store: ContactStore
    var settings = ImportSettings()

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "rollcall-\(UUID().uuidString)")
        folders = SpoolFolders(root: FilePath(root.appending(path: "spool").path))
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try folders.prepare()
        store = try ContactStore(at: root.appending(path: "store.sqlite").path)
        settings.newCampaign.defaultRegion = RegionCode("US")
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func importer(isStopping: @escaping @Sendable () -> Bool = { false }) -> FileImporter {
        FileImporter(store: store, folders: folders, settings: settings, isStopping: isStopping)
    }

    /// Puts `text` into a file and takes it in at once.
    @discardableResult
    func ingest(_ text: String, as name: String = "leads.csv", campaign: String = "spring", check: Bool = false) throws -> Manifest {
        try importer().run(claim(text, as: name, campaign: campaign, check: check))
    }

    func claim(_ text: String, as name: String = "leads.csv", campaign: String = "spring", check: Bool = false, id: String = Claim.makeID()) throws -> Claim {
        try claim(Data(text.utf8), as: name, campaign: campaign, check: check, id: id)
    }

    func claim(_ content: Data, as name: String, campaign: String = "spring", check: Bool = false, id: String = Claim.makeID()) throws -> Claim {
        let file = root.appending(path: name)
        try content.write(to: file)
        while true {
            do throws(SpoolError) {
                return try Claim.copy(of: FilePath(file.path), campaign: campaign, isCheck: check, in: folders, id: id)
            } catch {
                // A program that another test starts may hold the descriptor for a moment before it runs.
                guard error.errno == .resourceBusy else { throw error }
                usleep(1000)
            }
        }
    }

    func contacts(_ campaign: String = "spring") throws -> [StoredContact] {
        try store.contacts(campaign: campaign, limit: 100_000, offset: 0)
    }

    func results(_ name: String, campaign: String = "spring") throws -> String {
        try String(contentsOf: root.appending(path: "spool/\(campaign)/results/\(name)"), encoding: .utf8)
    }

    func list(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "spool/\(folder)").path)) ?? []).sorted()
    }
}
