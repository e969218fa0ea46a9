package import Foundation

/// One person to call, checked and normalised, as it goes into the store.
///
/// A `nil` field is one that the delivery does not carry: on an update the stored value is left as it is.
package struct Contact: Sendable, Hashable {
    /// The contact's identity; `nil` until the store has matched or inserted it.
    package var id: UUID?
    /// The sender's own key, unique within a campaign.
    package var externalID: String?
    /// E.164, in dial order, without repetition, at least one.
    package var phoneNumbers: [String]
    /// A JSON object with every column that is mapped to nothing.
    package var data: String?
    /// IANA name.
    package var timezone: String?
    /// Milliseconds since 1970 UTC; not dialled before it.
    package var scheduledAt: Int64?
    /// What replaces the campaign's own defaults for this contact; `nil` when the delivery carries none of them.
    package var overrides: AgentOverrides?

    package init(phoneNumbers: [String]) { self.phoneNumbers = phoneNumbers }

    /// Whether its keys can be at odds with what is stored. An external id alone finds its contact or makes one; only one
    /// with a NUL, at which SQLite's text ends, is not to be told from others.
    package var mayClash: Bool {
        guard id == nil, let externalID else { return id != nil }
        return externalID.utf8.withContiguousStorageIfAvailable { $0.contains(0) } ?? externalID.utf8.contains(0)
    }
}

/// Per contact, over the campaign's defaults. A `nil` field is not carried.
package struct AgentOverrides: Sendable, Hashable, Codable {
    package var agentID: String?
    /// A JSON object, as text.
    package var agentConfig: String?
    package var agentNumber: String?
    package var agentVersion: String?
    /// A JSON value, as text.
    package var initialContext: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case agentID = "agent_id"
        case agentConfig = "agent_config"
        case agentNumber = "agent_number"
        case agentVersion = "agent_version"
        case initialContext = "initial_context"
    }
}

/// A contact with its place in the delivered file.
package struct PlacedContact: Sendable {
    package var contact: Contact
    package var row: Int
    package var line: Int

    package init(contact: Contact, row: Int, line: Int) {
        self.contact = contact
        self.row = row
        self.line = line
    }
}

extension [PlacedContact] {
    /// Whether any of them does.
    package var mayClash: Bool {
        let contacts = span
        return contacts.indices.contains { contacts[$0].contact.mayClash }
    }
}

/// Where a contact stands between arriving and its last call.
package enum ContactStatus: String, Sendable, Codable, CaseIterable {
    /// Waits in the queue and may be dialled.
    case pending
    /// Reserved by a worker that is about to dial.
    case locked
    /// A call is active.
    case inProgress = "in_progress"
    /// Ended well.
    case completed
    /// Used up its retries.
    case exhausted
    /// Failed in a way that stops further attempts.
    case error

    /// What may come after it: a worker may give up, and an end changes by an explicit reset alone.
    package var followers: [ContactStatus] {
        switch self {
        case .pending: [.locked]
        case .locked: [.inProgress, .pending]
        case .inProgress: [.completed, .exhausted, .error, .pending]
        case .completed, .exhausted, .error: [.pending]
        }
    }
}
