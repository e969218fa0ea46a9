import ContactStore
import Spool
import SystemPackage

/// What an error that an import threw means for the other files.
enum Hindrance {
    /// The store's file is damaged: nothing can go on until another is in its place.
    case damage
    /// The disk, the store or the process itself: every file would meet it, and it may pass.
    case service
    /// This file or its campaign's folder; others go on.
    case file

    init(_ error: any Error) {
        switch error {
        case let error as StoreError where error.isDamaged: self = .damage
        case let error as StoreError where error.mayPass: self = .service
        case let error as SpoolError where error.concernsAll: self = .service
        default: self = .file
        }
    }

    /// The same for the same cause, whichever file met it.
    static func cause(of error: any Error) -> String {
        if let error = error as? SpoolError { return "errno \(error.errno.rawValue)" }
        return "\(error)"
    }
}
