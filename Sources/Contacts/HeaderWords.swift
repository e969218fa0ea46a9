/// Tells what a column means from its header, whatever the case, spaces, dashes, underscores or bracketed remarks.
package enum HeaderWords {
    /// The field that `header` names by itself, or `nil` when it names none.
    static func field(for header: String) -> ContactField? {
        let name = compact(header)
        if let field = names[name] { return field }
        return isPhone(Array(name)) ? .phoneNumbers : nil
    }

    /// Lower case, letters and digits only, a trailing "(…)" remark left out unless it is all there is.
    static func compact(_ header: String) -> String {
        // To ask Unicode about each character of a plain name costs more than all the rest of mapping it.
        if let plain = compactASCII(header) { return plain }
        let bare = header.prefix { $0 != "(" && $0 != "[" }
        let letters = bare.lowercased().filter { $0.isLetter || $0.isNumber }
        return letters.isEmpty ? header.lowercased().filter { $0.isLetter || $0.isNumber } : letters
    }

    /// The same, for a name of ASCII without a remark; `nil` for any other.
    private static func compactASCII(_ header: String) -> String? {
        var name: [UInt8] = []
        for byte in header.utf8 {
            switch byte {
            case 0x80..., UInt8(ascii: "("), UInt8(ascii: "["): return nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): name.append(byte | 0x20)
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): name.append(byte)
            default: continue
            }
        }
        return String(decoding: name, as: UTF8.self)
    }

    static let rejectedFileColumns: Set<String> = ["rollcall_row", "rollcall_line", "rollcall_code", "rollcall_reason"]
    /// In an exported file: the whole of `data`, as JSON.
    package static let exportedData = "rollcall_data"
    static let overrides: Set<String> = ["agentid", "agentconfig", "agentnumber", "agentversion", "initialcontext"]

    /// Headers, as `compact` writes them, that name a field.
    package static let names: [String: ContactField] = [
        "id": .id, "contactid": .id, "anyreachid": .id,
        "externalid": .externalID, "extid": .externalID, "externalcontactid": .externalID, "externalkey": .externalID,
        "timezone": .timezone, "tz": .timezone, "ianatimezone": .timezone,
        "scheduledat": .scheduledAt, "scheduledtime": .scheduledAt, "scheduledfor": .scheduledAt,
        "contactnumber": .phoneNumbers, "contactno": .phoneNumbers, "msisdn": .phoneNumbers,
    ]

    /// Words that make a column one of phone numbers.
    package static let phones: Set<String> = [
        "phone", "phones", "telephone", "tel", "mobile", "cell", "cellphone", "cellular", "landline", "handset",
        "téléphone", "telefon", "telefono", "teléfono", "telefone", "celular", "móvil", "movil", "mobil", "handy",
        "rufnummer", "telefonnummer", "mobilnummer", "handynummer",
    ]
    /// Words that may stand beside one; any other ("Phone Type", "Phone Opt Out") says that it is about something else.
    package static let qualifiers: Set<String> = [
        "number", "numbers", "no", "nr", "num", "work", "home", "business", "office", "private", "personal", "company",
        "main", "primary", "secondary", "other", "alt", "alternate", "alternative", "direct", "day", "daytime",
        "evening", "contact", "customer", "lead", "account", "person", "car", "value", "e164", "default", "preferred",
    ]
    private static let longestWord = 15

    /// Whether `name` splits into phone words, qualifiers and ordinal digits, with at least one phone word.
    private static func isPhone(_ name: [Character]) -> Bool {
        guard name.count <= 60 else { return false }
        var reachable = Array(repeating: (plain: false, phone: false), count: name.count + 1)
        reachable[0].plain = true
        for start in name.indices where reachable[start].plain || reachable[start].phone {
            if name[start].isNumber {
                reachable[start + 1].plain = reachable[start + 1].plain || reachable[start].plain
                reachable[start + 1].phone = reachable[start + 1].phone || reachable[start].phone
            }
            for end in (start + 1)...min(start + longestWord, name.count) {
                let word = String(name[start..<end])
                if phones.contains(word) { reachable[end].phone = true }
                if qualifiers.contains(word) {
                    reachable[end].plain = reachable[end].plain || reachable[start].plain
                    reachable[end].phone = reachable[end].phone || reachable[start].phone
                }
            }
        }
        return reachable[name.count].phone
    }
}
