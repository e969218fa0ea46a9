/// How much of one delivery is taken, with the contact API's published figures as defaults.
package struct Limits: Sendable, Hashable {
    /// Bytes in one file. Published as "10 MB"; taken as 10 MiB, so that no file of 10 × 1,000,000 bytes is refused.
    package var fileBytes = 10_485_760
    /// Data rows read from one CSV file; those after it are counted, not stored.
    package var rows = 1000
    /// Contacts that are stored together, and with their row in the ledger.
    package var batch = 1000
    /// Problems listed one by one in a manifest; all of them are counted.
    package var listed = 20

    package init() {}

    /// These limits with the campaign's own in their place.
    package func narrowed(to own: CampaignLimits) -> Limits {
        var limits = self
        if let rows = own.rows { limits.rows = rows }
        if let fileBytes = own.fileBytes { limits.fileBytes = fileBytes }
        return limits
    }
}
