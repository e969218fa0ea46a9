import Ingest
import PhoneNumbers

enum Version {
    /// The program's version and that of the phone metadata it judges numbers by.
    static var text: String {
        "rollcall \(RollcallVersion.current), phone metadata \(PhoneMetadata.version) of \(PhoneMetadata.date)"
    }
}
