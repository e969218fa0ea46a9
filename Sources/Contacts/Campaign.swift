package import PhoneNumbers

/// Whether a campaign takes contacts and dials them.
package enum CampaignStatus: String, Sendable, Codable, CaseIterable {
    case active, paused, closed
}

/// What happens to a file in which a row is refused.
package enum InvalidRowPolicy: String, Sendable, Codable, CaseIterable {
    /// One invalid row refuses the whole file, as the contact API does (422).
    case refuse
    /// Valid rows are stored; invalid ones go to the rejected-rows file.
    case skip
}

/// How a campaign's files are written, as far as that is not to be found out from each file.
package struct FileRules: Sendable, Hashable, Codable {
    /// The encoding's IANA name.
    package var encoding: String?
    /// One ASCII character.
    package var delimiter: String?
    /// One ASCII character, or nothing for files without quotes.
    package var quote: String?
    /// A file without a header is mapped by what its columns hold, instead of being refused.
    package var mapsByContent = false

    package init() {}
}

/// A campaign's own limits; `nil` leaves the configured one.
package struct CampaignLimits: Sendable, Hashable, Codable {
    package var rows: Int?
    package var fileBytes: Int?

    package init() {}

    private enum CodingKeys: String, CodingKey {
        case rows
        case fileBytes = "file_bytes"
    }
}

/// A call list under one key, with the defaults that its contacts fall back on.
package struct Campaign: Sendable, Hashable {
    /// The folder's name: a UUID or the sender's own key.
    package var key: String
    package var name: String
    /// Whose it is; `nil`: open to every organisation of the machine.
    package var org: String?
    package var status = CampaignStatus.active
    /// Numbers without a calling code are read as dialled from here; `nil` accepts international numbers alone.
    package var defaultRegion: RegionCode?
    /// IANA name, for a `scheduled_at` that has neither an offset nor a time zone of its own.
    package var defaultTimezone: String?
    /// Per-campaign column rules; they win over the header's own meaning.
    package var columnRules: [ColumnRule] = []
    package var onInvalid = InvalidRowPolicy.refuse
    /// Where invalid rows are skipped: the share of them, in percent, above which the file is refused after all.
    package var maxInvalid: Double?
    /// Kinds of line that are not to be called, however valid the number is.
    package var refusedTypes: Set<PhoneNumberType> = []
    package var fileRules = FileRules()
    /// Narrower or wider than the configured ones, for this campaign's files.
    package var limits = CampaignLimits()
    /// What a contact's call falls back on where the contact itself says nothing.
    package var agentDefaults = AgentOverrides()

    package init(key: String, name: String? = nil, defaultRegion: RegionCode? = nil) {
        self.key = key
        self.name = name ?? key
        self.defaultRegion = defaultRegion
    }
}

/// Why a `default_country_code` could not be understood.
package struct CountryCodeError: Error, CustomStringConvertible {
    package let text: String

    package var description: String {
        "\"\(text)\" is neither an ISO region such as US nor a calling code such as 1 or +44"
    }
}

extension RegionCode {
    /// Reads a `default_country_code`: an ISO 3166-1 region in any case, or a calling code with or without its plus,
    /// which stands for that code's main region (`1` is US, `+44` is GB).
    package static func defaultCountryCode(_ text: String) throws(CountryCodeError) -> RegionCode {
        if let region = RegionCode(text) { return region }
        let digits = text.hasPrefix("+") ? String(text.dropFirst()) : text
        guard let code = Int(digits), let region = RegionCode(mainRegionOf: code) else {
            throw CountryCodeError(text: text)
        }
        return region
    }
}
