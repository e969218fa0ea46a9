package import ContactStore
import Contacts
import Foundation
package import Ingest
package import Logging
package import Spool
package import SystemPackage

/// What the API works on.
package struct API: Sendable {
    /// The store of now: another one once a damaged one was replaced.
    let store: @Sendable () -> ContactStore
    let folders: SpoolFolders
    /// How files are taken in, as of now.
    let imports: @Sendable () -> ImportSettings
    /// Gets the ids of claims to be worked on.
    let takeUp: @Sendable (String) -> Void
    /// What Prometheus reads.
    let metricsText: @Sendable () -> String
    let metrics: ServiceMetrics?
    let settings: APISettings
    let logger: Logger

    package init(
        store: @escaping @Sendable () -> ContactStore, folders: SpoolFolders, imports: @escaping @Sendable () -> ImportSettings,
        takeUp: @escaping @Sendable (String) -> Void, metricsText: @escaping @Sendable () -> String, metrics: ServiceMetrics? = nil,
        settings: APISettings, logger: Logger
    ) {
        self.store = store
        self.folders = folders
        self.imports = imports
        self.takeUp = takeUp
        self.metricsText = metricsText
        self.metrics = metrics
        self.settings = settings
        self.logger = logger
    }

    var importer: FileImporter {
        FileImporter(store: store(), folders: folders, settings: imports(), metrics: metrics)
    }

    /// The campaign that the call names. Throws 404 when there is none, or none that the caller sees.
    func campaign(_ call: Call) throws -> Campaign {
        guard let key = call.path["campaign_id"], let campaign = try store().campaign(key), try call.access().includes(campaign) else {
            throw Failure.noCampaign
        }
        return campaign
    }

    /// One line for each change, with who made it.
    func audit(_ action: String, _ call: Call, campaign: String, _ more: Logger.Metadata = [:]) {
        var metadata: Logger.Metadata = ["campaign": "\(campaign)", "address": "\(call.address)"]
        if let caller = call.caller {
            metadata["token"] = "\(caller.token)"
            metadata["org"] = "\(caller.access.org)"
        }
        logger.notice("api: \(action)", metadata: metadata.merging(more) { _, own in own })
    }
}

/// Where the API listens, and for whom.
package struct APISettings: Sendable {
    package var host = "127.0.0.1"
    /// 0: any free port.
    package var port = 0
    /// PEM files; both or none.
    package var certificateFile: FilePath?
    package var keyFile: FilePath?
    /// Requests a second for each token; 0: any number.
    package var tokenRate = 50
    /// Requests a second from each address; 0: any number.
    package var addressRate = 200
    /// Whether `/metrics` answers others than this machine.
    package var hasPublicMetrics = false
    /// How long a request's body may take to come; uploads ten times as long.
    package var bodyTimeout = Duration.seconds(60)
    /// How long a connection may be silent, and a request's head may take.
    package var idleTimeout = Duration.seconds(30)
    package var connections = 1024

    package init() {}
}

/// Published limits of the contact API.
enum PublishedLimits {
    /// Contacts in one request.
    static let contacts = 1000
    /// Contacts inline on a campaign document.
    static let inlineContacts = 5000
}

extension Call {
    /// A page's bounds. Throws 422 for what is no number, or out of bounds.
    func page() throws -> (limit: Int, offset: Int) {
        (try number("limit", 1...1000, default: 50), try number("offset", 0...Int(Int32.max), default: 0))
    }

    private func number(_ name: String, _ range: ClosedRange<Int>, default value: Int) throws -> Int {
        guard let text = query[name] else { return value }
        guard let number = Int(text), range.contains(number), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Failure(422, "\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\".")
        }
        return number
    }

    func flag(_ name: String) throws -> Bool {
        switch query[name] {
        case nil, "false": return false
        case "true": return true
        case .some(let text): throw Failure(422, "\(name) takes true or false, not \"\(text)\".")
        }
    }
}
