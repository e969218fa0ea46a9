/// Which edition of libphonenumber's metadata the tables were made from.
public enum PhoneMetadata {
    /// The version of the `phonenumbers` package, which is libphonenumber's own.
    public static var version: String { GeneratedTables.version }
    /// The day that version was released, as `YYYY-MM-DD`.
    public static var date: String { GeneratedTables.date }
}
